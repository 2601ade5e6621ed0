"""A server in a thread."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from wish_tf.server import ModelConfig, ServerOptions
from wish_tf.server.http_server import HttpServer
from wish_tf.server.rest_app import RestApp


@contextlib.contextmanager
def listening(app: RestApp) -> Iterator[str]:
    """Runs a server on a free port of 127.0.0.1; yields its address."""
    server = HttpServer(app, ServerOptions(ModelConfig("m", Path("m"))))
    ready = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread = threading.Thread(target=server.run, args=(listener, ready.set))
    thread.start()
    assert ready.wait(60)
    try:
        yield url
    finally:
        server.stop()
        thread.join()
