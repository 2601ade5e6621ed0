"""Runs models for requests, within limits and counted."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from wish_tf.server.batched_servable import BatchedServable
from wish_tf.server.batching import Encode
from wish_tf.server.http_status import StatusCode
from wish_tf.server.limits import Limits
from wish_tf.server.loaded_version import LoadedVersion
from wish_tf.server.loop_mailbox import LoopMailbox
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.serving_error import ServingError

_RUNTIME = "TF1"  # TF-Serving's name for a session


class Predictor:
    """What REST and gRPC have in common.

    Attributes:
        limits: What a request may cost.
        metrics: Where requests are counted.
    """

    def __init__(self, limits: Limits, metrics: ServerMetrics) -> None:
        """Sets the attributes.

        Args:
            limits: What a request may cost.
            metrics: Where requests are counted.
        """
        self.limits = limits
        self.metrics = metrics

    def run(
        self,
        servable: LoadedVersion,
        model: str,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
    ) -> dict[str, np.ndarray]:
        """Runs a signature.

        Args:
            servable: The version to run.
            model: Name of its model, for the metrics.
            signature_name: One of its signatures.
            inputs: Array per input name.

        Returns:
            Array per output, ordered by name.

        Raises:
            ServingError: If there are too many rows or the run fails.
        """
        self._check(servable, signature_name, inputs)
        start = time.perf_counter()
        outputs = servable.predict(signature_name, inputs)
        self._observe(model, inputs, start)
        return outputs

    async def run_merged(
        self,
        servable: BatchedServable,
        model: str,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
        encode: Encode,
        mailbox: LoopMailbox,
    ) -> Any:
        """As `run`, on an event loop.

        Args:
            servable: The version to run.
            model: Name of its model, for the metrics.
            signature_name: One of its signatures whose calls are merged.
            inputs: Array per input name.
            encode: As of `BatchScheduler.submit`.
            mailbox: Of the event loop.

        Returns:
            The call's part of what `encode` returns.

        Raises:
            ServingError: As `run`.
        """
        self._check(servable, signature_name, inputs)
        start = time.perf_counter()
        future = servable.submit(signature_name, inputs, encode)
        result = await mailbox.result(future)
        self._observe(model, inputs, start)
        return result

    def _check(
        self,
        servable: LoadedVersion,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
    ) -> None:
        self.limits.check_batch(inputs.values())
        in_a_row = values_in_a_row(servable.signatures[signature_name].outputs)
        self.limits.check_answer(inputs.values(), in_a_row)

    def _observe(
        self, model: str, inputs: Mapping[str, np.ndarray], start: float
    ) -> None:
        """Counts a run that went well."""
        self.metrics.observe_runtime(model, _RUNTIME, _microseconds_since(start))
        rows = max((len(array) for array in inputs.values() if array.ndim), default=1)
        self.metrics.observe_examples(model, rows)

    @contextlib.contextmanager
    def counted(
        self, model: str, api: str, entrypoint: str, start: float | None = None
    ) -> Iterator[None]:
        """Counts a request with its outcome and the time the context takes.

        Args:
            model: Name of a model that is served.
            api: `Predict`, `Classify`.
            entrypoint: `REST` or `GRPC`.
            start: When it began, by `time.perf_counter`; None is now.
        """
        start = time.perf_counter() if start is None else start
        code = StatusCode.INTERNAL
        try:
            yield
            code = StatusCode.OK
        except ServingError as error:
            code = error.code
            raise
        finally:
            self.metrics.count_request(model, code.name)
            if code is StatusCode.OK:
                elapsed = _microseconds_since(start)
                self.metrics.observe_request(model, api, entrypoint, elapsed)


def values_in_a_row(outputs: Mapping[str, Any]) -> int:
    """Returns how many values a signature answers for each row, as far as it says.

    Args:
        outputs: The `TensorInfo` of each output.
    """
    total = 0
    for output in outputs.values():
        sizes = [dim.size for dim in output.tensor_shape.dim[1:]]
        total += math.prod(size for size in sizes if size > 0)
    return total


def _microseconds_since(start: float) -> float:
    return 1e6 * (time.perf_counter() - start)
