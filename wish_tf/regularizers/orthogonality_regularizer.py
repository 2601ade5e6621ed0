from __future__ import annotations

from typing import Any

import keras
from keras import ops

from wish_tf.errors import InputError


@keras.saving.register_keras_serializable(package="wish_tf")
class OrthogonalityRegularizer(keras.regularizers.Regularizer):
    """`strength * ||T T' - I||_F^2` for the rows of a matrix T (paper, Eq. 5).

    Args:
        strength: the weight, lambda in the paper.

    Examples:
        Two equal rows of length 1 are as far from orthogonal as such rows can be:

        >>> import numpy as np
        >>> penalty = OrthogonalityRegularizer(strength=0.5)
        >>> float(penalty(np.array([[1.0, 0.0], [1.0, 0.0]])))
        1.0
        >>> float(penalty(np.eye(2)))
        0.0
    """

    def __init__(self, strength: float = 1.0):
        self.strength = strength

    def __call__(self, topics: Any) -> Any:
        if len(topics.shape) != 2:
            raise InputError(
                f"expected topics as a matrix; got the shape {tuple(topics.shape)}"
            )
        gram = ops.matmul(topics, ops.transpose(topics))
        distance = gram - ops.eye(topics.shape[0], dtype=gram.dtype)
        return self.strength * ops.sum(ops.square(distance))

    def get_config(self) -> dict[str, Any]:
        return {"strength": self.strength}
