"""One version of a SavedModel, loaded and ready to run."""

from __future__ import annotations

import functools
import gc
import math
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
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
_SMALL_ROWS = 4
_SMALL_BYTES = 16 * 2**10
_CALLERS_THREAD = -1
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
            version: Its number.
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
        """Returns the dtypes of the inputs of a signature.

        Args:
            signature_name: Name of a signature.

        Returns:
            TensorFlow's C++ dtype name (`float`, `string`) per input.

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
        """Runs a signature and waits for its answer.

        Args:
            signature_name: One of `signatures`.
            inputs: Array per input name.

        Returns:
            Array per output, ordered by name.

        Raises:
            ServingError: With the code and the message of the op that failed; as
                `submit` if its calls are merged; if inputs are missing or unknown.
        """
        self.check_input_names(signature_name, inputs)
        if signature_name in self.merged:
            return self.submit(signature_name, inputs).result()
        return self.run(signature_name, inputs)

    def submit(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> Future[dict[str, np.ndarray]]:
        """As `predict`, but returns at once, to be run with what others ask.

        Args:
            signature_name: One of `merged`.
            inputs: Array for each input of the signature.

        Returns:
            The future of what `predict` returns, or of what the run raised.

        Raises:
            ServingError: As `BatchScheduler.submit`.
        """
        scheduler = self._schedulers.get(signature_name)
        return (scheduler or self._scheduler(signature_name)).submit(inputs)

    def _scheduler(self, signature_name: str) -> BatchScheduler:
        """Returns that of a signature; its threads start with the first call."""
        with self._lock:
            if signature_name not in self._schedulers:
                assert self._batching is not None, "or nothing were merged"
                self._schedulers[signature_name] = BatchScheduler(
                    functools.partial(self.run, signature_name),
                    self._batching,
                    self._metrics,
                )
            return self._schedulers[signature_name]

    def run(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """As `predict`, by itself, on an array for each input of the signature."""
        if signature_name not in self._runners:
            raise ServingError(
                StatusCode.UNIMPLEMENTED,
                f'Signature "{signature_name}" has inputs or outputs that are not '
                "dense tensors",
            )
        values = [inputs[name] for name in self._input_names[signature_name]]
        try:
            found = self._runners[signature_name](values)
        except tf.errors.OpError as error:
            raise ServingError(CODES[error.error_code], error.message) from error
        # A single string comes as bytes, all else as an array or as a scalar of one.
        arrays = (
            np.array(value, object) if isinstance(value, bytes) else value
            for value in found
        )
        return dict(zip(self._output_names[signature_name], arrays, strict=True))

    def check_input_names(self, signature_name: str, names: Iterable[str]) -> None:
        """Refuses other inputs than the signature has.

        Args:
            signature_name: One of `signatures`.
            names: Names of the inputs given.

        Raises:
            ServingError: If one is missing or unknown.
        """
        expected, given = self._input_dtypes[signature_name].keys(), set(names)
        if expected != given:
            raise invalid_argument(
                f"input size does not match signature: {len(given)}!={len(expected)}. "
                f"Sent extra: {_braces(given - expected)}. "
                f"Missing but required: {_braces(expected - given)}."
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
    ) -> Callable[[list[np.ndarray]], list[Any]]:
        inputs, outputs = signature.inputs, signature.outputs

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

        large = make(timeout_in_ms=timeout_in_ms)
        if not may_be_small:
            return lambda values: large(*values)
        small = make(inter_op_thread_pool=_CALLERS_THREAD)
        return lambda values: (small if _is_small(values) else large)(*values)


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

    Args:
        signature: From a SavedModel.

    Returns:
        False also for tensors of unknown rank and for those that are not dense.
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


def values_in_a_row(outputs: Mapping[str, Any]) -> int:
    """Returns how many values outputs have for each row, as far as they say.

    Args:
        outputs: The `TensorInfo` of each output.
    """
    total = 0
    for output in outputs.values():
        sizes = [dim.size for dim in output.tensor_shape.dim[1:]]
        total += math.prod(size for size in sizes if size > 0)
    return total


def _braces(names: Iterable[str]) -> str:
    return "{" + ",".join(sorted(names)) + "}"
