from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from wish_tf.distribution.shared_batches import shared_batches
from wish_tf.distribution.worker_loop import fit_on_workers
from wish_tf.distribution.workers import has_workers


class ReplicatedModel(keras.Model):
    """A model that takes sparse batches under any `tf.distribute.Strategy`.

    For models that are built when they are made and have a loss of their own,
    which `replica_loss` scales. Made in a strategy's scope, such a model divides
    each batch of a `tf.data.Dataset` between the replicas; `fit` on several
    workers runs our own loop, since that of Keras fails there.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # XLA has no sparse operations, and Keras would use it on a GPU.
        self.supports_jit = False

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        *,
        validation_data: Any = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """Trains as `keras.Model.fit`; see there for the arguments.

        With several workers x is a dataset, and of the rest only `epochs`,
        `initial_epoch`, `callbacks`, `verbose` and a dataset `validation_data`
        are taken.

        Raises:
            ValueError: when x is sparse but no dataset, with several replicas.
        """
        if has_workers(self.distribute_strategy):
            if y is not None:
                raise ValueError("With several workers, `x` holds y. Received: a `y`")
            kwargs.pop("shuffle", None)
            return fit_on_workers(self, x, validation_data, **kwargs)
        return super().fit(
            self._shared(x), y, validation_data=self._shared(validation_data), **kwargs
        )

    def evaluate(
        self, x: Any = None, y: Any = None, **kwargs: Any
    ) -> float | list[float] | dict[str, float]:
        """Evaluates as `keras.Model.evaluate`; see there for the arguments."""
        return super().evaluate(self._shared(x), y, **kwargs)

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """Predicts as `keras.Model.predict`; see there for the arguments."""
        return super().predict(self._shared(x), **kwargs)

    def _shared(self, data: Any) -> Any:
        strategy = self.distribute_strategy
        if strategy.num_replicas_in_sync == 1:
            return data
        if isinstance(data, tf.data.Dataset):
            return shared_batches(strategy, data)
        rows = data[0] if isinstance(data, tuple) and data else data
        if isinstance(rows, tf.SparseTensor) or hasattr(rows, "tocsr"):
            raise ValueError(
                "With several replicas sparse rows should be a dataset, as "
                f"`wish_tf.data.csr_dataset` makes. Received: {type(rows).__name__}"
            )
        return data

    def _maybe_symbolic_build(
        self, iterator: Iterator[Any] | None = None, data_batch: Any = None
    ) -> None:
        # Private to Keras 3.15, and overridden because it takes the mean of a
        # batch's replicas, which fails for sparse ones. It would build what is
        # not built yet; here that is the optimizer alone.
        if self.optimizer is not None and not self.optimizer.built:
            with self.distribute_strategy.scope():
                self.optimizer.build(self.trainable_variables)
