from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import eigsh
from sklearn.svm import LinearSVC

from baselines.baseline import Baseline
from wish_tf.data.nearest import nearest
from wish_tf.errors import InputError
from wish_tf.types import Csr

NEIGHBOURS = 25


class STH(Baseline):
    """Self-taught hashing: codes from a graph's spectrum, then a classifier a bit.

    The 25 nearest neighbours by cosine make a symmetric graph; the eigenvectors of
    its Laplacian, after the constant one, cut at their medians, are the training
    codes, and a linear SVM for each bit learns to give them to any text. Where the
    graph falls apart, the spectrum is that of its largest part, and the SVMs give
    the other training texts their codes.

    `fit_transform` returns the codes that come from the graph, as the authors'
    database has them.

    Reference: Zhang, Wang, Cai and Lu, "Self-taught hashing for fast similarity
    search", SIGIR 2010.
    """

    def _fit(self, rows: Csr, validation_rows: Csr | None) -> np.ndarray:
        graph = neighbour_graph(rows, NEIGHBOURS)
        _, part = connected_components(graph, directed=False)
        largest = part == np.bincount(part).argmax()
        if largest.sum() <= self.bits + 1:
            raise InputError(
                f"expected more than {self.bits + 1} training texts in the largest "
                f"part of the graph of neighbours; got {largest.sum()}"
            )
        vectors = laplacian_vectors(graph[largest][:, largest], self.bits, self.seed)
        codes = (vectors > np.median(vectors, axis=0)).astype(np.uint8)
        self._classifiers = [
            LinearSVC(random_state=self.seed).fit(rows[largest], bit) for bit in codes.T
        ]
        found = self._transform(rows)
        found[largest] = codes
        return found

    def _transform(self, rows: Csr) -> np.ndarray:
        return np.stack(
            [classifier.predict(rows) for classifier in self._classifiers], axis=1
        ).astype(np.uint8)


def neighbour_graph(rows: Csr, count: int) -> sparse.csr_matrix:
    """Returns the symmetric graph of nearest neighbours, cosines, CSR [n, n].

    Two texts are joined if either is among the other's nearest and they share a
    word.

    Args:
        rows: CSR [n, vocabulary].
        count: neighbours of a text.
    """
    distances, numbers = nearest(rows, rows, count, "cosine")
    n, count = numbers.shape
    cosines = np.maximum(1 - distances, 0).ravel()
    graph = sparse.csr_matrix(
        (cosines, numbers.ravel(), np.arange(n + 1) * count), shape=(n, n)
    )
    graph.eliminate_zeros()
    return graph.maximum(graph.T).tocsr()


def laplacian_vectors(graph: Csr, count: int, seed: int = 0) -> np.ndarray:
    """Returns the smoothest functions on a connected graph, float [n, count].

    They solve L y = v D y with the smallest v, after the constant one, where
    L = D - W: y = D^-1/2 u for the largest eigenvectors u of D^-1/2 W D^-1/2.

    Args:
        graph: W, symmetric, CSR [n, n].
        count: how many, at most n - 2.
        seed: of the vector that the iteration starts from.
    """
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    roots = sparse.diags_array(degrees**-0.5)
    start = np.random.default_rng(seed).normal(size=len(degrees))
    values, vectors = eigsh(roots @ graph @ roots, k=count + 1, which="LA", v0=start)
    order = np.argsort(-values, kind="stable")[1:]
    return vectors[:, order] / np.sqrt(degrees)[:, np.newaxis]
