"""A real gRPC server and the stubs of tensorflow-serving-api."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from wish_tf.server import Limits, ModelConfig, ServerOptions, VersionPolicy
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.grpc_server import GrpcServer
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.predictor import Predictor
from wish_tf.server.servable import load_servable

LIMITS = Limits(
    max_batch_size=5,
    max_inflated_bytes=4000,
    max_body_bytes=20_000,
    rest_api_timeout_in_ms=1000,
)


class Served(NamedTuple):
    """A server of the model `m` (versions 3 and 12, labelled), and stubs of it."""

    manager: ModelManager
    predictor: Predictor
    prediction: prediction_service_pb2_grpc.PredictionServiceStub
    model: model_service_pb2_grpc.ModelServiceStub
    health: health_pb2_grpc.HealthStub


@contextlib.contextmanager
def serve(
    base_path: Path,
    batching: BatchingParameters | None = None,
    threads: int = 4,
    limits: Limits = LIMITS,
) -> Iterator[Served]:
    predictor = Predictor(limits, ServerMetrics())
    config = ModelConfig("m", base_path, VersionPolicy(every=True), {"old": 3})
    options = ServerOptions(
        config, port=0, limits=limits, grpc_max_threads=threads, batching=batching
    )
    load = functools.partial(load_servable, options, predictor.metrics)
    manager = ModelManager([config], load)
    server = GrpcServer(options)
    server.start(manager, predictor)
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        try:
            yield Served(
                manager,
                predictor,
                prediction_service_pb2_grpc.PredictionServiceStub(channel),
                model_service_pb2_grpc.ModelServiceStub(channel),
                health_pb2_grpc.HealthStub(channel),
            )
        finally:
            server.stop(0)
            manager.close()


@pytest.fixture(
    scope="module", params=[None, BatchingParameters()], ids=["plain", "batched"]
)
def stubs(request: pytest.FixtureRequest, base_path: Path) -> Iterator[Served]:
    with serve(base_path, request.param) as served:
        yield served


def _predict_request(spec: str, **inputs: object) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    text_format.Parse(spec, request.model_spec)
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return request


def _fault(call: Callable, request: object) -> tuple[str, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    return caught.value.code().name, caught.value.details()


X = np.array([[1, 2], [3, 4.5]], np.float32)


@pytest.mark.parametrize(
    ("spec", "version"),
    [
        ('name: "m"', 12),
        ('name: "m" version { value: 3 }', 3),
        ('name: "m" version_label: "old"', 3),
    ],
)
def test_predict(stubs: Served, spec: str, version: int):
    response = stubs.prediction.Predict(_predict_request(spec, x=X))
    assert list(response.outputs) == ["y"]
    assert list(response.outputs["y"].float_val) == [5.0, 12.0]
    assert tf.make_ndarray(response.outputs["y"]).shape == (2, 1)
    assert response.model_spec.name == "m"
    assert response.model_spec.version.value == version
    assert response.model_spec.signature_name == "serving_default"


def test_predict_on_texts_with_a_filter(stubs: Served):
    request = _predict_request('name: "m" signature_name: "hash"', text=["a", "zz"])
    assert set(stubs.prediction.Predict(request).outputs) == {
        "bits",
        "code_bytes",
        "out_of_vocabulary",
    }
    request.output_filter.extend(["code_bytes", "bits"])
    outputs = stubs.prediction.Predict(request).outputs
    assert set(outputs) == {"bits", "code_bytes"}
    assert list(outputs["code_bytes"].string_val) == [b"a", b"zz"]
    large = ["x" * 3000, "y" * 400] * 2  # read and written by a thread
    request = _predict_request('name: "m" signature_name: "echo"', text=large)
    same = stubs.prediction.Predict(request).outputs["same"]
    assert list(same.string_val) == [text.encode() for text in large]


@pytest.mark.parametrize(
    ("spec", "inputs", "wanted", "code", "message"),
    [
        ("", {}, [], "INVALID_ARGUMENT", "expected a model name"),
        ('name: "half"', {"x": X}, [], "NOT_FOUND", "Latest(half)"),
        ('name: "m" version { value: 5 }', {}, [], "NOT_FOUND", "Specific(m, 5)"),
        ('name: "m" version_label: "new"', {}, [], "INVALID_ARGUMENT", "label: new"),
        ('name: "m" signature_name: "no"', {}, [], "FAILED_PRECONDITION", "got no"),
        ('name: "m"', {}, [], "INVALID_ARGUMENT", "inputs x"),
        ('name: "m"', {"x" * 2000: 1}, [], "INVALID_ARGUMENT", "...TRUNCATED"),
        ('name: "m"', {"x": X}, ["z"], "INVALID_ARGUMENT", "got z"),
        ('name: "m"', {"x": X}, ["y", "y"], "INVALID_ARGUMENT", "got y, y"),
        ('name: "m"', {"x": X[[0] * 6]}, [], "INVALID_ARGUMENT", "5 rows; got 6"),
        ('name: "m"', {"x": np.zeros((2, 501), "f4")}, [], "INVALID_ARGUMENT", "4008"),
        ('name: "m"', {"x": np.zeros((5, 1100), "f4")}, [], "RESOURCE_EXHAUSTED", ""),
        ('name: "m"', {"x": ["a"]}, [], "INVALID_ARGUMENT", "float"),
        ('name: "m"', {"x": np.zeros((1, 3), "f4")}, [], "INVALID_ARGUMENT", "[1,3]"),
    ],
)
def test_faults_of_predict(
    stubs: Served, spec: str, inputs: dict, wanted: list[str], code: str, message: str
):
    request = _predict_request(spec, **inputs)
    request.model_spec.SetInParent()
    request.output_filter.extend(wanted)
    found, said = _fault(stubs.prediction.Predict, request)
    assert found == code and message in said and len(said) < 1040


def test_what_is_refused_whatever_it_asks(stubs: Served):
    service = stubs.prediction
    for call, request in (
        (service.Predict, predict_pb2.PredictRequest()),
        (service.GetModelMetadata, get_model_metadata_pb2.GetModelMetadataRequest()),
        (stubs.model.GetModelStatus, get_model_status_pb2.GetModelStatusRequest()),
    ):
        assert _fault(call, request)[0] == "INVALID_ARGUMENT"
    for call, request in (
        (service.Classify, classification_pb2.ClassificationRequest()),
        (service.Regress, regression_pb2.RegressionRequest()),
        (service.MultiInference, inference_pb2.MultiInferenceRequest()),
    ):
        assert _fault(call, request)[0] == "UNIMPLEMENTED"


def test_metadata(stubs: Served):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = "m"
    call = stubs.prediction.GetModelMetadata
    assert _fault(call, request)[0] == "INVALID_ARGUMENT"
    request.metadata_field.append("signature_def")
    response = call(request)
    assert response.model_spec.version.value == 12
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    assert signatures.signature_def["pick"].inputs["a"].name == "pick_a:0"
    request.metadata_field.append("weights")
    assert _fault(call, request)[0] == "INVALID_ARGUMENT"


def test_status(stubs: Served):
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "m"
    response = stubs.model.GetModelStatus(request)
    available = get_model_status_pb2.ModelVersionStatus.AVAILABLE
    assert [
        (status.version, status.state, status.status.error_code)
        for status in response.model_version_status
    ] == [(12, available, 0), (3, available, 0)]
    request.model_spec.version.value = 4
    assert _fault(stubs.model.GetModelStatus, request) == (
        "NOT_FOUND",
        "Could not find version 4 of model m",
    )


def test_the_configuration_can_be_changed(base_path: Path):
    request = model_management_pb2.ReloadConfigRequest()
    with serve(base_path) as stubs:
        call = stubs.model.HandleReloadConfigRequest
        assert _fault(call, request)[0] == "INVALID_ARGUMENT"
        config = request.config.model_config_list.config.add(
            name="n", base_path=str(base_path), model_platform="tensorflow"
        )
        assert call(request).status.error_code == 0
        assert stubs.prediction.Predict(_predict_request('name: "n"', x=X)).outputs
        code, _ = _fault(stubs.prediction.Predict, _predict_request('name: "m"', x=X))
        assert code == "NOT_FOUND"
        config.version_labels["next"] = 3
        assert _fault(call, request)[0] == "FAILED_PRECONDITION"
        config.base_path = "relative"
        assert _fault(call, request)[0] == "INVALID_ARGUMENT"


def test_requests_are_counted(base_path: Path):
    with serve(base_path) as stubs:
        stubs.prediction.Predict(_predict_request('name: "m"', x=X))
        _fault(stubs.prediction.Predict, _predict_request('name: "m"', z=X))
        _fault(stubs.prediction.Predict, _predict_request('name: "other"', x=X))
        page = stubs.predictor.metrics.text()
    count = ":tensorflow:serving:request_count"
    assert f'{count}{{model_name="m",status="OK"}} 1' in page
    assert f'{count}{{model_name="m",status="INVALID_ARGUMENT"}} 1' in page
    assert 'API="Predict",entrypoint="GRPC"} 1' in page
    assert "other" not in page


def test_calls_that_are_given_up_hold_nothing_up(base_path: Path):
    """Neither the status nor calls that are merged, nor an end of their version."""
    endless = 'name: "m" signature_name: "count"'
    slow = _predict_request(endless, n=np.array(2**31 - 1, np.int32))
    with serve(base_path, BatchingParameters(num_batch_threads=1), 2) as stubs:
        given_up = [stubs.prediction.Predict.future(slow, timeout=0.3) for _ in "abcd"]
        gone = [stubs.prediction.Predict.future(slow) for _ in "abcd"]
        status = get_model_status_pb2.GetModelStatusRequest()
        status.model_spec.name = "m"
        assert stubs.model.GetModelStatus(status, timeout=120).model_version_status
        healthy = stubs.health.Check(health_pb2.HealthCheckRequest(), timeout=120)
        assert healthy.status == health_pb2.HealthCheckResponse.SERVING
        assert stubs.prediction.Predict(_predict_request('name: "m"', x=X), timeout=120)
        for call in gone:
            call.cancel()
        assert {call.code().name for call in given_up} == {"DEADLINE_EXCEEDED"}
        # A call that is given up before it has come is nobody's: so they are not
        # counted here, but none may hold the version.
        stubs.manager.close()
        until(lambda: stubs.manager.statuses("m", 12)[0].state.name == "END")


def test_a_run_ends_soon_after_its_deadline(base_path: Path):
    """Its own limit of time, a minute, would keep the one thread."""
    limits = dataclasses.replace(LIMITS, rest_api_timeout_in_ms=60_000)
    endless = 'name: "m" signature_name: "count"'
    slow, fast = (
        _predict_request(endless, n=np.array(n, np.int32)) for n in (2**31 - 1, 3)
    )
    with serve(base_path, threads=1, limits=limits) as stubs:
        fault = _fault(lambda request: stubs.prediction.Predict(request, 0.2), slow)
        assert fault[0] == "DEADLINE_EXCEEDED"
        assert stubs.prediction.Predict(fast, 30).outputs["i"].int_val == [3]


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)
