"""Makes a version ready to serve."""

from __future__ import annotations

import time
from pathlib import Path

from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.servable import Servable
from wish_tf.server.server_options import ServerOptions
from wish_tf.server.serving_error import ServingError, StatusCode
from wish_tf.server.warm_up import WARM_UP_FILE, warm_up


def load_servable(
    options: ServerOptions, metrics: ServerMetrics, path: Path, version: int
) -> Servable:
    """Returns the version in a folder, warmed up.

    Raises:
        InputError: If the folder is not a SavedModel that can be loaded.
        ServingError: If the warm-up fails.
    """
    limits = options.limits
    timeout = limits.rest_api_timeout_in_ms
    servable = Servable(path, version, timeout, options.batching, metrics)
    if not options.enable_model_warmup or not (path / WARM_UP_FILE).exists():
        return servable
    start, code = time.perf_counter(), StatusCode.OK
    try:
        warm_up(servable, path, limits.max_inflated_bytes)
    except BaseException as error:
        code = error.code if isinstance(error, ServingError) else StatusCode.UNKNOWN
        servable.close()
        raise
    finally:
        elapsed = 1e6 * (time.perf_counter() - start)
        metrics.warmup_latency.observe(elapsed, str(path), code.name)
    return servable
