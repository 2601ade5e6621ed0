"""Runs the recorded requests that a SavedModel carries for its start."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wish_tf.server.serving_error import ServingError, StatusCode, invalid_argument

if TYPE_CHECKING:
    from wish_tf.server.servable import Servable

WARM_UP_FILE = Path("assets.extra", "tf_serving_warmup_requests")
MAX_RECORDS = 1000
_logger = logging.getLogger("wish_tf.server")


def warm_up(servable: Servable, path: Path, max_bytes: int) -> int:
    """Runs each predict request of the warm-up file, if there is one.

    Requests of other kinds, of which this server answers none, are passed over.

    Returns:
        How many requests were run.

    Raises:
        ServingError: If the file is damaged or too long, or a request fails.
    """
    import tensorflow as tf
    from google.protobuf.message import DecodeError
    from tensorflow_serving.apis import prediction_log_pb2

    from wish_tf.server.predict_message import read_predict

    file = path / WARM_UP_FILE
    if not file.exists():
        return 0
    logs: list[Any] = []
    try:
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            if len(logs) == MAX_RECORDS:
                raise invalid_argument(
                    f"expected at most {MAX_RECORDS} records in {file}; got more"
                )
            logs.append(prediction_log_pb2.PredictionLog.FromString(record))
    except DecodeError as error:
        raise invalid_argument(f"expected PredictionLogs in {file}") from error
    except tf.errors.DataLossError as error:
        raise ServingError(StatusCode.DATA_LOSS, f"{file}: {error.message}") from error
    requests = [log.predict_log.request for log in logs if log.HasField("predict_log")]
    if len(requests) < len(logs):
        _logger.warning(
            "%d warm-up records in %s are no predict requests: passed over",
            len(logs) - len(requests),
            file,
        )
    for request in requests:
        servable.run(*read_predict(servable, request, max_bytes))
    return len(requests)
