"""What a client makes of the failures of a server, by REST."""

from __future__ import annotations

import socket
import threading
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from tests.client.played_server import (
    MODEL,
    PlayedServer,
    cut_short,
    drip,
    fail,
    hang_up_after,
    predict,
    reset,
    send,
    send_text,
)
from tests.client.toy_model import toy_bits
from wish_tf.client import (
    Client,
    InvalidRequest,
    ModelNotFound,
    RequestTimeout,
    ServerError,
    ServerUnavailable,
    rest_transport,
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize(
    "fault",
    [fail(503), fail(429), fail(504), reset, cut_short],
    ids=["503", "429", "504", "reset", "cut_short"],
)
def test_what_passes_is_asked_again(client, server, fault):
    server.faults.extend([fault] * 3)
    assert client.hash(["red"]).bits.tolist() == [toy_bits("red")]
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("fault", "kind", "status"),
    [
        (fail(503), ServerUnavailable, 503),
        (fail(429), ServerUnavailable, 429),
        (fail(504), RequestTimeout, 504),
        (reset, ServerUnavailable, None),
    ],
)
def test_what_does_not_pass_is_an_error_after_all_tries(server, fault, kind, status):
    server.faults.extend([fault] * 9)
    with Client(server.url, retries=2) as client, pytest.raises(kind) as caught:
        client.hash(["red"])
    assert len(server.requests) == 3
    assert caught.value.status == status
    assert str(caught.value).startswith(server.url)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, InvalidRequest),
        (403, InvalidRequest),
        (404, ModelNotFound),
        (409, InvalidRequest),
        (499, ServerError),
        (500, ServerError),
        (501, ServerError),
        (502, ServerError),
    ],
)
def test_what_will_not_pass_is_asked_once(client, server, status, kind):
    server.faults.append(fail(status, 'JSON Value: {\n    "x": 1\n} is wrong'))
    with pytest.raises(ServerError) as caught:
        client.hash(["red"])
    assert len(server.requests) == 1
    assert type(caught.value) is kind and caught.value.status == status
    assert str(caught.value) == (
        f'{server.url} answered {status}: JSON Value: {{ "x": 1 }} is wrong'
    )


def test_an_error_page_of_a_proxy_is_told_by_its_status(client, server):
    server.faults.append(send_text(b"<html>no</html>", 404))
    with pytest.raises(ModelNotFound, match="answered 404: Not Found$"):
        client.hash(["red"])


def test_a_redirect_is_not_followed(server):
    server.faults.append(fail(307, Location=f"{server.root}/elsewhere"))
    with Client(server.url, token="secret") as client:
        with pytest.raises(ServerError, match="answered 307"):
            client.hash(["red"])
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("soon", 0.0), ("-3", 0.0), ("Mon, 01 Jan 2024 00:00:00 GMT", 0.0)],
)
def test_retry_after_is_honoured(client, server, monkeypatch, header, seconds):
    pauses = []
    monkeypatch.setattr(client._backoff.closed, "wait", pauses.append)
    server.faults.append(fail(503, Retry_After=header))
    client.hash(["red"])
    assert len(pauses) == 1 and pauses[0] == pytest.approx(seconds, abs=0.01)


def test_retry_after_may_be_a_date():
    soon = datetime.now(timezone.utc) + timedelta(seconds=30)
    header = format_datetime(soon, usegmt=True)
    assert 28 < rest_transport._retry_after(header) <= 30


@pytest.mark.parametrize("fault", [lambda _: time.sleep(0.8), drip])
def test_a_slow_answer_is_a_timeout(server, fault):
    server.faults.append(fault)
    started = time.monotonic()
    with Client(server.url, timeout=0.4, retries=0) as client:
        with pytest.raises(RequestTimeout) as caught:
            client.hash(["red"])
    assert time.monotonic() - started < 1.2
    assert str(caught.value) == f"{server.url} gave no whole answer within 0.4 s"
    assert caught.value.status is None


def test_a_slow_answer_is_asked_for_again(server):
    server.faults.append(drip)
    with Client(server.url, timeout=0.3) as client:
        assert client.hash(["red"]).bits.tolist() == [toy_bits("red")]
    assert len(server.requests) == 2


def test_nobody_listens():
    url = f"http://127.0.0.1:{free_port()}/v1/models/wish"
    with Client(url, retries=1) as client:
        with pytest.raises(ServerUnavailable) as caught:
            client.hash(["red"])
    assert str(caught.value) == f"{url} is not to be reached: Connection refused"
    assert caught.value.status is None


def test_a_server_that_comes_late_is_found(monkeypatch):
    port = free_port()
    with Client(f"http://localhost:{port}{MODEL}", retries=20) as client:
        waits = []

        def start_at_the_second_pause(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 2:
                started.append(PlayedServer(port=port))

        started: list[PlayedServer] = []
        monkeypatch.setattr(client._backoff.closed, "wait", start_at_the_second_pause)
        assert client.hash(["red"]).bits.tolist() == [toy_bits("red")]
        assert len(waits) == 2
    started[0].close()


def test_a_name_without_an_address_is_told_at_once(monkeypatch):
    def resolve(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with Client("http://nowhere.invalid/v1/models/wish") as client:
        monkeypatch.setattr(client._backoff.closed, "wait", None)
        with pytest.raises(ServerUnavailable, match="Name or service not known$"):
            client.status()


def test_a_connection_that_the_server_closed_meanwhile_is_no_failure(server):
    with Client(server.url, retries=0) as client:
        server.faults.append(hang_up_after)
        for _ in range(2):
            assert client.hash(["red"]).bits.tolist() == [toy_bits("red")]
    assert server.connections == 2


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (send_text(b'{"predictions": ['), "^expected JSON from .*; it does not parse"),
        (send_text(b"\xff"), "^expected JSON from "),
        (send_text(b"[" * 100_000), "^expected JSON from "),
        (send({}), "^expected predictions of .*; the server sent '{}'$"),
        (send([]), "^expected predictions of "),
        (send({"predictions": []}), "^expected predictions of "),
        (send({"predictions": [[5.0]]}), "^expected predictions of "),
        (send({"predictions": [5.0]}), "^expected predictions of "),
        (
            send({"predictions": [{"code_bytes": {"b64": "?"}}]}),
            "^expected predictions of ",
        ),
        (send({"predictions": [{"code_bytes": "YQ=="}]}), "^expected predictions of "),
        (send({"predictions": [{}]}), "^expected the outputs bits, code_bytes, "),
        (
            send(predict({"signature_name": "hash", "instances": ["a"]})),
            "^expected 2 predictions; the server sent 1$",
        ),
    ],
)
def test_an_answer_that_cannot_be_used_is_asked_for_once(
    client, server, fault, sentence
):
    server.faults.append(fault)
    with pytest.raises(ServerError, match=sentence) as caught:
        client.hash(["a", "b"])
    assert type(caught.value) is ServerError and caught.value.status == 200
    assert len(server.requests) == 1


def test_a_model_that_changes_its_length_between_requests_is_refused(client, server):
    answer = predict({"signature_name": "hash", "instances": ["red"]})
    answer["predictions"][0] |= {
        "bits": [1],
        "probabilities": [0.75],
        "code_bytes": {"b64": "gA=="},
    }
    server.faults.append(send(answer))
    with pytest.raises(ServerError, match="some of 1 and some of 11 bits: its model"):
        client.hash(["red", "blue"], batch_size=1)


def test_one_failed_request_fails_all_and_the_client_goes_on(client, server):
    server.faults.append(fail(400, "no"))
    with pytest.raises(InvalidRequest):
        client.hash(["a"] * 50, batch_size=1)
    assert client.hash(["red"]).bits.tolist() == [toy_bits("red")]


def test_what_does_not_speak_http_is_told():
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        connection.recv(10_000)
        connection.sendall(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00 a gRPC server\r\n")
        connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/models/wish"
    with Client(url) as client:
        with pytest.raises(ServerError, match="does not answer in HTTP: BadStatusLine"):
            client.status()
    thread.join()
    listener.close()


def test_a_body_that_is_refused_unread_is_told_by_the_answer():
    listener = socket.create_server(("127.0.0.1", 0))
    asked = []

    def refuse() -> None:
        connection, _ = listener.accept()
        asked.append(connection.recv(1000))
        error = b'{"error": "Request body is longer than 100 bytes"}'
        connection.sendall(
            b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%b"
            % (len(error), error)
        )
        connection.close()

    thread = threading.Thread(target=refuse)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}{MODEL}"
    with Client(url, retries=0) as client:
        with pytest.raises(InvalidRequest, match="400: Request body is longer than"):
            client.hash(["long " * 5_000_000])
    thread.join()
    listener.close()
    assert len(asked) == 1
