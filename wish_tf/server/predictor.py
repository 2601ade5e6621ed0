"""Runs models for requests, within limits and counted."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import time
import weakref
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Executor

import numpy as np

from wish_tf.server.batch_scheduler import Arrays, BatchCall, BatchScheduler
from wish_tf.server.limits import Limits
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.servable import Servable
from wish_tf.server.serving_error import ServingError, StatusCode


@dataclasses.dataclass(frozen=True)
class Predictor:
    """What REST and gRPC have in common.

    Attributes:
        limits: What a request may cost.
        metrics: Where requests are counted.
    """

    limits: Limits
    metrics: ServerMetrics

    def run(
        self,
        servable: Servable,
        model: str,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
    ) -> Arrays:
        """Runs a signature of a version of a model, whose name is for the metrics.

        Returns:
            Array per output, ordered by name.

        Raises:
            ServingError: If there are too many rows or the run fails.
        """
        rows = self._rows(servable, signature_name, inputs)
        start = time.perf_counter()
        outputs = servable.predict(signature_name, inputs)
        self._count(model, rows, start)
        return outputs

    async def run_in_loop(
        self,
        servable: Servable,
        model: str,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
        executor: Executor,
        seconds: float | None = None,
    ) -> dict[str, np.ndarray]:
        """As `run`, on an event loop, with an array for each input of the signature.

        No thread waits for a run of merged calls; others are run by the executor, for
        about so many seconds at most. When it is cancelled, what has not begun is not
        run.
        """
        rows = self._rows(servable, signature_name, inputs)
        start = time.perf_counter()
        if signature_name in servable.merged:
            scheduler = servable.scheduler(signature_name)
            outputs = await result_in_loop(scheduler, inputs)
        else:
            outputs = await asyncio.get_running_loop().run_in_executor(
                executor, servable.run, signature_name, inputs, seconds
            )
        self._count(model, rows, start)
        return outputs

    def _rows(
        self, servable: Servable, name: str, inputs: Mapping[str, np.ndarray]
    ) -> int:
        """Returns the rows of a request; refuses too many, and too large an answer."""
        rows = max([len(array) for array in inputs.values() if array.ndim], default=1)
        self.limits.check_rows(rows, servable.values_in_a_row[name])
        return rows

    def _count(self, model: str, rows: int, start: float) -> None:
        elapsed = 1e6 * (time.perf_counter() - start)
        self.metrics.runtime_latency.observe(elapsed, model, "Predict", "TF1")
        self.metrics.examples.observe(rows, model)
        self.metrics.example_total.add(model, by=rows)

    def counted(self, model: str, api: str, entrypoint: str) -> Counted:
        """Returns a context that counts a request for a model that is served.

        `api` is `Predict` or the like, `entrypoint` `REST` or `GRPC`.
        """
        return Counted(self.metrics, (model, api, entrypoint))


class Counted:
    """Counts a request with its outcome and the time that the context takes."""

    __slots__ = ("_labels", "_metrics", "_start")

    def __init__(self, metrics: ServerMetrics, labels: tuple[str, str, str]) -> None:
        """Begins with the time; has the labels of `ServerMetrics.request_latency`."""
        self._metrics = metrics
        self._labels = labels
        self._start = time.perf_counter()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, *rest: object) -> None:
        code = StatusCode.INTERNAL
        if error is None:
            code = StatusCode.OK
            elapsed = 1e6 * (time.perf_counter() - self._start)
            self._metrics.request_latency.observe(elapsed, *self._labels)
        elif isinstance(error, ServingError):
            code = error.code
        elif isinstance(error, asyncio.CancelledError):
            code = StatusCode.CANCELLED
        self._metrics.request_count.add(self._labels[0], code.name)


async def result_in_loop(
    scheduler: BatchScheduler, inputs: Mapping[str, np.ndarray]
) -> Arrays:
    """Submits a call and waits for its result, or raises its error, in an event loop.

    When the wait is cancelled, so is the call.

    Args:
        scheduler: What runs it.
        inputs: Of the call.
    """
    loop = asyncio.get_running_loop()
    mailbox = _mailboxes.get(loop)
    if mailbox is None:
        mailbox = _mailboxes[loop] = _Mailbox()
    waiter = loop.create_future()
    call = scheduler.submit(inputs, functools.partial(mailbox.put, waiter))
    try:
        await waiter
    except asyncio.CancelledError:
        call.cancel()
        raise
    return call.result()


class _Mailbox:
    """Wakes its loop once for all results that are there, not once for each.

    A run of the model ends many calls at a time; to wake the loop for each of them
    (`asyncio.wrap_future`) costs more than their rows cost in the graph.
    """

    def __init__(self) -> None:
        self._done: deque[asyncio.Future[None]] = deque()
        self._is_woken = False

    def put(self, waiter: asyncio.Future[None], _: BatchCall) -> None:
        """In the thread that ended the call."""
        self._done.append(waiter)
        if not self._is_woken:
            self._is_woken = True
            with contextlib.suppress(RuntimeError):  # the loop has been closed
                waiter.get_loop().call_soon_threadsafe(self._empty)

    def _empty(self) -> None:
        # In this order: what is put in from now on is either taken out below, or
        # finds that it has to wake the loop.
        self._is_woken = False
        while self._done:
            waiter = self._done.popleft()
            if not waiter.done():
                waiter.set_result(None)


_mailboxes: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Mailbox] = (
    weakref.WeakKeyDictionary()
)
