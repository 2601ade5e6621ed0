from __future__ import annotations

import sys
import time

import keras

BAR = 24


class Progress(keras.callbacks.Callback):
    """One line about the training on standard error: a bar, the loss, and the
    time left. On a terminal the line is redrawn; elsewhere there is a line for
    each tenth of the way.

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

    def on_epoch_begin(self, epoch: int, logs=None) -> None:
        self._begin(epoch)

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        state = f"loss {logs['val_loss']:.3f}, {logs['val_distinct_codes']:.0f} codes, "
        self._report("epoch", epoch + 1, self.params["epochs"], state)

    def _begin(self, done: int) -> None:
        if self._started is None:
            self._started, self._first, self._tenth = time.monotonic(), done, 0

    def _report(self, what: str, done: int, total: int, state: str) -> None:
        a_unit = (time.monotonic() - self._started) / (done - self._first)
        filled = BAR * done // total
        line = (
            f"{what} {done}/{total} [{'=' * filled}{' ' * (BAR - filled)}] "
            f"{state}{(total - done) * a_unit:.0f} s left"
        )
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}" + ("\n" if done == total else ""))
        elif 10 * done // total > self._tenth:
            self._tenth = 10 * done // total
            sys.stderr.write(line + "\n")
        sys.stderr.flush()
