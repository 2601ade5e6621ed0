# Only what does not import TensorFlow: the command line looks in here first.
from wish_tf.distribution.devices import device_strategy
from wish_tf.distribution.workers import (
    Worker,
    has_workers,
    is_chief,
    naming_lost_workers,
    worker_strategy,
)

__all__ = [
    "Worker",
    "device_strategy",
    "has_workers",
    "is_chief",
    "naming_lost_workers",
    "worker_strategy",
]
