"""Ways to cut points of a space to bits: `fit(points)`, then `bits_of(points)`."""

from wish_tf.baselines.binarisers.binariser import Binariser
from wish_tf.baselines.binarisers.cluster_numbers import ClusterNumbers
from wish_tf.baselines.binarisers.itq_rotation import ITQRotation
from wish_tf.baselines.binarisers.principal_signs import PrincipalSigns
from wish_tf.baselines.binarisers.random_planes import RandomPlanes

__all__ = [
    "Binariser",
    "ClusterNumbers",
    "ITQRotation",
    "PrincipalSigns",
    "RandomPlanes",
]
