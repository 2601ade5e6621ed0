"""Several processes, on one machine or many, that train one model."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wish_tf.errors import InputError, first_line

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class Worker:
    """This process among the workers.

    Attributes:
        number: from 0; the chief's is 0.
        count: how many there are.
    """

    number: int
    count: int

    @classmethod
    def from_environment(cls) -> Worker:
        """Reads the variable `TF_CONFIG`.

        Raises:
            InputError: when it is missing or does not name workers.
        """
        text = os.environ.get("TF_CONFIG")
        if not text:
            raise InputError(
                "expected the workers in the environment variable TF_CONFIG; got none"
            )
        try:
            config = json.loads(text)
            cluster, task = config["cluster"], config["task"]
            kind, index = task["type"], int(task["index"])
            addresses = {job: list(cluster.get(job, ())) for job in ("chief", "worker")}
            there = 0 <= index < len(addresses[kind])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                'expected TF_CONFIG to be {"cluster": {"worker": [ADDRESS, ...]}, '
                f'"task": {{"type": "worker", "index": N}}}}; got {text}'
            ) from error
        if not there:
            raise InputError(
                f"expected TF_CONFIG's task index to be below {len(addresses[kind])}, "
                f"the number of {kind} addresses; got {index}"
            )
        chiefs = len(addresses["chief"])
        return cls(
            index + (chiefs if kind == "worker" else 0),
            chiefs + len(addresses["worker"]),
        )


def worker_strategy() -> tf.distribute.Strategy:
    """Joins the workers of `TF_CONFIG` and waits until all are there.

    Call it in the main thread before TensorFlow runs anything.

    Returns:
        The strategy to build and train a model in.

    Raises:
        InputError: when `TF_CONFIG` does not name workers, or they do not come.
    """
    worker = Worker.from_environment()
    import tensorflow as tf

    # The wait is outside of Python, where its handler of Ctrl-C is not heard.
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except tf.errors.OpError as error:
        raise InputError(
            f"expected {worker.count} workers as in TF_CONFIG; got fewer: "
            f"{first_line(error)}"
        ) from error
    finally:
        signal.signal(signal.SIGINT, handler)


def has_workers(strategy: tf.distribute.Strategy | None) -> bool:
    """Whether a strategy is one of several processes.

    Args:
        strategy: what the model is trained on, or None.
    """
    import tensorflow as tf

    return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)


def is_chief(strategy: tf.distribute.Strategy | None) -> bool:
    """Whether this process is the one that reads and writes files: the first
    of several workers, or the only process there is.

    Args:
        strategy: what the model is trained on, or None.
    """
    if strategy is None or not has_workers(strategy):
        return True
    resolver = strategy.cluster_resolver
    if resolver.task_type == "worker":
        return resolver.task_id == 0 and "chief" not in resolver.cluster_spec().jobs
    return True


@contextmanager
def naming_lost_workers() -> Iterator[None]:
    """Turns TensorFlow's errors about a lost worker into one sentence.

    Raises:
        ConnectionError: when a worker does not answer any more.
    """
    import tensorflow as tf

    try:
        yield
    except (
        tf.errors.UnavailableError,
        tf.errors.AbortedError,
        tf.errors.CancelledError,
        tf.errors.DeadlineExceededError,
    ) as error:
        raise ConnectionError(
            "a worker is gone, so this one ends; start all workers again and "
            "training goes on from the last checkpoint"
        ) from error
