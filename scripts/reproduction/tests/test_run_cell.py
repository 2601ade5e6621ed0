from types import SimpleNamespace

import numpy as np
import pytest

from reproduction.run_cell import reranked_precision


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
