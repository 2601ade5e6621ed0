from __future__ import annotations

from abc import abstractmethod
from typing import Any

import keras
import tensorflow as tf


class HashNetwork(keras.Model):
    """What the networks of the baselines have in common: a loss of their own.

    `call` gives what the loss is computed from; its first or only part is what is
    thresholded to bits, float [n, bits], and what `predict` gives.

    Input: `tf.SparseTensor` [n, vocabulary].
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        # XLA has no sparse operations, and Keras would use it on a GPU.
        self.supports_jit = False
        self._objective = keras.metrics.Mean("objective")

    @abstractmethod
    def losses_of(
        self, x: tf.SparseTensor, y: Any, outputs: Any, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the loss of each document as trained, and with the weights of all
        terms at their ends, by which epochs are compared: two float [n].

        Args:
            x: the rows that were seen, `tf.SparseTensor` [n, vocabulary].
            y: what `NeuralBaseline._batches` has beside them.
            outputs: of `call`.
            training: whether noise is drawn.
        """

    def compute_loss(
        self,
        x: tf.SparseTensor | None = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: tf.Tensor | None = None,
        training: bool = True,
    ) -> tf.Tensor:
        losses, final = self.losses_of(x, y, y_pred, training)
        self._objective.update_state(-final)
        return tf.reduce_mean(losses)

    def predict_step(self, data: Any) -> tf.Tensor:
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        outputs = self(x, training=False)
        return outputs[0] if isinstance(outputs, tuple) else outputs

    def annealed(self, step: float, most: float = 1.0, start: float = 0.0) -> tf.Tensor:
        """Returns a weight that grows by `step` an iteration from `start` to `most`."""
        iterations = tf.cast(self.optimizer.iterations, tf.float32)
        return tf.minimum(start + step * iterations, most)
