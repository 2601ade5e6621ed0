from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

# A table of 2^16 counts is 512 kB; longer codes are folded into it.
TABLE_BITS = 16
# An odd 64-bit multiplier (2^64 over the golden ratio) spreads codes evenly.
SPREAD = 0x9E3779B97F4A7C15


@keras.saving.register_keras_serializable(package="wish_tf")
class CodeHealth(keras.metrics.Metric):
    """Signs of life of the codes that a batch of probabilities stands for.

    `result()` is a dict of three values, which Keras logs by their names:
    `bit_entropy`, the mean over bits of the entropy of the bit's marginal (1
    is a bit on for half of the documents, 0 a dead one); `distinct_codes`;
    and `dead_bits`, how many bits are the same for every document. During
    `fit` they are seen through dropout; their `val_` counterparts are exact.

    Above 16 bits codes are folded into 65,536 slots, so `distinct_codes` is a
    lower bound there.

    Args:
        bits: number of hash bits.
    """

    def __init__(self, bits: int, name: str = "health", dtype: str = "float32"):
        super().__init__(dtype, name)
        self.bits = bits
        table_bits = min(bits, TABLE_BITS)
        self._ones = self.add_variable((bits,), "zeros", name="ones", aggregation="sum")
        self._total = self.add_variable((), "zeros", name="total", aggregation="sum")
        self._seen = self.add_variable(
            (2**table_bits,), "zeros", name="seen", aggregation="sum"
        )

    def update_state(
        self, probabilities: tf.Tensor, sample_weight: tf.Tensor | None = None
    ) -> None:
        on = probabilities > 0.5
        self._ones.assign_add(tf.reduce_sum(tf.cast(on, tf.float32), axis=0))
        self._total.assign_add(tf.cast(tf.shape(on)[0], tf.float32))
        powers = tf.constant([1 << i for i in range(self.bits)], tf.uint64)
        codes = tf.reduce_sum(tf.cast(on, tf.uint64) * powers, axis=1)
        if self.bits > TABLE_BITS:
            codes = tf.bitwise.right_shift(
                codes * tf.constant(SPREAD, tf.uint64),
                tf.constant(64 - TABLE_BITS, tf.uint64),
            )
        counts = tf.math.bincount(
            tf.cast(codes, tf.int32), minlength=self._seen.shape[0], dtype=tf.float32
        )
        self._seen.assign_add(counts)

    def result(self) -> dict[str, tf.Tensor]:
        share = self._ones / tf.maximum(self._total, 1.0)
        entropy = -(
            tf.math.xlogy(share, share) + tf.math.xlogy(1 - share, 1 - share)
        ) / tf.math.log(2.0)
        constant = (self._ones == 0) | (self._ones == self._total)
        return {
            "bit_entropy": tf.reduce_mean(entropy),
            "distinct_codes": tf.math.count_nonzero(self._seen, dtype=tf.float32),
            "dead_bits": tf.reduce_sum(tf.cast(constant, tf.float32)),
        }

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "bits": self.bits}
