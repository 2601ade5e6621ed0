"""Merges calls of many clients into few runs of the model."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

import numpy as np

from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

# What says nothing about the inputs: to run the calls again would only take as
# long once more.
_NOT_BY_INPUTS = (
    StatusCode.CANCELLED,
    StatusCode.DEADLINE_EXCEEDED,
    StatusCode.UNAVAILABLE,
)
Arrays = dict[str, np.ndarray]


class BatchCall:
    """Inputs that wait for a run, and what comes of them.

    Attributes:
        inputs: Array per input name.
        rows: Length of the first axis of all inputs; 1 where there is none.
        kind: Names, dtypes and shapes of a row. Calls of one kind can be merged;
            a call of kind None is run alone, as it is.
        arrived: When it was made, by `time.monotonic`.
        is_cancelled: Whether it is not to be run any more. A run that has begun goes
            on, but nobody is told of its end.
    """

    __slots__ = (
        *("_done", "_outcome", "arrived", "inputs"),
        *("is_cancelled", "kind", "rows"),
    )

    def __init__(
        self,
        inputs: Mapping[str, np.ndarray],
        done: Callable[[BatchCall], object],
        arrived: float | None = None,
    ) -> None:
        """Looks at the inputs; `done` is called in the thread of the run at its end."""
        self.inputs = inputs
        self.arrived = time.monotonic() if arrived is None else arrived
        self.is_cancelled = False
        self._done = done
        self._outcome: Arrays | Exception = {}
        lengths = {len(array) if array.ndim else 0 for array in inputs.values()}
        rows = lengths.pop() if len(lengths) == 1 else 0
        self.rows = rows or 1
        parts = [(n, inputs[n].dtype, inputs[n].shape[1:]) for n in sorted(inputs)]
        self.kind = tuple(parts) if rows else None

    def cancel(self) -> None:
        """Leaves the call out if it has not begun."""
        self.is_cancelled = True

    def result(self) -> Arrays:
        """Returns the array per output name, once it is done, or raises the error."""
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def end(self, outcome: Arrays | Exception) -> None:
        """Sets what came of it, and tells who waits."""
        self._outcome = outcome
        if not self.is_cancelled:
            self._done(self)


class BatchScheduler:
    """Runs calls, as many as there are at once.

    While a run is busy, calls gather; when a thread is free, it takes all that
    wait, in order of arrival, up to the most rows of a run. So an idle server
    answers at once, and a busy one in large batches. With a timeout, a thread
    that is free waits for more calls for so long.
    """

    def __init__(
        self,
        run: Callable[[Mapping[str, np.ndarray]], Arrays],
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
        self._metrics = metrics or ServerMetrics()
        self._most = parameters.rows_a_run
        self._timeout = parameters.batch_timeout_micros / 1e6
        self._changed = threading.Condition(threading.Lock())
        self._waiting: deque[BatchCall] = deque()
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

    def submit(
        self, inputs: Mapping[str, np.ndarray], done: Callable[[BatchCall], object]
    ) -> BatchCall:
        """Puts a call in line and returns without waiting for it.

        Args:
            inputs: Array per input name, one length for all first axes. Inputs
                without one, or with none in common, are run alone.
            done: Called in the thread of the run at its end.

        Returns:
            The call, which can be cancelled.

        Raises:
            ServingError: INVALID_ARGUMENT if there are more rows than
                `max_batch_size`, UNAVAILABLE if too much waits or the scheduler
                is closed.
        """
        call = BatchCall(inputs, done)
        if call.rows > self._parameters.max_batch_size:
            raise invalid_argument(
                f"expected at most {self._parameters.max_batch_size} rows, the "
                f"max_batch_size; got {call.rows}"
            )
        if call.kind is not None:
            self._metrics.input_size.observe(call.rows)
        calls = [call]
        if call.rows > self._most:
            call = large = _LargeCall(inputs, done)
            calls = large.cut(self._most)
        most = self._parameters.max_enqueued_batches * self._most
        with self._changed:
            rows = self._rows + call.rows
            if self._closed or rows > most:
                what = "expected an open batch scheduler; got one that is closed"
                if not self._closed:
                    what = f"expected at most {most} rows in line; got {rows}"
                raise ServingError(StatusCode.UNAVAILABLE, what)
            self._rows = rows
            self._waiting.extend(calls)
            self._changed.notify(len(calls))
        return call

    def close(self) -> None:
        """Refuses further calls and returns when those that wait are answered."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        name = self._parameters.thread_pool_name
        while taken := self._take():
            calls, now = [c for c in taken if not c.is_cancelled], time.monotonic()
            for call in calls:
                self._metrics.queueing.observe(1e6 * (now - call.arrived), name)
            if calls:
                self._run_merged(calls)

    def _take(self) -> list[BatchCall]:
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

    def _run_merged(self, calls: list[BatchCall]) -> None:
        """Runs calls as one; each gets its answer."""
        rows = sum(call.rows for call in calls)
        inputs = calls[0].inputs
        if len(calls) > 1:
            inputs = {n: np.concatenate([c.inputs[n] for c in calls]) for n in inputs}
        try:
            outputs = self._run(inputs)
        except Exception as error:
            self._fail(calls, error)
            return
        self._metrics.runs.add()
        self._metrics.batch_size.observe(rows)
        if len(calls) == 1:
            calls[0].end(outputs)
        elif all(array.ndim and len(array) == rows for array in outputs.values()):
            start = 0
            for call in calls:
                end = start + call.rows
                call.end({name: array[start:end] for name, array in outputs.items()})
                start = end
        else:
            # No answer can be told from another, now or later.
            self._has_row_outputs = False
            for call in calls:
                self._run_merged([call])

    def _fail(self, calls: list[BatchCall], error: Exception) -> None:
        """Gives an error to the calls that it is of, and runs the others again."""
        shared = isinstance(error, ServingError) and error.code in _NOT_BY_INPUTS
        if shared or len(calls) == 1:
            for call in calls:
                call.end(error)
            return
        # By halves: one bad call of n costs the others about 2 log2(n) runs, not n.
        half = len(calls) // 2
        self._run_merged(calls[:half])
        self._run_merged(calls[half:])


class _LargeCall(BatchCall):
    """Is run in pieces, of which all end with the first that fails."""

    __slots__ = ("_left", "_lock", "_pieces")

    def cut(self, rows: int) -> list[BatchCall]:
        """Returns calls of so many rows each; the last may have fewer."""
        self._lock = threading.Lock()
        cuts = [slice(at, at + rows) for at in range(0, self.rows, rows)]
        parts = [{n: array[cut] for n, array in self.inputs.items()} for cut in cuts]
        self._pieces = [BatchCall(part, self._count, self.arrived) for part in parts]
        self._left = len(self._pieces)
        return self._pieces

    def cancel(self) -> None:
        """Leaves out the pieces that have not begun."""
        super().cancel()
        for piece in self._pieces:
            piece.cancel()

    def _count(self, piece: BatchCall) -> None:
        error = _fault_of(piece)
        with self._lock:
            self._left = 0 if error and self._left > 0 else self._left - 1
            if self._left:
                return  # or it is below 0: one that failed has ended all
        if error:
            for other in self._pieces:
                other.cancel()
            self.end(error)
            return
        parts = [each.result() for each in self._pieces]
        names = parts[0]
        self.end({n: np.concatenate([part[n] for part in parts]) for n in names})


def _fault_of(piece: BatchCall) -> Exception | None:
    try:
        lengths = [len(a) if a.ndim else 0 for a in piece.result().values()]
    except Exception as error:
        return error
    if all(length == piece.rows for length in lengths):
        return None
    return ServingError(
        StatusCode.FAILED_PRECONDITION,
        f"expected outputs with {piece.rows} rows, as a piece of a large call has; got "
        f"{lengths}",
    )
