from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from wish_tf.server import ModelConfig, ServerOptions
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.servable import Servable, load_servable
from wish_tf.server.serving_error import ServingError
from wish_tf.server.warm_up import MAX_RECORDS, WARM_UP_FILE, warm_up


@pytest.fixture(scope="module")
def servable(base_path: Path) -> Servable:
    return Servable(base_path / "12", 12)


def _predict_log(values: object, name: str = "x") -> prediction_log_pb2.PredictionLog:
    log = prediction_log_pb2.PredictionLog()
    tensor = tf.make_tensor_proto(values, tf.float32)
    log.predict_log.request.inputs[name].CopyFrom(tensor)
    return log


GOOD = _predict_log([[1, 2]]).SerializeToString()
WIDE = _predict_log([[1, 2, 3]]).SerializeToString()
OTHER = _predict_log([[1, 2]], "nope").SerializeToString()


def _write(folder: Path, records: list[bytes]) -> None:
    file = folder / WARM_UP_FILE
    file.parent.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(file)) as writer:
        for record in records:
            writer.write(record)


def _options(folder: Path, **settings: object) -> ServerOptions:
    return ServerOptions(ModelConfig("m", folder), **settings)


def _warm_up(servable: Servable, folder: Path) -> int:
    return warm_up(servable, folder, 1000)


def test_each_record_is_run(servable: Servable, tmp_path: Path):
    assert _warm_up(servable, tmp_path) == 0
    logs = [_predict_log([[1, 2]]), _predict_log([[3, 4], [5, 6]])]
    _write(tmp_path, [log.SerializeToString() for log in logs])
    assert _warm_up(servable, tmp_path) == 2


def test_records_that_are_no_predict_requests_are_passed_over(
    servable: Servable, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    logs = [_predict_log([[1, 2]]), *(prediction_log_pb2.PredictionLog() for _ in "ab")]
    logs[1].classify_log.SetInParent()
    logs[2].session_run_log.SetInParent()
    _write(tmp_path, [log.SerializeToString() for log in logs])
    assert _warm_up(servable, tmp_path) == 1
    assert "2 warm-up records" in caplog.text


@pytest.mark.parametrize(
    ("records", "damage", "error"),
    [
        ([b"\xff"], 0, "INVALID_ARGUMENT: expected PredictionLogs in "),
        ([WIDE], 0, "INVALID_ARGUMENT: Matrix size-incompatible"),
        ([OTHER], 0, "INVALID_ARGUMENT: expected the inputs x; got nope"),
        ([WIDE], 3, "DATA_LOSS"),
        ([GOOD] * (MAX_RECORDS + 1), 0, "INVALID_ARGUMENT: expected at most 1000 "),
    ],
    ids=["no log", "wide", "other input", "cut short", "too many"],
)
def test_a_bad_file_fails_the_load(
    servable: Servable, tmp_path: Path, records: list[bytes], damage: int, error: str
):
    _write(tmp_path, records)
    file = tmp_path / WARM_UP_FILE
    file.write_bytes(file.read_bytes()[: -damage or None])
    with pytest.raises(ServingError, match=f"^{error}"):
        _warm_up(servable, tmp_path)


def test_the_loader_warms_up_if_it_should(base_path: Path, tmp_path: Path):
    folder = tmp_path / "1"
    shutil.copytree(base_path / "12", folder)
    _write(folder, [WIDE])
    metrics = ServerMetrics()
    with pytest.raises(ServingError, match="Matrix size-incompatible"):
        load_servable(_options(tmp_path), metrics, folder, 1)
    options = _options(tmp_path, enable_model_warmup=False)
    assert load_servable(options, metrics, folder, 1).version == 1
