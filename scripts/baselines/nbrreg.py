from __future__ import annotations

from scipy import sparse

from baselines.neighbour_baseline import NeighbourBaseline
from wish_tf.data.nearest import nearest_graph
from wish_tf.types import Csr

NEIGHBOURS = 20


class NbrReg(NeighbourBaseline):
    """Neighbourhood recognition: VDSH whose code must also tell the neighbours' words.

    A second decoder rebuilds which words occur in any of the 20 training documents
    nearest by cosine. Both decoders' likelihoods have weight 1, though the union
    holds some ten times as many words as a document.

    The authors' rows are weighted by BM25, which needs counts and lengths; here they
    are the tf-idf rows of the other methods, for input and neighbours alike.

    Reference: Chaidaroon, Ebesu and Fang, "Deep semantic text hashing with weak
    supervision", SIGIR 2018.
    """

    def _neighbourhoods(self, rows: Csr, training_rows: Csr) -> Csr:
        graph = nearest_graph(rows, training_rows, NEIGHBOURS)
        return words_of_neighbours(graph, training_rows)


def words_of_neighbours(graph: Csr, rows: Csr) -> sparse.csr_matrix:
    """Returns which words occur in a node's neighbours, 0/1 CSR float32.

    Args:
        graph: 0/1 CSR [n, m].
        rows: CSR [m, vocabulary].
    """
    words = sparse.csr_matrix(rows, copy=True)
    words.data[:] = 1
    union = graph @ words
    union.data[:] = 1
    return union
