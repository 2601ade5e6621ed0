from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from reproduction.run_cell import reranked_precision, telling_words


def test_telling_words_are_those_of_the_texts_where_the_bit_is_on():
    rows = csr_matrix(np.eye(12)[[0, 0, 3, 5]])
    codes = np.array([[1, 0], [1, 0], [0, 1], [0, 0]], np.uint8)
    words = telling_words(codes, rows)
    assert words.shape == (2, 10)
    assert words[0, 0] == 0
    assert words[1, 0] == 3


def test_cosine_decides_among_equal_distances_only():
    # The query's bucket holds documents 0, 1, 2; document 3 is another's, with a
    # higher cosine than all.
    corpus = SimpleNamespace(
        splits=SimpleNamespace(
            test=SimpleNamespace(labels=[("a",)]),
            train=SimpleNamespace(labels=[("b",), ("a",), ("a",), ("a",)]),
        ),
        similarity=np.array([[0.1, 0.5, 0.2, 0.9]], np.float16),
    )
    known = np.array([[0, 0], [0, 0], [0, 0], [0, 1]], np.uint8)
    asked = np.array([[0, 0]], np.uint8)
    assert reranked_precision(asked, known, corpus, 2) == 1.0
    assert reranked_precision(asked, known, corpus, 3) == pytest.approx(2 / 3)
