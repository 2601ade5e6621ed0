from wish_tf.models.hashing_model import HashingModel
from wish_tf.models.wish import WISH

__all__ = ["WISH", "HashingModel"]
