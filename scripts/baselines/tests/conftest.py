from __future__ import annotations

import pytest

from wish_tf.corpora import load_corpus, split_corpus


@pytest.fixture(scope="session")
def splits():
    """A few hundred real documents, with the package they are from as label."""
    return split_corpus(load_corpus("python-docs-labelled", limit=600))
