"""Merges calls of many clients into few runs of the model."""

from __future__ import annotations

import functools
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np

from wish_tf.server.batching.batch import Batch
from wish_tf.server.batching.batching_parameters import BatchingParameters
from wish_tf.server.batching.large_call import LargeCall
from wish_tf.server.batching.run_outputs import Encode, RunOutputs
from wish_tf.server.batching.waiting_call import WaitingCall
from wish_tf.server.http_status import StatusCode
from wish_tf.server.serving_error import ServingError, invalid_argument

if TYPE_CHECKING:
    from wish_tf.server.metrics import ServerMetrics

# What says nothing about the inputs: to run the calls again would only take as
# long once more.
_NOT_BY_INPUTS = (
    StatusCode.CANCELLED,
    StatusCode.DEADLINE_EXCEEDED,
    StatusCode.UNAVAILABLE,
)


class BatchScheduler:
    """Runs calls, as many as there are at once.

    While a run is busy, calls gather; when a thread is free, it takes all that
    wait, in order of arrival, up to the most rows of a run. So an idle server
    answers at once, and a busy one in large batches. With a timeout, a thread
    that is free waits for more calls for so long.
    """

    def __init__(
        self,
        run: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]],
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
        self._waiting: deque[Batch] = deque()
        self._running = 0
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

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs the model and waits for its answer; from any thread.

        When nothing waits, the caller's own thread runs the model: handing over
        to another one costs more than all else here.

        Args:
            inputs: Array per input name, one length for all first axes. Inputs
                without one, or with none in common, are run alone.

        Returns:
            Array per output name.

        Raises:
            ServingError: INVALID_ARGUMENT if there are more rows than
                `max_batch_size`, UNAVAILABLE if too much waits or the scheduler
                is closed; else what the run raised.
        """
        call = self._call(inputs)
        if call.rows > self._most or not self._begins_at_once():
            return self._enqueue(call).result()
        try:
            self._answer([call])
        finally:
            self._end_run()
        return call.future.result()

    def submit(
        self, inputs: Mapping[str, np.ndarray], encode: Encode | None = None
    ) -> Future[Any]:
        """Puts a call in line and returns without waiting for it.

        For an event loop. A call whose future is cancelled while it waits is not run.

        Args:
            inputs: As of `run`.
            encode: Makes a sequence with an element a row of the array per output
                name; called once for all calls of a run that have the same, in
                the thread of the run.

        Returns:
            The future of the array per output name, or of the call's part of what
            `encode` returns.

        Raises:
            ServingError: As of `run`, but for what the run raises, which is in
                the future.
        """
        return self._enqueue(self._call(inputs, encode))

    def close(self) -> None:
        """Refuses further calls and returns when those that wait are answered."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        with self._changed:
            self._changed.wait_for(lambda: not self._running)

    def _call(
        self, inputs: Mapping[str, np.ndarray], encode: Encode | None = None
    ) -> WaitingCall:
        call = WaitingCall.of(inputs, encode)
        if call.rows > self._parameters.max_batch_size:
            raise invalid_argument(
                f"Task size {call.rows} is larger than maximum input batch size "
                f"{self._parameters.max_batch_size}"
            )
        if self._metrics is not None and call.kind is not None:
            self._metrics.observe_input(call.rows)
        return call

    def _begins_at_once(self) -> bool:
        """Takes a thread's turn for the caller, if nothing is to be waited for."""
        with self._changed:
            if (
                self._closed
                or self._waiting
                or self._timeout
                or self._running == len(self._threads)
            ):
                return False
            self._running += 1
            return True

    def _end_run(self) -> None:
        with self._changed:
            self._running -= 1
            if self._closed:
                self._changed.notify_all()
            elif self._waiting:
                self._changed.notify()

    def _enqueue(self, call: WaitingCall) -> Future[Any]:
        if call.rows <= self._most:
            self._put([call])
            return call.future
        pieces = call.pieces(self._most)
        large = LargeCall(pieces)
        self._put(pieces)
        return large.future

    def _put(self, calls: list[WaitingCall]) -> None:
        """Puts all calls in line, or none."""
        with self._changed:
            if self._closed:
                raise ServingError(
                    StatusCode.UNAVAILABLE, "The batch scheduler is closed"
                )
            if self._joins(calls[0]):
                last = self._waiting[-1]
                last.add(calls[0])
                if last.is_full(self._most):
                    self._changed.notify()
                return
            # Pieces of a large call are full, or follow one that is: a batch each.
            if len(self._waiting) + len(calls) > self._parameters.max_enqueued_batches:
                raise ServingError(
                    StatusCode.UNAVAILABLE,
                    "The batch scheduling queue to which this task was submitted is "
                    f"full; currently {len(self._waiting)} batches enqueued and "
                    "max_enqueued_batches is "
                    f"{self._parameters.max_enqueued_batches}",
                )
            self._waiting.extend(map(Batch, calls))
            self._changed.notify(len(calls))

    def _joins(self, call: WaitingCall) -> bool:
        return (
            self._has_row_outputs
            and bool(self._waiting)
            and self._waiting[-1].takes(call, self._most)
        )

    def _work(self) -> None:
        while (batch := self._take()) is not None:
            try:
                self._answer(batch.calls)
            finally:
                self._end_run()

    def _take(self) -> Batch | None:
        """Waits for a batch that may run; None when the scheduler has ended."""
        with self._changed:
            while self._waiting or not self._closed:
                due = self._seconds_to_next()
                if due is None or due > 0:
                    self._changed.wait(due)
                    continue
                self._running += 1
                batch = self._waiting.popleft()
                if self._waiting:
                    self._changed.notify()
                return batch
        return None

    def _seconds_to_next(self) -> float | None:
        """When the first batch may run; None if only a change can tell."""
        if not self._waiting or self._running == len(self._threads):
            return None
        first = self._waiting[0]
        if len(self._waiting) > 1 or first.is_full(self._most) or self._closed:
            return 0
        return first.calls[0].arrived + self._timeout - time.monotonic()

    def _answer(self, calls: list[WaitingCall]) -> None:
        """Runs a batch; each of its calls that is not cancelled gets an answer."""
        calls = [call for call in calls if call.future.set_running_or_notify_cancel()]
        if self._metrics is not None:
            now = time.monotonic()
            for call in calls:
                self._metrics.observe_queueing(
                    self._parameters.thread_pool_name, 1e6 * (now - call.arrived)
                )
        if calls:
            self._run_merged(calls)

    def _run_merged(self, calls: list[WaitingCall]) -> None:
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
            self._metrics.observe_batch(size)
            if self._parameters.allowed_batch_sizes:
                self._metrics.observe_padding(size, size - rows)
        shared = RunOutputs(outputs)
        if len(calls) == 1 and size == rows:
            _settle(calls[0], lambda: shared.all(calls[0].encode))
        elif all(array.ndim and len(array) == size for array in outputs.values()):
            start = 0
            for call in calls:
                end = start + call.rows
                _settle(call, functools.partial(shared.rows, call.encode, start, end))
                start = end
        else:
            # No answer can be told from another, nor from padding, now or later.
            self._has_row_outputs = False
            for call in calls:
                self._run_merged([call])

    def _fail(self, calls: list[WaitingCall], error: Exception) -> None:
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


def _settle(call: WaitingCall, answer: Callable[[], Any]) -> None:
    try:
        result = answer()
    except Exception as error:  # of `encode`
        call.future.set_exception(error)
    else:
        call.future.set_result(result)


def _merged(calls: list[WaitingCall], padding: int) -> dict[str, np.ndarray]:
    """The inputs of calls of one kind, the last row repeated as padding."""
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
