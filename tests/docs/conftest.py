from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def hasher(docs_file):
    """A hasher that has the words of real texts and is not trained: quick, and its
    codes differ widely."""
    import keras

    from wish_tf.corpora import load_corpus
    from wish_tf.layers import TfidfVectorization
    from wish_tf.models import WISH, HashingModel
    from wish_tf.text_hasher import TextHasher

    keras.utils.set_random_seed(0)
    vectorization = TfidfVectorization()
    rows = vectorization.adapt(load_corpus(docs_file).texts)
    wish = WISH(16, rows.shape[1], hidden_units=(64,), name="wish")
    hasher = TextHasher(bits=16)
    hasher.vectorization_ = vectorization
    hasher.model_ = HashingModel(vectorization, wish)
    return hasher


@pytest.fixture
def blocks():
    """A function that gives the Python blocks of a page."""
    return lambda page: re.findall(
        r"^```python\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.M | re.S
    )
