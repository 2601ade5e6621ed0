"""What is public has a page in the site, and a docstring that says what it takes."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "api"
PACKAGES = (
    "wish_tf",
    "wish_tf.callbacks",
    "wish_tf.codes",
    "wish_tf.corpora",
    "wish_tf.data",
    "wish_tf.dedup",
    "wish_tf.distribution",
    "wish_tf.explain",
    "wish_tf.saved_model",
    "wish_tf.integrations",
    "wish_tf.index",
    "wish_tf.layers",
    "wish_tf.metrics",
    "wish_tf.models",
    "wish_tf.optimizers",
    "wish_tf.recipes",
    "wish_tf.regularizers",
    "wish_tf.report",
    "wish_tf.runs",
    "wish_tf.server",
    "wish_tf.client",
    "wish_tf.sizing",
    "wish_tf.integrations.spark",
)
# What Keras, scikit-learn and Python ask a class for has its meaning there.
THEIRS = {"build", "call", "compute_output_shape", "get_config", "from_config"}


def exported(package: str) -> dict[str, Any]:
    """The classes and functions that a package or module shows, by name."""
    module = importlib.import_module(package)
    names = getattr(module, "__all__", None) or [n for n in vars(module) if n[0] != "_"]
    objects = {name: getattr(module, name) for name in names}
    return {
        name: each
        for name, each in objects.items()
        if (inspect.isclass(each) or inspect.isfunction(each))
        # A module without __all__ also holds what it imports.
        and (hasattr(module, "__all__") or each.__module__.startswith(package))
    }


def public() -> list[Any]:
    cases = []
    for package in PACKAGES:
        try:
            found = exported(package)
        except ModuleNotFoundError as error:
            if error.name.startswith("wish_tf"):
                raise
            reason = pytest.mark.skip(reason=f"needs {error.name}, of an extra")
            cases.append(pytest.param(None, id=package, marks=reason))
            continue
        cases += [
            pytest.param(each, id=f"{package}.{name}") for name, each in found.items()
        ]
    return cases


def documented() -> set[Any]:
    """What the pages of the site show."""
    text = "\n".join(page.read_text("utf-8") for page in PAGES.glob("*.md"))
    paths = [path.rpartition(".") for path in re.findall(r"^::: (\S+)$", text, re.M)]
    return {getattr(importlib.import_module(home), name) for home, _, name in paths}


def parameters(function: Any) -> list[str]:
    return [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and parameter.name not in ("self", "cls")
    ]


def check_arguments(text: str, names: list[str]) -> None:
    for name in names:
        assert re.search(rf"^ +{name}(?:, \w+)*: ", text, re.MULTILINE), name


PUBLIC = public()


@pytest.mark.parametrize("each", PUBLIC)
def test_docstring(each):
    text = inspect.getdoc(each)
    assert text, "no docstring"
    if dataclasses.is_dataclass(each):
        check_arguments(text, [f.name for f in dataclasses.fields(each)])
    elif inspect.isclass(each):
        if "__init__" in vars(each) and not issubclass(each, Exception):
            # What a method shares with the others is said once, by their base.
            bases = [base.__doc__ or "" for base in each.__mro__[1:]]
            check_arguments("\n".join([text, *bases]), parameters(each))
    else:
        check_arguments(text, parameters(each))
        returns = inspect.signature(each).return_annotation not in (None, "None")
        is_context = hasattr(each, "__wrapped__")
        if returns and not is_context:
            named = re.search(r"^(Returns?|Yields)\b", text, re.MULTILINE)
            assert named or text.startswith(("Whether ", "The ", "What ", "How "))


@pytest.mark.parametrize("each", [p for p in PUBLIC if inspect.isclass(p.values[0])])
def test_methods_have_docstrings(each):
    for name, method in vars(each).items():
        inherited = any(hasattr(base, name) for base in each.__mro__[1:])
        if name[0] != "_" and inspect.isfunction(method) and not inherited:
            assert name in THEIRS or method.__doc__, name


def test_everything_public_is_in_the_site():
    shown = documented()
    hidden = [p.id for p in PUBLIC if p.values[0] not in shown and not p.marks]
    assert hidden == []
