# Imported for Keras, which finds only classes that have registered themselves.
import wish_tf.optimizers  # noqa: F401
from wish_tf.models.hashing_model import Coder, HashingModel
from wish_tf.models.nested_hash import NestedHash
from wish_tf.models.wish import WISH

__all__ = ["WISH", "Coder", "HashingModel", "NestedHash"]
