"""What a bit that differs should cost, found from documents without labels."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

import numpy as np

from wish_tf.hashed_texts import HashedTexts
from wish_tf.index.document_index import DocumentIndex, first_places
from wish_tf.index.word_numbers import word_numbers

# Costs that are tried, of all bits together; half of one of them is taken.
_OF_ALL_BITS = np.array([0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0])
_SAMPLE = 300
# Of a request.
_WORDS = 8
# Fewer say nothing.
_LEAST = 20
_SHOWN = 10
# Documents that the other half of a text is thought to be about.
_SHARE, _MOST = 1 / 20, 1000


def found_bit_weight(
    documents: DocumentIndex, hash_texts: Callable[[list[str]], HashedTexts]
) -> float:
    """Returns what a bit should cost so that parts of texts find what suits the rest.

    Each of some documents is cut in two. Its first half is a query, as long as a text,
    and its first eight words are one, as long as a request. What suits are the 5 % of
    the documents, 1,000 at most, that BM25 finds for those words of the rest which the
    query does not have. The more a bit costs, the more of the first ten suit, and then
    the fewer: the weight is half of the largest with which they are no fewer than by
    words alone, as the top of a parabola is halfway; of the two kinds of queries, the
    smaller one.

    Args:
        documents: whose words and codes are searched.
        hash_texts: hashes n texts with the model that made the codes.

    Returns:
        The weight, above 0: from 0.05 to 1, divided by the number of bits; 0.5 / bits
        where the documents are too few or too short to tell.
    """
    bits, found = documents.index.bits, []
    for cut in (_half, _request):
        gains = np.array(list(_gains(documents, hash_texts, cut)))
        if len(gains) < _LEAST:
            return 0.5 / bits
        harmless = np.flatnonzero(gains.sum(axis=0) >= 0)
        found.append(float(_OF_ALL_BITS[harmless.max(initial=0)]) / 2 / bits)
    return min(found)


def _half(text: str) -> int:
    """Returns where a text is cut so that the query is its first half."""
    return len(text) // 2


def _request(text: str) -> int:
    """Returns where a text is cut so that the query is as long as a request."""
    words = itertools.islice(re.finditer(r"\w+", text), _WORDS)
    return min(max((word.end() for word in words), default=0), _half(text))


def _gains(
    documents: DocumentIndex,
    hash_texts: Callable[[list[str]], HashedTexts],
    cut: Callable[[str], int],
) -> Iterator[list[int]]:
    """Yields, a document each, by how many more of the first ten suit with each cost
    than by words alone; the query is the text before where it is cut."""
    count, bits = len(documents.names), documents.index.bits
    suiting = min(_MOST, int(_SHARE * count))
    if suiting < _SHOWN:
        return
    sample = np.unique(np.linspace(0, count - 1, _SAMPLE, dtype=int)).tolist()
    texts = [documents.texts[place] for place in sample]
    queries = [text[: cut(text)] for text in texts]
    hashed = hash_texts(queries)
    for row, place in enumerate(sample):
        asked = word_numbers([queries[row]])[0]
        rest = word_numbers([texts[row][len(queries[row]) :]])[0]
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
