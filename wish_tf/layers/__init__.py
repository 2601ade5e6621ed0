from wish_tf.layers.bernoulli_encoder import BernoulliEncoder
from wish_tf.layers.sparse_dense import SparseDense
from wish_tf.layers.straight_through_bernoulli import StraightThroughBernoulli
from wish_tf.layers.tfidf_vectorization import TfidfVectorization
from wish_tf.layers.topic_selection import TopicSelection
from wish_tf.layers.word_dropout import WordDropout

__all__ = [
    "BernoulliEncoder",
    "SparseDense",
    "StraightThroughBernoulli",
    "TfidfVectorization",
    "TopicSelection",
    "WordDropout",
]
