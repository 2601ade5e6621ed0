from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wish_tf.codes import code_strings
from wish_tf.naming.naming_words import NamingSettings, NamingWords
from wish_tf.naming.topic import Topic
from wish_tf.types import Csr

# Words of a bucket.
WORDS = 4
# Buckets at most so many bits away are its neighbours.
NEAR = 2


@dataclass(frozen=True)
class Bucket:
    """The texts with one code of the named bits.

    Attributes:
        code: of the named bits, bit 0 first, e.g. `"01000001"`.
        share: of the training texts that are in it.
        words: that set it apart from the buckets nearest to it, strongest first,
            without those that name its topics.
    """

    code: str
    share: float
    words: tuple[str, ...]

    def __post_init__(self) -> None:
        # JSON gives lists.
        object.__setattr__(self, "words", tuple(self.words))

    @property
    def bits(self) -> np.ndarray:
        """The code, uint8 0/1 [bits]."""
        return np.array([bit == "1" for bit in self.code], np.uint8)

    def to_json(self) -> dict[str, Any]:
        """Returns JSON values, which are the arguments of an equal one."""
        return {**dataclasses.asdict(self), "words": list(self.words)}


def name_buckets(
    rows: Csr,
    codes: np.ndarray,
    topics: Sequence[Topic],
    vocabulary: Sequence[str],
    settings: NamingSettings | None = None,
) -> tuple[Bucket, ...]:
    """Names the buckets of texts, the largest first.

    A word counts by its presence, p(word | bucket) - p(word | neighbours), where the
    neighbours are the other buckets at most two bits away, or all others where none
    is so near.

    Args:
        rows: tf-idf rows of the texts, CSR [n, vocabulary].
        codes: theirs, of the bits that are topics, 0/1 [n, bits].
        topics: what names these bits.
        vocabulary: the words.
        settings: which words can name a bucket.
    """
    if not topics:
        return ()
    of_buckets, buckets = np.unique(codes, axis=0, return_inverse=True)
    words = NamingWords(rows, buckets.ravel(), settings)
    apart = (of_buckets[:, np.newaxis] != of_buckets).sum(axis=2)
    near = (apart > 0) & (apart <= NEAR)
    near = np.where(near.any(axis=1, keepdims=True), near, apart > 0).astype(float)
    others = (near @ words.counts) / np.maximum(near @ words.sizes, 1)[:, np.newaxis]
    telling = words.counts / words.sizes[:, np.newaxis] - others
    found = []
    for i in np.argsort(-words.sizes, kind="stable"):
        said = {
            word
            for bit in np.flatnonzero(of_buckets[i]).tolist()
            for word in topics[bit].words
        }
        order = np.argsort(-telling[i], kind="stable")
        own = (vocabulary[words.numbers[j]] for j in order[telling[i, order] > 0])
        chosen = [word for word in own if word not in said][:WORDS]
        code = code_strings(of_buckets[[i]])[0]
        share = float(words.sizes[i] / words.sizes.sum())
        found.append(Bucket(code, share, tuple(chosen)))
    return tuple(found)


def reading(code: np.ndarray, names: Sequence[str], buckets: Sequence[Bucket]) -> str:
    """Returns a code as a person reads it: its topics, and the words of its bucket.

    Args:
        code: 0/1 [bits].
        names: of the first bits; `""` of one without.
        buckets: whose words are added.

    Examples:
        >>> from wish_tf.naming import Bucket, reading
        >>> buckets = [Bucket("101", 0.1, ("tonnes", "tariff"))]
        >>> reading([1, 0, 1, 1], ["oil", "wheat", "trade"], buckets)
        'oil + trade (tonnes, tariff)'
    """
    on = [name for name, bit in zip(names, code, strict=False) if bit and name]
    said = " + ".join(on) or "none of the topics"
    text = code_strings([code])[0]
    words = next((each.words for each in buckets if text.startswith(each.code)), ())
    return f"{said} ({', '.join(words)})" if words else said
