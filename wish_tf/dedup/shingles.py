"""Sets of shingles of texts: made, told apart, compared.

The similarity of two texts is the Jaccard similarity of their sets of shingles: of each
the words and signs, each two that are neighbours, and the whole text, which counts as
one shingle more. (Broder, "On the resemblance and containment of documents",
SEQUENCES 1997.)
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator

import numpy as np

from wish_tf.dedup.parts import parts
from wish_tf.dedup.stored_rows import StoredRows

# Shingles of pairs of sets that are gathered at a time.
GATHERED = 1 << 20
# Characters that are read at a time, at up to 120 bytes each.
CHARACTERS = 1 << 20
# The hash of a shingle is a column of a sparse matrix, which takes 31 bits.
HASH_BITS = 31
# Letters of these are words by themselves.
WITHOUT_SPACES = (
    *("CJK ", "HALFWIDTH KATAKANA", "HIRAGANA", "KATAKANA"),
    *("KHMER ", "LAO ", "MYANMAR ", "THAI "),
)
# The numbers of this generator are the same in every version of NumPy.
MULTIPLIERS = np.random.PCG64(0).random_raw(5)


def normalised(text: str) -> str:
    """Returns a text in composed form, case folded, with one space for each run of
    white space and none at the ends; the same in every locale."""
    if not text.isascii():
        text = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", " ".join(text.casefold().split()))


def first_of_equal(texts: Iterable[str]) -> np.ndarray:
    """Returns for each text the place of the first that it equals when both are
    normalised, int64 [n]."""
    digests = bytearray()
    for text in texts:
        digests += _digest(text)
    pairs = np.frombuffer(digests, np.uint64).reshape(-1, 2)
    # Equal ones come in their order.
    order = np.lexsort(pairs.T)
    ordered = pairs[order]
    new = np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))[: order.size]
    first = np.empty(order.size, np.int64)
    first[order] = order[new][np.cumsum(new) - 1]
    return first


def text_hashes(texts: Iterable[str]) -> np.ndarray:
    """Returns hashes of whole texts when normalised, int64 [n]; they are negative, and
    so differ from those of `shingle_sets`."""
    digests = [int.from_bytes(_digest(text)[:8], "little") for text in texts]
    return (np.array(digests, np.uint64) | np.uint64(1 << 63)).view(np.int64)


def shingle_sets(texts: Iterable[str]) -> StoredRows:
    """Returns the shingles of texts but for the whole text, a rising row a text.

    A column, below 2^31, stands for a shingle. Two shingles share one by a chance of
    one in two thousand million.
    """
    return StoredRows(map(_hashes, _batches(texts)))


def jaccard(sets: StoredRows, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Returns the similarities of the different texts left[i] and right[i], float64
    [m], from their `shingle_sets`."""
    result = np.empty(left.size)
    # The whole texts are two shingles more in all.
    size = [np.diff(sets.starts)[side] + 1 for side in (left, right)]
    for part in parts(np.append(0, np.cumsum(size[0] + size[1])), GATHERED):
        i, j = (sets.matrix(side[part], 1 << HASH_BITS) for side in (left, right))
        i.has_canonical_format = j.has_canonical_format = True
        common = i.multiply(j).sum(axis=1)
        result[part] = common / (size[0][part] + size[1][part] - common)
    return result


def _digest(text: str) -> bytes:
    whole = normalised(text).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=16).digest()


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in map(normalised, texts):
        batch.append(text)
        characters += len(text) + 1
        if characters >= CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _hashes(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the hashes of the shingles of each text, once and in order, int32 [m],
    and how many each text has, int64 [n]."""
    # A normalised text has no line break: it stands for the start and the end here.
    lines = "".join(f"\n{text}" for text in texts) + "\n"
    points = np.frombuffer(lines.encode("utf-32-le", "surrogatepass"), np.uint32)
    word = _is_word(points)
    starts = np.flatnonzero(np.append(True, ~(word[1:] & word[:-1])))
    lengths = np.diff(starts, append=points.size)
    at = np.arange(points.size) - np.repeat(starts, lengths)
    # Multilinear hashing: Lemire and Kaser, "Strongly universal string hashing is
    # fast", The Computer Journal 2014.
    products = np.random.PCG64(1).random_raw(lengths.max())[at]
    products *= points
    hashes = np.add.reduceat(products, starts) >> np.uint64(32)
    kept = points[starts] != ord(" ")
    hashes, edge = hashes[kept], (points[starts] == ord("\n"))[kept]
    row = np.cumsum(edge, dtype=np.uint64) - np.uint64(1)
    a, b, c, d, e = MULTIPLIERS
    pairs = hashes[:-1] * a + hashes[1:] * b + c
    words = hashes[~edge] * d + e
    keys = np.concatenate([pairs, words]) >> np.uint64(64 - HASH_BITS)
    keys |= np.concatenate([row[:-1], row[~edge]]) << np.uint64(HASH_BITS)
    keys.sort()
    keys = keys[np.append(True, keys[1:] != keys[:-1])]
    rows = (keys >> np.uint64(HASH_BITS)).astype(np.int64)
    hashes = (keys & np.uint64((1 << HASH_BITS) - 1)).astype(np.int32)
    return hashes, np.bincount(rows, minlength=len(texts))


def _is_word(points: np.ndarray) -> np.ndarray:
    """Whether a character belongs to one word with the like beside it, bool [n]."""
    seen = np.flatnonzero(np.bincount(points))
    table = np.zeros(seen[-1] + 1, bool)
    for point in seen.tolist():
        table[point] = _joins(chr(point))
    return table[points]


def _joins(character: str) -> bool:
    category = unicodedata.category(character)
    if category[0] == "L":
        return not unicodedata.name(character, "").startswith(WITHOUT_SPACES)
    return category[0] in "MN" or character == "_"
