import re

import numpy as np
import pytest

from wish_tf.errors import InputError
from wish_tf.hashed_texts import HashedTexts
from wish_tf.index.bit_weight import weigh_bits
from wish_tf.index.document_index import DocumentIndex

TOPICS, BITS = 6, 8


def corpus(rng: np.random.Generator) -> list[str]:
    """Texts of some of the many words of a topic, and of words that all topics have."""

    def text(topic: int) -> str:
        of_topic = [f"{topic}w{word}" for word in rng.integers(0, 60, 8)]
        words = of_topic + [f"all{word}" for word in rng.integers(0, 60, 8)]
        return " ".join(rng.permutation(words))

    return [text(topic) for topic in rng.integers(0, TOPICS, 600)]


def found(wrong: float) -> tuple[float, float]:
    """The weight of all bits and the share of it that requests pay, if codes are those
    of topics with some bits wrong."""
    rng = np.random.default_rng(0)
    texts, codes = corpus(rng), rng.integers(0, 2, (TOPICS, BITS))

    def hash_texts(texts):
        topics = [int(re.search(r"\d(?=w)|$", text).group() or 0) for text in texts]
        bits = codes[topics] ^ (rng.random((len(texts), BITS)) < wrong)
        return HashedTexts(bits.astype(np.float32), np.zeros(len(texts), bool))

    documents = DocumentIndex(hash_texts(texts), texts, texts, "model")
    weigh_bits(documents, hash_texts)
    return documents.bit_weight * BITS, documents.request_share


def test_codes_that_tell_weigh_more_than_codes_of_chance():
    (good, share), (chance, _) = found(0), found(0.5)
    assert 0 < share <= 1
    assert good == pytest.approx(1.0) and chance < 0.2


def test_too_few_documents_tell_nothing():
    codes = HashedTexts(np.eye(4, dtype=np.float32), np.zeros(4, bool))
    documents = DocumentIndex(codes, list("abcd"), ["cat dog"] * 4, "model")
    weigh_bits(documents, lambda texts: pytest.fail("nothing to ask"))
    assert (documents.bit_weight, documents.request_share) == (0.5 / 4, 1)


def test_documents_without_halves_tell_nothing():
    texts = ["cat"] * 300
    codes = HashedTexts(np.zeros((300, 4), np.float32), np.zeros(300, bool))
    documents = DocumentIndex(codes, texts, texts, "model")
    weigh_bits(documents, lambda parts: codes)
    assert (documents.bit_weight, documents.request_share) == (0.5 / 4, 1)


@pytest.mark.parametrize("share", [0.0, -1.0, 1.1, float("nan")])
def test_a_share_that_no_file_could_hold_is_refused(share):
    codes = HashedTexts(np.eye(2, dtype=np.float32), np.zeros(2, bool))
    documents = DocumentIndex(codes, ["a", "b"], ["cat", "dog"], "model")
    with pytest.raises(InputError, match=f"above 0 and up to 1; got {share!r}"):
        documents.request_share = share
    assert documents.request_share == 1


def test_a_short_query_pays_its_share():
    codes = HashedTexts(np.eye(4, dtype=np.float32), np.zeros(4, bool))
    texts = ["cat", "dog", "cow", "pig"]
    documents = DocumentIndex(codes, texts, texts, "model", bit_weight=0.1)
    documents.request_share = 0.5
    code = np.zeros(4, np.uint8)
    short = documents.search("cat", code, 4).scores
    long = documents.search("cat" + 8 * " cat", code, 4).scores
    # All are one bit away, and one of them has the word.
    np.testing.assert_allclose(short, [0.95, -0.05, -0.05, -0.05], atol=1e-6)
    np.testing.assert_allclose(long, [0.9, -0.1, -0.1, -0.1], atol=1e-6)
