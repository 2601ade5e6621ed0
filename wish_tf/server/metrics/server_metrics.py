"""What the server counts, under the names of TF-Serving's metrics."""

from __future__ import annotations

from typing import TypedDict

from wish_tf.server.metrics.counter import Counter
from wish_tf.server.metrics.histogram import Histogram

_PREFIX = ":tensorflow:serving:"
_BATCHING = f"{_PREFIX}batching_session:"


class _Buckets(TypedDict):
    scale: float
    growth: float
    buckets: int


# 10 microseconds to 24 minutes.
_LATENCY = _Buckets(scale=10.0, growth=1.8, buckets=33)
_EXAMPLES = _Buckets(scale=1.0, growth=2.0, buckets=15)
_ROWS = _Buckets(scale=1.0, growth=2.0, buckets=14)


class ServerMetrics:
    """Counts and latencies of a server, in Prometheus' text format; thread-safe.

    Every combination of label values stays in memory: give names of models that
    are served, not whatever a request asks for.
    """

    def __init__(self) -> None:
        """Begins with nothing counted."""
        self._request_count = Counter(f"{_PREFIX}request_count", "model_name", "status")
        self._request_latency = Histogram(
            f"{_PREFIX}request_latency", "model_name", "API", "entrypoint", **_LATENCY
        )
        self._runtime_latency = Histogram(
            f"{_PREFIX}runtime_latency", "model_name", "API", "runtime", **_LATENCY
        )
        self._examples = Histogram(
            f"{_PREFIX}request_example_counts", "model", **_EXAMPLES
        )
        self._example_total = Counter(f"{_PREFIX}request_example_count_total", "model")
        self._warmup_latency = Histogram(
            f"{_PREFIX}model_warmup_latency", "model_path", "status", **_LATENCY
        )
        self._queueing = Histogram(
            f"{_BATCHING}queuing_latency",
            "thread_pool_name",
            scale=100.0,
            growth=1.2,
            buckets=52,
        )
        self._runs = Counter(f"{_BATCHING}wrapped_run_count")
        self._input_size = Histogram(f"{_BATCHING}input_batch_size", **_ROWS)
        self._batch_size = Histogram(f"{_BATCHING}processed_batch_size", **_ROWS)
        self._padding = Histogram(
            f"{_BATCHING}padding_size", "execution_batch_size", **_ROWS
        )

    def count_request(self, model_name: str, status: str) -> None:
        """Counts a request that was answered.

        Args:
            model_name: Name of a model that is served.
            status: Name of the canonical code: `OK`, `INVALID_ARGUMENT`.
        """
        self._request_count.add(model_name, status)

    def observe_request(
        self, model_name: str, api: str, entrypoint: str, microseconds: float
    ) -> None:
        """Notes how long a request took; TF-Serving does so only for status OK.

        Args:
            model_name: Name of a model that is served.
            api: `Predict`, `GetModelMetadata`.
            entrypoint: `REST` or `GRPC`.
            microseconds: From its arrival to its answer.
        """
        self._request_latency.observe(microseconds, model_name, api, entrypoint)

    def observe_runtime(
        self, model_name: str, runtime: str, microseconds: float
    ) -> None:
        """Notes how long TensorFlow took for a `Predict`.

        Args:
            model_name: Name of a model that is served.
            runtime: What ran it; `TF1` is what TF-Serving says of a SavedModel.
            microseconds: Waiting for a batch included.
        """
        self._runtime_latency.observe(microseconds, model_name, "Predict", runtime)

    def observe_examples(self, model_name: str, count: int) -> None:
        """Notes how many texts a request had.

        Args:
            model_name: Name of a model that is served.
            count: Rows of its inputs.
        """
        self._examples.observe(count, model_name)
        self._example_total.add(model_name, by=count)

    def observe_warmup(self, model_path: str, status: str, microseconds: float) -> None:
        """Notes how long the warm-up of a version took.

        Args:
            model_path: Folder of the version.
            status: Name of the canonical code.
            microseconds: All its warm-up requests together.
        """
        self._warmup_latency.observe(microseconds, model_path, status)

    def observe_queueing(self, thread_pool_name: str, microseconds: float) -> None:
        """Notes how long a call waited for its batch to be run.

        Args:
            thread_pool_name: Of the batching parameters.
            microseconds: From its arrival to the run.
        """
        self._queueing.observe(microseconds, thread_pool_name)

    def observe_input(self, rows: int) -> None:
        """Notes how large a call is that is to be batched.

        Args:
            rows: Its rows.
        """
        self._input_size.observe(rows)

    def observe_batch(self, rows: int) -> None:
        """Counts a run of merged calls.

        Args:
            rows: Rows of the run, padding included.
        """
        self._runs.add()
        self._batch_size.observe(rows)

    def observe_padding(self, rows: int, padding: int) -> None:
        """Notes how much of a run was padding; there is a histogram for each size.

        Args:
            rows: Rows of the run, padding included: one of the allowed sizes.
            padding: Rows of padding.
        """
        self._padding.observe(padding, str(rows))

    def text(self) -> str:
        """The page that Prometheus reads, content type `text/plain`."""
        pages = sorted("\n".join(metric.lines()) for metric in vars(self).values())
        return "\n".join(pages) + "\n"
