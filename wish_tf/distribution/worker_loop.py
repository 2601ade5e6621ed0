from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from wish_tf.distribution.shared_batches import shared_batches


def fit_on_workers(
    model: keras.Model,
    dataset: tf.data.Dataset,
    validation_data: tf.data.Dataset | None = None,
    *,
    epochs: int = 1,
    initial_epoch: int = 0,
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
    # Random operations that keep no state would drop the same words everywhere.
    # The datasets are made: their order, the same on each worker, stays.
    worker = strategy.cluster_resolver.task_id or 0
    tf.random.set_seed(random.randrange(2**30) + worker)
    steps = int(dataset.cardinality())
    dataset = shared_batches(strategy, dataset)
    if validation_data is not None:
        validation_data = shared_batches(strategy, validation_data)
    events = keras.callbacks.CallbackList(
        list(callbacks),
        add_history=True,
        add_progbar=verbose != 0,
        model=model,
        verbose=verbose,
        epochs=epochs,
        steps=None if steps < 0 else steps,
    )
    model.stop_training = False
    logs: dict[str, float] = {}
    events.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        events.on_epoch_begin(epoch)
        model.reset_metrics()
        for step, batch in enumerate(dataset):
            events.on_train_batch_begin(step)
            train(batch)
            events.on_train_batch_end(step)
        logs = _results(model)
        if validation_data is not None:
            events.on_test_begin()
            model.reset_metrics()
            for step, batch in enumerate(validation_data):
                events.on_test_batch_begin(step)
                test(batch)
                events.on_test_batch_end(step)
            found = _results(model)
            events.on_test_end(found)
            logs.update({f"val_{name}": value for name, value in found.items()})
        events.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    events.on_train_end(logs)
    return model.history


def _results(model: keras.Model) -> dict[str, float]:
    """Returns the metrics over all workers, each of which must ask for them."""
    return {name: float(value) for name, value in model.get_metrics_result().items()}
