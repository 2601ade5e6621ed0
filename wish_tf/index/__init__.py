"""Exact search among short binary codes."""

from wish_tf.index.hamming_index import HammingIndex
from wish_tf.index.search_result import SearchResult

__all__ = ["HammingIndex", "SearchResult"]
