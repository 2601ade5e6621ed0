"""How many bits a corpus needs."""

from wish_tf.sizing.bits_curve import LENGTHS, bits_curve
from wish_tf.sizing.bits_point import BitsPoint, suggested

__all__ = ["LENGTHS", "BitsPoint", "bits_curve", "suggested"]
