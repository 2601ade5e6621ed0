from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from wish_tf.server import Limits
from wish_tf.server.http_status import StatusCode
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.predictor import Predictor
from wish_tf.server.servable import Servable
from wish_tf.server.servable_loader import ServableLoader
from wish_tf.server.serving_error import ServingError
from wish_tf.server.warm_up import MAX_RECORDS, WARM_UP_FILE, warm_up


class _Recorder:
    """Stands in for a servable where only the number of runs counts."""

    def __init__(self, servable: Servable) -> None:
        self.signatures = servable.signatures
        self.version = servable.version
        self.check_input_names = servable.check_input_names
        self.runs: list[list[list[float]]] = []

    def predict(self, signature_name: str, inputs: dict) -> dict:
        self.runs.append(inputs["x"].tolist())
        return {}


@pytest.fixture(scope="module")
def servable(base_path: Path) -> Servable:
    return Servable(base_path / "12", 12)


def _predict_log(values: object, name: str = "x") -> prediction_log_pb2.PredictionLog:
    log = prediction_log_pb2.PredictionLog()
    tensor = tf.make_tensor_proto(values, tf.float32)
    log.predict_log.request.inputs[name].CopyFrom(tensor)
    return log


def _write(folder: Path, records: list[bytes]) -> None:
    file = folder / WARM_UP_FILE
    file.parent.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(file)) as writer:
        for record in records:
            writer.write(record)


def _warm_up(servable: Servable, folder: Path) -> int:
    return warm_up(servable, folder, Predictor(Limits(), ServerMetrics()))


def test_each_record_is_run(servable: Servable, tmp_path: Path):
    logs = [_predict_log([[1, 2]]), _predict_log([[3, 4], [5, 6]])]
    _write(tmp_path, [log.SerializeToString() for log in logs])
    recorder = _Recorder(servable)
    assert _warm_up(recorder, tmp_path) == 2
    assert recorder.runs == [[[1, 2]], [[3, 4], [5, 6]]]
    assert _warm_up(servable, tmp_path) == 2


def test_a_model_needs_no_warm_up_file(servable: Servable, tmp_path: Path):
    assert _warm_up(servable, tmp_path) == 0


def _log(field: str) -> bytes:
    log = prediction_log_pb2.PredictionLog()
    getattr(log, field).SetInParent()
    return log.SerializeToString()


@pytest.mark.parametrize(
    ("record", "code", "message"),
    [
        (b"\xff", "INVALID_ARGUMENT", "Failed to parse warmup record from "),
        (b"", "UNIMPLEMENTED", "Unsupported log_type for warmup: None"),
        (
            _log("session_run_log"),
            "UNIMPLEMENTED",
            "Unsupported log_type for warmup: session_run_log",
        ),
        (
            _log("classify_log"),
            "INVALID_ARGUMENT",
            "No classification inputs found in SignatureDef: ",
        ),
        (
            _predict_log([[1, 2, 3]]).SerializeToString(),
            "INVALID_ARGUMENT",
            "Matrix size-incompatible",
        ),
        (
            _predict_log([[1, 2]], "nope").SerializeToString(),
            "INVALID_ARGUMENT",
            "input size does not match signature",
        ),
    ],
)
def test_a_bad_record_fails_the_load(
    servable: Servable, tmp_path: Path, record: bytes, code: str, message: str
):
    _write(tmp_path, [record])
    with pytest.raises(ServingError) as caught:
        _warm_up(servable, tmp_path)
    assert caught.value.code.name == code
    assert caught.value.message.startswith(message)


def test_a_damaged_file_fails_the_load(servable: Servable, tmp_path: Path):
    _write(tmp_path, [_predict_log([[1, 2]]).SerializeToString()])
    file = tmp_path / WARM_UP_FILE
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(ServingError) as caught:
        _warm_up(servable, tmp_path)
    assert caught.value.code is StatusCode.DATA_LOSS
    assert caught.value.message.endswith(
        ". Please verify your warmup data is in TFRecord format."
    )


def test_there_is_a_most_number_of_records(servable: Servable, tmp_path: Path):
    _write(tmp_path, [_predict_log([[1, 2]]).SerializeToString()] * (MAX_RECORDS + 1))
    with pytest.raises(ServingError) as caught:
        _warm_up(_Recorder(servable), tmp_path)
    assert caught.value.message == (
        f"Number of warmup records exceeds the maximum (1000) at "
        f"{tmp_path / WARM_UP_FILE}"
    )


def test_the_loader_warms_up_if_it_should(base_path: Path, tmp_path: Path):
    folder = tmp_path / "1"
    shutil.copytree(base_path / "12", folder)
    _write(folder, [_predict_log([[1, 2, 3]]).SerializeToString()])
    metrics = ServerMetrics()
    with pytest.raises(ServingError, match="Matrix size-incompatible"):
        ServableLoader(Limits(), metrics).load(folder, 1)
    assert 'model_warmup_latency_count{model_path="' in metrics.text()
    assert 'status="INVALID_ARGUMENT"} 1' in metrics.text()
    loader = ServableLoader(Limits(), metrics, enable_model_warmup=False)
    assert loader.load(folder, 1).version == 1
