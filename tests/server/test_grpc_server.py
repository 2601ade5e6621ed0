"""A real gRPC server and the stubs of tensorflow-serving-api."""

from __future__ import annotations

import contextlib
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
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

from wish_tf.server import Limits, ModelConfig, VersionPolicy
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.grpc_server import GrpcServer
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_handler import refuse_examples
from wish_tf.server.servable_loader import ServableLoader
from wish_tf.server.serving_error import ServingError, StatusCode

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
    base_path: Path, batching: BatchingParameters | None = None, threads: int = 4
) -> Iterator[Served]:
    predictor = Predictor(LIMITS, ServerMetrics())
    config = ModelConfig("m", base_path, VersionPolicy(every=True), {"old": 3})
    loader = ServableLoader(LIMITS, predictor.metrics, batching=batching)
    manager = ModelManager([config], loader.load)
    server = GrpcServer("127.0.0.1", 0, LIMITS, threads=threads, token=None, tls=None)
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
    assert tf.make_ndarray(outputs["bits"]).tolist() == [[1, 0], [1, -1]]


@pytest.mark.parametrize(
    ("spec", "inputs", "wanted", "code", "message"),
    [
        ("", {}, [], "INVALID_ARGUMENT", "expected a model name"),
        ('name: "half"', {"x": X}, [], "NOT_FOUND", "Latest(half)"),
        ('name: "m" version { value: 5 }', {}, [], "NOT_FOUND", "Specific(m, 5)"),
        ('name: "m" version_label: "new"', {}, [], "INVALID_ARGUMENT", "label: new"),
        ('name: "m" signature_name: "no"', {}, [], "FAILED_PRECONDITION", '"no"'),
        ('name: "m"', {}, [], "INVALID_ARGUMENT", "Missing but required: {x}."),
        ('name: "m"', {"x": X}, ["z"], "INVALID_ARGUMENT", "z"),
        ('name: "m"', {"x": X}, ["y", "y"], "INVALID_ARGUMENT", "y twice"),
        ('name: "m"', {"x": X[[0] * 6]}, [], "INVALID_ARGUMENT", "5 rows; got 6"),
        ('name: "m"', {"x": np.zeros((2, 501), "f4")}, [], "INVALID_ARGUMENT", "4008"),
        ('name: "m"', {"x": np.zeros((5, 1100), "f4")}, [], "RESOURCE_EXHAUSTED", ""),
        ('name: "m"', {"x": ["a"]}, [], "INVALID_ARGUMENT", "float"),
    ],
)
def test_faults_of_predict(
    stubs: Served, spec: str, inputs: dict, wanted: list[str], code: str, message: str
):
    request = _predict_request(spec, **inputs)
    request.model_spec.SetInParent()
    request.output_filter.extend(wanted)
    found, said = _fault(stubs.prediction.Predict, request)
    assert found == code and message in said


def test_faults_in_the_graph(stubs: Served):
    wide = _predict_request('name: "m"', x=np.zeros((1, 3), np.float32))
    code, message = _fault(stubs.prediction.Predict, wide)
    assert code == "INVALID_ARGUMENT"
    assert message.startswith("Matrix size-incompatible: In[0]: [1,3], In[1]: [2,1]")


def test_long_messages_are_cut(stubs: Served):
    request = _predict_request('name: "m"', **{"x" * 2000: 1})
    _, message = _fault(stubs.prediction.Predict, request)
    assert len(message) == 1024 + len("...TRUNCATED")


def test_requests_without_a_model_spec(stubs: Served):
    missing = ("INVALID_ARGUMENT", "Missing ModelSpec")
    service = stubs.prediction
    assert _fault(service.Predict, predict_pb2.PredictRequest()) == missing
    metadata = get_model_metadata_pb2.GetModelMetadataRequest()
    assert _fault(service.GetModelMetadata, metadata) == missing
    classify = classification_pb2.ClassificationRequest()
    assert _fault(service.Classify, classify) == missing
    status = get_model_status_pb2.GetModelStatusRequest()
    assert _fault(stubs.model.GetModelStatus, status) == missing


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


@pytest.mark.parametrize(
    ("method", "signature"),
    [("classify", "hash"), ("classify", "no"), ("regress", "pick"), ("predict", "")],
)
def test_what_needs_other_signatures_is_refused(
    stubs: Served, method: str, signature: str
):
    classify = classification_pb2.ClassificationRequest()
    regress = regression_pb2.RegressionRequest()
    several = inference_pb2.MultiInferenceRequest()
    for request in (classify, regress, several.tasks.add()):
        request.model_spec.name = "m"
        request.model_spec.signature_name = signature
    several.tasks[0].method_name = f"tensorflow/serving/{method}"
    service = stubs.prediction
    for call, request in (
        (service.Classify, classify),
        (service.Regress, regress),
        (service.MultiInference, several),
    ):
        assert _fault(call, request)[0] == "INVALID_ARGUMENT"
    none = inference_pb2.MultiInferenceRequest()
    assert _fault(service.MultiInference, none)[0] == "INVALID_ARGUMENT"
    classify.model_spec.name = "no"
    assert _fault(service.Classify, classify)[0] == "NOT_FOUND"


def test_a_signature_that_could_classify_is_not_implemented():
    made = SignatureDef()
    made.inputs["inputs"].name, made.outputs["scores"].name = "i:0", "s:0"
    servable = types.SimpleNamespace(signatures={"serving_default": made})
    with pytest.raises(ServingError) as caught:
        refuse_examples(servable, "classify", "")
    assert caught.value.code is StatusCode.UNIMPLEMENTED


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


def test_large_messages_are_read_by_threads(stubs: Served):
    text = ["x" * 3000, "y" * 400] * 2
    request = _predict_request('name: "m" signature_name: "echo"', text=text)
    outputs = stubs.prediction.Predict(request).outputs
    assert list(outputs["same"].string_val) == [t.encode() for t in text]


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
        version = stubs.manager._models["m"]._versions[12]
        until(lambda: version._leases == 0)
        stubs.manager.close()
        until(lambda: version.state.name == "END")


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)
