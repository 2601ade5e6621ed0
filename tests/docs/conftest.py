from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def hasher(docs_file):
    """A hasher of real texts that took seconds; its codes are not good."""
    from wish_tf.corpora import load_corpus
    from wish_tf.recipes import Recipe
    from wish_tf.text_hasher import TextHasher

    recipe = Recipe(epochs=1, hidden_units=(64,))
    return TextHasher(bits=16, recipe=recipe).fit(load_corpus(docs_file).texts)


@pytest.fixture
def blocks():
    """A function that gives the Python blocks of a page."""
    return lambda page: re.findall(
        r"^```python\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.M | re.S
    )
