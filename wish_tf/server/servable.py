"""One version of a SavedModel, loaded and ready to run."""

from __future__ import annotations

import functools
import gc
import math
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf.config_pb2 import CallableOptions
from tensorflow.core.protobuf.meta_graph_pb2 import (
    MetaGraphDef,
    SignatureDef,
    TensorInfo,
)

from wish_tf.server.batch_scheduler import BatchScheduler
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.saved_model_session import load_saved_model
from wish_tf.server.serving_error import (
    CODES,
    ServingError,
    StatusCode,
    invalid_argument,
)

DEFAULT_TIMEOUT_IN_MS = 30_000
DEFAULT_SIGNATURE = "serving_default"
# TensorFlow's C++ names, where they differ from those of tf.DType.
_DTYPE_NAMES = {"float32": "float", "float64": "double", "float16": "half"}
# A run of no more is done in the thread that asks for it: to hand its ops to the
# session's threads takes as long as they do. There the run's limit of time does not
# act, so that it must not be needed.
_SMALL_ROWS = 32
_SMALL_BYTES = 64 * 2**10
_CALLERS_THREAD = -1
_LEAST_TIMEOUT = 16  # milliseconds
_LOOPS = {"While", "StatelessWhile", "NextIteration", "RefNextIteration", "For"}


class Servable:
    """A SavedModel in a session of its own.

    It runs as in TF-Serving, in a graph session and not as restored Python
    functions: shapes are left for the ops to check, their messages come back as
    they are, and a run can time out. Safe to use from several threads.

    Attributes:
        path: Folder of the SavedModel.
        version: Version number.
        signatures: The SavedModel's `SignatureDef` per name.
        merged: The signatures whose calls are merged.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        version: int,
        timeout_in_ms: int = DEFAULT_TIMEOUT_IN_MS,
        batching: BatchingParameters | None = None,
        metrics: ServerMetrics | None = None,
    ) -> None:
        """Loads a version.

        Args:
            path: Folder of the SavedModel.
            version: Version number.
            timeout_in_ms: Longest a run may take, milliseconds.
            batching: When and how calls are merged; None: each is run by itself.
            metrics: Where waiting times and sizes of batches are counted.

        Raises:
            InputError: If the folder is not a SavedModel that can be loaded.
        """
        self.path = Path(path)
        self.version = version
        self._session, meta_graph = load_saved_model(path)
        self.signatures = dict(meta_graph.signature_def)
        may_be_small = not _has_loops(meta_graph)
        self._runners = {
            name: self._make_runner(signature, timeout_in_ms, may_be_small)
            for name, signature in self.signatures.items()
            if _is_runnable(signature)
        }
        # Once: TensorFlow takes long to read them and to turn its enums into names.
        signatures = self.signatures.items()
        self._input_names = {name: sorted(made.inputs) for name, made in signatures}
        self._output_names = {name: sorted(made.outputs) for name, made in signatures}
        self._input_dtypes = {
            name: _dtype_names(signature.inputs)
            for name, signature in self.signatures.items()
        }
        self._values_in_a_row = {
            name: values_in_a_row(signature.outputs)
            for name, signature in self.signatures.items()
        }
        self.merged = frozenset(
            name
            for name, signature in self.signatures.items()
            if batching is not None and can_be_batched(signature)
        )
        self._batching = batching
        self._metrics = metrics
        self._lock = threading.Lock()
        self._schedulers: dict[str, BatchScheduler] = {}

    def input_dtypes(self, signature_name: str) -> dict[str, str]:
        """Returns TensorFlow's C++ dtype name (`float`, `string`) per input.

        Raises:
            ServingError: If there is no such signature, or it has no inputs.
        """
        if signature_name not in self.signatures:
            raise invalid_argument(
                f'Serving signature name: "{signature_name}" not found in signature def'
            )
        dtypes = self._input_dtypes[signature_name]
        if not dtypes:
            raise invalid_argument(
                f"Failed to get input map for signature: {signature_name}"
            )
        return dtypes

    def values_in_a_row(self, signature_name: str) -> int:
        """Returns how many values a signature answers for each row, if it says so."""
        return self._values_in_a_row[signature_name]

    @functools.cached_property
    def metadata(self) -> dict[str, Any]:
        """The signatures as a JSON answer has them; once, since it takes long."""
        return {
            name: json_format.MessageToDict(
                self.signatures[name],
                preserving_proto_field_name=True,
                always_print_fields_with_no_presence=True,
            )
            for name in sorted(self.signatures)
        }

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Runs a signature; returns the array per output, ordered by name.

        Raises:
            ServingError: If inputs are missing or unknown; with code and message
                of the op that failed; as `BatchScheduler.submit` if merged.
        """
        self.check_input_names(signature_name, inputs)
        if signature_name not in self.merged:
            return self.run(signature_name, inputs)
        ended = threading.Event()
        scheduler = self.scheduler(signature_name)
        call = scheduler.submit(inputs, lambda _: ended.set())
        ended.wait()
        return call.result()

    def scheduler(self, signature_name: str) -> BatchScheduler:
        """Returns what merges the calls of a signature, one of `merged`."""
        scheduler = self._schedulers.get(signature_name)
        if scheduler is not None:
            return scheduler
        with self._lock:
            if signature_name not in self._schedulers:
                assert self._batching is not None, "or nothing were merged"
                # Its threads start with the first call.
                self._schedulers[signature_name] = BatchScheduler(
                    functools.partial(self.run, signature_name),
                    self._batching,
                    self._metrics,
                )
            return self._schedulers[signature_name]

    def run(
        self,
        signature_name: str,
        inputs: Mapping[str, np.ndarray],
        seconds: float | None = None,
    ) -> dict[str, np.ndarray]:
        """As `predict`, by itself, on an array for each input of the signature.

        Args:
            signature_name: One of `signatures`.
            inputs: Array per input name.
            seconds: When nobody waits any more; the run ends in at most twice the
                time, or at its limit.
        """
        if signature_name not in self._runners:
            text = f"expected a signature of dense tensors; got {signature_name}"
            raise ServingError(StatusCode.UNIMPLEMENTED, text)
        values = [inputs[name] for name in self._input_names[signature_name]]
        try:
            found = self._runners[signature_name](values, seconds)
        except tf.errors.OpError as error:
            raise ServingError(CODES[error.error_code], error.message) from error
        # A single string comes as bytes, all else as an array or as a scalar of one.
        arrays = (
            np.array(value, object) if isinstance(value, bytes) else value
            for value in found
        )
        return dict(zip(self._output_names[signature_name], arrays, strict=True))

    def check_input_names(self, signature_name: str, names: Iterable[str]) -> None:
        """Refuses other inputs than a signature has.

        Raises:
            ServingError: If one is missing or unknown.
        """
        expected = self._input_names[signature_name]
        if (given := sorted(names)) != expected:
            raise invalid_argument(
                f"expected the inputs {', '.join(expected)}; got {', '.join(given)}"
            )

    def close(self) -> None:
        """Frees the graph, the variables and the tables; no call may follow."""
        for scheduler in self._schedulers.values():
            scheduler.close()
        self._runners.clear()
        self._session.close()
        # What Python knows of a graph refers to itself, and holds on to the graph
        # until the collector comes: often only after several versions more.
        self._session = None
        gc.collect()

    def _make_runner(
        self, signature: SignatureDef, timeout_in_ms: int, may_be_small: bool
    ) -> Callable[[list[np.ndarray], float | None], list[Any]]:
        inputs, outputs = signature.inputs, signature.outputs

        @functools.cache
        def make(**options: int) -> Callable[..., list[Any]]:
            # Session.run and make_callable compare shapes with the placeholders and
            # rewrite op messages with stack traces; TF-Serving does neither. Only
            # this call does not.
            return self._session._make_callable_from_options(
                CallableOptions(
                    feed=[inputs[name].name for name in sorted(inputs)],
                    fetch=[outputs[name].name for name in sorted(outputs)],
                    run_options=tf.compat.v1.RunOptions(**options),
                )
            )

        def run(values: list[np.ndarray], seconds: float | None) -> list[Any]:
            if may_be_small and _is_small(values):
                return make(inter_op_thread_pool=_CALLERS_THREAD)(*values)
            milliseconds = timeout_in_ms
            if seconds is not None:
                # One of few, since each is kept.
                power = math.ceil(math.log2(max(1000 * seconds, _LEAST_TIMEOUT)))
                milliseconds = min(timeout_in_ms, 2**power)
            return make(timeout_in_ms=milliseconds)(*values)

        return run


def _has_loops(meta_graph: MetaGraphDef) -> bool:
    """Whether a run may take long whatever the size of its inputs."""
    graph = meta_graph.graph_def
    parts = [graph.node, *(function.node_def for function in graph.library.function)]
    return any(node.op in _LOOPS for nodes in parts for node in nodes)


def _is_small(values: list[np.ndarray]) -> bool:
    size = 0
    for value in values:
        if value.size > _SMALL_BYTES or (value.ndim and len(value) > _SMALL_ROWS):
            return False
        size += sum(map(len, value.flat)) if value.dtype == object else value.nbytes
    return size <= _SMALL_BYTES


def _dtype_names(inputs: Mapping[str, Any]) -> dict[str, str]:
    names = {key: tf.dtypes.as_dtype(info.dtype).name for key, info in inputs.items()}
    return {key: _DTYPE_NAMES.get(name, name) for key, name in names.items()}


def _is_runnable(signature: SignatureDef) -> bool:
    infos = [*signature.inputs.values(), *signature.outputs.values()]
    return bool(signature.inputs) and all(
        info.WhichOneof("encoding") == "name" for info in infos
    )


def can_be_batched(signature: SignatureDef) -> bool:
    """Whether rows of several calls can go through a signature in one run.

    That is when each input and each output leaves the number of rows open, by its
    first dimension, and each output nothing else. Otherwise a client's answer
    could be that of another, or have a shape that comes of others' rows.
    """
    inputs, outputs = signature.inputs.values(), signature.outputs.values()
    return (
        len(inputs) > 0
        and all(map(_has_open_rows, [*inputs, *outputs]))
        and all(dim.size >= 0 for o in outputs for dim in o.tensor_shape.dim[1:])
    )


def _has_open_rows(tensor: TensorInfo) -> bool:
    shape = tensor.tensor_shape
    return (
        tensor.WhichOneof("encoding") == "name"
        and len(shape.dim) > 0
        and shape.dim[0].size == -1
    )


def values_in_a_row(outputs: Mapping[str, TensorInfo]) -> int:
    """Returns how many values outputs have for each row, as far as they say."""
    shapes = [output.tensor_shape.dim[1:] for output in outputs.values()]
    return sum(math.prod(dim.size for dim in dims if dim.size > 0) for dims in shapes)
