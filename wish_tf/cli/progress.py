from __future__ import annotations

import time
from collections.abc import Mapping

import keras

from wish_tf.cli.progress_line import ProgressLine

BAR = 24


class Progress(keras.callbacks.Callback):
    """One line about the training on standard error: a bar, the loss, and the
    time left, as a `ProgressLine`.

    Args:
        topic_steps: number of steps by which topics are annealed first.
    """

    def __init__(self, topic_steps: int):
        super().__init__()
        self._topic_steps = topic_steps
        self._started: float | None = None

    def on_topics(self, done: int) -> None:
        """Reports a step of the annealing of topics."""
        self._begin(done - 1)
        self._report("topics: step", done, self._topic_steps, "")
        if done == self._topic_steps:
            self._started = None

    def on_epoch_begin(
        self, epoch: int, logs: Mapping[str, float] | None = None
    ) -> None:
        self._begin(epoch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        state = f"loss {logs['val_loss']:.3f}, {logs['val_distinct_codes']:.0f} codes, "
        self._report("epoch", epoch + 1, self.params["epochs"], state)

    def _begin(self, done: int) -> None:
        if self._started is None:
            self._started, self._first = time.monotonic(), done
            self._line = ProgressLine()

    def _report(self, what: str, done: int, total: int, state: str) -> None:
        assert self._started is not None, "begun before"
        a_unit = (time.monotonic() - self._started) / (done - self._first)
        filled = BAR * done // total
        line = (
            f"{what} {done}/{total} [{'=' * filled}{' ' * (BAR - filled)}] "
            f"{state}{(total - done) * a_unit:.0f} s left"
        )
        self._line.show(line, done, total)
