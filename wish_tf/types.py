"""Types that many modules share."""

from __future__ import annotations

from typing import TypeAlias

from scipy.sparse import csr_array, csr_matrix

# Rows, such as tf-idf; scikit-learn still gives matrices.
Csr: TypeAlias = csr_array | csr_matrix
# Of a Keras layer's input or output; None where any number will do.
Shape: TypeAlias = tuple[int | None, ...]
