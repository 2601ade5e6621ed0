from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from wish_tf.types import Shape

# What a code has where there is no centre, or no bit to tell.
NOTHING = 2
# Less than any cosine.
NOWHERE = -2.0


@keras.saving.register_keras_serializable(package="wish_tf")
class CodeBook(keras.layers.Layer):
    """The codes of the nearest centres.

    Each coarse centre has fine ones. Those of the coarse ones nearest to a point are
    looked at. A bit's probability is `sigmoid((a - b) / temperature)`, where a is the
    cosine to the nearest fine centre whose code has it on, and b to the nearest whose
    code has it off. So it is above 1/2 exactly where the nearest centre has it on.

    Args:
        coarse: number of coarse centres.
        fine: most fine centres of a coarse one.
        bits: length of the codes.
        probes: how many coarse centres are looked into.
        temperature: of the cosines, in the probabilities.

    Input: points, float32 [n, d], of length 1.
    Output: probabilities, float32 [n, bits].
    """

    def __init__(
        self,
        coarse: int,
        fine: int,
        bits: int,
        probes: int = 3,
        temperature: float = 0.05,
        **kwargs: Any,
    ):
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.coarse = coarse
        self.fine = fine
        self.bits = bits
        self.probes = min(probes, coarse)
        self.temperature = temperature

    def build(self, input_shape: Shape) -> None:
        d = input_shape[-1]

        def add(name: str, shape: Shape, kind: str = "float32") -> keras.Variable:
            return self.add_weight(
                name=name,
                shape=shape,
                dtype=kind,
                initializer="zeros",
                trainable=False,
                autocast=False,
            )

        self.centres = add("centres", (self.coarse, d))
        self.fine_centres = add("fine_centres", (self.coarse, self.fine, d))
        self.codes = add("codes", (self.coarse, self.fine, self.bits), "uint8")

    def set_centres(
        self,
        centres: np.ndarray,
        fine_centres: np.ndarray,
        codes: np.ndarray,
        parents: np.ndarray,
    ) -> None:
        """Sets all centres and codes; the layer must be built.

        Args:
            centres: float32 [coarse, d].
            fine_centres: float32 [m, d].
            codes: of these, 0/1 [m, bits].
            parents: the coarse centre that each belongs to, int [m].
        """
        self.centres.assign(centres)
        place = np.empty(len(parents), np.int64)
        for parent in range(self.coarse):
            mine = parents == parent
            place[mine] = np.arange(mine.sum())
        spread = np.zeros(self.fine_centres.shape, np.float32)
        spread[parents, place] = fine_centres
        of_spread = np.full(self.codes.shape, NOTHING, np.uint8)
        of_spread[parents, place] = codes
        self.fine_centres.assign(spread)
        self.codes.assign(of_spread)

    def call(self, points: tf.Tensor) -> tf.Tensor:
        to_coarse = tf.matmul(points, self.centres, transpose_b=True)
        _, near = tf.math.top_k(to_coarse, self.probes, sorted=False)
        shape = [-1, self.probes * self.fine]
        centres = tf.reshape(
            tf.gather(self.fine_centres.value, near), [*shape, self.centres.shape[1]]
        )
        codes = tf.reshape(tf.gather(self.codes.value, near), [*shape, self.bits])
        cosines = tf.linalg.matvec(centres, points)
        return tf.sigmoid(_margins(cosines, codes) / self.temperature)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.bits)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "coarse": self.coarse,
            "fine": self.fine,
            "bits": self.bits,
            "probes": self.probes,
            "temperature": self.temperature,
        }


def _margins(cosines: tf.Tensor, codes: tf.Tensor) -> tf.Tensor:
    """Returns how much nearer the nearest centre is that has a bit on than the
    nearest that has it off, [n, bits].

    Args:
        cosines: to m centres, [n, m].
        codes: theirs, uint8 [n, m, bits].
    """
    wide = cosines[:, :, tf.newaxis]
    on = tf.reduce_max(tf.where(codes == 1, wide, NOWHERE), axis=1)
    off = tf.reduce_max(tf.where(codes == 0, wide, NOWHERE), axis=1)
    return on - off
