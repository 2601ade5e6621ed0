from __future__ import annotations

import time

from wish_tf.callbacks import Progress, ProgressCallback
from wish_tf.cli.progress_line import ProgressLine

BAR = 24


class ProgressBar(ProgressCallback):
    """One line about a stage of the training on standard error: a bar, the loss, and
    the time that is left at most, as a `ProgressLine`."""

    def __init__(self) -> None:
        super().__init__()
        self._stage: str | None = None
        self._state = ""

    def on_progress(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.stage != self._stage:
            self._stage, self._state = progress.stage, ""
            self._started, self._first = now, progress.step
            self._line = ProgressLine()
        values = progress.values
        if "val_loss" in values:
            codes = values["val_distinct_codes"]
            self._state = f"loss {values['val_loss']:.3f}, {codes:.0f} codes, "
        done, of = progress.step, progress.of
        filled = BAR * done // of
        line = (
            f"{progress.stage} {done}/{of} [{'=' * filled}{' ' * (BAR - filled)}] "
            f"{self._state}"
        )
        if done > self._first:
            a_step = (now - self._started) / (done - self._first)
            line += f"{(of - done) * a_step:.0f} s left"
        self._line.show(line, done, of)
