"""How far a new model's codes can stand beside an older one's."""

from __future__ import annotations

from typing import Any

import numpy as np

from wish_tf.corpora import Corpus
from wish_tf.metrics import precision_at_k
from wish_tf.runs.evaluate import K
from wish_tf.text_hasher import TextHasher


def kept_codes(
    old: TextHasher, new: TextHasher, database: Corpus, queries: Corpus
) -> dict[str, Any]:
    """Compares the codes that two hashers give the same documents.

    Args:
        old: whose codes are in use; if it has more bits, their first ones.
        new: that is to take over.
        database: documents, of those that both know a word of.
        queries: whose new codes look for the old codes of the database, if there are
            labels and at least 100 documents.

    Returns:
        JSON values: the share of `equal_codes`, the `mean_distance` of the others
        included, in bits, over so many `documents`; and `precision_at_100` of the new
        queries among the old codes, tie-aware, or None.
    """
    old = old.cut(new.bits)
    was, is_now = old.hash(database.texts), new.hash(database.texts)
    known = ~(was.out_of_vocabulary | is_now.out_of_vocabulary)
    apart = (was.bits[known] != is_now.bits[known]).sum(axis=1)
    precision = None
    if database.labels is not None and len(database) >= K:
        asked = new.transform(queries.texts)
        precision = precision_at_k(asked, queries.labels, was.bits, database.labels, K)
    return {
        "documents": int(known.sum()),
        "equal_codes": float(np.mean(apart == 0)) if known.any() else None,
        "mean_distance": float(apart.mean()) if known.any() else None,
        "precision_at_100": precision,
    }
