from __future__ import annotations

import sys
import time

import keras

BAR = 24


class Progress(keras.callbacks.Callback):
    """One line about the whole training on standard error: a bar, the loss, and
    the time left. On a terminal the line is redrawn; elsewhere there is a line
    for each tenth of the way."""

    def on_train_begin(self, logs=None) -> None:
        self._started = time.monotonic()
        self._first_epoch: int | None = None
        self._tenth = 0

    def on_epoch_begin(self, epoch: int, logs=None) -> None:
        if self._first_epoch is None:
            self._first_epoch = epoch

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        total = self.params["epochs"]
        done = epoch + 1
        a_second = (done - self._first_epoch) / (time.monotonic() - self._started)
        filled = BAR * done // total
        line = (
            f"epoch {done}/{total} [{'=' * filled}{' ' * (BAR - filled)}] "
            f"loss {logs['val_loss']:.3f}, {logs['val_distinct_codes']:.0f} codes, "
            f"{(total - done) / a_second:.0f} s left"
        )
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}" + ("\n" if done == total else ""))
        elif 10 * done // total > self._tenth:
            self._tenth = 10 * done // total
            sys.stderr.write(line + "\n")
        sys.stderr.flush()
