"""How calls are merged: the parameters of TF-Serving's batching."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from wish_tf.errors import InputError
from wish_tf.server.text_proto import read_settings


def _cores() -> int:
    """Cores this process may use; a container's share of time is not seen."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class BatchingParameters:
    """The fields of TF-Serving's `batching_parameters.txt`, with its defaults.

    Attributes:
        max_batch_size: Most rows of a call, and of a run unless
            `max_execution_batch_size` is smaller.
        batch_timeout_micros: How long the first call of a batch waits for others
            while a thread is free, microseconds.
        max_enqueued_batches: Most batches that wait for a thread.
        num_batch_threads: Most runs at a time; by default the number of cores.
        thread_pool_name: Name of the threads, also in the metrics.
        allowed_batch_sizes: Passed over: TF-Serving pads runs to these sizes, for
            models that are compiled for each.
        enable_large_batch_splitting: Whether a call of more rows than
            `max_execution_batch_size` is run in pieces.
        max_execution_batch_size: Most rows of a run, only with splitting; None
            is `max_batch_size`.

    Raises:
        InputError: On construction, if a value cannot be used.
    """

    max_batch_size: int = 1000
    batch_timeout_micros: int = 0
    max_enqueued_batches: int = 10
    num_batch_threads: int = field(default_factory=_cores)
    thread_pool_name: str = "batch_threads"
    allowed_batch_sizes: tuple[int, ...] = ()
    enable_large_batch_splitting: bool = False
    max_execution_batch_size: int | None = None

    def __post_init__(self) -> None:
        least = {"batch_timeout_micros": 0}
        for name in ("max_batch_size", "max_enqueued_batches", "num_batch_threads"):
            least[name] = 1
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise InputError(
                    f"expected {name} of at least {bound}; got {getattr(self, name)}"
                )
        size = self.max_execution_batch_size
        if size is not None and not self.enable_large_batch_splitting:
            raise InputError(
                "expected enable_large_batch_splitting to be true beside "
                "max_execution_batch_size; got false"
            )
        if size is not None and not 1 <= size <= self.max_batch_size:
            raise InputError(
                "expected max_execution_batch_size from 1 to max_batch_size, "
                f"{self.max_batch_size}; got {size}"
            )

    @classmethod
    def from_file(cls, path: str | Path) -> BatchingParameters:
        """Reads a file such as TF-Serving's flag `--batching_parameters_file` takes.

        Args:
            path: A text proto; what it does not name has its default.

        Raises:
            InputError: If the file cannot be read, has a field that is not
                known here, or a value that cannot be used.
        """
        return read_settings(cls, path, "BatchingParameters", "batching parameters")

    @property
    def rows_a_run(self) -> int:
        """Most rows that one run of the model may have."""
        return self.max_execution_batch_size or self.max_batch_size
