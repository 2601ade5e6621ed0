"""A small server with the REST and gRPC interfaces of TensorFlow Serving.

`run_server(ServerOptions(...))` runs it. It needs the `server` extra (httptools
and others), which is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wish_tf.server.limits import Limits
from wish_tf.server.model_config import ModelConfig, VersionPolicy
from wish_tf.server.server_options import ServerOptions, TlsFiles

if TYPE_CHECKING:
    from wish_tf.server.run import run_server

__all__ = [
    "Limits",
    "ModelConfig",
    "ServerOptions",
    "TlsFiles",
    "VersionPolicy",
    "run_server",
]

_EXTRA = ("grpc_health", "httptools", "orjson")


def __getattr__(name: str) -> Any:
    if name != "run_server":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from wish_tf.server import run
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise ModuleNotFoundError(
            f"The server needs {error.name}: pip install 'wish-tf[server]'.",
            name=error.name,
        ) from error
    return run.run_server
