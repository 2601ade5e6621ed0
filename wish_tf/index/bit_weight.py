"""What a bit that differs should cost, found from documents without labels."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

import numpy as np

from wish_tf.hashed_texts import HashedTexts
from wish_tf.index.document_index import (
    REQUEST_WORDS,
    DocumentIndex,
    first_places,
)
from wish_tf.index.word_numbers import word_numbers

# Costs that are tried, of all bits together; half of one of them is taken.
_OF_ALL_BITS = np.array([0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0])
_SAMPLE = 300
# Fewer say nothing.
_LEAST = 20
_SHOWN = 10
# Documents that the other half of a text is thought to be about.
_SHARE, _MOST = 1 / 20, 1000


def weigh_bits(
    documents: DocumentIndex, hash_texts: Callable[[list[str]], HashedTexts]
) -> None:
    """Sets what a bit costs, so that a part of a text finds what suits the rest.

    Each of some documents is cut in two, and the first part asks. What suits are the
    5 % of the documents, 1,000 at most, that BM25 finds for those words of the rest
    which the query does not have. The more a bit costs, the more of the first ten suit,
    and then the fewer.

    For `bit_weight` half a text asks. It is half of the largest cost with which no
    fewer suit than by words alone, as the top of a parabola is halfway: from 0.05 to 1,
    divided by the number of bits; 0.5 / bits where the documents are too few or too
    short to tell. For `request_share` the first eight words ask. A code of few words is
    less sure, so a request takes the cost with which most suit, if it is smaller.

    Args:
        documents: whose words and codes are searched, and whose weights are set.
        hash_texts: hashes n texts with the model that made the codes.
    """
    bits = documents.index.bits
    gains = [
        np.array(list(_gains(documents, hash_texts, cut))) for cut in (_half, _request)
    ]
    if min(map(len, gains)) < _LEAST:
        return
    of_texts, of_requests = (each.sum(axis=0) for each in gains)
    harmless = np.flatnonzero(of_texts >= 0).max(initial=0)
    weight = float(_OF_ALL_BITS[harmless]) / 2
    of_request = float(_OF_ALL_BITS[of_requests.argmax()])
    documents.bit_weight = weight / bits
    documents.request_share = min(1.0, of_request / weight)


def _half(text: str) -> int:
    """Returns where a text is cut so that the query is its first half."""
    return len(text) // 2


def _request(text: str) -> int:
    """Returns where a text is cut so that the query is as long as a request."""
    words = itertools.islice(re.finditer(r"\w+", text), REQUEST_WORDS)
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
