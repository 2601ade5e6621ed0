"""A call with more rows than a run may have."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import Future
from typing import Any

import numpy as np

from wish_tf.server.batching.waiting_call import WaitingCall
from wish_tf.server.http_status import StatusCode
from wish_tf.server.serving_error import ServingError


class LargeCall:
    """Puts the outputs of the pieces of a call together.

    Attributes:
        future: Gets the array per output name once all pieces are done, or the
            error of the first piece that failed; what is encoded is one list.
    """

    def __init__(self, pieces: list[WaitingCall]) -> None:
        """Waits for pieces that have yet to be scheduled."""
        self.future: Future[Any] = Future()
        # Its pieces cannot be taken back, so neither can it.
        self.future.set_running_or_notify_cancel()
        self._pieces = pieces
        self._left = len(pieces)
        self._lock = threading.Lock()
        for piece in pieces:
            piece.future.add_done_callback(self._count)

    def _count(self, _: Future[Any]) -> None:
        with self._lock:
            self._left -= 1
            if self._left:
                return
        try:
            self.future.set_result(self._join())
        except Exception as error:
            self.future.set_exception(error)

    def _join(self) -> Any:
        parts = [piece.future.result() for piece in self._pieces]
        encoded = self._pieces[0].encode is not None
        for piece, part in zip(self._pieces, parts, strict=True):
            lengths = {len(part)} if encoded else set(map(_rows, part.values()))
            if lengths != {piece.rows}:
                raise ServingError(
                    StatusCode.FAILED_PRECONDITION,
                    "Batched output tensor's 0th dimension does not equal the sum of "
                    "the 0th dimension sizes of the input tensors",
                )
        if encoded:
            return list(itertools.chain.from_iterable(parts))
        return {
            name: np.concatenate([part[name] for part in parts]) for name in parts[0]
        }


def _rows(array: np.ndarray) -> int:
    return len(array) if array.ndim else 0
