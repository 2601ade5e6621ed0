from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wish_tf.naming.topic import Topic
from wish_tf.types import Csr


def typical_texts(
    rows: Csr,
    codes: np.ndarray,
    topics: Sequence[Topic],
    vocabulary: Sequence[str],
    count: int = 2,
) -> list[list[int]]:
    """Returns, for each topic, the texts that are most about it.

    These are the texts with the bit on whose rows are nearest, by cosine, to the words
    of the bit: they hold many of these words and few others.

    Args:
        rows: tf-idf rows of the texts, CSR [n, vocabulary], of length 1.
        codes: theirs, 0/1 [n, bits], at least as many bits as topics.
        topics: of the first bits.
        vocabulary: the words.
        count: texts of a topic, at most.

    Returns:
        Places in `rows`, the most typical first.
    """
    column = {word: i for i, word in enumerate(vocabulary)}
    found = []
    for bit, topic in enumerate(topics):
        words = [column[word] for word in topic.words if word in column]
        mine = np.flatnonzero(codes[:, bit])
        about = np.asarray(rows[mine][:, words].sum(axis=1)).ravel()
        order = np.argsort(-about, kind="stable")[:count]
        found.append(mine[order].tolist())
    return found
