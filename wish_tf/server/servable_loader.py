"""Makes a version ready to serve."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.limits import Limits
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.servable import Servable
from wish_tf.server.serving_error import ServingError, StatusCode
from wish_tf.server.warm_up import WARM_UP_FILE, warm_up


@dataclasses.dataclass(frozen=True)
class ServableLoader:
    """Loads versions and warms them up.

    Attributes:
        limits: What a request may cost.
        metrics: Where warm-ups and batches are counted.
        enable_model_warmup: Whether to run the requests of the warm-up file.
        batching: When and how calls are merged; None: each is run by itself.
    """

    limits: Limits
    metrics: ServerMetrics
    enable_model_warmup: bool = True
    batching: BatchingParameters | None = None

    def load(self, path: Path, version: int) -> Servable:
        """Returns the version in a folder, warmed up.

        Raises:
            InputError: If the folder is not a SavedModel that can be loaded.
            ServingError: If the warm-up fails.
        """
        timeout = self.limits.rest_api_timeout_in_ms
        servable = Servable(path, version, timeout, self.batching, self.metrics)
        try:
            if self.enable_model_warmup and (path / WARM_UP_FILE).exists():
                self._warm_up(servable, path)
        except BaseException:
            servable.close()
            raise
        return servable

    def _warm_up(self, servable: Servable, path: Path) -> None:
        start = time.perf_counter()
        code = StatusCode.OK
        try:
            warm_up(servable, path, self.limits.max_inflated_bytes)
        except ServingError as error:
            code = error.code
            raise
        finally:
            elapsed = 1e6 * (time.perf_counter() - start)
            self.metrics.warmup_latency.observe(elapsed, str(path), code.name)
