import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.feature_extraction.text import TfidfVectorizer
from tensorflow_text import case_fold_utf8

from wish_tf import InputError
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
    "Москва",
    "٣٤٥ x² ½ ⅷ Ⅷ 𝒳𝒴 1a a1",
    "foo_bar __x_ _ ª º",
    "\x00 nul \x00inside",
    "tab\tnew\nline\r\u2028sep\u00a0nbsp\u200bzero",
    "\u212a\u212b ﬁn ﬃ ǅ ﷺ",
    "👍🏽 emoji 👨‍👩‍👧 don't e-mail o'neill@x.org",
    "w" * 10_000,
]


def folded(text: str) -> str:
    return case_fold_utf8([text]).numpy()[0].decode()


def same_rows(layer, rows, oracle: TfidfVectorizer, expected) -> bool:
    return (
        layer.vocabulary == oracle.get_feature_names_out().tolist()
        and abs(rows - expected).max() < 1e-5
    )


@pytest.fixture(scope="module")
def real_texts() -> list[str]:
    return load_corpus("python-docs-labelled", limit=800).texts


@pytest.mark.parametrize(
    "settings",
    [
        {"stop_words": "english"},
        {"stop_words": "english", "ngram_range": (1, 2)},
        {"stop_words": ["the", "of"], "ngram_range": (2, 3)},
        {"stop_words": None, "min_df": 0.01, "max_df": 100},
        {"stop_words": None, "analyzer": "char_wb", "ngram_range": (2, 3)},
        {"stop_words": None, "analyzer": "char", "ngram_range": (3, 3)},
    ],
)
def test_rows_agree_with_scikit_learn_on_real_and_odd_texts(real_texts, settings):
    texts = [*real_texts, *ODD]
    settings = {"min_df": 1, "max_df": 0.9, **settings}
    oracle = TfidfVectorizer(
        preprocessor=lambda text: " ".join(folded(text).split()),
        token_pattern=r"[\w\u0300-\u036f]{2,}",  # with marks, as in a folded "İ"
        **settings,
    )
    expected = oracle.fit_transform(texts)
    layer = TfidfVectorization(**settings)
    texts = [" ".join(text.split()) for text in texts]
    assert same_rows(layer, layer.adapt(texts), oracle, expected)
    assert same_rows(layer, layer.rows(texts), oracle, expected)
    # As in a graph, which is traced once.
    graph = tf.function(layer, input_signature=[tf.TensorSpec([None], tf.string)])
    some = tf.sparse.to_dense(graph(tf.constant(texts[-20:]))).numpy()
    assert abs(some - expected[-20:].toarray()).max() < 1e-5


@pytest.mark.parametrize(
    ("name", "differ"), [("20newsgroups", 2), ("reuters", 0), ("agnews", 0), ("tmc", 0)]
)
def test_rows_are_those_of_scikit_learn_s_default(data_dir, name, differ):
    # Of the whole 20 Newsgroups, 9 of 18,846 documents have a word that folding
    # changes, such as "x²"; these two are among the 2,000.
    texts = load_corpus(name, data_dir=data_dir, limit=2000).texts
    oracle = TfidfVectorizer(stop_words="english", min_df=3, max_df=0.9)
    expected = oracle.fit_transform(texts)
    layer = TfidfVectorization()
    assert same_rows(layer, layer.adapt(texts), oracle, expected)
    words = oracle.build_tokenizer()
    changed = [text for text in texts if words(text.lower()) != words(folded(text))]
    assert len(changed) == differ


def test_by_hand():
    layer = TfidfVectorization(["red", "blue"], [2.0, 3.0])
    # red twice, blue once: (4, 3) / 5; unknown words do not count.
    np.testing.assert_allclose(
        layer.rows(["Red red, green BLUE"]).toarray(), [[0.8, 0.6]], rtol=1e-6
    )


def test_a_text_without_known_words_gives_an_empty_row():
    layer = TfidfVectorization(["red", "blue"], [2.0, 3.0])
    rows = layer.rows(["green", "", "blue"])
    np.testing.assert_array_equal(rows.toarray(), [[0, 0], [0, 0], [0, 1]])


def test_no_texts_give_no_rows():
    layer = TfidfVectorization(["red"], [1.0])
    assert layer.rows([]).shape == (0, 1)
    assert layer(tf.zeros([0], tf.string)).shape == (0, 1)


def test_indices_are_in_row_major_order():
    layer = TfidfVectorization(["a1", "b1", "c1"], [1.0, 1.0, 1.0])
    indices = layer(tf.constant(["c1 a1", "b1 c1 a1"])).indices.numpy().tolist()
    assert indices == sorted(indices)


def test_unsorted_rows_are_the_same_rows():
    layer = TfidfVectorization(["a1", "b1", "c1"], [1.0, 2.0, 3.0])
    texts = tf.constant(["c1 a1 zz c1", "", "b1 c1 a1 b1"])
    unsorted, rows = layer.unsorted_rows(texts), layer(texts)
    # Of a row all the same, which sums by row rely on.
    assert unsorted.indices[:, 0].numpy().tolist() == [0, 0, 2, 2, 2]
    assert unsorted.indices[:, 1].numpy().tolist() == [2, 0, 1, 2, 0]
    np.testing.assert_array_equal(
        tf.sparse.to_dense(tf.sparse.reorder(unsorted)), tf.sparse.to_dense(rows)
    )
    assert rows.shape == unsorted.shape == (3, 3)


def test_save_and_load_give_the_same_rows(tmp_path):
    layer = TfidfVectorization(
        ["red", "blue", "red blue"],
        [2.0, 3.0, 1.5],
        ngram_range=(1, 2),
        stop_words=["the"],
        min_df=2,
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
    assert loaded.layers[-1].rows(["red the blue"]).nnz == 3


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="^expected .*; got 2 terms and 1 weights$"):
        TfidfVectorization(["red", "blue"], [2.0])
    with pytest.raises(InputError, match="^expected min_df .*; got 1.5$"):
        TfidfVectorization(min_df=1.5)
    with pytest.raises(InputError, match="^expected max_df .*; got -1$"):
        TfidfVectorization(max_df=-1)
    for texts in ([], ["", "of the"], ["one"] * 3 + ["two"] * 2):
        with pytest.raises(InputError, match=f"of the {len(texts)} texts no word is"):
            TfidfVectorization(max_df=2).adapt(texts)


def test_learning_by_hand():
    layer = TfidfVectorization(min_df=2, max_df=0.75, stop_words=["stop"])
    rows = layer.adapt(
        ["stop RED red, blue", "stop red x", "all blue", "all x", "all once"]
    )
    # "all" is in 3 of 5; "x" is short, "once" rare.
    assert layer.vocabulary == ["all", "blue", "red"]
    np.testing.assert_allclose(layer.idf_weights, 1 + np.log([6 / 4, 2, 2]), rtol=1e-6)
    first = np.array([0, 1, 2]) / np.sqrt(5)
    np.testing.assert_allclose(rows.toarray()[0], first, rtol=1e-6)
    assert rows.shape == (5, 3) and rows.dtype == np.float32
    # Much of scikit-learn takes no other.
    assert rows.indices.dtype == layer.rows(["red"]).indices.dtype == np.int32


def test_any_language_needs_no_setting():
    texts = ["東京の天気 सीता ने", "東京の 手 天気 सीता", "韓 뉴스 手"] * 3
    layer = TfidfVectorization()
    rows = layer.adapt(texts)
    assert set(layer.vocabulary) >= {"東京", "天気", "सीता", "手", "韓", "뉴스"}
    assert abs(layer.rows(texts) - rows).max() < 1e-6


def test_words_of_unspaced_scripts_do_not_hide_those_beside_them():
    layer = TfidfVectorization(["iphone", "red"], [1.0, 1.0])
    assert layer.rows(["iPhone手机", "手red机"]).toarray().tolist() == [[1, 0], [0, 1]]


def test_half_surrogates_are_read():
    layer = TfidfVectorization(["red"], [1.0])
    assert layer.rows(["\ud800 red"]).toarray().tolist() == [[1]]
    layer = TfidfVectorization(max_df=1.0)
    assert layer.adapt(["red \ud800"] * 3).toarray().tolist() == [[1]] * 3
