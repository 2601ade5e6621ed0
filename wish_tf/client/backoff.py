from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import TypeVar

from wish_tf.client.errors import ServerError

FIRST_DELAY = 0.1
LONGEST_DELAY = 10.0
# A server that wants to be left alone for longer is not waited for.
LONGEST_RETRY_AFTER = 60.0
_MOST_DOUBLINGS = 10

Answer = TypeVar("Answer")


class Backoff:
    """Asks again, later and later, after failures that may pass.

    The pauses double from a tenth of a second to ten seconds. Each is cut by a
    random share of up to a half, so that clients that failed together do not
    come back together. What `Retry-After` said is added.

    Args:
        retries: How often to ask again.

    Attributes:
        closed: Once it is set nothing is asked again, and no pause goes on.
    """

    def __init__(self, retries: int) -> None:
        self._retries = retries
        self.closed = threading.Event()

    def call(self, ask: Callable[[], Answer]) -> Answer:
        """Returns what `ask` returns.

        Raises:
            ServerError: The error of the last try.
        """
        for attempt in range(self._retries):
            try:
                return ask()
            except ServerError as error:
                if not error.transient or error.retry_after > LONGEST_RETRY_AFTER:
                    raise
                if self.closed.wait(error.retry_after + _pause(attempt)):
                    raise
        return ask()


def _pause(attempt: int) -> float:
    longest = FIRST_DELAY * 2 ** min(attempt, _MOST_DOUBLINGS)
    return min(longest, LONGEST_DELAY) * random.uniform(0.5, 1.0)
