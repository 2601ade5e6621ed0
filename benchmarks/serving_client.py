"""A client for load: raw sockets in one event loop, requests made beforehand.

It looks at no more of an answer than its status and length, and so costs a small
part of what any server costs; `Load.client_cores` tells how much.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from itertools import cycle


@dataclass(frozen=True)
class Load:
    """What a server did under load.

    Attributes:
        requests_a_second: Requests answered.
        p50: Median time from a request to its answer, seconds.
        p99: Time that one in a hundred requests exceeded, seconds.
        client_cores: Cores the client itself used.
        answered: Requests answered, those of the warm-up included.
    """

    requests_a_second: float
    p50: float
    p99: float
    client_cores: float
    answered: int


def http_request(path: str, body: bytes) -> bytes:
    """Returns a whole POST request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def measure_load(
    port: int,
    requests: list[bytes],
    connections: int,
    seconds: float,
    warm_up: float,
) -> Load:
    """Keeps a server busy: each connection sends its next request at once.

    Args:
        port: Of the server, on 127.0.0.1.
        requests: Whole requests, sent in turn.
        connections: How many requests are under way at a time.
        seconds: How long, after the warm-up; longer if there were not as many
            answers as connections.
        warm_up: How long before answers are counted, seconds.

    Raises:
        RuntimeError: If an answer has another status than 200, or a connection
            ends early.
    """
    return asyncio.run(_measure(port, requests, connections, seconds, warm_up))


async def _measure(port, requests, connections, seconds, warm_up) -> Load:
    loop = asyncio.get_running_loop()
    run = _Run(requests, connections, seconds, warm_up, loop.create_future())
    cpu, began = time.process_time(), time.perf_counter()
    transports = [
        (await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port))[0]
        for _ in range(connections)
    ]
    try:
        await run.done
    finally:
        for transport in transports:
            transport.abort()
    cores = (time.process_time() - cpu) / (time.perf_counter() - began)
    times = sorted(run.times)
    return Load(
        len(times) / (run.last - run.begin),
        times[len(times) // 2],
        times[len(times) * 99 // 100],
        cores,
        run.answered,
    )


class _Run:
    """What the connections of one measurement share."""

    def __init__(self, requests, connections, seconds, warm_up, done) -> None:
        self.requests = cycle(requests)
        self.least = connections
        self.begin = time.perf_counter() + warm_up
        self.end = self.begin + seconds
        self.last = self.begin
        self.times: list[float] = []
        self.answered = 0
        self.done = done

    def count(self, sent: float) -> None:
        self.answered += 1
        now = time.perf_counter()
        if now < self.begin or self.done.done():
            return
        self.times.append(now - sent)
        self.last = now
        if now >= self.end and len(self.times) >= self.least:
            self.done.set_result(None)

    def fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(why))


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._answer = bytearray()
        self._length: int | None = None

    def connection_made(self, transport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if self._length is None:
            head_end = self._answer.find(b"\r\n\r\n")
            if head_end < 0:
                return
            head = bytes(self._answer[:head_end]).lower()
            if not head.startswith(b"http/1.1 200"):
                self._run.fail(self._answer.decode(errors="replace")[:500])
                return
            length = head.split(b"content-length:")[1].split(b"\r\n")[0]
            self._length = head_end + 4 + int(length)
        if len(self._answer) >= self._length:
            self._run.count(self._sent)
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._run.fail(f"the server closed a connection: {error}")

    def _send(self) -> None:
        self._answer.clear()
        self._length = None
        self._sent = time.perf_counter()
        self._transport.write(next(self._run.requests))
