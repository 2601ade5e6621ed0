from wish_tf.data.csr_dataset import csr_dataset, row_gatherer
from wish_tf.data.sparse_rows import as_csr, as_sparse_rows, is_table, row_sums

__all__ = [
    "as_csr",
    "as_sparse_rows",
    "csr_dataset",
    "is_table",
    "row_gatherer",
    "row_sums",
]
