import keras

from wish_tf.errors import InputError
from wish_tf.layers.analyzer import Analyzer
from wish_tf.layers.bernoulli_encoder import BernoulliEncoder
from wish_tf.layers.code_book import CodeBook
from wish_tf.layers.sparse_dense import SparseDense
from wish_tf.layers.straight_through_bernoulli import StraightThroughBernoulli
from wish_tf.layers.tfidf_vectorization import TfidfVectorization
from wish_tf.layers.topic_selection import TopicSelection
from wish_tf.layers.topic_space import TopicSpace
from wish_tf.layers.word_dropout import WordDropout

__all__ = [
    "Analyzer",
    "BernoulliEncoder",
    "CodeBook",
    "SparseDense",
    "StraightThroughBernoulli",
    "TfidfVectorization",
    "TopicSelection",
    "TopicSpace",
    "WordDropout",
]

if keras.backend.backend() != "tensorflow":
    raise InputError(
        "expected Keras to run on TensorFlow (KERAS_BACKEND=tensorflow before keras is "
        f"imported); got the backend {keras.backend.backend()}"
    )
