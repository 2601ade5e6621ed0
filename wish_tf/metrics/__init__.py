"""How good codes are: what queries find by them, use of the buckets, words of bits."""

from wish_tf.metrics.code_statistics import CodeStatistics, code_statistics
from wish_tf.metrics.retrieval import Retrieval, precision_at_k
from wish_tf.naming.topic_measures import (
    TopicMeasures,
    topic_coherence,
    topic_measures,
)

__all__ = [
    "CodeStatistics",
    "Retrieval",
    "TopicMeasures",
    "code_statistics",
    "precision_at_k",
    "topic_coherence",
    "topic_measures",
]
