"""Numbers that only grow."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator

from wish_tf.server.metrics.labels import label_text


class Counter:
    """A count for each combination of label values; thread-safe."""

    def __init__(self, name: str, *labels: str) -> None:
        """Begins at zero.

        Args:
            name: Name of the metric, as it is printed.
            labels: Names of its labels.
        """
        self._name = name
        self._labels = labels
        self._counts: defaultdict[tuple[str, ...], int] = defaultdict(int)
        self._lock = threading.Lock()

    def add(self, *values: str, by: int = 1) -> None:
        """Counts something.

        Args:
            values: Value of each label.
            by: How often it happened.
        """
        with self._lock:
            self._counts[values] += by

    def lines(self) -> Iterator[str]:
        """Yields the lines of the text format, sorted by label values."""
        with self._lock:
            counts = sorted(self._counts.items())
        yield f"# TYPE {self._name} counter"
        for values, count in counts:
            yield f"{self._name}{{{label_text(self._labels, values)}}} {count}"
