import re

import numpy as np
import pytest

from tests.training.small_recipes import quick
from wish_tf import InputError, TextHasher
from wish_tf.corpora import load_corpus
from wish_tf.explain import Explanation, explain
from wish_tf.explain.explanation import log_odds
from wish_tf.hashed_texts import HashedTexts

WEIGHTS = {"array": (3.0, -1.0), "mail": (-2.0, 0.5), "send": (0.25, 0.0)}


def linear_hash(texts) -> HashedTexts:
    """A hasher whose log-odds are sums of its words' weights."""
    words = [re.findall(r"\w+", text.lower()) for text in texts]
    known = [[w for w in own if w in WEIGHTS] for own in words]
    logits = np.stack(
        [np.sum([WEIGHTS[w] for w in words] or [(0.0, 0.0)], axis=0) for words in known]
    )
    return HashedTexts(
        (1 / (1 + np.exp(-logits))).astype(np.float32),
        np.array([not words for words in known]),
    )


def test_effects_of_a_linear_model_are_its_weights():
    found = explain(linear_hash, "Send the ARRAY, by mail! the zebra")
    assert found.words == ["send", "array", "mail"]
    assert found.unknown == ["the", "by", "zebra"]
    np.testing.assert_allclose(
        found.effects, [WEIGHTS[word] for word in found.words], atol=1e-5
    )
    assert found.bits.tolist() == [1, 0]


def test_a_word_that_occurs_twice_is_left_out_twice():
    found = explain(linear_hash, "mail array mail")
    assert found.words == ["mail", "array"]
    np.testing.assert_allclose(found.effects[0], [-4.0, 1.0], atol=1e-5)


def test_what_decides_and_what_is_strongest():
    found = explain(linear_hash, "send array mail")
    # Bit 0 is 1.25 for, and 3 of it are the array's.
    np.testing.assert_array_equal(found.decisive[:, 0], [False, True, False])
    assert [word for word, _ in found.strongest(0, 2)] == ["array", "mail"]
    assert found.strongest(1, 1) == [("array", pytest.approx(-1.0, abs=1e-5))]


def test_what_float32_cannot_tell_is_no_effect():
    # Near 1 a step of float32 changes the log-odds by 0.69; near 0 it is precise.
    weights = {"sure": (16.6, -15.0), "little": (0.3, 0.3), "much": (-9.0, 9.0)}

    def hash_texts(texts):
        logits = np.array(
            [np.sum([weights[w] for w in text.split()], axis=0) for text in texts]
        ).reshape(-1, 2)
        p = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return HashedTexts(p, np.zeros(len(texts), bool))

    found = explain(hash_texts, "sure little")
    assert found.effects[1, 0] == 0
    assert found.effects[1, 1] == pytest.approx(0.3, abs=1e-3)
    assert [word for word, _ in found.strongest(0)] == ["sure"]
    assert explain(hash_texts, "sure much").effects[1, 0] == pytest.approx(-9, abs=1.5)


@pytest.mark.parametrize("text", ["", "zebra", "!?"])
def test_a_text_without_a_known_word_cannot_be_explained(text):
    with pytest.raises(InputError, match="expected a text with a word the model know"):
        explain(linear_hash, text)


def test_log_odds_are_finite():
    np.testing.assert_allclose(
        log_odds(np.array([0.0, 0.5, 1.0], np.float32)), [-16.635, 0, 16.635], atol=1e-3
    )


@pytest.fixture(scope="module")
def hasher(docs_file) -> TextHasher:
    return TextHasher(6, recipe=quick()).fit(load_corpus(docs_file, limit=400).texts)


def test_a_hasher_explains_by_leaving_words_out(hasher, docs_file):
    text = load_corpus(docs_file, limit=400).texts[0]
    found = hasher.explain(text)
    assert isinstance(found, Explanation) and found.effects.shape[1] == 6
    np.testing.assert_allclose(
        found.probabilities, hasher.hash([text]).probabilities[0], atol=1e-5
    )
    word = found.words[0]
    without = re.sub(rf"(?i)\b{word}\b", " ", text)
    expected = log_odds(hasher.hash([text, without]).probabilities)
    np.testing.assert_allclose(found.effects[0], expected[0] - expected[1], atol=1e-3)
    known = set(hasher.model_.vectorization.vocabulary)
    assert set(found.words) <= known and not set(found.unknown) & known


def test_words_of_other_scripts_and_of_models_of_characters():
    def hash_texts(texts):
        on = [0.9 if "東京" in text or "मेरी" in text else 0.1 for text in texts]
        known = [bool(text) for text in texts]
        return HashedTexts(np.array(on)[:, None], ~np.array(known))

    assert explain(hash_texts, "मेरी MERI").strongest(0)[0][0] == "मेरी"
    assert explain(hash_texts, "東京都").strongest(0)[0][0] == "東京"

    def of_characters(texts):
        on = [0.9 if "c++" in text else 0.1 for text in texts]
        return HashedTexts(
            np.array(on, np.float32)[:, None], np.zeros(len(texts), bool)
        )

    assert explain(of_characters, "use c++ now").strongest(0)[0][0] == "c++"
