"""The words that name a bit: one rule for all models, and what it counts."""

from wish_tf.naming.naming_words import NamingSettings, NamingWords
from wish_tf.naming.topic import Topic, name_topics, reading, renamed
from wish_tf.naming.topic_words import TopicWords, topic_words

__all__ = [
    "NamingSettings",
    "NamingWords",
    "Topic",
    "TopicWords",
    "name_topics",
    "reading",
    "renamed",
    "topic_words",
]
