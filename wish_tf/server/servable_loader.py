"""Makes a version ready to serve."""

from __future__ import annotations

from pathlib import Path

from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.servable import Servable
from wish_tf.server.server_options import ServerOptions
from wish_tf.server.warm_up import warm_up


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
    try:
        if options.enable_model_warmup:
            warm_up(servable, path, limits.max_inflated_bytes)
    except BaseException:
        servable.close()
        raise
    return servable
