"""What event files hold, read back by TensorBoard's own reader of records."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util.tensor_util import make_ndarray


def events(folder: Path) -> dict[str, list[tuple[int, np.ndarray]]]:
    """Returns all (step, value) of each tag in a folder, as often as written."""
    found = defaultdict(list)
    for file in sorted(folder.glob("events.out.tfevents.*")):
        for event in EventFileLoader(str(file)).Load():
            for value in event.summary.value:
                found[value.tag].append((event.step, make_ndarray(value.tensor)))
    return dict(found)


def scalars(folder: Path, tag: str, resumed: bool = False) -> list[float]:
    """Returns the values of a tag, of which each step must be there once, in order;
    of a training that was resumed its last value is taken."""
    found = events(folder)[tag]
    if resumed:
        found = sorted(dict(found).items())
    steps = [step for step, _ in found]
    assert steps == sorted(set(steps)), f"{tag} is at the steps {steps}"
    return [float(value) for _, value in found]
