"""Runs models for requests, within limits and counted."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor

import numpy as np

from wish_tf.server.limits import Limits
from wish_tf.server.loop_mailbox import result_in_loop
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.servable import Servable
from wish_tf.server.serving_error import ServingError, StatusCode


@dataclasses.dataclass(frozen=True)
class Predictor:
    """What REST and gRPC have in common.

    Attributes:
        limits: What a request may cost.
        metrics: Where requests are counted.
    """

    limits: Limits
    metrics: ServerMetrics

    def run(
        self,
        servable: Servable,
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
        with self._checked(servable, model, signature_name, inputs):
            return servable.predict(signature_name, inputs)

    async def run_in_loop(
        self,
        servable: Servable,
        model: str,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
        executor: Executor,
    ) -> dict[str, np.ndarray]:
        """As `run`, on an event loop; no thread waits for a run of merged calls.

        When it is cancelled, what has not begun is not run.

        Args:
            servable: As of `run`.
            model: As of `run`.
            signature_name: As of `run`.
            inputs: As of `run`.
            executor: Where calls that are not merged are run.
        """
        with self._checked(servable, model, signature_name, inputs):
            if signature_name in servable.merged:
                return await result_in_loop(servable.submit(signature_name, inputs))
            return await asyncio.get_running_loop().run_in_executor(
                executor, servable.run, signature_name, inputs
            )

    @contextlib.contextmanager
    def _checked(
        self,
        servable: Servable,
        model: str,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
    ) -> Iterator[None]:
        """Refuses a run that would be too large, and counts one that went well."""
        self.limits.check_batch(inputs.values())
        in_a_row = servable.values_in_a_row(signature_name)
        self.limits.check_answer(inputs.values(), in_a_row)
        start = time.perf_counter()
        yield
        rows = max((len(array) for array in inputs.values() if array.ndim), default=1)
        elapsed = 1e6 * (time.perf_counter() - start)
        self.metrics.runtime_latency.observe(elapsed, model, "Predict", "TF1")
        self.metrics.examples.observe(rows, model)
        self.metrics.example_total.add(model, by=rows)

    @contextlib.contextmanager
    def counted(self, model: str, api: str, entrypoint: str) -> Iterator[None]:
        """Counts a request with its outcome and the time the context takes.

        Args:
            model: Name of a model that is served.
            api: `Predict`, `Classify`.
            entrypoint: `REST` or `GRPC`.
        """
        start = time.perf_counter()
        code = StatusCode.INTERNAL
        try:
            yield
            code = StatusCode.OK
        except ServingError as error:
            code = error.code
            raise
        except asyncio.CancelledError:
            code = StatusCode.CANCELLED
            raise
        finally:
            self.metrics.request_count.add(model, code.name)
            if code is StatusCode.OK:
                elapsed = 1e6 * (time.perf_counter() - start)
                self.metrics.request_latency.observe(elapsed, model, api, entrypoint)
