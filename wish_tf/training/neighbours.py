from __future__ import annotations

import numpy as np
import scipy.sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

DIMENSIONS = 100
# Neighbours are believed the more, the more of the rows their space explains:
# not at all up to a share of .15, and up to a weight of .8 from .30 on. The two
# shares lie between those of corpora where neighbours hurt (20 Newsgroups, .13)
# and help (Reuters, .33); three corpora are thin evidence for them.
BELIEVED_FROM, BELIEVED_TO = 0.15, 0.30
LARGEST_WEIGHT = 0.8


def neighbour_weights(rows, k: int, seed: int = 0) -> scipy.sparse.csr_matrix | None:
    """Returns how much each document speaks for each, or None for itself alone.

    Short texts about one thing often share no word. A document then counts as
    a part of itself plus the mean of its neighbours, as in NbrReg (Chaidaroon
    et al., 2018) and PairRec (Hansen et al., 2020). Neighbours are those of the
    largest cosine in an LSA space of 100 dimensions.

    Args:
        rows: L2-normalised tf-idf rows, CSR [n, vocabulary].
        k: how many neighbours, fewer if there are not so many documents.
        seed: of the LSA.

    Returns:
        Weights float32 [n, n], each row of k + 1 entries that sum to 1; or None
        where the space explains too little of the rows for it to be believed.
    """
    n = rows.shape[0]
    lsa = TruncatedSVD(min(DIMENSIONS, min(rows.shape) - 1), random_state=seed)
    space = lsa.fit_transform(rows)
    explained = np.square(space).sum() / rows.multiply(rows).sum()
    believed = (explained - BELIEVED_FROM) / (BELIEVED_TO - BELIEVED_FROM)
    if believed <= 0:
        return None
    weight = LARGEST_WEIGHT * min(1.0, float(believed))
    k = min(k, n - 1)
    search = NearestNeighbors(n_neighbors=k, algorithm="brute")
    search.fit(normalize(space).astype(np.float32))
    nearest = search.kneighbors(return_distance=False)
    others = scipy.sparse.csr_matrix(
        (
            np.full(n * k, weight / k, np.float32),
            nearest.ravel(),
            np.arange(0, n * k + 1, k),
        ),
        shape=(n, n),
    )
    own = scipy.sparse.identity(n, np.float32, format="csr") * np.float32(1 - weight)
    return (own + others).tocsr()
