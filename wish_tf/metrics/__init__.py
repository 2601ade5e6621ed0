"""How good codes are: precision of the nearest documents, use of the buckets."""

from wish_tf.metrics.code_statistics import CodeStatistics, code_statistics
from wish_tf.metrics.precision_at_k import precision_at_k, precisions_at_k
from wish_tf.metrics.topic_coherence import topic_coherence

__all__ = [
    "CodeStatistics",
    "code_statistics",
    "precision_at_k",
    "precisions_at_k",
    "topic_coherence",
]
