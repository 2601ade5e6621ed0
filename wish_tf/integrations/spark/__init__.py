"""Hashing and searching a corpus on Apache Spark (extra `spark`)."""

from wish_tf.integrations.spark.count_terms import count_terms, sample_texts
from wish_tf.integrations.spark.hash_dataframe import hash_dataframe
from wish_tf.integrations.spark.near_duplicates import near_duplicates
from wish_tf.integrations.spark.top_k import top_k
from wish_tf.integrations.spark.write_codes import write_codes

__all__ = [
    "count_terms",
    "hash_dataframe",
    "near_duplicates",
    "sample_texts",
    "top_k",
    "write_codes",
]
