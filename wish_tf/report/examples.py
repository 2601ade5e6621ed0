from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wish_tf.explain import Explanation
from wish_tf.explain.explanation import log_odds
from wish_tf.report.documents import Documents
from wish_tf.text_hasher import TextHasher

EXAMPLES = 3
# To explain a text, it is hashed once for each of its words: the time grows with the
# square of its length, and a bit has three texts.
LONGEST = 4000
# Log-odds of 0.99. A text should be sure of the bit, but where the probability is 1 but
# for the rounding of float32, it does not show what a word does.
SURE = np.log(99)


@dataclass(frozen=True)
class Example:
    """A document in which a bit is on.

    Attributes:
        place: of the document.
        probability: of the bit.
        explanation: which words moved it; None where the text is too long.
    """

    place: int
    probability: float
    explanation: Explanation | None


def examples(
    documents: Documents, hasher: TextHasher, bit: int, count: int = EXAMPLES
) -> list[Example]:
    """Chooses documents that show what a bit means, and explains them.

    They are sure of the bit, from different buckets as far as there are, so that what
    they share is the bit and not the rest of the code. Texts that are short enough to
    be explained come first.

    Args:
        documents: to choose from.
        hasher: that of the codes.
        bit: 0 is the first.
        count: how many at most.
    """
    return [
        Example(
            place,
            float(documents.hashed.probabilities[place, bit]),
            hasher.explain(documents.corpus.texts[place])
            if len(documents.corpus.texts[place]) <= LONGEST
            else None,
        )
        for place in chosen(documents, bit, count)
    ]


def chosen(documents: Documents, bit: int, count: int) -> list[int]:
    """Returns the positions of the documents that `examples` takes."""
    probability = documents.hashed.probabilities[:, bit]
    on = np.flatnonzero((probability > 0.5) & ~documents.hashed.out_of_vocabulary)
    lengths = [len(documents.corpus.texts[place]) for place in on]
    long = np.array(lengths, np.int64) > LONGEST
    distance = np.abs(log_odds(probability[on]) - SURE)
    on = on[np.lexsort((distance, long))]
    numbers = documents.numbers[on]
    first = np.sort(np.unique(numbers, return_index=True)[1])
    again = np.setdiff1d(np.arange(len(on)), first)
    return [int(place) for place in on[np.concatenate([first, again])][:count]]
