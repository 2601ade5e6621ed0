from __future__ import annotations

import http.client
import ssl
import time
from collections import deque
from collections.abc import Mapping

_PIECE = 2**16
# Method, path, body and headers.
_Request = tuple[str, str, bytes | None, Mapping[str, str]]
# What a connection raises that the other side has closed or lost.
BROKEN = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class KeptConnections:
    """Connections to one server, which are used again; safe in several threads.

    Args:
        host: Name or address of the machine.
        port: Its port.
        timeout: Longest an exchange may take, connecting included, seconds.
        context: For TLS; None for none.
    """

    def __init__(
        self, host: str, port: int, timeout: float, context: ssl.SSLContext | None
    ) -> None:
        self._host = host
        self._port = port
        self._timeout = timeout
        self._context = context
        # Its append and pop are atomic.
        self._idle: deque[http.client.HTTPConnection] = deque()

    def exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Sends a request and returns the answer to it, with its content.

        Raises:
            TimeoutError: If it took too long.
            OSError: If the server is not to be reached, or hung up (`BROKEN`).
            http.client.HTTPException: If the answer is not HTTP or cut short.
        """
        deadline = time.monotonic() + self._timeout
        request = (method, path, body, headers)
        try:
            kept = self._idle.pop()
        except IndexError:
            return self._send(self._new(), request, deadline)
        try:
            return self._send(kept, request, deadline)
        except BROKEN:
            # Servers close connections that were idle for long: no failure yet.
            return self._send(self._new(), request, deadline)

    def close(self) -> None:
        """Closes the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()

    def _new(self) -> http.client.HTTPConnection:
        if self._context is None:
            return http.client.HTTPConnection(self._host, self._port)
        return http.client.HTTPSConnection(
            self._host, self._port, context=self._context
        )

    def _send(
        self,
        connection: http.client.HTTPConnection,
        request: _Request,
        deadline: float,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        try:
            connection.timeout = _remaining(deadline)
            if connection.sock is None:
                connection.connect()
            socket = connection.sock
            socket.settimeout(_remaining(deadline))
            whole = _send_request(connection, request)
            socket.settimeout(_remaining(deadline))
            response = connection.getresponse()
            content = bytearray()
            # In pieces, as a socket's timeout is for each wait and not for all.
            while response.length != 0 and (piece := response.read1(_PIECE)):
                content += piece
                socket.settimeout(_remaining(deadline))
            if response.length:
                raise http.client.IncompleteRead(bytes(content), response.length)
            response.close()
        except BaseException:
            connection.close()
            raise
        if response.will_close or not whole:
            connection.close()
        else:
            self._idle.append(connection)
        return response, bytes(content)


def _send_request(connection: http.client.HTTPConnection, request: _Request) -> bool:
    """Sends a request; returns whether the server took all of it.

    A server that refuses a long body may answer before it has read it, and hang
    up: the answer is there to be read, and says more than the broken connection.
    """
    try:
        connection.request(*request)
    except BROKEN:
        return False
    return True


def _remaining(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
