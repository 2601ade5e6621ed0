from __future__ import annotations

from scipy import sparse

from baselines.neighbour_baseline import NeighbourBaseline
from wish_tf.data.nearest import nearest_graph
from wish_tf.types import Csr

NODES = 20


class Node2hash(NeighbourBaseline):
    """Node2hash for texts without links: VDSH whose code must also name neighbours.

    A second decoder over the training documents rebuilds which of them a
    breadth-first walk from the document visits up to its 20th, in the graph that
    joins each to its 20 nearest by cosine. As all of the first document's
    neighbours come before any of theirs, the walk never goes further: it visits the
    document itself and its 19 nearest. A document that is not in the graph has the
    20 nearest that are. Both decoders' likelihoods have weight 1.

    The authors' first decoder is weighted by tf-idf, VDSH's, used here, is not;
    there is one sample of the code a step, their default (they try up to 20).

    Reference: Chaidaroon, Park, Chang and Fang, "node2hash: Graph aware deep
    semantic text hashing", Information Processing and Management 57(6), 2020.
    """

    def _neighbourhoods(self, rows: Csr, training_rows: Csr) -> Csr:
        return walks(rows, training_rows, NODES)


def walks(rows: Csr, training_rows: Csr, nodes: int) -> sparse.csr_matrix:
    """Returns which training rows a walk from each row visits, 0/1 CSR float32.

    Args:
        rows: as of `nearest_graph`, CSR [n, vocabulary].
        training_rows: as of `nearest_graph`, CSR [m, vocabulary].
        nodes: where a walk ends, at least 2.
    """
    if rows is not training_rows:
        return nearest_graph(rows, training_rows, nodes)
    graph = nearest_graph(rows, rows, nodes - 1)
    return (graph + sparse.identity(rows.shape[0], graph.dtype, "csr")).tocsr()
