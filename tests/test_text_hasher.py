import copy
import pickle
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.exceptions import NotFittedError

from tests.training.small_recipes import NESTED, quick
from wish_tf import InputError, TextHasher, export_hasher
from wish_tf.corpora import load_corpus

QUICK = quick()

# A child that waits for ever is ended by the alarm, and prints nothing.
FORKED = """
import os, signal, sys

from wish_tf import InputError, TextHasher

hasher = TextHasher.load(sys.argv[1])
hasher.transform(["cat"])
for use in (
    lambda: hasher.transform(["cat"]),
    lambda: hasher.topics(),
    lambda: TextHasher.load(sys.argv[1]),
):
    child = os.fork()
    if not child:
        signal.alarm(20)
        try:
            use()
        except InputError as error:
            os.write(1, f"{error}\\n".encode())
        os._exit(0)
    os.waitpid(child, 0)
print("parent", hasher.transform(["cat"]).shape)
"""


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


def test_texts_in_other_forms(hasher, texts):
    known = hasher.transform(texts[:9])
    for form in (iter, np.array, lambda texts: pd.Series(texts, index=range(9, 0, -1))):
        np.testing.assert_array_equal(hasher.transform(form(texts[:9])), known)
    fitted = TextHasher(6, recipe=QUICK)
    assert fitted.fit_transform(iter(texts[:80])).shape == (80, 6)
    assert fitted.rows(iter(texts[:9])).shape[0] == 9


def test_what_are_no_texts_is_refused_everywhere(hasher, texts):
    wrong = [*texts[:9], None]
    new = TextHasher(6, recipe=QUICK)
    for use in (
        new.fit,
        new.fit_transform,
        hasher.hash,
        hasher.transform,
        hasher.rows,
        lambda wrong: new.fit(texts[:80], validation_texts=wrong),
    ):
        with pytest.raises(InputError) as caught:
            use(wrong)
        assert str(caught.value) == "expected texts as strings; got None at position 9"
        with pytest.raises(InputError, match="^expected a list of texts; got a single"):
            use("cats and dogs")
    with pytest.raises(InputError, match="^expected a text as a string; got list$"):
        hasher.explain(["cats"])
    # A step of -1 would yield no batch: no code at all, and no error.
    with pytest.raises(InputError, match="^expected batch_size to be a whole number"):
        hasher.hash(texts, batch_size=-1)


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
    assert loaded.topics() == hasher.topics()
    assert loaded.vocabulary == hasher.vocabulary
    assert abs(loaded.rows(texts) - hasher.rows(texts)).max() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["hasher.keras"]


def test_a_loaded_hasher_can_be_copied_and_sent(hasher, texts, tmp_path):
    hasher.save(tmp_path / "hasher.keras")
    loaded = TextHasher.load(tmp_path / "hasher.keras")
    for copied in (copy.deepcopy(loaded), pickle.loads(pickle.dumps(loaded))):
        np.testing.assert_array_equal(
            copied.hash(texts[:9]).probabilities, hasher.hash(texts[:9]).probabilities
        )


def test_the_vocabulary_is_a_copy(hasher):
    words = hasher.vocabulary
    assert type(words) is list
    hasher.vocabulary.reverse()
    assert hasher.vocabulary == words


def test_a_process_forked_after_a_model_was_made_is_told(hasher, tmp_path):
    # In a process of its own: the child of this one would have its threads' locks.
    hasher.save(tmp_path / "hasher.keras")
    done = subprocess.run(
        [sys.executable, "-c", FORKED, str(tmp_path / "hasher.keras")],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.split("\n")[:-1] == [
        "expected a process in which TensorFlow can run; got one forked after a "
        "model was made: start it by spawn or forkserver, or fork before"
    ] * 3 + ["parent (1, 6)"], done.stderr


@pytest.fixture(scope="module")
def nested(texts) -> TextHasher:
    return TextHasher(18, recipe=NESTED).fit(texts)


def test_topics_are_told_by_their_words(nested, texts):
    topics, bits = nested.topics(), nested.transform(texts)
    assert len(topics) == 8 and nested.names_ == [topic.name for topic in topics]
    joined = " ".join(texts).lower()
    for bit, topic in enumerate(topics):
        assert topic.name == ", ".join(topic.words[:3])
        assert all(word in joined for word in topic.words)
        # Texts without a known word are none of those that a bit was learned from.
        assert topic.share == pytest.approx(bits[:, bit].mean(), abs=0.01)
        assert topic.fidelity > 0.6
    words = [word for topic in topics for word in topic.words]
    assert len(words) == len(set(words)) == 80


def test_a_hasher_that_is_cut_gives_the_first_bits(nested, texts):
    for bits in (8, 11, 18):
        cut = nested.cut(bits)
        assert (cut.bits, cut.model_.bits) == (bits, bits)
        expected = nested.transform(texts[:50])[:, :bits]
        np.testing.assert_array_equal(cut.transform(texts[:50]), expected)
        assert cut.topics() == nested.topics() and cut.names_ == nested.names_
    assert nested.bits == 18
    with pytest.raises(InputError, match="from 8 to 18; got 7"):
        nested.cut(7)


def test_codes_that_are_not_nested_are_not_cut(hasher):
    assert hasher.cut(6).bits == 6
    with pytest.raises(InputError, match="expected 6 bits, .* are not nested; got 4"):
        hasher.cut(4)


def test_names_stay(nested, texts, tmp_path):
    named = copy.deepcopy(nested).rename({3: "energy", 0: " trade "})
    assert named.names_[0] == "trade" and named.names_[3] == "energy"
    assert named.names_[1:3] == nested.names_[1:3]
    assert nested.names_[3] != "energy"
    # Further bits have numbers.
    expected = [*named.names_, *(f"bit{i}" for i in range(8, 18))]
    assert named.get_feature_names_out().tolist() == expected
    named.save(tmp_path / "named.keras")
    loaded = TextHasher.load(tmp_path / "named.keras")
    export_hasher(named.model_, tmp_path / "model")
    for other in (
        loaded,
        named.cut(8),
        pickle.loads(pickle.dumps(named)),
        TextHasher(16).fit([*texts, "a new text about energy"], like=named),
    ):
        assert other.names_ == named.names_
    topics = tf.saved_model.load(str(tmp_path / "model" / "1")).signatures["topics"]
    names = topics(k=tf.constant([1]))["names"].numpy()
    assert [name.decode() for name in names[0]] == named.names_ + [""] * 10


def test_names_that_cannot_be_are_refused(nested, hasher):
    with pytest.raises(InputError, match="a bit that is a topic, 0 to 7; got 8"):
        nested.rename({8: "x"})
    with pytest.raises(InputError, match="of its own for each bit; got 'x'"):
        nested.rename({1: "x", 2: "x"})
    assert "x" not in nested.names_
    with pytest.raises(NotFittedError):
        TextHasher().rename({0: "x"})


def test_own_stop_words_and_n_grams(tmp_path):
    texts = ["the red fox and the dog"] * 4 + ["a red fox or the cat"] * 4
    hasher = TextHasher(
        2,
        recipe=QUICK,
        stop_words=["the"],
        ngram_range=(1, 2),
        max_df=1.0,
        min_token_length=1,
    ).fit(texts)
    assert {"red fox", "a"} <= set(hasher.vocabulary)
    assert "the" not in hasher.vocabulary
    hasher.save(tmp_path / "hasher.keras")
    loaded = TextHasher.load(tmp_path / "hasher.keras")
    assert (loaded.stop_words, loaded.max_df) == (["the"], 1.0)
    assert loaded.ngram_range == (1, 2) and loaded.min_token_length == 1


def test_save_refuses_what_load_cannot_read(hasher, tmp_path):
    for name in ("hasher.h5", "hasher", "hasher.KERAS"):
        with pytest.raises(
            InputError, match=f"^expected .* ends in .keras; got .*{name}"
        ):
            hasher.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_bad_input_gets_one_sentence(texts, tmp_path):
    with pytest.raises(InputError, match="^expected at least 8 texts.*; got 7$"):
        TextHasher(recipe=QUICK).fit(["some text"] * 7)
    with pytest.raises(InputError, match="no word is left with .*min_df=3"):
        TextHasher(recipe=QUICK).fit([f"word{i}" for i in range(20)])
    with pytest.raises(NotFittedError, match="^expected a fitted TextHasher; got one"):
        TextHasher().transform(["text"])
    with pytest.raises(
        InputError, match="^expected a .keras file; got .*, which is none$"
    ):
        TextHasher.load(tmp_path / "missing.keras")
    (tmp_path / "odd.keras").write_text("not a model")
    with pytest.raises(InputError, match="which cannot be read: File is not a zip"):
        TextHasher.load(tmp_path / "odd.keras")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"wish_tf>WISH"', '"wish_tf>LazyAdam"', "expected a .* file; got .*"),
        ('"name": "wish"', '"name": "no name"', "expected a text hasher in .* fails: "),
    ],
)
def test_a_hasher_made_by_hand_is_refused(texts, tmp_path, old, new, sentence):
    TextHasher(4, recipe=QUICK).fit(texts).save(tmp_path / "good.keras")
    with (
        zipfile.ZipFile(tmp_path / "good.keras") as good,
        zipfile.ZipFile(tmp_path / "odd.keras", "w") as odd,
    ):
        for name in good.namelist():
            content = good.read(name)
            if name == "config.json":
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            odd.writestr(name, content)
    with pytest.raises(InputError, match=f"^{sentence}"):
        TextHasher.load(tmp_path / "odd.keras")


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
def test_another_dtype_policy_of_keras(policy, texts, tmp_path):
    keras.config.set_dtype_policy(policy)
    try:
        hasher = TextHasher(4, recipe=NESTED).fit(texts)
        hasher.save(tmp_path / "hasher.keras")
    finally:
        keras.config.set_dtype_policy("float32")
    loaded = TextHasher.load(tmp_path / "hasher.keras")
    np.testing.assert_array_equal(loaded.transform(texts), hasher.transform(texts))


def test_a_recipe_says_how_many_words_name_a_topic(texts):
    recipe = NESTED.with_setting("strategy.topics.naming.words", 3)
    topics = TextHasher(4, recipe=recipe).fit(texts[:300]).topics()
    assert {len(topic.words) for topic in topics} == {3}
    with pytest.raises(InputError, match="NamingSettings.words from 1 to 10; got 11"):
        NESTED.with_setting("strategy.topics.naming.words", 11)


@pytest.mark.parametrize(
    ("embeddings", "sentence"),
    [
        (np.ones((7, 3)), r"a row for each text; got the shape \(7, 3\)"),
        (np.full((8, 3), np.nan), r"got \[nan nan nan\] in row 0"),
        (np.eye(8)[:, :7], "that are not all 0; got .* in row 7"),
        ([["a"]] * 8, "expected embeddings as an array of numbers"),
    ],
)
def test_embeddings_that_do_not_fit_are_refused(embeddings, sentence):
    with pytest.raises(InputError, match=sentence):
        TextHasher(4, min_df=1).fit(["a cat", "a dog"] * 4, embeddings=embeddings)


@pytest.mark.parametrize("code", ["0101", [0, 1], [[0, 1, 0, 1]]])
def test_only_a_code_is_read(hasher, code):
    with pytest.raises(InputError, match="expected a code of .* bits; got an array"):
        hasher.read(code)
