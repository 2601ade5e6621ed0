from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from wish_tf.distribution.shared_batches import shared_batches, unknown_length


def fit_on_workers(
    model: keras.Model,
    dataset: tf.data.Dataset,
    validation_data: tf.data.Dataset | None = None,
    *,
    epochs: int = 1,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 0,
) -> keras.callbacks.History:
    """Trains a model as one of several workers; `keras.Model.fit` fails there.

    Runs the model's own `train_step` and `test_step`. Callbacks get the events
    and logs of epochs; those of batches are without logs.

    Args:
        model: compiled, made in the scope of a `MultiWorkerMirroredStrategy`.
        dataset: of the global batches, the same on each worker.
        validation_data: likewise, or None.
        epochs: number of the last epoch.
        initial_epoch: number of the first.
        steps_per_epoch: of so many batches an epoch consists, and the dataset goes on
            with the next; None: an epoch is the whole dataset.
        callbacks: of this worker.
        verbose: 0, or 1 for the progress bar of Keras.
    """
    strategy = model.distribute_strategy

    @tf.function
    def train(batch: Any) -> None:
        strategy.run(model.train_step, args=(batch,))

    @tf.function
    def test(batch: Any) -> None:
        strategy.run(model.test_step, args=(batch,))

    if not model.optimizer.built:
        with strategy.scope():
            model.optimizer.build(model.trainable_variables)
    batches, steps = _batches(strategy, dataset, steps_per_epoch)
    if validation_data is not None:
        validation_batches, validation_steps = _batches(strategy, validation_data, None)
    events = keras.callbacks.CallbackList(
        list(callbacks),
        add_history=True,
        add_progbar=verbose != 0,
        model=model,
        verbose=verbose,
        epochs=epochs,
        steps=steps,
    )
    model.stop_training = False
    logs: dict[str, float] = {}
    events.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        events.on_epoch_begin(epoch)
        model.reset_metrics()
        for step in range(steps):
            events.on_train_batch_begin(step)
            train(next(batches))
            events.on_train_batch_end(step)
        logs = _results(model)
        if validation_data is not None:
            events.on_test_begin()
            model.reset_metrics()
            for step in range(validation_steps):
                events.on_test_batch_begin(step)
                test(next(validation_batches))
                events.on_test_batch_end(step)
            found = _results(model)
            events.on_test_end(found)
            logs.update({f"val_{name}": value for name, value in found.items()})
        events.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    events.on_train_end(logs)
    return model.history


def _batches(
    strategy: tf.distribute.Strategy, dataset: tf.data.Dataset, steps: int | None
) -> tuple[Iterator[Any], int]:
    steps = steps or int(dataset.cardinality())
    if steps < 0:
        raise unknown_length()
    return iter(shared_batches(strategy, dataset.repeat())), steps


def _results(model: keras.Model) -> dict[str, float]:
    """Returns the metrics over all workers, each of which must ask for them."""
    return {name: float(value) for name, value in model.get_metrics_result().items()}
