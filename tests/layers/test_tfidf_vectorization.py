import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf
from sklearn.feature_extraction.text import TfidfVectorizer

from wish_tf.corpora import load_corpus
from wish_tf.layers import TfidfVectorization

ODD = [
    "",
    " \t\r\n ",
    "a b c",
    "ÉCOLE École e\u0301cole",
    "straße STRASSE ẞ",
    "İstanbul ISTANBUL ıstanbul",
    "ΣΑΣ ὈΔΥΣΣΕΎΣ",
    "北京 東京都 Москва हिन्दी भाषा",
    "٣٤٥ x² ½ ⅷ Ⅷ 𝒳𝒴 1a a1",
    "foo_bar __x_ _ ª º",
    "\x00 nul \x00inside",
    "tab\tnew\nline\r\u2028sep\u00a0nbsp\u200bzero",
    "\u212a\u212b ﬁn ﬃ ǅ ﷺ",
    "👍🏽 emoji 👨‍👩‍👧 don't e-mail o'neill@x.org",
    "w" * 10_000,
]


def rows_of(layer: TfidfVectorization, texts: list[str]) -> scipy.sparse.csr_matrix:
    sparse = layer(tf.constant(texts))
    return scipy.sparse.csr_matrix(
        (sparse.values.numpy(), sparse.indices.numpy().T),
        shape=sparse.dense_shape.numpy(),
    )


@pytest.fixture(scope="module")
def real_texts() -> list[str]:
    return load_corpus("python-docs", limit=800).texts


@pytest.mark.parametrize(
    "settings",
    [
        {"stop_words": "english"},
        {"stop_words": "english", "ngram_range": (1, 2)},
        {"stop_words": ["the", "of"], "ngram_range": (2, 3)},
        {"stop_words": None},
    ],
)
def test_rows_agree_with_scikit_learn_on_real_and_odd_texts(real_texts, settings):
    texts = [*real_texts, *ODD]
    vectorizer = TfidfVectorizer(min_df=1, max_df=0.9, **settings).fit(texts)
    layer = TfidfVectorization.from_sklearn(vectorizer)
    difference = abs(rows_of(layer, texts) - vectorizer.transform(texts))
    assert difference.max() < 1e-5


def test_by_hand():
    layer = TfidfVectorization(["red", "blue"], [2.0, 3.0])
    # red twice, blue once: (4, 3) / 5; unknown words do not count.
    np.testing.assert_allclose(
        rows_of(layer, ["Red red, green BLUE"]).toarray(), [[0.8, 0.6]], rtol=1e-6
    )


def test_a_text_without_known_words_gives_an_empty_row():
    layer = TfidfVectorization(["red", "blue"], [2.0, 3.0])
    rows = rows_of(layer, ["green", "", "blue"])
    np.testing.assert_array_equal(rows.toarray(), [[0, 0], [0, 0], [0, 1]])


def test_no_texts_give_no_rows():
    assert rows_of(
        TfidfVectorization(["red"], [1.0]), tf.zeros([0], tf.string)
    ).shape == (0, 1)


def test_indices_are_in_row_major_order():
    layer = TfidfVectorization(["a1", "b1", "c1"], [1.0, 1.0, 1.0])
    indices = layer(tf.constant(["c1 a1", "b1 c1 a1"])).indices.numpy().tolist()
    assert indices == sorted(indices)


def test_save_and_load_give_the_same_rows(tmp_path):
    layer = TfidfVectorization(
        ["red", "blue", "red blue"], [2.0, 3.0, 1.5], (1, 2), ["the"]
    )
    inputs = keras.Input((), dtype="string")
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "v.keras")
    loaded = keras.saving.load_model(tmp_path / "v.keras")
    texts = tf.constant(["red the blue", "nothing"])
    np.testing.assert_array_equal(
        tf.sparse.to_dense(loaded(texts)), tf.sparse.to_dense(model(texts))
    )
    assert loaded.layers[-1].get_config() == layer.get_config()


def test_unequal_vocabulary_and_weights_are_refused():
    with pytest.raises(ValueError, match="Received: 2 terms and 1 weights"):
        TfidfVectorization(["red", "blue"], [2.0])


def test_a_setting_the_graph_cannot_follow_is_named():
    vectorizer = TfidfVectorizer(sublinear_tf=True).fit(["red blue"])
    with pytest.raises(
        ValueError, match="sublinear_tf=False.*Received: sublinear_tf=True"
    ):
        TfidfVectorization.from_sklearn(vectorizer)


def test_single_letters_are_no_words_even_where_the_vocabulary_has_some():
    layer = TfidfVectorization(["a", "bb"], [1.0, 1.0])
    rows = tf.sparse.to_dense(layer(tf.constant(["a bb a", "a"])))
    np.testing.assert_allclose(rows, [[0, 1], [0, 0]])
