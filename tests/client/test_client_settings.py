"""What a client is told: texts, limits, a token, certificates, to close."""

from __future__ import annotations

import os
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.client.played_server import (
    fail,
    hang_up_after,
)
from tests.client.toy_model import toy_bits
from wish_tf.client import (
    Client,
    InvalidRequest,
    ServerUnavailable,
)
from wish_tf.errors import InputError


def test_a_token_is_sent_and_never_shown(server):
    server.faults.append(fail(401, "Unauthorized"))
    with Client(server.url, token="s3cret") as client:
        with pytest.raises(InvalidRequest) as caught:
            client.hash(["red"])
        assert "s3cret" not in str(caught.value)
        client.status()
    assert [headers["Authorization"] for _, _, headers, _ in server.requests] == [
        "Bearer s3cret"
    ] * 2


def test_tls_with_the_certificates_of_a_file(tls_server, localhost):
    with Client(tls_server.url, ca_file=localhost.certificate) as client:
        assert client.hash(["red"]).bits.tolist() == [toy_bits("red")]
        client.hash(["red"])
    assert tls_server.connections == 1


def test_a_connection_with_tls_that_was_closed_meanwhile_is_no_failure(
    tls_server, localhost
):
    ca_file = localhost.certificate
    with Client(tls_server.url, ca_file=ca_file, retries=0) as client:
        tls_server.faults.append(hang_up_after)
        for _ in range(2):
            assert client.hash(["red"]).bits.tolist() == [toy_bits("red")]
    assert tls_server.connections == 2


def test_a_certificate_that_is_not_trusted_is_told_at_once(tls_server):
    with Client(tls_server.url) as client:
        with pytest.raises(ServerUnavailable, match="certificate verify failed"):
            client.hash(["red"])
    assert tls_server.requests == []


def test_a_file_without_certificates_is_refused(tmp_path):
    url = "https://localhost:1/v1/models/wish"
    with pytest.raises(InputError, match="PEM certificates; got .*: No such file"):
        Client(url, ca_file=tmp_path / "missing")
    (tmp_path / "empty").write_text("nothing")
    with pytest.raises(InputError, match="^expected a file of PEM certificates; got"):
        Client(url, ca_file=tmp_path / "empty")
    assert ssl.create_default_context().check_hostname


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ("red", "expected a list of texts; got a single str"),
        (["a", b"b"], "expected texts as strings; got bytes at position 1"),
        (["a", None], "expected texts as strings; got None at position 1"),
        (
            ["a", "b", "red\ud83d"],
            "expected texts that UTF-8 can carry; got a lone surrogate at position 2, "
            "character 3",
        ),
    ],
)
def test_texts_that_cannot_be_sent_are_refused(client, server, texts, sentence):
    with pytest.raises(InputError) as caught:
        client.hash(texts)
    assert str(caught.value) == sentence
    assert server.requests == []


def test_bad_arguments_are_refused(client):
    with pytest.raises(InputError, match="^expected batch_size to be a whole number"):
        client.hash(["red"], batch_size=0)
    for k in (0, 1.5, None):
        with pytest.raises(InputError, match="^expected k to be a whole number from 1"):
            client.topics(k)
    with pytest.raises(InputError, match="^expected k to .* 1 to 2147483647; got"):
        client.topics(2**31)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"timeout": 0}, "expected a timeout above 0 seconds; got 0"),
        ({"timeout": float("nan")}, "expected a timeout above 0 seconds; got nan"),
        ({"timeout": None}, "expected a timeout above 0 seconds; got None"),
        ({"retries": -1}, "expected retries to be a whole number from 0; got -1"),
        ({"connections": 0}, "expected connections to be a whole number from 1; got 0"),
        (
            {"token": "a\r\nX: b"},
            "expected a token of visible ASCII characters; got something else",
        ),
        (
            {"token": ""},
            "expected a token of visible ASCII characters; got something else",
        ),
        (
            {"ca_file": "ca.pem"},
            "expected https:// or grpcs:// with certificates; got "
            "'http://h/v1/models/wish'",
        ),
    ],
)
def test_bad_settings_are_refused(arguments, sentence):
    with pytest.raises(InputError) as caught:
        Client("http://h/v1/models/wish", **arguments)
    assert str(caught.value) == sentence


def test_a_client_is_used_in_the_process_that_made_it(server, monkeypatch):
    with Client(server.url) as client:
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: -1)
            with pytest.raises(InputError, match="^expected a client made in"):
                client.hash(["red"])
        assert server.requests == []
        assert len(client.hash(["red"]).bits) == 1


def test_a_closed_client_asks_nothing(server):
    client = Client(server.url)
    client.close()
    for ask in (lambda: client.hash(["red"]), client.status, lambda: client.hash([])):
        with pytest.raises(InputError, match="^expected an open client; got a cl"):
            ask()
    assert server.requests == []


def test_closing_does_not_wait_for_a_pause(server):
    server.faults.extend([fail(503, Retry_After="50")] * 3)
    client = Client(server.url)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(client.hash, ["red"])
        while not server.requests:
            time.sleep(0.005)
        client.close()
        with pytest.raises(ServerUnavailable):
            asked.result(timeout=5)
    assert len(server.requests) == 1
