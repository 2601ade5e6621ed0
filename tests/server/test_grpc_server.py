"""A real gRPC server and the stubs of tensorflow-serving-api."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
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

from wish_tf.errors import InputError
from wish_tf.server import Limits, ModelConfig, VersionPolicy
from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.grpc_server import GrpcServer
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.predictor import Predictor
from wish_tf.server.servable_loader import ServableLoader

LIMITS = Limits(max_batch_size=5, max_inflated_bytes=4000, max_body_bytes=20_000)


@pytest.fixture
def predictor() -> Predictor:
    return Predictor(LIMITS, ServerMetrics())


@pytest.fixture
def stubs(base_path: Path, predictor: Predictor) -> Iterator[types.SimpleNamespace]:
    """Clients of a server with the models `m` (versions 3 and 12, labelled)."""
    config = ModelConfig("m", base_path, VersionPolicy(every=True), {"old": 3})
    loader = ServableLoader(LIMITS, predictor.metrics)
    manager = ModelManager([config], loader.load)
    server = GrpcServer("127.0.0.1", 0, LIMITS, threads=4, token=None, tls=None)
    server.start(manager, predictor)
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield types.SimpleNamespace(
            prediction=prediction_service_pb2_grpc.PredictionServiceStub(channel),
            model=model_service_pb2_grpc.ModelServiceStub(channel),
        )
    server.stop(5)
    manager.close()


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
def test_predict(stubs: types.SimpleNamespace, spec: str, version: int):
    response = stubs.prediction.Predict(_predict_request(spec, x=X))
    assert list(response.outputs) == ["y"]
    assert list(response.outputs["y"].float_val) == [5.0, 12.0]
    assert tf.make_ndarray(response.outputs["y"]).shape == (2, 1)
    assert response.model_spec.name == "m"
    assert response.model_spec.version.value == version
    assert response.model_spec.signature_name == "serving_default"


def test_predict_on_texts_with_a_filter(stubs: types.SimpleNamespace):
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
    ("spec", "inputs", "output_filter", "code", "message"),
    [
        ("", {}, [], "INVALID_ARGUMENT", "ModelSpec has no name specified."),
        (
            'name: "half"',
            {"x": X},
            [],
            "NOT_FOUND",
            "Servable not found for request: Latest(half)",
        ),
        (
            'name: "m" version { value: 5 }',
            {"x": X},
            [],
            "NOT_FOUND",
            "Servable not found for request: Specific(m, 5)",
        ),
        (
            'name: "m" version_label: "new"',
            {"x": X},
            [],
            "INVALID_ARGUMENT",
            "Unrecognized servable version label: new",
        ),
        (
            'name: "m" signature_name: "nope"',
            {"x": X},
            [],
            "FAILED_PRECONDITION",
            'Serving signature key "nope" not found.',
        ),
        (
            'name: "m"',
            {},
            [],
            "INVALID_ARGUMENT",
            "input size does not match signature: 0!=1 len({}) != len({x}). "
            "Sent extra: {}. Missing but required: {x}.",
        ),
        (
            'name: "m"',
            {"x": X},
            ["z"],
            "INVALID_ARGUMENT",
            "output tensor alias not found in signature: z Outputs expected to be in "
            "the set {y}.",
        ),
        (
            'name: "m"',
            {"x": X},
            ["y", "y"],
            "INVALID_ARGUMENT",
            "duplicate output tensor alias: y",
        ),
        (
            'name: "m"',
            {"x": X[[0] * 6]},
            [],
            "INVALID_ARGUMENT",
            "Expecting at most 5 rows but got: 6",
        ),
        (
            'name: "m"',
            {"x": np.zeros((2, 501), np.float32)},
            [],
            "INVALID_ARGUMENT",
            "Expecting at most 4000 bytes in input x but got: 4008",
        ),
    ],
)
def test_faults_of_predict(
    stubs: types.SimpleNamespace,
    spec: str,
    inputs: dict,
    output_filter: list[str],
    code: str,
    message: str,
):
    request = _predict_request(spec, **inputs)
    request.model_spec.SetInParent()
    request.output_filter.extend(output_filter)
    assert _fault(stubs.prediction.Predict, request) == (code, message)


def test_faults_in_the_graph(stubs: types.SimpleNamespace):
    wide = _predict_request('name: "m"', x=np.zeros((1, 3), np.float32))
    code, message = _fault(stubs.prediction.Predict, wide)
    assert code == "INVALID_ARGUMENT"
    assert message.startswith("Matrix size-incompatible: In[0]: [1,3], In[1]: [2,1]")
    text = _predict_request('name: "m"', x=["a"])
    code, message = _fault(stubs.prediction.Predict, text)
    assert code == "INVALID_ARGUMENT"
    assert "string" in message and "float" in message


def test_long_messages_are_cut(stubs: types.SimpleNamespace):
    request = _predict_request('name: "m"', **{"x" * 2000: 1})
    _, message = _fault(stubs.prediction.Predict, request)
    assert len(message) == 1024 + len("...TRUNCATED")
    assert message.endswith("xxx...TRUNCATED")


def test_requests_without_a_model_spec(stubs: types.SimpleNamespace):
    missing = ("INVALID_ARGUMENT", "Missing ModelSpec")
    service = stubs.prediction
    assert _fault(service.Predict, predict_pb2.PredictRequest()) == missing
    metadata = get_model_metadata_pb2.GetModelMetadataRequest()
    assert _fault(service.GetModelMetadata, metadata) == missing
    classify = classification_pb2.ClassificationRequest()
    assert _fault(service.Classify, classify) == missing
    status = get_model_status_pb2.GetModelStatusRequest()
    assert _fault(stubs.model.GetModelStatus, status) == missing


def test_messages_that_are_too_long_are_refused(stubs: types.SimpleNamespace):
    request = _predict_request('name: "m"', x=np.zeros((5, 1100), np.float32))
    code, _ = _fault(stubs.prediction.Predict, request)
    assert code == "RESOURCE_EXHAUSTED"


def test_metadata(stubs: types.SimpleNamespace):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = "m"
    call = stubs.prediction.GetModelMetadata
    assert _fault(call, request) == (
        "INVALID_ARGUMENT",
        "GetModelMetadataRequest must specify at least one metadata_field",
    )
    request.metadata_field.append("signature_def")
    response = call(request)
    assert response.model_spec.version.value == 12
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    assert signatures.signature_def["pick"].inputs["a"].name == "pick_a:0"
    request.metadata_field.append("weights")
    assert _fault(call, request) == (
        "INVALID_ARGUMENT",
        "Metadata field weights is not supported",
    )


def test_classify_and_regress_say_what_the_signature_lacks(
    stubs: types.SimpleNamespace,
):
    request = classification_pb2.ClassificationRequest()
    text_format.Parse('name: "m" signature_name: "hash"', request.model_spec)
    assert _fault(stubs.prediction.Classify, request) == (
        "INVALID_ARGUMENT",
        "Expected one or two output Tensors, found 3",
    )
    request.model_spec.signature_name = "nope"
    assert _fault(stubs.prediction.Classify, request) == (
        "INVALID_ARGUMENT",
        "No signature was found with the name: nope",
    )
    regress = regression_pb2.RegressionRequest()
    text_format.Parse('name: "m" signature_name: "pick"', regress.model_spec)
    assert _fault(stubs.prediction.Regress, regress) == (
        "INVALID_ARGUMENT",
        "Expected one input Tensor.",
    )


@pytest.mark.parametrize(
    ("tasks", "code", "message"),
    [
        ([], "INVALID_ARGUMENT", "ModelSpec has no name specified."),
        (
            [("m", "nope", "tensorflow/serving/classify")],
            "INVALID_ARGUMENT",
            "Requested signature not found in model graph: nope",
        ),
        (
            [("m", "", "tensorflow/serving/predict")],
            "UNIMPLEMENTED",
            "Unsupported signature method_name: tensorflow/serving/predict",
        ),
        (
            [("m", "pick", "tensorflow/serving/regress")],
            "INVALID_ARGUMENT",
            "Expected one input Tensor.",
        ),
    ],
)
def test_multi_inference_says_what_the_signature_lacks(
    stubs: types.SimpleNamespace, tasks: list, code: str, message: str
):
    request = inference_pb2.MultiInferenceRequest()
    for model, signature, method in tasks:
        task = request.tasks.add(method_name=method)
        task.model_spec.name, task.model_spec.signature_name = model, signature
    assert _fault(stubs.prediction.MultiInference, request) == (code, message)


def test_status(stubs: types.SimpleNamespace):
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


def test_the_configuration_can_be_changed(stubs: types.SimpleNamespace, base_path):
    request = model_management_pb2.ReloadConfigRequest()
    call = stubs.model.HandleReloadConfigRequest
    assert _fault(call, request) == (
        "INVALID_ARGUMENT",
        "ServerModelConfig type not supported by HandleReloadConfigRequest. Only "
        "ModelConfigList is currently supported",
    )
    config = request.config.model_config_list.config.add(
        name="n", base_path=str(base_path), model_platform="tensorflow"
    )
    assert call(request).status.error_code == 0
    assert stubs.prediction.Predict(_predict_request('name: "n"', x=X)).outputs
    code, _ = _fault(stubs.prediction.Predict, _predict_request('name: "m"', x=X))
    assert code == "NOT_FOUND"

    config.version_labels["next"] = 3
    assert _fault(call, request) == (
        "FAILED_PRECONDITION",
        "Request to assign label to version 3 of model n, which is not currently "
        "available for inference",
    )
    config.base_path = "relative"
    assert _fault(call, request) == (
        "INVALID_ARGUMENT",
        "Expected model n to have an absolute path or URI; got base_path()=relative",
    )


def test_requests_are_counted(stubs: types.SimpleNamespace, predictor: Predictor):
    stubs.prediction.Predict(_predict_request('name: "m"', x=X))
    _fault(stubs.prediction.Predict, _predict_request('name: "m"', z=X))
    _fault(stubs.prediction.Predict, _predict_request('name: "other"', x=X))
    page = predictor.metrics.text()
    count = ":tensorflow:serving:request_count"
    assert f'{count}{{model_name="m",status="OK"}} 1' in page
    assert f'{count}{{model_name="m",status="INVALID_ARGUMENT"}} 1' in page
    assert 'API="Predict",entrypoint="GRPC"} 1' in page
    assert "other" not in page


def test_clients_have_to_show_the_token(base_path: Path, predictor: Predictor):
    loader = ServableLoader(LIMITS, predictor.metrics)
    manager = ModelManager([ModelConfig("m", base_path)], loader.load)
    token = BearerToken("s3cret")
    server = GrpcServer("127.0.0.1", 0, LIMITS, threads=2, token=token, tls=None)
    server.start(manager, predictor)
    request = _predict_request('name: "m"', x=X)
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
        right = [("authorization", "Bearer s3cret")]
        assert call(request, metadata=right).outputs
        for wrong in ([], [("authorization", "Bearer s3cre")]):
            with pytest.raises(grpc.RpcError) as caught:
                call(request, metadata=wrong)
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    server.stop(5)
    manager.close()


def test_port_in_use():
    settings = {"threads": 1, "token": None, "tls": None}
    first = GrpcServer("127.0.0.1", 0, LIMITS, **settings)
    with pytest.raises(InputError) as caught:
        GrpcServer("127.0.0.1", first.port, LIMITS, **settings)
    assert str(caught.value) == (
        f"expected to listen on 127.0.0.1 port {first.port} (gRPC); got: "
        "Address already in use"
    )
    first.stop(0)
