from __future__ import annotations

import time

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

from tests.client.played_grpc_server import PlayedGrpcServer
from tests.client.played_server import PlayedServer
from tests.client.toy_model import BITS, toy_bits, toy_hash, toy_topics
from wish_tf.client import (
    Client,
    InvalidRequest,
    ModelNotFound,
    RequestTimeout,
    ServerError,
    ServerUnavailable,
    VersionStatus,
)
from wish_tf.errors import InputError

TEXTS = ["red", "", "caf\u00e9 \U0001f600", "nul inside \x00 and last \x00", "red"]


@pytest.fixture
def server():
    played = PlayedGrpcServer()
    yield played
    played.close()


@pytest.fixture
def client(server):
    with Client(server.url, timeout=5) as made:
        yield made


def test_codes_arrive_exactly(client, server):
    hashed = client.hash(TEXTS)
    assert hashed.bits.tolist() == [toy_bits(text) for text in TEXTS]
    assert hashed.out_of_vocabulary.tolist() == [False, True, False, False, False]
    np.testing.assert_array_equal(
        hashed.probabilities, toy_hash(TEXTS)["probabilities"], strict=True
    )
    (request,) = server.requests
    assert request.model_spec.name == "half plus"
    assert request.model_spec.signature_name == "hash"
    assert request.model_spec.WhichOneof("version_choice") is None
    assert list(request.inputs) == ["text"]
    assert request.inputs["text"].dtype == tf.string.as_datatype_enum


def test_documents_arrive_in_the_order_of_the_texts(client, server):
    found = client.search(TEXTS, k=4, batch_size=2)
    names = [
        [f"{text}é{i}" for i in range(3)] + [""] if text else [""] * 4 for text in TEXTS
    ]
    assert found.ids.tolist() == names
    assert found.distances.tolist() == [[0, 1, 2, -1] if t else [-1] * 4 for t in TEXTS]
    assert found.out_of_vocabulary.tolist() == [text == "" for text in TEXTS]
    assert {request.model_spec.signature_name for request in server.requests} == {
        "search"
    }


def test_a_version_is_asked_for(server):
    with Client(server.url + "/versions/12") as client:
        client.hash(["red"])
        client.status()
        client.metadata()
    assert [r.model_spec.version.value for r in server.requests] == [12] * 3


def test_a_label_is_asked_for(server):
    with Client(server.url + "/labels/stable") as client:
        client.hash(["red"])
    assert server.requests[0].model_spec.version_label == "stable"


def test_order_is_kept_over_many_requests_at_once(server):
    texts = [f"text {i}" for i in range(83)]
    server.pause = 0.01
    with Client(server.url) as client:
        hashed = client.hash(texts, batch_size=4)
    assert hashed.bits.tolist() == [toy_bits(text) for text in texts]
    assert len(server.requests) == 21


def test_no_texts_have_codes_of_the_right_length(client):
    assert client.hash([]).bits.shape == (0, BITS)


def test_topics(client, server):
    topics = client.topics(3)
    (words,), (weights,) = toy_topics(3).values()
    assert [[word for word, _ in bit] for bit in topics] == words.tolist()
    assert [[weight for _, weight in bit] for bit in topics] == weights.tolist()
    assert server.requests[0].inputs["k"].dtype == tf.int32.as_datatype_enum


def test_status(client):
    assert client.status() == [
        VersionStatus(12, "AVAILABLE", "OK", ""),
        VersionStatus(13, "END", "NOT_FOUND", "no such file"),
    ]


def test_metadata_has_the_form_that_rest_gives(client):
    metadata = client.metadata()
    assert metadata["model_spec"] == {
        "name": "half plus",
        "signature_name": "",
        "version": "12",
    }
    signatures = metadata["metadata"]["signature_def"]["signature_def"]
    assert signatures["hash"]["outputs"]["probabilities"] == {
        "dtype": "DT_FLOAT",
        "tensor_shape": {
            "dim": [{"size": "-1", "name": ""}, {"size": "11", "name": ""}],
            "unknown_rank": False,
        },
        "name": "p:0",
    }


@pytest.mark.parametrize(
    "code", ["UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"]
)
def test_what_passes_is_asked_again(client, server, code):
    server.faults.extend([grpc.StatusCode[code]] * 3)
    assert client.hash(["red"]).bits.tolist() == [toy_bits("red")]
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("code", "kind", "status", "tries"),
    [
        ("UNAVAILABLE", ServerUnavailable, 503, 3),
        ("RESOURCE_EXHAUSTED", ServerUnavailable, 429, 3),
        ("DEADLINE_EXCEEDED", RequestTimeout, 504, 3),
        ("NOT_FOUND", ModelNotFound, 404, 1),
        ("INVALID_ARGUMENT", InvalidRequest, 400, 1),
        ("FAILED_PRECONDITION", InvalidRequest, 400, 1),
        ("UNAUTHENTICATED", InvalidRequest, 401, 1),
        ("PERMISSION_DENIED", InvalidRequest, 403, 1),
        ("UNIMPLEMENTED", ServerError, 501, 1),
        ("INTERNAL", ServerError, 500, 1),
    ],
)
def test_every_code_has_its_error(server, code, kind, status, tries):
    server.faults.extend([grpc.StatusCode[code]] * 9)
    with Client(server.url, retries=2) as client, pytest.raises(kind) as caught:
        client.hash(["red"])
    assert type(caught.value) is kind and caught.value.status == status
    assert str(caught.value) == f"{server.url} gave {code}: as it was told"
    assert len(server.requests) == tries


def test_a_slow_answer_is_a_timeout(server):
    server.pause = 1.0
    started = time.monotonic()
    with Client(server.url, timeout=0.1, retries=0) as client:
        with pytest.raises(RequestTimeout, match="gave DEADLINE_EXCEEDED: Deadl"):
            client.hash(["red"])
    assert time.monotonic() - started < 1.0


def test_nobody_listens(server):
    server.close()
    with Client(server.url, retries=1) as client:
        with pytest.raises(ServerUnavailable, match="gave UNAVAILABLE: .*refused"):
            client.hash(["red"])


def test_tensors_that_cannot_be_codes_are_refused(client, server):
    server.outputs = {"bits": tf.make_tensor_proto([[1, 0]])}
    with pytest.raises(ServerError, match="expected probabilities of shape"):
        client.hash(["red"])
    server.outputs = {"code_bytes": tf.make_tensor_proto([b"\x00\x00"])}
    with pytest.raises(ServerError, match="expected code_bytes that are the packed"):
        client.hash(["red"])
    server.outputs = {"words": tf.make_tensor_proto([[b"\xff"]])}
    with pytest.raises(ServerError, match="^expected tensors from .*'utf-8' codec"):
        client.topics(1)
    broken = tensor_pb2.TensorProto(dtype=tf.float32.as_datatype_enum)
    broken.tensor_shape.dim.add(size=3)
    broken.tensor_content = b"\x00"
    server.outputs = {"probabilities": broken}
    with pytest.raises(ServerError, match="^expected tensors from .*cannot be read"):
        client.hash(["red"])


def test_a_token_is_sent(server):
    with Client(server.url, token="s3cret") as client:
        client.hash(["red"])
        client.status()
    assert [h["authorization"] for h in server.headers] == ["Bearer s3cret"] * 2


def test_tls_with_the_certificates_of_a_file(localhost):
    server = PlayedGrpcServer(localhost.certificate, localhost.key)
    try:
        with Client(server.url, ca_file=localhost.certificate) as client:
            assert client.hash(["red"]).bits.tolist() == [toy_bits("red")]
        with Client(server.url, retries=0) as client:
            with pytest.raises(ServerUnavailable):
                client.hash(["red"])
    finally:
        server.close()


def test_a_file_without_certificates_is_refused(tmp_path):
    with pytest.raises(InputError, match="^expected a file of PEM certificates; got"):
        Client("grpcs://localhost:1/wish", ca_file=tmp_path / "missing")


def test_a_server_of_another_kind_is_unavailable():
    played = PlayedServer()
    url = played.root.replace("http", "grpc") + "/wish"
    with Client(url, retries=0, timeout=5) as client:
        with pytest.raises((ServerUnavailable, RequestTimeout)):
            client.hash(["red"])
    played.close()
