"""Calls that are to go through the model together."""

from __future__ import annotations

from wish_tf.server.batching.waiting_call import WaitingCall


class Batch:
    """Calls of one kind, in order of arrival.

    Attributes:
        calls: At least one.
        rows: Rows of all of them.
    """

    def __init__(self, call: WaitingCall) -> None:
        """Begins a batch with its first call."""
        self.calls = [call]
        self.rows = call.rows

    def takes(self, call: WaitingCall, most: int) -> bool:
        """Whether a call can join, in a batch of `most` rows."""
        first = self.calls[0]
        return (
            first.kind is not None
            and first.kind == call.kind
            and self.rows + call.rows <= most
        )

    def add(self, call: WaitingCall) -> None:
        """Appends a call that the batch takes."""
        self.calls.append(call)
        self.rows += call.rows

    def is_full(self, most: int) -> bool:
        """Whether no further call can join, in a batch of `most` rows."""
        return self.calls[0].kind is None or self.rows >= most
