"""Prec@100 and code statistics of a trained hasher."""

from __future__ import annotations

from typing import Any

from wish_tf.corpora import Corpus
from wish_tf.metrics import code_statistics, precision_at_k
from wish_tf.text_hasher import TextHasher

K = 100


def evaluate(hasher: TextHasher, database: Corpus, queries: Corpus) -> dict[str, Any]:
    """Measures how well codes find documents with the same label.

    Each query is looked up among the database's codes (paper, section 4.2).

    Args:
        hasher: a trained hasher.
        database: the training documents.
        queries: validation or test documents.

    Returns:
        JSON values: `precision_at_100`, tie-aware, or None with the reason in
        `no_precision_because`; `distinct_codes`, `dead_bits`, `code_entropy`
        and `bit_entropy` of the database's codes; `out_of_vocabulary` and
        `documents` of database and queries.
    """
    known = hasher.hash(database.texts)
    asked = hasher.hash(queries.texts)
    statistics = code_statistics(known.bits)
    result: dict[str, Any] = {"precision_at_100": None}
    if database.labels is None:
        result["no_precision_because"] = "the corpus has no labels"
    elif len(database) < K:
        result["no_precision_because"] = (
            f"the {len(database)} training documents are fewer than {K}"
        )
    else:
        result["precision_at_100"] = precision_at_k(
            asked.bits, queries.labels, known.bits, database.labels, K
        )
    return {
        **result,
        "bits": hasher.bits,
        "distinct_codes": statistics.distinct_codes,
        "dead_bits": statistics.dead_bits,
        "code_entropy": statistics.code_entropy,
        "bit_entropy": statistics.bit_entropy.tolist(),
        "documents": {"database": len(database), "queries": len(queries)},
        "out_of_vocabulary": {
            "database": int(known.out_of_vocabulary.sum()),
            "queries": int(asked.out_of_vocabulary.sum()),
        },
    }
