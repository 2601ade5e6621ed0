"""How calls are merged: the parameters of TF-Serving's batching."""

from __future__ import annotations

import bisect
import itertools
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wish_tf.errors import InputError
from wish_tf.server.text_proto import new_message, read_text_proto

_LEAST = {
    "max_batch_size": 1,
    "batch_timeout_micros": 0,
    "max_enqueued_batches": 1,
    "num_batch_threads": 1,
}


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
        allowed_batch_sizes: Numbers of rows that a run may have, ascending, the
            last of them `max_batch_size`; empty allows all. A run of another
            size is padded.
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
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise InputError(
                    f"expected {name} of at least {least}; got {getattr(self, name)}"
                )
        self._check_sizes()
        self._check_execution()

    @classmethod
    def from_file(cls, path: str | Path) -> BatchingParameters:
        """Reads a file such as TF-Serving's flag `--batching_parameters_file` takes.

        Args:
            path: A text proto.

        Returns:
            The parameters; what the file does not name has its default.

        Raises:
            InputError: If the file cannot be read, has a field that is not
                known here, or a value that cannot be used.
        """
        message = new_message("BatchingParameters")
        read_text_proto(path, message, "batching parameters")
        if message.pad_variable_length_inputs:
            raise InputError(
                f"expected pad_variable_length_inputs to be false in {path}, since "
                "only calls of equal shapes are merged here; got true"
            )
        values: dict[str, Any] = {
            field.name: value.value if hasattr(value, "value") else tuple(value)
            for field, value in message.ListFields()
        }
        try:
            return cls(**values)
        except InputError as error:
            raise InputError(f"{error} in {path}") from error

    @property
    def rows_a_run(self) -> int:
        """Most rows that one run of the model may have, before padding."""
        return self.max_execution_batch_size or self.max_batch_size

    def padded(self, rows: int) -> int:
        """Rows of a run after padding.

        Args:
            rows: Rows of the calls in it, at most `rows_a_run`.

        Returns:
            The smallest allowed size that holds them.
        """
        sizes = self.allowed_batch_sizes
        return sizes[bisect.bisect_left(sizes, rows)] if sizes else rows

    def _check_sizes(self) -> None:
        sizes = self.allowed_batch_sizes
        if not sizes:
            return
        if sizes[0] < 1 or any(a >= b for a, b in itertools.pairwise(sizes)):
            raise InputError(
                "expected allowed_batch_sizes to be at least 1 and ascending; "
                f"got {list(sizes)}"
            )
        if sizes[-1] != self.max_batch_size:
            raise InputError(
                "expected the last of allowed_batch_sizes to be max_batch_size, "
                f"{self.max_batch_size}; got {sizes[-1]}"
            )

    def _check_execution(self) -> None:
        size = self.max_execution_batch_size
        if size is None:
            return
        if not self.enable_large_batch_splitting:
            raise InputError(
                "expected enable_large_batch_splitting to be true beside "
                "max_execution_batch_size; got false"
            )
        if not 1 <= size <= self.max_batch_size:
            raise InputError(
                "expected max_execution_batch_size from 1 to max_batch_size, "
                f"{self.max_batch_size}; got {size}"
            )
