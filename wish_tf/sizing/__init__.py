"""How many bits a corpus needs."""

from wish_tf.sizing.bits_curve import LENGTHS, BitsPoint, bits_curve, suggested

__all__ = ["LENGTHS", "BitsPoint", "bits_curve", "suggested"]
