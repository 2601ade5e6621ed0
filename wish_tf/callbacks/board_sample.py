from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wish_tf.data import as_sparse_rows
from wish_tf.data.nearest import nearest_graph
from wish_tf.errors import InputError
from wish_tf.layers import BernoulliEncoder
from wish_tf.metrics import Retrieval
from wish_tf.types import Csr

K = 100
# The most documents that are looked at each epoch. Their codes cost 2 to 3 % of an
# epoch of 15,000 texts.
QUERIES, DATABASE = 400, 1000


class BoardSample:
    """Documents by which a `WishBoard` measures retrieval each epoch.

    Up to 400 validation documents are looked up among up to about 1,000 of the n
    training documents. Where that is a share of them, so is the number of
    neighbours: 100 m / n among m estimate the 100 nearest of all. The sample is
    the same in every epoch. Documents without a known word are not in it.

    Args:
        rows: tf-idf rows of the training documents, CSR [n, vocabulary].
        validation_rows: of the validation documents.
        labels: of the training documents, as `precision_at_k` takes them, or None.
        validation_labels: of the validation documents, likewise.
        texts: of the validation documents, for the projector, or None.

    Attributes:
        k: number of neighbours in the sample; 0 when there are fewer than 100
            training documents, and retrieval is not measured.
        database: m.
        queries: number of validation documents.

    Raises:
        InputError: when no validation document has a known word, or only one of
            the labels is given.
    """

    def __init__(
        self,
        rows: Csr,
        validation_rows: Csr,
        *,
        labels: Any = None,
        validation_labels: Any = None,
        texts: Sequence[str] | None = None,
    ):
        if (labels is None) != (validation_labels is None):
            raise InputError(
                "expected labels of training and of validation documents, or of "
                "neither; got one of them"
            )
        rng = np.random.default_rng(0)
        known = _known(rows)
        queries = _known(validation_rows)
        if not len(queries):
            raise InputError(
                "expected a validation document with a known word; got none in "
                f"{validation_rows.shape[0]}"
            )
        self.k, database = _shares(len(known))
        known = np.sort(rng.permutation(known)[:database])
        queries = np.sort(rng.permutation(queries)[:QUERIES])
        self.database, self.queries = len(known), len(queries)
        found, asked = rows[known], validation_rows[queries]
        self._rows = as_sparse_rows(found), as_sparse_rows(asked)
        self.labels = _picked(validation_labels, queries)
        self._known_labels = _picked(labels, known)
        self.texts = _picked(texts, queries)
        if self.k:
            self._neighbours = nearest_graph(asked, found, self.k)

    def probabilities(self, encoder: BernoulliEncoder) -> tuple[np.ndarray, np.ndarray]:
        """Returns the probabilities of the bits, of the database and the queries.

        They are those of `encoder(rows)`, without dropout, float32 [m, bits] and
        [queries, bits].
        """
        database, queries = self._rows
        return (
            encoder.probabilities(database).numpy(),
            encoder.probabilities(queries).numpy(),
        )

    def retrieval(self, database: np.ndarray, queries: np.ndarray) -> dict[str, float]:
        """Measures how well codes find documents.

        Args:
            database: the first of what `probabilities` returned.
            queries: the second.

        Returns:
            `precision_at_100`, where there are labels; and
            `neighbour_overlap_at_100`, the share of the nearest documents by code
            that are among the as many nearest by tf-idf.
        """
        if not self.k:
            return {}
        asked, known = queries > 0.5, database > 0.5
        found = {
            "neighbour_overlap_at_100": Retrieval.by_graph(
                asked, known, self._neighbours
            )
        }
        if self.labels is not None:
            found["precision_at_100"] = Retrieval.by_labels(
                asked, self.labels, known, self._known_labels
            )
        return {name: float(x.precisions(self.k).mean()) for name, x in found.items()}


def _known(rows: Csr) -> np.ndarray:
    return np.flatnonzero(np.diff(rows.indptr))


def _shares(n: int) -> tuple[int, int]:
    """Returns the number of neighbours and of documents such that one is K / n of
    the other."""
    if n < K:
        return 0, n
    k = min(K, max(1, K * DATABASE // n))
    return k, min(n, round(n * k / K))


def _picked(values: Any, numbers: np.ndarray) -> Any:
    if isinstance(values, np.ndarray):
        return values[numbers]
    return None if values is None else [values[number] for number in numbers]
