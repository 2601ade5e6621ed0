"""What the server counts, under the names of TF-Serving's metrics.

Prometheus' own client would write `request_count_total` for TF-Serving's
`request_count`, and takes three times as long to count.
"""

from __future__ import annotations

import bisect
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from wish_tf.errors import InputError
from wish_tf.server.text_proto import read_settings

_DEFAULT_PATH = "/monitoring/prometheus/metrics"
_PREFIX = ":tensorflow:serving:"
_BATCHING = f"{_PREFIX}batching_session:"
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True)
class MonitoringConfig:
    """The fields of TF-Serving's `monitoring.config`.

    Attributes:
        enable: Whether Prometheus' text is served.
        path: Its path on the REST port.

    Raises:
        InputError: On construction, if the path is not one.
    """

    enable: bool = False
    path: str = _DEFAULT_PATH

    def __post_init__(self) -> None:
        if not self.path.startswith("/") or self.path.lower().startswith("/v1/"):
            raise InputError(
                "expected a path for the metrics that begins with / and is outside of "
                f"/v1/, where the models are; got {self.path!r}"
            )

    @classmethod
    def from_file(cls, path: str | Path) -> MonitoringConfig:
        """Reads a file such as TF-Serving's flag `--monitoring_config_file` takes.

        Args:
            path: A text proto; metrics are off unless it turns them on.

        Raises:
            InputError: If the file cannot be read, has a field that is not
                known here, or a path that cannot be used.
        """
        what, part = "a monitoring configuration", "prometheus_config"
        return read_settings(cls, path, "MonitoringConfig", what, part)


class Counter:
    """A count for each combination of label values; thread-safe."""

    def __init__(self, name: str, *labels: str) -> None:
        self._name = name
        self._labels = labels
        self._counts: defaultdict[tuple[str, ...], int] = defaultdict(int)
        self._lock = threading.Lock()

    def add(self, *values: str, by: int = 1) -> None:
        with self._lock:
            self._counts[values] += by

    def lines(self) -> Iterator[str]:
        """Yields the lines of the text format, sorted by label values."""
        with self._lock:
            counts = sorted(self._counts.items())
        yield f"# TYPE {self._name} counter"
        for values, count in counts:
            yield f"{self._name}{_labelled(self._labels, values)} {count}"


class Histogram:
    """A distribution for each combination of label values; thread-safe."""

    def __init__(
        self, name: str, *labels: str, scale: float, growth: float, buckets: int
    ) -> None:
        """Begins empty; bucket k has the upper limit `scale * growth**k`."""
        self._name = name
        self._labels = labels
        self._limits = [scale * growth**k for k in range(buckets)]
        # Per label values the sum, and then the count of each bucket.
        self._cells: defaultdict[tuple[str, ...], list[float]] = defaultdict(
            lambda: [0] * (len(self._limits) + 2)
        )
        self._lock = threading.Lock()

    def observe(self, value: float, *values: str) -> None:
        """Puts a value into its bucket; a limit belongs to the bucket below it."""
        bucket = bisect.bisect_left(self._limits, value) + 1
        with self._lock:
            cell = self._cells[values]
            cell[bucket] += 1
            cell[0] += value

    def lines(self) -> Iterator[str]:
        """Yields the lines of the text format, sorted by label values."""
        with self._lock:
            cells = sorted((values, list(cell)) for values, cell in self._cells.items())
        yield f"# TYPE {self._name} histogram"
        limits = [f"{limit:g}" for limit in self._limits] + ["+Inf"]
        for values, (total, *counts) in cells:
            for limit, count in zip(limits, accumulate(counts), strict=True):
                labels = _labelled((*self._labels, "le"), (*values, limit))
                yield f"{self._name}_bucket{labels} {count}"
            labels = _labelled(self._labels, values)
            # All digits: a rate is the difference of two large sums.
            yield f"{self._name}_sum{labels} {repr(total).removesuffix('.0')}"
            yield f"{self._name}_count{labels} {sum(counts)}"


def _labelled(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    """Returns labels between braces; what UTF-8 cannot hold becomes `?`."""
    pairs = [
        f'{name}="{value.encode("utf-8", "replace").decode().translate(_ESCAPES)}"'
        for name, value in zip(names, values, strict=True)
    ]
    return "{" + ",".join(pairs) + "}"


class ServerMetrics:
    """Counts and latencies (microseconds) of a server, in Prometheus' text format.

    Thread-safe. Every combination of label values stays in memory: give names of models
    that are served, not whatever a request asks for.

    Attributes:
        request_count: Requests by name of the model and of the canonical code.
        request_latency: From arrival to answer, by name of the model, API (`Predict`)
            and `REST` or `GRPC`; as in TF-Serving, only of requests with status OK.
        runtime_latency: How long runs took, waiting for a batch included, by name of
            the model, API and what ran them: TF-Serving says `TF1` of a SavedModel.
        examples: Texts of requests, by name of the model.
        example_total: Their sum.
        queueing: How long calls waited for their batch, by name of the threads.
        runs: Runs of merged calls.
        input_size: Rows of calls that are to be merged.
        batch_size: Rows of runs.
    """

    def __init__(self) -> None:
        """Begins with nothing counted."""

        def latency(name: str, *labels: str) -> Histogram:
            # 10 microseconds to 24 minutes.
            name = _PREFIX + name
            return Histogram(name, *labels, scale=10.0, growth=1.8, buckets=33)

        def rows(name: str, *labels: str, buckets: int = 14) -> Histogram:
            return Histogram(name, *labels, scale=1.0, growth=2.0, buckets=buckets)

        self.request_count = Counter(f"{_PREFIX}request_count", "model_name", "status")
        by = ("model_name", "API")
        self.request_latency = latency("request_latency", *by, "entrypoint")
        self.runtime_latency = latency("runtime_latency", *by, "runtime")
        self.examples = rows(f"{_PREFIX}request_example_counts", "model", buckets=15)
        self.example_total = Counter(f"{_PREFIX}request_example_count_total", "model")
        name, label = f"{_BATCHING}queuing_latency", "thread_pool_name"
        self.queueing = Histogram(name, label, scale=100.0, growth=1.2, buckets=52)
        self.runs = Counter(f"{_BATCHING}wrapped_run_count")
        self.input_size = rows(f"{_BATCHING}input_batch_size")
        self.batch_size = rows(f"{_BATCHING}processed_batch_size")

    def text(self) -> str:
        """Returns the page that Prometheus reads, content type `text/plain`."""
        pages = sorted("\n".join(metric.lines()) for metric in vars(self).values())
        return "\n".join(pages) + "\n"
