"""A small server with the REST API of TensorFlow Serving.

`create_app` makes the ASGI application, `run_server` runs it. Both need
TensorFlow and the `server` extra (Starlette and uvicorn); they are imported on
first use, so that the JSON side can be used without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wish_tf.server.app import create_app
    from wish_tf.server.run import run_server

__all__ = ["create_app", "run_server"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from wish_tf.server import app, run
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise ModuleNotFoundError(
            f"The server needs {error.name}: pip install 'wish-tf[server]'.",
            name=error.name,
        ) from error
    return getattr(app if name == "create_app" else run, name)
