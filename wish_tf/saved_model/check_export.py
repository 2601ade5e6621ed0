"""Whether an exported version is whole and does what its model did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wish_tf.errors import InputError
from wish_tf.runs import RunFolder
from wish_tf.saved_model.exported_version import ExportedVersion
from wish_tf.saved_model.search_check import check_search
from wish_tf.saved_model.training_model import TrainingModel
from wish_tf.saved_model.version_checks import (
    check_card,
    check_codes,
    check_signatures,
    check_topics,
    check_vocabulary,
    check_warmup,
    check_weights,
)
from wish_tf.saved_model.versions import newest_version

OK = "ok"
FAILED = "failed"
LEFT_OUT = "left out"


@dataclass(frozen=True)
class Check:
    """The outcome of one check.

    Attributes:
        name: what was checked.
        result: `"ok"`, `"failed"` or `"left out"`.
        why: what was wrong, why it was left out, or what was compared.
    """

    name: str
    result: str
    why: str = ""


def check_export(path: str | Path, run: RunFolder | None = None) -> list[Check]:
    """Checks an exported version.

    Args:
        path: the version's folder, or a folder of versions, of which the newest is
            taken.
        run: the run it was exported from. Its model's codes of 1,000 texts of its
            corpus are compared with the version's, and the texts are what its
            signature `search` is asked for; without it codes are not compared, and
            the queries are made of words of the vocabulary.

    Returns:
        The outcome of every check.

    Raises:
        InputError: when there is no version at all, or the run cannot be used.
    """
    path = newest_version(path)
    model = TrainingModel(run) if run else None
    texts = model.texts if model else None
    checks: dict[str, Callable[[ExportedVersion], str | None]] = {
        "signatures": check_signatures,
        "codes": check_codes,
        "topics": check_topics,
        "warm-up": check_warmup,
        "model card": check_card,
        "vocabulary": check_vocabulary,
        "weights": check_weights,
        "search": lambda version: check_search(version, texts),
    }
    if model and not model.random:
        checks["training model"] = model.check
    try:
        version = ExportedVersion(path)
    except InputError as error:
        why = "the version cannot be loaded"
        return [
            Check("load", FAILED, str(error)),
            *(Check(name, LEFT_OUT, why) for name in checks),
        ]
    outcomes = [Check("load", OK)]
    for name, check in checks.items():
        try:
            outcomes.append(Check(name, OK, check(version) or ""))
        except InputError as error:
            outcomes.append(Check(name, FAILED, str(error)))
    if "training model" not in checks:
        why = "no run was given"
        if model:
            why = "dropout stays on in this recipe, so its codes are random"
        outcomes.append(Check("training model", LEFT_OUT, why))
    return outcomes
