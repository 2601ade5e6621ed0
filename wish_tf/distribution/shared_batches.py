from __future__ import annotations

from typing import Any

import tensorflow as tf

from wish_tf.errors import InputError


def shared_batches(
    strategy: tf.distribute.Strategy, dataset: tf.data.Dataset
) -> tf.distribute.DistributedDataset:
    """Divides each batch of a dataset between the replicas of a strategy.

    Replica r of R gets the rows from `n r / R` to `n (r + 1) / R` of a batch of
    n, so shares differ by one row at most and follow each other in the order
    of the batch. TensorFlow's own division gives the rows of a small last batch
    to the first replicas, and fails when it has none to make a sparse share of.

    Args:
        strategy: whose replicas; with several workers each must give a dataset
            that yields the same batches.
        dataset: of batches, any structure of `tf.Tensor` and `tf.SparseTensor`.

    Returns:
        The shares. It does not know how many batches they are of.
    """
    replicas = strategy.num_replicas_in_sync

    def of_worker(context: tf.distribute.InputContext) -> tf.data.Dataset:
        own = replicas // context.num_input_pipelines
        first = context.input_pipeline_id * own

        def shares(*parts: Any) -> tf.data.Dataset:
            batch = parts[0] if len(parts) == 1 else parts
            numbers = tf.data.Dataset.range(first, first + own)
            return numbers.map(lambda number: _share(batch, number, replicas))

        return dataset.flat_map(shares).prefetch(2 * own)

    # Sparse rows are put together on the host, whatever the device.
    return strategy.distribute_datasets_from_function(
        of_worker, tf.distribute.InputOptions(experimental_fetch_to_device=False)
    )


def unknown_length() -> InputError:
    """Returns what to raise when no number of steps is known."""
    return InputError(
        "expected a known number of batches with several replicas (see "
        "`tf.data.experimental.assert_cardinality`), or a number of steps; got a "
        "dataset of unknown length"
    )


def _share(batch: Any, number: tf.Tensor, replicas: int) -> Any:
    """Returns the rows of one replica."""
    first = tf.nest.flatten(batch)[0]
    if isinstance(first, tf.SparseTensor):
        n = first.dense_shape[0]
    else:
        n = tf.shape(first, tf.int64)[0]
    start, end = n * number // replicas, n * (number + 1) // replicas

    def between(part: tf.Tensor | tf.SparseTensor) -> tf.Tensor | tf.SparseTensor:
        if not isinstance(part, tf.SparseTensor):
            return part[start:end]
        others = part.dense_shape[1:]
        return tf.sparse.slice(
            part,
            tf.concat([[start], tf.zeros_like(others)], axis=0),
            tf.concat([[end - start], others], axis=0),
        )

    return tf.nest.map_structure(between, batch)
