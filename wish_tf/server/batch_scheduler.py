"""Merges calls of many clients into few runs of the model."""

from __future__ import annotations

import functools
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

if TYPE_CHECKING:
    from wish_tf.server.metrics import ServerMetrics

# What says nothing about the inputs: to run the calls again would only take as
# long once more.
_NOT_BY_INPUTS = (
    StatusCode.CANCELLED,
    StatusCode.DEADLINE_EXCEEDED,
    StatusCode.UNAVAILABLE,
)
Arrays = dict[str, np.ndarray]


@dataclass(eq=False, slots=True)
class _Call:
    """Inputs that wait for a run.

    Attributes:
        inputs: Array per input name.
        rows: Length of the first axis of all inputs; 1 where there is none.
        kind: Names, dtypes and shapes of a row. Calls of one kind can be merged;
            a call of kind None is run alone, as it is.
        arrived: When it was made, by `time.monotonic`.
        future: Gets the array per output name, or the error of the run.
    """

    inputs: Arrays
    rows: int
    kind: tuple[tuple[str, np.dtype[Any], tuple[int, ...]], ...] | None
    arrived: float = field(default_factory=time.monotonic)
    future: Future[Arrays] = field(default_factory=Future)

    @classmethod
    def of(cls, inputs: Mapping[str, np.ndarray]) -> _Call:
        """Looks at inputs and makes a call of them."""
        arrays = dict(inputs)
        lengths = {len(array) if array.ndim else 0 for array in arrays.values()}
        rows = lengths.pop() if len(lengths) == 1 else 0
        if not rows:
            return cls(arrays, 1, None)
        names = sorted(arrays)
        kind = tuple([(n, arrays[n].dtype, arrays[n].shape[1:]) for n in names])
        return cls(arrays, rows, kind)

    def pieces(self, rows: int) -> list[_Call]:
        """Cuts the call into calls of so many rows; the last may have fewer."""
        return [
            _Call(
                {name: array[at : at + rows] for name, array in self.inputs.items()},
                min(rows, self.rows - at),
                self.kind,
                self.arrived,
            )
            for at in range(0, self.rows, rows)
        ]


class BatchScheduler:
    """Runs calls, as many as there are at once.

    While a run is busy, calls gather; when a thread is free, it takes all that
    wait, in order of arrival, up to the most rows of a run. So an idle server
    answers at once, and a busy one in large batches. With a timeout, a thread
    that is free waits for more calls for so long.
    """

    def __init__(
        self,
        run: Callable[[Arrays], Arrays],
        parameters: BatchingParameters,
        metrics: ServerMetrics | None = None,
    ) -> None:
        """Starts the threads; `close` ends them.

        Args:
            run: Runs the model: array per input name to array per output name,
                both with a row a text. Called by several threads at a time.
            parameters: When and how calls are merged.
            metrics: Where waiting times and sizes of batches are counted.
        """
        self._run = run
        self._parameters = parameters
        self._metrics = metrics
        self._most = parameters.rows_a_run
        self._timeout = parameters.batch_timeout_micros / 1e6
        self._changed = threading.Condition(threading.Lock())
        self._waiting: deque[_Call] = deque()
        self._rows = 0  # of those that wait
        self._closed = False
        self._has_row_outputs = True
        self._threads = [
            threading.Thread(
                target=self._work,
                name=f"{parameters.thread_pool_name}_{number}",
                daemon=True,  # a scheduler left open must not keep the program
            )
            for number in range(parameters.num_batch_threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, inputs: Mapping[str, np.ndarray]) -> Future[Arrays]:
        """Puts a call in line and returns without waiting for it.

        A call whose future is cancelled while it waits is not run.

        Args:
            inputs: Array per input name, one length for all first axes. Inputs
                without one, or with none in common, are run alone.

        Returns:
            The future of the array per output name, or of what the run raised.

        Raises:
            ServingError: INVALID_ARGUMENT if there are more rows than
                `max_batch_size`, UNAVAILABLE if too much waits or the scheduler
                is closed.
        """
        call = _Call.of(inputs)
        if call.rows > self._parameters.max_batch_size:
            raise invalid_argument(
                f"Task size {call.rows} is larger than maximum input batch size "
                f"{self._parameters.max_batch_size}"
            )
        if self._metrics is not None and call.kind is not None:
            self._metrics.input_size.observe(call.rows)
        if call.rows <= self._most:
            self._put([call])
            return call.future
        pieces = call.pieces(self._most)
        whole = _Whole(pieces)
        self._put(pieces)
        return whole.future

    def close(self) -> None:
        """Refuses further calls and returns when those that wait are answered."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _put(self, calls: list[_Call]) -> None:
        """Puts all calls in line, or none."""
        most = self._parameters.max_enqueued_batches * self._most
        with self._changed:
            if self._closed:
                raise ServingError(
                    StatusCode.UNAVAILABLE, "The batch scheduler is closed"
                )
            rows = self._rows + sum(call.rows for call in calls)
            if rows > most:
                raise ServingError(
                    StatusCode.UNAVAILABLE,
                    "The batch scheduling queue to which this task was submitted is "
                    f"full: expected at most {most} rows in line; got {rows}",
                )
            self._rows = rows
            self._waiting.extend(calls)
            self._changed.notify(len(calls))

    def _work(self) -> None:
        while calls := self._take():
            self._answer(calls)

    def _take(self) -> list[_Call]:
        """Waits for calls that may run together; none when the scheduler has ended."""
        with self._changed:
            while self._waiting or not self._closed:
                count, is_full = self._first_batch()
                due = None
                if count:
                    due = self._waiting[0].arrived + self._timeout - time.monotonic()
                if due is None or (due > 0 and not is_full and not self._closed):
                    self._changed.wait(due)
                    continue
                calls = [self._waiting.popleft() for _ in range(count)]
                self._rows -= sum(call.rows for call in calls)
                if self._waiting:
                    self._changed.notify()
                return calls
        return []

    def _first_batch(self) -> tuple[int, bool]:
        """Returns how many of the first calls go together, and if no more can join."""
        rows = count = 0
        for call in self._waiting:
            first = self._waiting[0]
            if count and (
                call.kind is None
                or call.kind != first.kind
                or rows + call.rows > self._most
                or not self._has_row_outputs
            ):
                return count, True
            rows, count = rows + call.rows, count + 1
        return count, bool(count) and (rows >= self._most or first.kind is None)

    def _answer(self, calls: list[_Call]) -> None:
        """Runs a batch; each of its calls that is not cancelled gets an answer."""
        calls = [call for call in calls if call.future.set_running_or_notify_cancel()]
        if self._metrics is not None:
            now = time.monotonic()
            for call in calls:
                waited = 1e6 * (now - call.arrived)
                self._metrics.queueing.observe(
                    waited, self._parameters.thread_pool_name
                )
        if calls:
            self._run_merged(calls)

    def _run_merged(self, calls: list[_Call]) -> None:
        rows = sum(call.rows for call in calls)
        size = rows
        if calls[0].kind is not None and self._has_row_outputs:
            size = self._parameters.padded(rows)
        try:
            outputs = self._run(_merged(calls, size - rows))
        except Exception as error:
            self._fail(calls, error)
            return
        if self._metrics is not None:
            self._metrics.runs.add()
            self._metrics.batch_size.observe(size)
            if self._parameters.allowed_batch_sizes:
                self._metrics.padding.observe(size - rows, str(size))
        if len(calls) == 1 and size == rows:
            calls[0].future.set_result(outputs)
        elif all(array.ndim and len(array) == size for array in outputs.values()):
            start = 0
            for call in calls:
                end = start + call.rows
                part = {name: array[start:end] for name, array in outputs.items()}
                call.future.set_result(part)
                start = end
        else:
            # No answer can be told from another, nor from padding, now or later.
            self._has_row_outputs = False
            for call in calls:
                self._run_merged([call])

    def _fail(self, calls: list[_Call], error: Exception) -> None:
        """Gives an error to the calls that it is of, and runs the others again."""
        shared = isinstance(error, ServingError) and error.code in _NOT_BY_INPUTS
        if shared or len(calls) == 1:
            for call in calls:
                call.future.set_exception(error)
            return
        # By halves: one bad call of n costs the others about 2 log2(n) runs, not n.
        half = len(calls) // 2
        self._run_merged(calls[:half])
        self._run_merged(calls[half:])


class _Whole:
    """Puts the outputs of the pieces of a large call together.

    Attributes:
        future: Gets the array per output name once all pieces are done, or the error
            of the first piece that fails. With it, cancelled or failed, end the pieces
            that have not begun.
    """

    def __init__(self, pieces: list[_Call]) -> None:
        """Waits for pieces that have yet to be scheduled."""
        self.future: Future[Arrays] = Future()
        self._pieces = pieces
        self._left = len(pieces)
        self._lock = threading.Lock()
        self.future.add_done_callback(self._drop)
        for piece in pieces:
            piece.future.add_done_callback(functools.partial(self._count, piece.rows))

    def _count(self, rows: int, done: Future[Arrays]) -> None:
        error = None if done.cancelled() else done.exception()
        if not done.cancelled() and error is None:
            lengths = [len(a) if a.ndim else 0 for a in done.result().values()]
            if any(length != rows for length in lengths):
                error = ServingError(
                    StatusCode.FAILED_PRECONDITION,
                    "Batched output tensor's 0th dimension does not equal the sum of "
                    "the 0th dimension sizes of the input tensors",
                )
        with self._lock:
            self._left -= 1
            if (self._left and error is None) or self.future.done():
                return
            if not self.future.set_running_or_notify_cancel():
                return
        if error is not None:
            self.future.set_exception(error)
            return
        parts = [piece.future.result() for piece in self._pieces]
        self.future.set_result(
            {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        )

    def _drop(self, _: Future[Arrays]) -> None:
        for piece in self._pieces:
            piece.future.cancel()


def _merged(calls: list[_Call], padding: int) -> Arrays:
    """Returns the inputs of calls of one kind, the last row repeated as padding."""
    inputs = calls[0].inputs
    if len(calls) == 1 and not padding:
        return inputs
    merged = {}
    for name in inputs:
        parts = [call.inputs[name] for call in calls]
        if padding:
            parts.append(np.repeat(parts[-1][-1:], padding, axis=0))
        merged[name] = np.concatenate(parts)
    return merged
