from wish_tf.data.csr_dataset import csr_dataset, row_gatherer
from wish_tf.data.sparse_rows import as_sparse_rows, row_sums

__all__ = ["as_sparse_rows", "csr_dataset", "row_gatherer", "row_sums"]
