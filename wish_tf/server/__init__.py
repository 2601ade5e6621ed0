"""A small server with the REST and gRPC interfaces of TensorFlow Serving.

`run_server(ServerOptions(...))` runs it. It needs TensorFlow and the `server`
extra (Starlette, uvicorn), which are imported on first use, so that the JSON side
can be used without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wish_tf.server.limits import Limits
from wish_tf.server.model_config import ModelConfig
from wish_tf.server.server_options import ServerOptions
from wish_tf.server.tls_files import TlsFiles
from wish_tf.server.version_policy import VersionPolicy

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

_EXTRA = ("httptools", "uvicorn")


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
