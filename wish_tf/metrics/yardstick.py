from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wish_tf.codes import NAMED_BITS
from wish_tf.data.nearest import nearest_graph
from wish_tf.errors import InputError
from wish_tf.metrics.code_statistics import code_statistics
from wish_tf.metrics.retrieval import Retrieval
from wish_tf.naming import topic_words
from wish_tf.naming.topic_measures import topic_measures
from wish_tf.types import Csr

PRECISIONS = (1, 10, 100, 1000)
TRUE, RECALLS = 10, (100, 1000)
# Of more documents a sample is drawn to find true neighbours: all pairs are compared.
MOST_QUERIES, MOST_DOCUMENTS = 2_000, 100_000

# What is measured, and how it is called in a table.
BY_LABELS = {f"precision_at_{k}": f"Prec@{k}" for k in PRECISIONS} | {
    "mean_average_precision": "MAP"
}
BY_NEIGHBOURS = {f"neighbour_recall_at_{k}": f"10 nearest among {k}" for k in RECALLS}
OF_CODES = {
    "distinct_codes": "codes in use",
    "code_entropy": "entropy of the codes, bits",
    "mean_bucket": "texts in a bucket, mean",
}
OF_TOPICS = {
    "readability": "readability",
    "train_readability": "readability, training texts",
    "fidelity": "fidelity",
    "least_fidelity": "fidelity, least",
    "share_on": "share on",
    "bit_correlation": "largest correlation of two bits",
}
MEASURES = BY_LABELS | BY_NEIGHBOURS | OF_CODES | OF_TOPICS
# Those of which more is better.
QUALITIES = (
    *BY_LABELS, *BY_NEIGHBOURS, "distinct_codes", "code_entropy",
    "readability", "train_readability", "fidelity", "least_fidelity",
)  # fmt: skip


class Yardstick:
    """What codes of the same documents are measured by, of any method and length.

    Queries are looked up among the documents of a database, tie-aware
    (`wish_tf.metrics.Retrieval`).

    - `precision_at_1` to `precision_at_1000`, `mean_average_precision`: by labels.
    - `neighbour_recall_at_100`, `neighbour_recall_at_1000`: of the 10 nearest
      documents by the cosine of tf-idf, the share among the first 100 and 1,000 by
      code. Documents without a known word are left out; of more than 2,000 queries
      and 100,000 documents a sample is taken, always the same.
    - `distinct_codes`, `code_entropy`, `mean_bucket`: of the database's codes
      (`wish_tf.metrics.CodeStatistics`).
    - `readability`, `fidelity`, `least_fidelity`, `share_on` and `bit_correlation` of
      the first eight bits on the queries, by the ten words of each that
      `wish_tf.naming.topic_words` finds in the database; `train_readability` is that
      on the database (`wish_tf.metrics.TopicMeasures`; fidelity and share are means,
      or the least, over the bits).

    Args:
        rows: tf-idf rows of the database, CSR [n, vocabulary].
        query_rows: of the queries, CSR [q, vocabulary].
        labels: of the database, as `Retrieval.by_labels` takes them; or None.
        query_labels: of the queries, likewise.
    """

    def __init__(
        self, rows: Csr, query_rows: Csr, labels: Any = None, query_labels: Any = None
    ):
        self.rows, self.query_rows = rows, query_rows
        self.labels, self.query_labels = labels, query_labels

    def check(self, measure: str) -> None:
        """Makes sure that codes can be compared by a measure.

        Args:
            measure: one of `QUALITIES`.

        Raises:
            InputError: if it is none of these, or there are no labels, or too few
                documents for it.
        """
        if measure not in QUALITIES:
            raise InputError(
                f"expected a measure of {', '.join(QUALITIES)}; got {measure}"
            )
        if measure in BY_LABELS and self.labels is None:
            raise InputError(f"expected labels to measure {measure} by; got none")
        count = self.rows.shape[0]
        if measure in BY_NEIGHBOURS:
            count = 0 if self._neighbours is None else len(self._neighbours[1])
        least = int(measure.partition("_at_")[2] or 1)
        if count < least:
            raise InputError(
                f"expected at least {least} training texts to measure {measure} on; "
                f"got {count}"
            )

    def measures(
        self, codes: NDArray[np.uint8], query_codes: NDArray[np.uint8]
    ) -> dict[str, Any]:
        """Returns all measures by name; None where there are no labels, or fewer
        documents than are to be found.

        Args:
            codes: of the database, 0/1 [n, bits].
            query_codes: of the queries, 0/1 [q, bits].

        Raises:
            InputError: if they are not such.
        """
        per_query = self.per_query(codes, query_codes)
        statistics = code_statistics(codes)
        return {
            **{
                name: float(per_query[name].mean()) if name in per_query else None
                for name in BY_LABELS | BY_NEIGHBOURS
            },
            **{name: getattr(statistics, name) for name in OF_CODES},
            **self.topics(codes[:, :NAMED_BITS], query_codes[:, :NAMED_BITS]),
        }

    def per_query(
        self, codes: NDArray[np.uint8], query_codes: NDArray[np.uint8]
    ) -> dict[str, NDArray[np.float64]]:
        """Returns what can be measured of each query by itself, float64 [at most q].

        Arguments and errors are those of `measures`.
        """
        found: dict[str, NDArray[np.float64]] = {}
        if self.labels is not None:
            retrieval = Retrieval.by_labels(
                query_codes, self.query_labels, codes, self.labels
            )
            found |= precisions(retrieval)
        if self._neighbours is not None:
            asked, known, graph = self._neighbours
            retrieval = Retrieval.by_graph(query_codes[asked], codes[known], graph)
            for k in RECALLS:
                if k <= retrieval.documents:
                    recalls = retrieval.recalls(k)
                    found[f"neighbour_recall_at_{k}"] = recalls[~np.isnan(recalls)]
        return found

    def topics(
        self,
        codes: NDArray[np.uint8],
        query_codes: NDArray[np.uint8],
        words: NDArray[np.integer] | None = None,
    ) -> dict[str, float]:
        """Returns the measures of bits as topics.

        Args:
            codes: as of `measures`; all bits count.
            query_codes: likewise.
            words: numbers of the words of each bit, [bits, m], -1 where there is none;
                by default those of `topic_words`.
        """
        if words is None:
            words = topic_words(self.rows, codes).numbers
        tests = topic_measures(words, query_codes, self.query_rows)
        return {
            "readability": tests.readability,
            "train_readability": topic_measures(words, codes, self.rows).readability,
            "fidelity": float(tests.fidelity.mean()),
            "least_fidelity": float(tests.fidelity.min()),
            "share_on": float(tests.share_on.mean()),
            "bit_correlation": tests.correlation,
        }

    @cached_property
    def _neighbours(self) -> tuple[NDArray[Any], NDArray[Any], Csr] | None:
        """Queries, documents and which of these are the true neighbours of those."""
        asked = _known(self.query_rows, MOST_QUERIES)
        known = _known(self.rows, MOST_DOCUMENTS)
        if not len(asked) or not len(known):
            return None
        graph = nearest_graph(self.query_rows[asked], self.rows[known], TRUE)
        some = np.diff(graph.indptr) > 0
        return (asked[some], known, graph[some]) if some.any() else None


def precisions(retrieval: Retrieval) -> dict[str, NDArray[np.float64]]:
    """Returns the measures by labels, of each query, by name; of the k nearest those
    that there are enough documents for.

    Args:
        retrieval: by labels.
    """
    return {
        f"precision_at_{k}": retrieval.precisions(k)
        for k in PRECISIONS
        if k <= retrieval.documents
    } | {"mean_average_precision": retrieval.average_precisions()}


def _known(rows: Csr, most: int) -> NDArray[np.int64]:
    """The documents with a known word, or a sample of them."""
    known = np.flatnonzero(np.diff(rows.indptr))
    if len(known) > most:
        known = np.sort(np.random.default_rng(0).choice(known, most, replace=False))
    return known
