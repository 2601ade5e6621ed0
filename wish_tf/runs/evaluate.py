"""What the codes of a trained hasher are worth."""

from __future__ import annotations

from typing import Any

from wish_tf.corpora import Corpus
from wish_tf.metrics import code_statistics
from wish_tf.metrics.yardstick import Yardstick
from wish_tf.text_hasher import TextHasher

K = 100


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


def evaluate(hasher: TextHasher, database: Corpus, queries: Corpus) -> dict[str, Any]:
    """Measures codes of documents that were not trained on.

    Each query is looked up among the database's codes (paper, section 4.2).

    Args:
        hasher: a trained hasher.
        database: the training documents.
        queries: validation or test documents.

    Returns:
        JSON values: the measures of `wish_tf.metrics.yardstick.Yardstick`, of which
        those by labels are None without any, and those of the k nearest where there
        are fewer documents; why `precision_at_100` is None, in
        `no_precision_because`; `dead_bits` and `bit_entropy` of the database's codes;
        `out_of_vocabulary` and `documents` of database and queries.
    """
    known = hasher.hash(database.texts)
    asked = hasher.hash(queries.texts)
    statistics = code_statistics(known.bits)
    result = yardstick(hasher, database, queries).measures(known.bits, asked.bits)
    if database.labels is None:
        result["no_precision_because"] = "the corpus has no labels"
    elif len(database) < K:
        result["no_precision_because"] = (
            f"the {len(database)} training documents are fewer than {K}"
        )
    return {
        **result,
        "bits": hasher.bits,
        "dead_bits": statistics.dead_bits,
        "bit_entropy": statistics.bit_entropy.tolist(),
        "documents": {"database": len(database), "queries": len(queries)},
        "out_of_vocabulary": {
            "database": int(known.out_of_vocabulary.sum()),
            "queries": int(asked.out_of_vocabulary.sum()),
        },
    }
