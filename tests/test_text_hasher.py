import numpy as np
import pytest

from wish_tf import InputError, Recipe, TextHasher
from wish_tf.corpora import load_corpus

QUICK = Recipe(epochs=2, hidden_units=(32, 32), topic_dim=16)


@pytest.fixture(scope="module")
def texts(docs_file) -> list[str]:
    return load_corpus(docs_file, limit=400).texts


@pytest.fixture(scope="module")
def hasher(texts) -> TextHasher:
    return TextHasher(6, recipe=QUICK).fit(texts)


def test_strings_in_codes_out(hasher, texts):
    hashed = hasher.hash([*texts[:5], "qqqzzz", ""])
    assert hashed.bits.shape == (7, 6) and hashed.bits.dtype == np.uint8
    assert hashed.packed.shape == (7, 1)
    np.testing.assert_array_equal(hashed.bits, hashed.probabilities > 0.5)
    assert hashed.out_of_vocabulary.tolist() == [False] * 5 + [True] * 2
    np.testing.assert_array_equal(hasher.transform(texts[:5]), hashed.bits[:5])


def test_batches_do_not_change_codes(hasher, texts):
    np.testing.assert_allclose(
        hasher.hash(texts, batch_size=7).probabilities,
        hasher.hash(texts, batch_size=400).probabilities,
        atol=1e-5,
    )


def test_no_texts(hasher):
    assert hasher.transform([]).shape == (0, 6)


def test_lone_surrogates_are_hashed(hasher):
    assert hasher.hash(["array \ud800"]).out_of_vocabulary.tolist() == [False]


def test_save_and_load_give_identical_codes(hasher, texts, tmp_path):
    hasher.save(tmp_path / "hasher.keras")
    loaded = TextHasher.load(tmp_path / "hasher.keras")
    np.testing.assert_array_equal(
        loaded.hash(texts).probabilities, hasher.hash(texts).probabilities
    )
    assert loaded.topics(3) == hasher.topics(3)
    assert [path.name for path in tmp_path.iterdir()] == ["hasher.keras"]


def test_topics_are_words_of_the_texts(hasher, texts):
    topics = hasher.topics(4)
    assert [len(words) for words in topics] == [4] * 6
    joined = " ".join(texts).lower()
    assert all(word in joined for words in topics for word, _ in words)


def test_own_stop_words_and_n_grams():
    texts = ["the red fox and the dog"] * 4 + ["a red fox or the cat"] * 4
    hasher = TextHasher(
        2, recipe=QUICK, stop_words=["the"], ngram_range=(1, 2), max_df=1.0
    ).fit(texts)
    vocabulary = hasher.model.vectorization.vocabulary
    assert "red fox" in vocabulary and "the" not in vocabulary


def test_bad_input_gets_one_sentence(texts, tmp_path):
    with pytest.raises(InputError, match="^expected bits from 1 to 64; got 65$"):
        TextHasher(65)
    with pytest.raises(InputError, match="^expected at least 8 texts.*; got 7$"):
        TextHasher(recipe=QUICK).fit(["some text"] * 7)
    with pytest.raises(InputError, match="no word is left with .*min_df=3"):
        TextHasher(recipe=QUICK).fit([f"word{i}" for i in range(20)])
    with pytest.raises(InputError, match="^expected a fitted TextHasher; call fit"):
        TextHasher().transform(["text"])
    with pytest.raises(
        InputError, match="^expected a .keras file at .*; there is none$"
    ):
        TextHasher.load(tmp_path / "missing.keras")
    (tmp_path / "odd.keras").write_text("not a model")
    with pytest.raises(InputError, match="it cannot be read"):
        TextHasher.load(tmp_path / "odd.keras")
