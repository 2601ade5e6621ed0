from __future__ import annotations

import keras
import tensorflow as tf

from wish_tf.layers import SparseDense
from wish_tf.types import Shape


class WeighedWords(SparseDense):
    """A `SparseDense` of which each word has a learned importance, as RBSH has it.

    Rows of weights are multiplied by it, once a word of the batch: that is the same as
    to weigh each word of each text, and there are fewer of them.
    """

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        self.importance = self.add_weight(
            name="importance",
            shape=(input_shape[-1],),
            initializer=keras.initializers.RandomUniform(0.1, 1),
        )

    def word_rows(self, words: tf.Tensor) -> tf.Tensor:
        importance = tf.gather(self.importance.value, words)
        return super().word_rows(words) * importance[:, tf.newaxis]
