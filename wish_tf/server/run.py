"""Runs the server in the foreground."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
from collections.abc import Iterator

import uvicorn

from wish_tf.errors import InputError
from wish_tf.server.app import create_app

_logger = logging.getLogger("wish_tf.server")
_SHUTDOWN_SECONDS = 30  # as long as a run of the model may take
_MAX_PORT = 65535


def run_server(
    base_path: str | os.PathLike[str],
    *,
    name: str = "wish",
    host: str = "127.0.0.1",
    rest_api_port: int = 8501,
) -> None:
    """Serves the latest version of a model until SIGINT or SIGTERM.

    Logs one line, to the logger `wish_tf.server`, when it is ready. There is no
    TLS and no authentication, as in TF-Serving: listen on an address other than
    the default only behind something that has them.

    Args:
        base_path: Folder of a model, with numbered version folders in it.
        name: Name of the model in URLs: `/v1/models/<name>:predict`.
        host: Address to listen on.
        rest_api_port: Port to listen on; 0 takes a free one (see the log line).

    Raises:
        InputError: If the port cannot be had or the model cannot be loaded.
    """
    with contextlib.closing(_bind(host, rest_api_port)) as listener:
        app = create_app(base_path, name)
        _show_info(_logger)
        address = f"[{host}]" if ":" in host else host
        url = f"http://{address}:{listener.getsockname()[1]}/v1/models/{name}"
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
        with _signals_ignored_after_stop():
            _Server(config, url).run(sockets=[listener])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        _logger.info("Serving %s", self._url)


def _bind(host: str, port: int) -> socket.socket:
    """Takes the port before the model is loaded, which may take long."""
    if not 0 <= port <= _MAX_PORT:
        raise InputError(f"Expected a port from 0 to {_MAX_PORT}, got {port}.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise InputError(
            f"Expected to listen on {host} port {port}, but that failed: "
            f"{error.strerror}."
        ) from error
    return listener


def _show_info(logger: logging.Logger) -> None:
    """Lets the ready line through when the program has not set up logging."""
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not logger.hasHandlers():
        logger.addHandler(logging.StreamHandler())


@contextlib.contextmanager
def _signals_ignored_after_stop() -> Iterator[None]:
    """Makes a stop by signal a normal return.

    uvicorn stops on the signals and then raises them again for the handlers it
    found; these do nothing.
    """
    previous = {
        number: signal.signal(number, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
