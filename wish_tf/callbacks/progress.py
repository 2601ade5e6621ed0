from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import keras


@dataclass(frozen=True)
class Progress:
    """How far a stage of a training is.

    Attributes:
        stage: which, such as `"topic space"` or `"fit"`.
        step: number of steps done, from 1.
        of: number of steps that the stage takes at most.
        values: what there is to see of it; of `"fit"` the logs of Keras, at the last
            step of each epoch.
    """

    stage: str
    step: int
    of: int
    values: Mapping[str, float] = field(default_factory=dict)


class ProgressCallback(keras.callbacks.Callback):
    """A Keras callback that is also told of what comes before `fit`.

    Args:
        on_progress: called with each `Progress`; or override the method.

    Examples:
        >>> from wish_tf.callbacks import ProgressCallback
        >>> show = ProgressCallback(lambda event: print(event.stage, event.step))
        >>> show.on_progress(Progress("clusters", 3, 40))
        clusters 3
    """

    def __init__(self, on_progress: Callable[[Progress], None] | None = None):
        super().__init__()
        self._called = on_progress

    def on_progress(self, progress: Progress) -> None:
        """Is told how far a stage is, several times a second in most."""
        if self._called is not None:
            self._called(progress)
