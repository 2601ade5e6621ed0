"""Runs the recorded requests that a SavedModel carries for its start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError

from wish_tf.server.example_signature import refuse_examples
from wish_tf.server.http_status import StatusCode
from wish_tf.server.loaded_version import LoadedVersion
from wish_tf.server.predict_message import predict_message
from wish_tf.server.predictor import Predictor
from wish_tf.server.serving_error import ServingError, invalid_argument

WARM_UP_FILE = Path("assets.extra", "tf_serving_warmup_requests")
MAX_RECORDS = 1000


def warm_up(servable: LoadedVersion, path: Path, predictor: Predictor) -> int:
    """Runs each request of the warm-up file, if there is one.

    Args:
        servable: The version to warm up.
        path: Folder of its SavedModel.
        predictor: What runs the requests.

    Returns:
        How many requests were run.

    Raises:
        ServingError: If the file is damaged or too long, or a request fails.
    """
    file = path / WARM_UP_FILE
    if not file.exists():
        return 0
    count = 0
    try:
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            _run(servable, _parse(record, file), predictor)
            count += 1
            if count > MAX_RECORDS:
                raise invalid_argument(
                    f"Number of warmup records exceeds the maximum ({MAX_RECORDS}) "
                    f"at {file}"
                )
    except tf.errors.DataLossError as error:
        raise ServingError(
            StatusCode.DATA_LOSS,
            f"{error.message}. Please verify your warmup data is in TFRecord format.",
        ) from error
    return count


def _parse(record: bytes, file: Path) -> Any:
    from tensorflow_serving.apis import prediction_log_pb2

    try:
        return prediction_log_pb2.PredictionLog.FromString(record)
    except DecodeError as error:
        raise invalid_argument(f"Failed to parse warmup record from {file}") from error


def _run(servable: LoadedVersion, log: Any, predictor: Predictor) -> None:
    kind = log.WhichOneof("log_type")
    if kind == "predict_log":
        predict_message(servable, log.predict_log.request, predictor)
    elif kind in ("classify_log", "regress_log"):
        spec = getattr(log, kind).request.model_spec
        method = kind.removesuffix("_log")
        refuse_examples(servable, method, spec.signature_name)
    else:
        raise ServingError(
            StatusCode.UNIMPLEMENTED, f"Unsupported log_type for warmup: {kind}"
        )
