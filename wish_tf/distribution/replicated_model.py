from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from wish_tf.checks import check_process
from wish_tf.distribution.shared_batches import shared_batches, unknown_length
from wish_tf.distribution.worker_loop import fit_on_workers
from wish_tf.distribution.workers import has_workers
from wish_tf.errors import InputError


class ReplicatedModel(keras.Model):
    """A model that takes sparse batches under any `tf.distribute.Strategy`.

    For models that are built when they are made and have a loss of their own,
    which `replica_loss` scales. Made in a strategy's scope, such a model divides
    each batch of a `tf.data.Dataset` between the replicas; `fit` on several
    workers runs our own loop, since that of Keras fails there.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        check_process()
        super().__init__(*args, **kwargs)
        # XLA has no sparse operations, and Keras would use it on a GPU.
        self.supports_jit = False

    def fit(
        self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any
    ) -> keras.callbacks.History:
        """Trains as `keras.Model.fit`; see there for the arguments.

        With several workers x is a dataset, and of the rest only `epochs`,
        `initial_epoch`, `callbacks`, `verbose` and a dataset `validation_data`
        are taken.

        Raises:
            InputError: when `compile` was given a loss; with several replicas, when x
                is sparse but no dataset or the number of batches is unknown; with
                several workers, when there is a y.
        """
        loss = getattr(self, "loss", None)
        if loss is not None:
            raise InputError(
                f"expected `compile` without a loss, since a {type(self).__name__} has "
                f"its own; got loss={loss!r}"
            )
        settings = fit_arguments(x, y, *args, **kwargs)
        if has_workers(self.distribute_strategy):
            if settings.pop("y") is not None:
                raise InputError("expected y in the dataset x with several workers")
            settings.pop("shuffle", None)
            return fit_on_workers(self, settings.pop("x"), **settings)
        self._share(settings, "x", "steps_per_epoch")
        self._share(settings, "validation_data", "validation_steps")
        return super().fit(**settings)

    def evaluate(
        self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any
    ) -> float | list[float] | dict[str, float]:
        """Evaluates as `keras.Model.evaluate`; see there for the arguments."""
        kwargs["x"] = x
        self._share(kwargs, "x", "steps")
        return super().evaluate(kwargs.pop("x"), y, *args, **kwargs)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Predicts as `keras.Model.predict`; see there for the arguments."""
        kwargs["x"] = x
        self._share(kwargs, "x", "steps")
        return super().predict(kwargs.pop("x"), *args, **kwargs)

    def _share(self, settings: dict[str, Any], name: str, steps: str) -> None:
        """Divides data between the replicas, and sets the number of its batches."""
        strategy = self.distribute_strategy
        replicas, data = strategy.num_replicas_in_sync, settings.get(name)
        if isinstance(data, tf.data.Dataset):
            if settings.get(steps) is None and data.cardinality() > 0:
                # Of a dataset with an end Keras makes two iterators an epoch on one
                # device, so that every second order of the rows is passed over; of
                # one that is shared it does not know the end.
                settings[steps], data = int(data.cardinality()), data.repeat()
            if replicas > 1:
                if settings.get(steps) is None:
                    raise unknown_length()
                data = shared_batches(strategy, data.repeat())
            settings[name] = data
        if replicas == 1 or isinstance(data, tf.distribute.DistributedDataset):
            return
        rows = data[0] if isinstance(data, tuple) and data else data
        if isinstance(rows, tf.SparseTensor) or hasattr(rows, "tocsr"):
            raise InputError(
                "expected sparse rows as a dataset with several replicas (see "
                f"`wish_tf.data.csr_dataset`); got a {type(rows).__name__}"
            )

    def _maybe_symbolic_build(
        self, iterator: Iterator[Any] | None = None, data_batch: Any = None
    ) -> None:
        # Private to Keras (docs/how-to/keras.md), and overridden because it takes the
        # mean of a batch's replicas, which fails for sparse ones. It would build what
        # is not built yet; here that is the optimizer alone.
        if self.optimizer is not None and not self.optimizer.built:
            with self.distribute_strategy.scope():
                self.optimizer.build(self.trainable_variables)


def fit_arguments(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """Returns the arguments of a call of `keras.Model.fit` by their names."""
    bound = inspect.signature(keras.Model.fit).bind(None, *args, **kwargs)
    del bound.arguments["self"]
    return bound.arguments
