"""HTTP/1.1 for clients that mean no good."""

from __future__ import annotations

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from wish_tf.server.http_status import StatusCode
from wish_tf.server.model_json import error_json

_UPGRADE = b"upgrade"
_MAX_HEADER_BYTES = 64 * 1024
_LONG_HEADERS = f"Request headers are longer than {_MAX_HEADER_BYTES} bytes"


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits of time and of headers, and errors in JSON.

    A request has to arrive, and its answer to be fetched, in a given time;
    uvicorn itself waits for ever for both. What is no HTTP gets an error of the
    contract after the answers to the requests before it on the connection.
    """

    def __init__(self, receive_timeout_in_ms: int, **settings: Any) -> None:
        """Sets the time.

        Args:
            receive_timeout_in_ms: How long a request may take to arrive and its
                answer to leave, milliseconds each.
            settings: As uvicorn gives them.
        """
        super().__init__(**settings)
        self._seconds = receive_timeout_in_ms / 1000
        self._timer: asyncio.TimerHandle | None = None
        self._receiving = False  # a part of a request has come, but not all
        self._in_body = False  # its headers have come
        self._is_to_be_repeated = False  # without its wish for another protocol
        self._header_bytes = 0
        self._has_long_headers = False
        self._answering = 0  # requests that are whole, but not their answers
        self._refusal: bytes | None = None  # to be sent after these answers

    # A server's connection is none of the one-way kinds that asyncio allows for.
    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        """Starts the time for the first request."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the time."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads a part of a request, of one or of several."""
        if self._refusal is not None or self.transport.is_closing():
            return
        self._header_bytes += len(data)
        self._unset_keepalive_if_required()
        while data:
            data = self._parse(data)
        if self.transport.is_closing() or self._refusal is not None:
            return
        if self._header_bytes > _MAX_HEADER_BYTES:
            self._refuse(StatusCode.INVALID_ARGUMENT, _LONG_HEADERS)
        elif self._receiving or not self._answering:
            self._start_timer()

    def _parse(self, data: bytes) -> bytes:
        """Parses all of the data, or up to a wish for another protocol.

        Some clients send the wish with every request. The parser then takes the
        body for the other protocol; so it is given the request anew, without it.
        """
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._repeated_head() + data[upgrade.args[0] :]
        except httptools.HttpParserError:
            message = (
                _LONG_HEADERS if self._has_long_headers else "Invalid HTTP request"
            )
            self._refuse(StatusCode.INVALID_ARGUMENT, message)
        return b""

    def _repeated_head(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [self.parser.get_method() + b" " + self.url + b" HTTP/" + version]
        lines += [
            name + b": " + value for name, value in self.headers if name != _UPGRADE
        ]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"\r\n".join([*lines, b"", b""])

    def on_message_begin(self) -> None:
        """A request begins."""
        self._receiving = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its headers are there."""
        # They may have come in one piece, with a body.
        head = sum(len(name) + len(value) + 4 for name, value in self.headers)
        self._has_long_headers = len(self.url) + head > _MAX_HEADER_BYTES
        if self._has_long_headers:
            raise ValueError(_LONG_HEADERS)  # for the parser to pass on
        self._is_to_be_repeated = self.parser.should_upgrade()
        if self._is_to_be_repeated:
            if self.parser.get_method() == b"CONNECT":
                raise ValueError("this is no proxy")  # for the parser to pass on
            return
        super().on_headers_complete()
        self._in_body = True
        self._header_bytes = 0

    def on_body(self, body: bytes) -> None:
        """A part of its body is there."""
        self._header_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It is there."""
        if self._is_to_be_repeated:
            return
        self._receiving = self._in_body = False
        self._header_bytes = 0
        self._stop_timer()
        if not self.cycle.response_complete:  # or it was refused before its end
            self._answering += 1
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is written, which does not mean that it is on its way."""
        self._answering = max(0, self._answering - 1)
        super().on_response_complete()
        if self.transport.is_closing():
            self._start_timer()
        elif self._refusal is not None and not self._answering:
            self._send_refusal()

    def timeout_keep_alive_handler(self) -> None:
        """Closes a connection without requests, whether or not it was read."""
        super().timeout_keep_alive_handler()
        self._start_timer()

    def _refuse(self, code: StatusCode, message: str) -> None:
        """Ends the connection with an error, after the answers under way."""
        body = error_json(message)
        head = (
            b"content-type: application/json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        )
        self._refusal = STATUS_LINE[code.http_status] + head + body
        if self._answering:
            self.flow.pause_reading()
        else:
            self._send_refusal()

    def _send_refusal(self) -> None:
        assert self._refusal is not None, "there is one to send"
        # A request that was refused before its end has had its answer.
        if not (self._in_body and self.cycle.response_started):
            self.transport.write(self._refusal)
        self.transport.close()
        self._start_timer()

    def _start_timer(self) -> None:
        if self._timer is None and self in self.connections:
            self._timer = self.loop.call_later(self._seconds, self._end_of_time)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_of_time(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            self.transport.abort()  # nobody fetches what was written
        elif self._answering:
            self._start_timer()  # nothing can be read before these are answered
        elif self._receiving:
            self._refuse(
                StatusCode.DEADLINE_EXCEEDED, "Timed out waiting for the request"
            )
        else:
            self.transport.close()
            self._start_timer()
