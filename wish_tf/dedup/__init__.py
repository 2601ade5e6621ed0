"""Near-duplicate texts: which are they, and which groups do they form."""

from wish_tf.dedup.deduplicator import Deduplicator
from wish_tf.dedup.duplicates import Duplicates

__all__ = ["Deduplicator", "Duplicates"]
