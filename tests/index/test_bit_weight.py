import re

import numpy as np
import pytest

from wish_tf.hashed_texts import HashedTexts
from wish_tf.index.bit_weight import found_bit_weight
from wish_tf.index.document_index import DocumentIndex

TOPICS, BITS = 6, 8


def corpus(rng: np.random.Generator) -> list[str]:
    """Texts of some of the many words of a topic, and of words that all topics have."""

    def text(topic: int) -> str:
        of_topic = [f"{topic}w{word}" for word in rng.integers(0, 60, 8)]
        words = of_topic + [f"all{word}" for word in rng.integers(0, 60, 8)]
        return " ".join(rng.permutation(words))

    return [text(topic) for topic in rng.integers(0, TOPICS, 600)]


def found(wrong: float) -> float:
    """The weight of all bits, if codes are those of topics with some bits wrong."""
    rng = np.random.default_rng(0)
    texts, codes = corpus(rng), rng.integers(0, 2, (TOPICS, BITS))

    def hash_texts(texts):
        topics = [int(re.search(r"\d(?=w)|$", text).group() or 0) for text in texts]
        bits = codes[topics] ^ (rng.random((len(texts), BITS)) < wrong)
        return HashedTexts(bits.astype(np.float32), np.zeros(len(texts), bool))

    documents = DocumentIndex(hash_texts(texts), texts, texts, "model")
    return found_bit_weight(documents, hash_texts) * BITS


def test_codes_that_tell_weigh_more_than_codes_of_chance():
    good, chance = found(0), found(0.5)
    assert good == pytest.approx(1.0) and chance < 0.2


def test_too_few_documents_tell_nothing():
    codes = HashedTexts(np.eye(4, dtype=np.float32), np.zeros(4, bool))
    documents = DocumentIndex(codes, list("abcd"), ["cat dog"] * 4, "model")
    weight = found_bit_weight(documents, lambda texts: pytest.fail("nothing to ask"))
    assert weight == 0.5 / 4


def test_documents_without_halves_tell_nothing():
    texts = ["cat"] * 300
    codes = HashedTexts(np.zeros((300, 4), np.float32), np.zeros(300, bool))
    documents = DocumentIndex(codes, texts, texts, "model")
    weight = found_bit_weight(documents, lambda halves: codes)
    assert weight == 0.5 / 4
