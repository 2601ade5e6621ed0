"""What a bit that differs should cost, found from documents without labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from wish_tf.hashed_texts import HashedTexts
from wish_tf.index.document_index import DocumentIndex, first_places
from wish_tf.index.word_numbers import word_numbers

# Costs that are tried, of all bits together; half of one of them is taken.
_OF_ALL_BITS = np.array([0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0])
_SAMPLE = 300
# Fewer say nothing.
_LEAST = 20
_SHOWN = 10
# Documents that the other half of a text is thought to be about.
_SHARE, _MOST = 1 / 20, 1000


def found_bit_weight(
    documents: DocumentIndex, hash_texts: Callable[[list[str]], HashedTexts]
) -> float:
    """Returns what a bit should cost so that half a text finds what suits the rest.

    Each of some documents is cut in two. The first half is the query. What suits are
    the 5 % of the documents, 1,000 at most, that BM25 finds for those words of the
    other half which the first does not have. The more a bit costs, the more of the
    first ten suit, and then the fewer: the weight is half of the largest with which
    they are no fewer than by words alone, as the top of a parabola is halfway.

    Args:
        documents: whose words and codes are searched.
        hash_texts: hashes n texts with the model that made the codes.

    Returns:
        The weight, above 0: from 0.05 to 1, divided by the number of bits; 0.5 / bits
        where the documents are too few or too short to tell.
    """
    bits = documents.index.bits
    gains = np.array(list(_gains(documents, hash_texts)))
    if len(gains) < _LEAST:
        return 0.5 / bits
    harmless = np.flatnonzero(gains.sum(axis=0) >= 0)
    return float(_OF_ALL_BITS[harmless.max(initial=0)]) / 2 / bits


def _gains(
    documents: DocumentIndex, hash_texts: Callable[[list[str]], HashedTexts]
) -> Iterator[list[int]]:
    """Yields, a document each, by how many more of the first ten suit with each cost
    than by words alone."""
    count, bits = len(documents.names), documents.index.bits
    suiting = min(_MOST, int(_SHARE * count))
    if suiting < _SHOWN:
        return
    sample = np.unique(np.linspace(0, count - 1, _SAMPLE, dtype=int)).tolist()
    texts = [documents.texts[place] for place in sample]
    halves = [text[: len(text) // 2] for text in texts]
    hashed = hash_texts(halves)
    for row, place in enumerate(sample):
        asked = word_numbers([halves[row]])[0]
        rest = word_numbers([texts[row][len(halves[row]) :]])[0]
        scores = documents.words.scores(asked)
        wanted = documents.words.scores(rest[~np.isin(rest, asked)])
        if hashed.out_of_vocabulary[row] or not (scores.any() and wanted.any()):
            continue
        scores[place], wanted[place] = -np.inf, 0
        suits = wanted >= max(np.partition(wanted, -suiting)[-suiting], 1e-9)
        away = documents.distances(hashed.bits[row])

        suit = [
            int(suits[first_places(scores - cost * away, _SHOWN)].sum())
            for cost in (np.array([0, *_OF_ALL_BITS], np.float32) / np.float32(bits))
        ]
        yield [found - suit[0] for found in suit[1:]]
