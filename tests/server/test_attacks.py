"""Whatever a connection does, the server gives an answer of the contract, and goes on.

Over sockets, of what an HTTP library would not send. Bodies that are small are in
`test_any_request.py` and `conformance/`.
"""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from soaking.server_process import ServerProcess
from tests.server.conftest import MAX_BODY, MB, RECEIVE_SECONDS
from tests.server.raw_client import ROW, SUM, RawClient, is_closed, read_answer

CLOSE = b"Connection: close"
SLOW_RUN = b'{"signature_name": "count", "inputs": 100000}'


@pytest.fixture
def raw(server: ServerProcess) -> Iterator[RawClient]:
    """A client; the server has to answer a good request after the test."""
    client = RawClient(server.rest.replace("/small", "/conformance"))
    yield client
    assert_serves(client)


def assert_serves(client: RawClient) -> None:
    answer = client.ask(client.post(ROW, CLOSE))
    assert (answer.status, answer.content) == (200, SUM)


def chunked(client: RawClient, *chunks: bytes) -> bytes:
    head = b"POST %s:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head % client.model + b"".join(chunks)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"garbage\r\n\r\n", id="no HTTP"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(b"BREW /v1/models/wish HTTP/1.1\r\n\r\n", id="method"),
        pytest.param(b"CONNECT h:80 HTTP/1.1\r\n\r\n", id="CONNECT"),
        pytest.param(b"CONNECT /v1/x HTTP/1.1\r\n\r\n", id="CONNECT with a path"),
        pytest.param(b"GET http://h HTTP/1.1\r\n\r\n", id="URL without a path"),
        pytest.param(b"GET v1/models HTTP/1.1\r\n\r\n", id="path without a slash"),
        pytest.param(b"GET /v1/\xff HTTP/1.1\r\n\r\n", id="path not in ASCII"),
        pytest.param(b"GET /v1/\0 HTTP/1.1\r\n\r\n", id="NUL in the path"),
        pytest.param(b"GET /v1/ HTTP/1.1\r\nA: \0\r\n\r\n", id="NUL in a header"),
        pytest.param(b"GET /v1/ HTTP/1.1\r\n: b\r\n\r\n", id="header without a name"),
    ],
)
def test_what_is_no_http_gets_an_error(raw: RawClient, request_bytes: bytes):
    with raw.connect() as connection:
        connection.sendall(request_bytes)
        assert read_answer(connection).status == 400
        connection.settimeout(0.5 * RECEIVE_SECONDS)
        assert is_closed(connection)


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: -5"],
        [b"Content-Length: 5.0"],
        [b"Content-Length: 99999999999999999999999"],
        [b"Content-Length: 5", b"Content-Length: 7"],
        [b"Content-Length: 5", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked", b"", b"zz"],
        [b"Transfer-Encoding: chunked", b"", b"-1"],
    ],
)
def test_a_wrong_length_gets_an_error(raw: RawClient, lines: list[bytes]):
    head = b"POST %s:predict HTTP/1.1" % raw.model
    assert raw.ask(b"\r\n".join([head, *lines, b"", b"12345"])).status == 400


def test_a_length_that_is_too_short_cuts_the_body(raw: RawClient):
    with raw.connect() as connection:
        connection.sendall(raw.post(length=len(ROW) - 4))
        assert read_answer(connection).status == 400
        assert is_closed(connection)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b"Upgrade: h2c", b"HTTP2-Settings: AA", b"Connection: Upgrade"],
        [b"Upgrade: websocket", b"Connection: keep-alive, upgrade"],
        [b"Authorization: \xff\xfe", b"X: " + b"y" * 30_000],
    ],
    ids=["plain", "h2c", "websocket", "odd headers"],
)
def test_a_good_request_in_single_bytes(raw: RawClient, lines: list[bytes]):
    with raw.connect() as connection:
        request = raw.post(ROW, *lines)
        for at in range(len(request) if len(request) < 1000 else 0):
            connection.sendall(request[at : at + 1])
        if len(request) >= 1000:
            connection.sendall(request)
        for _ in range(2):  # the connection can be used again
            answer = read_answer(connection)
            assert (answer.status, answer.content) == (200, SUM)
            connection.sendall(request)


def test_http_1_0(raw: RawClient):
    with raw.connect() as connection:
        connection.sendall(raw.post(version=b"1.0"))
        assert read_answer(connection).content == SUM
        assert is_closed(connection, 4)


def test_what_follows_the_last_request_is_passed_over(raw: RawClient):
    refused = b"POST /nope HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    for last, status in ((raw.post(ROW, CLOSE), 200), (refused, 404)):
        with raw.connect() as connection:
            connection.sendall(last + b"garbage\r\n\r\n")
            assert read_answer(connection).status == status
            assert not connection.recv(1)


def test_a_body_in_chunks(raw: RawClient):
    answer = raw.ask(
        chunked(raw, *(chunk(ROW[i : i + 3]) for i in range(0, 23, 3)), b"0\r\n\r\n")
    )
    assert answer.content == SUM


def test_expect_100_continue(raw: RawClient):
    with raw.connect() as connection:
        connection.sendall(raw.post(b"", b"Expect: 100-continue", length=len(ROW)))
        assert read_answer(connection).status == 100
        connection.sendall(ROW)
        assert read_answer(connection).content == SUM
        too_long = raw.post(b"", b"Expect: 100-continue", length=MAX_BODY + 1)
        connection.sendall(too_long)
        assert read_answer(connection).status == 400  # and no 100 before it


def test_requests_in_a_row_are_answered_in_order(raw: RawClient):
    bodies = [b'{"instances": [[%d, 0]]}' % number for number in range(50)]
    with raw.connect() as connection:
        connection.sendall(b"".join(map(raw.post, bodies)))
        answers = [read_answer(connection).content for _ in bodies]
        assert answers == [{"predictions": [[float(n)]]} for n in range(50)]
        connection.sendall(b"garbage\r\n\r\n")
        assert read_answer(connection).status == 400
        assert is_closed(connection)


def test_a_client_that_has_said_all_gets_its_answer(raw: RawClient):
    with raw.connect() as connection:
        connection.sendall(raw.post())
        connection.shutdown(socket.SHUT_WR)
        assert read_answer(connection).content == SUM


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(lambda raw: raw.post(SLOW_RUN) + b"GET / HTTP/1.1\r\n", id="head"),
        pytest.param(lambda raw: chunked(raw, chunk(ROW), b"0\r\n"), id="trailer"),
    ],
)
def test_lines_without_an_end(raw: RawClient, server: ServerProcess, start):
    """After a request that is answered, or as the trailer of one."""
    before = server.memory
    with raw.connect() as connection:
        with pytest.raises(ConnectionError):
            connection.sendall(start(raw))
            for _ in range(100):
                connection.sendall(b"A: " + b"b" * MB + b"\r\n")
    assert server.memory < before + 32


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /" + b"a" * MB + b" HTTP/1.1\r\n\r\n",
        b"GET /v1/ HTTP/1.1\r\nA: " + b"a" * MB,
        b"GET /v1/ HTTP/1.1\r\n" + b"A: b\r\n" * 200_000,
        b"GET /v1/ HTTP/1.1\r\nA: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /v1/ HTTP/1.1\r\nContent-Length: 2\r\n"
        + b"A: bcdefg\r\n" * 9000
        + b"\r\n{}",
    ],
    ids=["URL", "header", "headers", "whole header", "whole URL", "with a body"],
)
def test_a_head_that_is_too_long(raw: RawClient, request_bytes: bytes):
    answer = raw.ask(request_bytes)
    assert answer.status == 400
    assert answer.error == "Request headers are longer than 65536 bytes"


def test_slow_clients_are_sent_away_while_others_are_served(raw: RawClient):
    starts = {
        "head": b"POST /v1/mod",
        "body": raw.post(length=1000),
        "second request": raw.post() + b"GET /v1/m",
        "chunks": chunked(raw, chunk(b" ")),
        "refused body": raw.post(b"", length=MAX_BODY + 1),
        "blank lines": b"\r\n",
        "nothing": b"",
    }
    drops = {"blank lines": b"\r\n", "head": b"e", "chunks": chunk(b" "), "body": b" "}
    connections = {name: raw.connect() for name in starts}
    for name, start in starts.items():
        connections[name].sendall(start)
    assert read_answer(connections["second request"]).content == SUM
    assert read_answer(connections["refused body"]).status == 400
    answered = threading.Event()

    def drip() -> None:
        while not answered.wait(0.2):
            for name, drop in drops.items():
                try:
                    connections[name].sendall(drop)
                except OSError:
                    pass

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        assert_serves(raw)
        for name in ("head", "body", "chunks"):
            answer = read_answer(connections[name])
            assert answer.status == 504, name
            assert answer.error == "Timed out waiting for the request"
        for name, connection in connections.items():
            assert is_closed(connection), name
    finally:
        answered.set()
        thread.join()
        for connection in connections.values():
            connection.close()


def test_an_answer_that_nobody_fetches_is_dropped(raw: RawClient):
    text = b"a" * (MAX_BODY - MB)
    body = b'{"signature_name": "echo", "instances": ["%s"]}' % text
    with raw.connect() as connection:
        connection.sendall(raw.post(body, CLOSE))
        assert_serves(raw)
        # That the server has given up shows in that it takes no more either.
        with pytest.raises(ConnectionError):
            while True:
                connection.sendall(b" ")
                time.sleep(0.1)


@pytest.mark.parametrize("start", [b"", b"PRI * HTTP/2", b"\x16\x03\x01\x02\x00\x01"])
def test_grpc_connections_that_are_half_open_are_closed(
    server: ServerProcess, start: bytes
):
    host, port = server.grpc.split("/")[2].split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(start)
        assert is_closed(connection)


def test_many_requests_whose_answers_nobody_fetches(
    raw: RawClient, server: ServerProcess
):
    before = server.memory
    request = b"GET %s/metadata HTTP/1.1\r\nHost: h\r\n\r\n" % raw.model
    with raw.connect() as connection, pytest.raises(ConnectionError):
        while True:
            connection.sendall(request * 1000)
    assert server.memory < before + 32


def test_clients_that_go_in_the_middle(raw: RawClient):
    for request in (raw.post()[:-3], raw.post()[:30], raw.post(SLOW_RUN)):
        for _ in range(2):
            with raw.connect() as connection:
                connection.sendall(request)
    assert_serves(raw)


def test_many_idle_connections(raw: RawClient):
    idle = [raw.connect() for _ in range(400)]
    try:
        assert_serves(raw)
        assert all(is_closed(connection) for connection in idle)
    finally:
        for connection in idle:
            connection.close()


@pytest.mark.parametrize("announced", [True, False])
def test_100_megabytes(raw: RawClient, server: ServerProcess, announced: bool):
    before = server.memory
    body = b" " * (100 * MB)
    request = raw.post(body) if announced else chunked(raw, chunk(body))
    answer = raw.ask(request)
    assert answer.status == 400
    assert answer.error == f"Request body is longer than {MAX_BODY} bytes"
    assert server.memory < before + 3 * MAX_BODY / MB


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            b'{"signature_name": "hash", "instances": [%s"a"]}' % (b'"b",' * 10**6),
            "at most 65536 rows; got 1000001",
        ),
        (b'{"inputs": [%s[]]}' % (b"[]," * 10**7), "at most 4194304 commas"),
        (b" " * (300 * MB), "longer than 268435456 bytes when inflated"),
    ],
    ids=["a million texts", "many small values", "more than may be inflated"],
)
def test_bombs(raw: RawClient, server: ServerProcess, body: bytes, error: str):
    before = server.memory
    packed = gzip.compress(body, 1)
    assert len(packed) < MAX_BODY / 4
    answer = raw.ask(raw.post(packed, b"Content-Encoding: gzip", CLOSE))
    assert answer.status == 400 and error in answer.error
    # What was made of the body is given back, but for what the allocator keeps.
    assert server.memory < before + 300


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * MB, id="lists"),
        pytest.param(b'{"a":' * MB, id="objects"),
        pytest.param(b'{"instances": [[1%s, 2]]}' % (b"0" * MB), id="number"),
        pytest.param(b'{"instances": [[1, 2]\0]}', id="NUL"),
        pytest.param(b'{"signature_name": "\xff\xfe\\u0000"}', id="no UTF-8"),
    ],
)
def test_bodies_that_are_hard_to_read(raw: RawClient, body: bytes):
    answer = raw.ask(raw.post(body, CLOSE))
    assert answer.status == 400 and answer.content.keys() == {"error"}


def test_names_of_models_that_there_are_not_leave_nothing_behind(
    raw: RawClient, server: ServerProcess
):
    with raw.connect() as connection:
        for number in range(300):
            path = b"POST /v1/models/m%d:predict" % number
            connection.sendall(raw.post().replace(b"POST %s:predict" % raw.model, path))
            assert read_answer(connection).status == 404
        connection.sendall(
            b"GET /monitoring/prometheus/metrics HTTP/1.1\r\nHost: h\r\n\r\n"
        )
        assert b'"m1"' not in read_answer(connection).body
