from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class FoundDocuments:
    """What a server found for n texts.

    Documents are in the order of their distance, equally near ones in that of the
    corpus. Where there are fewer than k, or a text has no known word, rows end in the
    id "" and the distance -1.

    Attributes:
        ids: names of the documents, strings [n, k].
        distances: Hamming distances in bits, int32 [n, k].
        out_of_vocabulary: bool [n], whether a text holds no known word; nothing is
            found for such a text.
    """

    ids: np.ndarray
    distances: np.ndarray
    out_of_vocabulary: np.ndarray
