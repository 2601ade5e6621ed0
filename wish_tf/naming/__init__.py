"""The words that name bits and buckets: one rule for all models, and what it counts."""

from wish_tf.naming.bucket import Bucket, name_buckets, reading
from wish_tf.naming.naming_words import NamingSettings, NamingWords
from wish_tf.naming.topic import Topic, name_topics, renamed
from wish_tf.naming.topic_words import TopicWords, topic_words
from wish_tf.naming.typical_texts import typical_texts

__all__ = [
    "Bucket",
    "NamingSettings",
    "NamingWords",
    "Topic",
    "TopicWords",
    "name_buckets",
    "name_topics",
    "reading",
    "renamed",
    "topic_words",
    "typical_texts",
]
