"""Brings results of other threads into an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import weakref
from collections import deque
from collections.abc import Mapping

import numpy as np

from wish_tf.server.batch_scheduler import Arrays, BatchCall, BatchScheduler


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
