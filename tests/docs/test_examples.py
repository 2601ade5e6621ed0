"""The examples in the docstrings run and print what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import baselines
import wish_tf

# A command is for the shell, and what the server does takes one that runs.
WITHOUT = ("wish_tf.__main__", "wish_tf.cli", "wish_tf.server")


def examples() -> list[doctest.DocTest]:
    """The docstrings with examples, of every module that can be imported here."""
    found = []
    modules = [
        *pkgutil.walk_packages(wish_tf.__path__, "wish_tf."),
        *pkgutil.iter_modules(baselines.__path__, "baselines."),
    ]
    for module in modules:
        if module.name.startswith(WITHOUT):
            continue
        try:
            home = importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if error.name.startswith(("wish_tf", "baselines")):
                raise
            continue  # a library of an extra, which the module's own tests ask for
        found += [test for test in doctest.DocTestFinder().find(home) if test.examples]
    return found


EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda test: test.name)
def test_example(example):
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    said: list[str] = []
    runner.run(example, out=said.append)
    assert not runner.failures, "".join(said)


def test_examples_are_found():
    names = {example.name for example in EXAMPLES}
    assert "wish_tf.index.hamming_index.HammingIndex" in names
    assert len(names) > 20
