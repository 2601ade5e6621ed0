"""Calls of many clients in few runs of the model, as TF-Serving batches them."""

from wish_tf.server.batching.batch_scheduler import BatchScheduler
from wish_tf.server.batching.batching_parameters import BatchingParameters
from wish_tf.server.batching.can_be_batched import can_be_batched
from wish_tf.server.batching.run_outputs import Encode

__all__ = ["BatchScheduler", "BatchingParameters", "Encode", "can_be_batched"]
