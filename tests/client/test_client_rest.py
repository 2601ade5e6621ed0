"""What a client asks a server by REST, and how it reads the answers."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.client.played_server import (
    METADATA,
    MODEL,
    NAME,
    chunked,
    predict,
    send_text,
)
from tests.client.toy_model import toy_bits, toy_hash, toy_topics
from wish_tf.client import (
    Client,
    VersionStatus,
)
from wish_tf.errors import InputError

TEXTS = ["red", "", 'caf\u00e9 \U0001f600 "quoted"\n\u2028', "nul \x00 inside", "red"]


def test_codes_arrive_exactly(client):
    hashed = client.hash(TEXTS)
    assert hashed.bits.tolist() == [toy_bits(text) for text in TEXTS]
    assert hashed.out_of_vocabulary.tolist() == [False, True, False, False, False]
    np.testing.assert_array_equal(
        hashed.probabilities, toy_hash(TEXTS)["probabilities"], strict=True
    )
    assert hashed.packed.dtype == np.uint8


def test_a_request_is_one_of_the_row_format(client, server):
    client.hash(["red", "caf\u00e9"])
    method, path, headers, body = server.requests[0]
    assert (method, path) == ("POST", f"{MODEL}:predict")
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {
        "signature_name": "hash",
        "instances": ["red", "caf\u00e9"],
    }
    assert "Authorization" not in headers


def test_documents_arrive_in_the_order_of_the_texts(client, server):
    texts = [f"text {i}" for i in range(7)]
    found = client.search([*texts, ""], k=2, batch_size=3)
    assert found.ids.tolist() == [[f"{t}é0", f"{t}é1"] for t in texts] + [["", ""]]
    assert found.distances.tolist() == [[0, 1]] * 7 + [[-1, -1]]
    assert found.out_of_vocabulary.tolist() == [False] * 7 + [True]
    bodies = [json.loads(body) for *_, body in server.requests]
    assert {body["signature_name"] for body in bodies} == {"search"}
    rows = sorted((body["instances"] for body in bodies), key=str)
    assert rows[0] == [{"text": text, "k": 2} for text in texts[:3]]
    assert [len(part) for part in rows] == [3, 3, 2]


def test_what_cannot_be_searched_for_is_refused(client, server):
    for texts, k, sentence in [
        ([], 1, "one or more texts"),
        ("red", 1, "a single str"),
        (["red"], 0, "k to be a whole number from 1 to 2147483647; got 0"),
        (["red"], 2**31, "k to .* 1 to 2147483647; got 2147483648"),
    ]:
        with pytest.raises(InputError, match=sentence):
            client.search(texts, k)
    assert server.requests == []


@pytest.mark.parametrize("choice", ["/versions/12", "/labels/stable"])
def test_a_version_or_a_label_is_asked_for(server, choice):
    with Client(server.url + choice) as client:
        client.hash(["red"])
        client.status()
        client.metadata()
    assert [request[1] for request in server.requests] == [
        f"{MODEL}{choice}:predict",
        f"{MODEL}{choice}",
        f"{MODEL}{choice}/metadata",
    ]


def test_order_is_kept_over_many_requests_at_once(server):
    texts = [f"text {i}" for i in range(83)]
    server.pause = 0.01
    with Client(server.url, connections=3) as client:
        hashed = client.hash(texts, batch_size=4)
    assert hashed.bits.tolist() == [toy_bits(text) for text in texts]
    sizes = [len(json.loads(body)["instances"]) for *_, body in server.requests]
    assert sorted(sizes) == [3] + [4] * 20
    assert server.most_at_once == server.connections == 3


def test_a_connection_is_used_again(client, server):
    for _ in range(5):
        client.hash(["red"])
    client.status()
    assert len(server.requests) == 6 and server.connections == 1


def test_several_threads_share_a_client(client):
    def ask(i: int) -> bool:
        texts = [f"{i} {j}" for j in range(10)]
        bits = client.hash(texts, batch_size=3).bits.tolist()
        return bits == [toy_bits(text) for text in texts]

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(24)))


def test_no_texts_have_codes_of_the_right_length(client, server):
    hashed = client.hash([])
    assert hashed.bits.shape == (0, 11) and hashed.packed.shape == (0, 2)
    assert hashed.out_of_vocabulary.shape == (0,)
    assert [request[1] for request in server.requests] == [f"{MODEL}/metadata"]


def test_topics(client, server):
    (words,), (weights,) = toy_topics(3).values()
    topics = client.topics(3)
    assert [[word for word, _ in bit] for bit in topics] == words.tolist()
    np.testing.assert_array_equal(
        np.array([[weight for _, weight in bit] for bit in topics], np.float32),
        weights,
    )
    assert json.loads(server.requests[0][3]) == {
        "signature_name": "topics",
        "instances": [3],
    }


def test_status_and_metadata(client):
    assert client.status() == [
        VersionStatus(12, "AVAILABLE", "OK", ""),
        VersionStatus(13, "END", "NOT_FOUND", "no such file"),
    ]
    assert client.metadata() == METADATA
    assert client.metadata()["model_spec"]["name"] == NAME


def test_an_answer_in_chunks_is_whole(client, server):
    server.faults.append(chunked)
    assert client.hash(TEXTS).bits.tolist() == [toy_bits(text) for text in TEXTS]
    client.hash(["red"])
    assert server.connections == 1


def test_numbers_that_are_not_finite_are_read(client, server):
    answer = predict({"signature_name": "hash", "instances": ["red"]})
    (row,) = answer["predictions"]
    on, off = row["bits"].index(1), row["bits"].index(0)
    row["probabilities"][on] = float("inf")
    row["probabilities"][off] = float("nan")
    body = json.dumps(answer).encode()
    assert b"NaN" in body and b"Infinity" in body
    server.faults.append(send_text(body))
    hashed = client.hash(["red"])
    assert hashed.bits.tolist() == [toy_bits("red")]
    assert np.isnan(hashed.probabilities[0, off])
    assert np.isposinf(hashed.probabilities[0, on])
