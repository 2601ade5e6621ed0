"""What the codes of a trained hasher are worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from wish_tf.corpora import Corpus
from wish_tf.corpora.corpus import sample
from wish_tf.metrics import code_statistics
from wish_tf.metrics.yardstick import Yardstick
from wish_tf.text_hasher import TextHasher

K = 100
# More would tell no more, and take as long as the training.
MOST_DOCUMENTS, MOST_QUERIES = 1_000_000, 10_000


def yardstick(hasher: TextHasher, database: Corpus, queries: Corpus) -> Yardstick:
    """Returns what codes of documents are measured by, on a hasher's words.

    Arguments are those of `evaluate`.
    """
    return Yardstick(
        hasher.rows(database.texts),
        hasher.rows(queries.texts),
        database.labels,
        queries.labels,
    )


def evaluate(
    hasher: TextHasher, database: Corpus, *queries: Corpus
) -> list[dict[str, Any]]:
    """Measures codes of documents that were not trained on.

    Each query is looked up among the database's codes (paper, section 4.2). Of more
    than 1,000,000 documents or 10,000 queries a sample is taken, the same each time.

    Args:
        hasher: a trained hasher.
        database: the training documents.
        queries: validation or test documents.

    Returns:
        For each of the queries JSON values: the measures of
        `wish_tf.metrics.yardstick.Yardstick`, of which those by labels are None without
        any, and those of the k nearest where there are fewer documents; why
        `precision_at_100` is None, in `no_precision_because`; `dead_bits` and
        `bit_entropy` of the database's codes; the number of `documents` and how many of
        them are `measured`, with the `out_of_vocabulary` among these.
    """
    known_texts = _sample(database, MOST_DOCUMENTS)
    known, rows = hasher.hash(known_texts.texts), hasher.rows(known_texts.texts)
    statistics = code_statistics(known.bits)
    results = []
    for corpus in queries:
        asked_texts = _sample(corpus, MOST_QUERIES)
        asked = hasher.hash(asked_texts.texts)
        measure = Yardstick(
            rows,
            hasher.rows(asked_texts.texts),
            known_texts.labels,
            asked_texts.labels,
        )
        result = measure.measures(known.bits, asked.bits)
        if database.labels is None:
            result["no_precision_because"] = "the corpus has no labels"
        elif len(database) < K:
            result["no_precision_because"] = (
                f"the {len(database)} training documents are fewer than {K}"
            )
        results.append(
            {
                **result,
                "bits": hasher.bits,
                "dead_bits": statistics.dead_bits,
                "bit_entropy": statistics.bit_entropy.tolist(),
                "documents": {"database": len(database), "queries": len(corpus)},
                "measured": {"database": len(known_texts), "queries": len(asked_texts)},
                "out_of_vocabulary": {
                    "database": int(known.out_of_vocabulary.sum()),
                    "queries": int(asked.out_of_vocabulary.sum()),
                },
            }
        )
    return results


def _sample(corpus: Corpus, most: int) -> Corpus:
    if len(corpus) <= most:
        return corpus
    return corpus.subset(np.flatnonzero(sample(len(corpus), most)))
