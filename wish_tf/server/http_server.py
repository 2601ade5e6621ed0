"""The HTTP side of the server: its event loop and its connections."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from wish_tf.server.http_connection import HttpConnection
from wish_tf.server.rest_app import RestApp
from wish_tf.server.server_options import ServerOptions

new_event_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
try:
    from uvloop import new_event_loop
except ModuleNotFoundError:  # there is none for Windows
    pass

_LISTENING = 2048


class HttpServer:
    """Runs an event loop in the thread that calls it, until it is told to stop."""

    def __init__(self, app: RestApp, options: ServerOptions) -> None:
        """Does nothing yet; `app` answers the requests."""
        self._app = app
        self._seconds = options.limits.receive_timeout_in_ms / 1000
        self._tls = None if options.tls is None else options.tls.context()
        self._connections: set[HttpConnection] = set()
        self._loop = new_event_loop()
        self._stopped = asyncio.Event()

    def run(
        self,
        listener: socket.socket,
        on_ready: Callable[[], object] = lambda: None,
        grace_seconds: float = 30,
    ) -> None:
        """Answers requests until `stop` is called, and then those under way.

        Args:
            listener: A bound socket; it is closed in the end.
            on_ready: Called when connections are accepted.
            grace_seconds: Longest time to wait for the requests under way.
        """
        try:
            self._loop.run_until_complete(self._run(listener, on_ready, grace_seconds))
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()

    def stop(self) -> None:
        """Takes no more requests; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    async def _run(
        self, listener: socket.socket, on_ready: Callable[[], object], grace: float
    ) -> None:
        server = await self._loop.create_server(
            lambda: HttpConnection(self._app, self._seconds, self._connections),
            sock=listener,
            backlog=_LISTENING,
            ssl=self._tls,
            ssl_handshake_timeout=self._seconds if self._tls else None,
        )
        on_ready()
        await self._stopped.wait()
        server.close()
        for connection in list(self._connections):
            connection.end()
        end = self._loop.time() + grace
        while self._connections and self._loop.time() < end:
            await asyncio.sleep(0.02)
        for connection in list(self._connections):
            connection.abort()
