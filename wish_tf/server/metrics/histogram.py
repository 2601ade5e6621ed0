"""Distributions of measured values."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterator
from itertools import accumulate

from wish_tf.server.metrics.labels import label_text


class Histogram:
    """A distribution for each combination of label values; thread-safe."""

    def __init__(
        self, name: str, *labels: str, scale: float, growth: float, buckets: int
    ) -> None:
        """Begins empty.

        Args:
            name: Name of the metric, as it is printed.
            labels: Names of its labels.
            scale: Upper limit of the first bucket.
            growth: From the limit of a bucket to that of the next.
            buckets: How many, without the one that has no limit.
        """
        self._name = name
        self._labels = labels
        self._limits = [scale * growth**k for k in range(buckets)]
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}
        self._lock = threading.Lock()

    def observe(self, value: float, *values: str) -> None:
        """Puts a value into its bucket.

        Args:
            value: What was measured; a limit belongs to the bucket below it.
            values: Value of each label.
        """
        bucket = bisect.bisect_left(self._limits, value)
        with self._lock:
            if values not in self._counts:
                self._counts[values] = [0] * (len(self._limits) + 1)
                self._sums[values] = 0.0
            self._counts[values][bucket] += 1
            self._sums[values] += value

    def lines(self) -> Iterator[str]:
        """Yields the lines of the text format, sorted by label values."""
        with self._lock:
            cells = sorted(
                (values, list(counts), self._sums[values])
                for values, counts in self._counts.items()
            )
        yield f"# TYPE {self._name} histogram"
        limits = [f"{limit:g}" for limit in self._limits] + ["+Inf"]
        for values, counts, total in cells:
            labels = label_text(self._labels, values)
            start = f"{self._name}_bucket{{{labels}{',' if labels else ''}"
            for limit, count in zip(limits, accumulate(counts), strict=True):
                yield f'{start}le="{limit}"}} {count}'
            # All digits: a rate is the difference of two large sums.
            exact = repr(total).removesuffix(".0")
            yield f"{self._name}_sum{{{labels}}} {exact}"
            yield f"{self._name}_count{{{labels}}} {sum(counts)}"
