"""Corpora: labelled or unlabelled collections of documents, and their splits."""

from wish_tf.corpora.corpus import Corpus
from wish_tf.corpora.documents import Documents, Fields
from wish_tf.corpora.load import BUILT_IN, load_corpus
from wish_tf.corpora.splits import Splits, split_corpus

__all__ = [
    "BUILT_IN",
    "Corpus",
    "Documents",
    "Fields",
    "Splits",
    "load_corpus",
    "split_corpus",
]
