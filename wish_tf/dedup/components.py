from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


class Components:
    """Union-find over n nodes, many edges at a time.

    The root of a component is its smallest node.

    Args:
        n: number of nodes.
    """

    def __init__(self, n: int):
        self._parents = np.arange(n)

    def roots(self, nodes: np.ndarray) -> np.ndarray:
        """Returns the roots of nodes, int64 [m]."""
        roots = self._parents[nodes]
        while (above := self._parents[roots]).tobytes() != roots.tobytes():
            roots = above
        # The next way is shorter.
        self._parents[nodes] = roots
        return roots

    def join(self, left: np.ndarray, right: np.ndarray) -> None:
        """Joins the components of the nodes left[i] and right[i], int64 [m] each."""
        ends = np.concatenate([self.roots(left), self.roots(right)])
        nodes, at = np.unique(ends, return_inverse=True)
        edges = (np.ones(len(left), bool), (at[: len(left)], at[len(left) :]))
        graph = coo_array(edges, shape=(nodes.size, nodes.size))
        count, label = connected_components(graph, directed=False)
        smallest = np.full(count, self._parents.size)
        np.minimum.at(smallest, label, nodes)
        self._parents[nodes] = smallest[label]
