"""The requests that TF-Serving sends itself while it loads a version.

They are a TFRecord file of `PredictionLog` in `assets.extra`. A version whose
requests fail is not served, so they must suit every server.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

from wish_tf.errors import InputError, first_line
from wish_tf.models import HashingModel

# A server that batches refuses a request above its own maximum.
BATCH_SIZES = (1, 8)
WORDS = (5, 60)


def write_warmup(path: Path, model: HashingModel, search: bool = False) -> None:
    """Writes requests for every signature of a hasher.

    The texts are made of words of the vocabulary: sentences of the training
    texts might be nobody else's business.

    Args:
        path: the file; its folder must be there.
        model: the hasher.
        search: whether there is a signature `search` too.
    """
    rng = np.random.default_rng(0)
    vocabulary = model.vectorization.vocabulary
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature in ("serving_default", "hash", *["search"] * search):
            for size in BATCH_SIZES:
                texts = [_text(vocabulary, rng) for _ in range(size)]
                inputs: dict[str, Any] = {"text": texts}
                if signature == "search":
                    inputs["k"] = np.full(size, 10, np.int32)
                writer.write(_record(signature, **inputs))
        writer.write(_record("topics", k=np.array([10], np.int32)))


def read_warmup(path: Path) -> list[PredictRequest]:
    """Returns the `PredictRequest` protos of a file.

    Raises:
        InputError: when the file is missing, damaged or holds other records.
    """
    if not path.is_file():
        raise InputError(f"expected warm-up requests in {path}; got no such file")
    requests: list[PredictRequest] = []
    try:
        for record in tf.data.TFRecordDataset(str(path)):
            log = PredictionLog.FromString(record.numpy())
            if log.WhichOneof("log_type") != "predict_log":
                raise InputError(
                    f"expected a predict_log as record {len(requests)} of {path}; got "
                    f"{log.WhichOneof('log_type') or 'an empty record'}"
                )
            requests.append(log.predict_log.request)
    except (tf.errors.OpError, DecodeError) as error:
        raise InputError(
            f"expected a TFRecord file of PredictionLog in {path}; got "
            f"record {len(requests)}, which cannot be read: {first_line(error)}"
        ) from error
    return requests


def _text(vocabulary: list[str], rng: np.random.Generator) -> str:
    words = rng.integers(len(vocabulary), size=rng.integers(*WORDS))
    return " ".join(vocabulary[word] for word in words).capitalize() + "."


def _record(signature: str, **inputs: list[str] | np.ndarray) -> bytes:
    log = PredictionLog()
    request = log.predict_log.request
    request.model_spec.signature_name = signature
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return log.SerializeToString()
