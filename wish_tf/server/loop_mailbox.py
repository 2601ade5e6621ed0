"""Brings results of other threads into an event loop."""

from __future__ import annotations

import asyncio
import functools
import weakref
from collections import deque
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")


async def result_in_loop(future: Future[Result]) -> Result:
    """Waits for a result, or raises the error, in the running event loop.

    Args:
        future: Of another thread. It is cancelled when the wait is.
    """
    loop = asyncio.get_running_loop()
    mailbox = _mailboxes.get(loop)
    if mailbox is None:
        mailbox = _mailboxes[loop] = _Mailbox()
    waiter = loop.create_future()
    future.add_done_callback(functools.partial(mailbox.put, waiter))
    try:
        await waiter
    except asyncio.CancelledError:
        future.cancel()
        raise
    return future.result()


class _Mailbox:
    """Wakes its loop once for all results that are there, not once for each.

    A run of the model ends many calls at a time; to wake the loop for each of them
    (`asyncio.wrap_future`) costs more than their rows cost in the graph.
    """

    def __init__(self) -> None:
        self._done: deque[asyncio.Future[None]] = deque()
        self._is_woken = False

    def put(self, waiter: asyncio.Future[None], _: Future[Any]) -> None:
        """In the thread that ended the future."""
        self._done.append(waiter)
        if not self._is_woken:
            self._is_woken = True
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
