"""Whether an exported version is whole and does what its model did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from wish_tf.errors import InputError
from wish_tf.files import read_json
from wish_tf.runs import RunFolder, TrainConfig
from wish_tf.saved_model.exported_version import ExportedVersion
from wish_tf.saved_model.fingerprints import files_sha256
from wish_tf.saved_model.versions import newest_version
from wish_tf.saved_model.warmup import read_warmup
from wish_tf.server.version_directory import CARD_FILE
from wish_tf.server.warm_up import MAX_RECORDS, WARM_UP_FILE

OK = "ok"
FAILED = "failed"
LEFT_OUT = "left out"
# Compared with those of the run.
TEXTS, BATCH = 1000, 250


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
    """Checks an exported version: `files` by the hashes on its model card, that it can
    be loaded as TF-Serving does (`load`), that every signature answers the `warm-up`
    requests and, with a run, that its `codes` are those of the run's model.

    Args:
        path: the version's folder, or a folder of versions, of which the newest is
            taken.
        run: the run it was exported from, with its corpus: the codes of 1,000 of its
            texts are compared, those of the test part first.

    Returns:
        The outcome of every check.

    Raises:
        InputError: when there is no version at all, or the run cannot be used.
    """
    path = newest_version(path)
    compare, why_not = (None, "no run was given") if run is None else _comparison(run)
    outcomes = [_outcome("files", lambda: _check_files(path))]
    try:
        version = ExportedVersion(path)
    except InputError as error:
        cannot = "the version cannot be loaded"
        left_out = [Check(name, LEFT_OUT, cannot) for name in ("warm-up", "codes")]
        return [*outcomes, Check("load", FAILED, str(error)), *left_out]
    outcomes.append(Check("load", OK))
    outcomes.append(_outcome("warm-up", lambda: _check_warmup(version)))
    if compare is None:
        outcomes.append(Check("codes", LEFT_OUT, why_not))
    else:
        outcomes.append(_outcome("codes", lambda: compare(version)))
    return outcomes


def _outcome(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, OK, check())
    except InputError as error:
        return Check(name, FAILED, str(error))


def _check_files(path: Path) -> str:
    expected = read_json(path / CARD_FILE, {"files": dict})["files"]
    got = files_sha256(path)
    for name in sorted(expected.keys() | got.keys()):
        if name not in got:
            raise InputError(f"expected the file {name}, as on the card; got none")
        if name not in expected:
            raise InputError(f"expected the files on the card; got {name} as well")
        if got[name] != expected[name]:
            raise InputError(
                f"expected {name} with SHA-256 {expected[name]}, as on the card; got "
                f"{got[name]}"
            )
    return f"{len(got)} files"


def _check_warmup(version: ExportedVersion) -> str:
    requests = read_warmup(version.path / WARM_UP_FILE)
    if len(requests) > MAX_RECORDS:
        raise InputError(
            f"expected at most {MAX_RECORDS} warm-up requests; got {len(requests)}"
        )
    for number, request in enumerate(requests):
        try:
            inputs = {
                name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()
            }
        except (TypeError, ValueError) as error:
            raise InputError(
                f"expected tensors in warm-up request {number}; got others: {error}"
            ) from error
        version.run(
            request.model_spec.signature_name, inputs, list(request.output_filter)
        )
    asked = {request.model_spec.signature_name for request in requests}
    # TensorFlow gives every SavedModel one that initialises it.
    cold = sorted({*version.signatures} - asked - {"__saved_model_init_op"})
    if cold:
        raise InputError(
            "expected warm-up requests for every signature; got none for "
            f"{', '.join(cold)}"
        )
    return f"{len(requests)} requests"


def _comparison(
    run: RunFolder,
) -> tuple[Callable[[ExportedVersion], str] | None, str]:
    """Returns what compares a version with a run's model, or None and why not."""
    config = TrainConfig.from_json(run.check_finished())
    hasher = run.hasher()
    # A recipe that fits nothing has no settings of a model.
    if config.recipe["model"] and config.recipe["model"]["dropout_when_hashing"]:
        return None, "dropout stays on in this recipe, so its codes are random"
    splits = config.load_splits()
    parts = (splits.test, splits.validation, splits.train)
    texts = [text for part in parts for text in part.texts][:TEXTS]

    def compare(version: ExportedVersion) -> str:
        got = np.concatenate(
            [
                version.bits(texts[start : start + BATCH])
                for start in range(0, len(texts), BATCH)
            ]
        )
        # A version may have the first bits alone.
        expected = hasher.hash(texts).bits[:, : got.shape[1]]
        if got.shape != expected.shape:
            raise InputError(
                f"expected codes of at most {expected.shape[1]} bits, as of the run's "
                f"model; got {got.shape[1]}"
            )
        others = int((got != expected).any(axis=1).sum())
        if others:
            raise InputError(
                f"expected the codes of the run's model; got others for {others} of "
                f"{len(texts)} texts"
            )
        return f"the same for {len(texts)} texts"

    return compare, ""
