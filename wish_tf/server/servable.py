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
from wish_tf.server.server_options import ServerOptions
from wish_tf.server.serving_error import (
    CODES,
    ServingError,
    StatusCode,
    invalid_argument,
)
from wish_tf.server.warm_up import warm_up

DEFAULT_TIMEOUT_IN_MS = 30_000
DEFAULT_SIGNATURE = "serving_default"
# TensorFlow's C++ names, where they differ from those of tf.DType.
_DTYPE_NAMES = {"float32": "float", "float64": "double", "float16": "half"}
# A run of no more is done in the thread that asks for it: to hand its ops to the
# session's threads takes longer than the threads save. There the run's limit of time
# does not act, so that it must not be needed.
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
        values_in_a_row: How many values each signature answers for a row, if it says.
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
        self._timeout = timeout_in_ms
        self._may_be_small = not _has_loops(meta_graph)
        self._batching = batching
        self._metrics = metrics
        self._lock = threading.Lock()
        self._schedulers: dict[str, BatchScheduler] = {}
        self._runners: dict[tuple[str, int | None], Callable[..., list[Any]]] = {}
        self.signatures = dict(meta_graph.signature_def)
        # Once: TensorFlow takes long to read them and to turn its enums into names.
        every = self.signatures.items()
        self._input_names = {name: sorted(made.inputs) for name, made in every}
        self._output_names = {name: sorted(made.outputs) for name, made in every}
        self._dtypes = {name: _dtype_names(made.inputs) for name, made in every}
        self._dense = {name for name, made in every if _is_dense(made)}
        self.values_in_a_row = {n: values_in_a_row(made.outputs) for n, made in every}
        merged = [n for n, made in every if batching and can_be_batched(made)]
        self.merged = frozenset(merged)

    def input_dtypes(self, signature_name: str) -> dict[str, str]:
        """Returns TensorFlow's C++ dtype name (`float`, `string`) per input.

        Raises:
            ServingError: If there is no such signature, or it has no inputs.
        """
        dtypes = self._dtypes.get(signature_name)
        if not dtypes:
            raise invalid_argument(
                f'Serving signature name: "{signature_name}" not found in signature def'
                if dtypes is None
                else f"expected a signature with inputs; got {signature_name}"
            )
        return dtypes

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
                run = functools.partial(self.run, signature_name)
                # Its threads start with the first call.
                scheduler = BatchScheduler(run, self._batching, self._metrics)
                self._schedulers[signature_name] = scheduler
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
        if signature_name not in self._dense:
            text = f"expected a signature of dense tensors; got {signature_name}"
            raise ServingError(StatusCode.UNIMPLEMENTED, text)
        values = [inputs[name] for name in self._input_names[signature_name]]
        milliseconds: int | None = self._timeout
        if self._may_be_small and _is_small(values):
            milliseconds = None
        elif seconds is not None:
            # One of few, since the runner of each is kept.
            power = math.ceil(math.log2(max(1000 * seconds, _LEAST_TIMEOUT)))
            milliseconds = min(self._timeout, 2**power)
        runner = self._runners.get((signature_name, milliseconds))
        try:
            found = (runner or self._make_runner(signature_name, milliseconds))(*values)
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
        self, name: str, milliseconds: int | None
    ) -> Callable[..., list[Any]]:
        """Returns what runs a signature, with a limit of time or in its own thread."""
        signature = self.signatures[name]
        options = (
            tf.compat.v1.RunOptions(inter_op_thread_pool=_CALLERS_THREAD)
            if milliseconds is None
            else tf.compat.v1.RunOptions(timeout_in_ms=milliseconds)
        )
        # Session.run and make_callable compare shapes with the placeholders and rewrite
        # op messages with stack traces; TF-Serving does neither. Only this does not.
        runner = self._session._make_callable_from_options(
            CallableOptions(
                feed=[signature.inputs[one].name for one in self._input_names[name]],
                fetch=[signature.outputs[one].name for one in self._output_names[name]],
                run_options=options,
            )
        )
        self._runners[name, milliseconds] = runner
        return runner


def load_servable(
    options: ServerOptions, metrics: ServerMetrics, path: Path, version: int
) -> Servable:
    """Returns the version in a folder, warmed up.

    Raises:
        InputError: If the folder is not a SavedModel that can be loaded.
        ServingError: If the warm-up fails.
    """
    limits = options.limits
    timeout = limits.rest_api_timeout_in_ms
    servable = Servable(path, version, timeout, options.batching, metrics)
    try:
        if options.enable_model_warmup:
            warm_up(servable, path, limits.max_inflated_bytes)
    except BaseException:
        servable.close()
        raise
    return servable


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


def _dtype_names(inputs: Mapping[str, TensorInfo]) -> dict[str, str]:
    names = {key: tf.dtypes.as_dtype(info.dtype).name for key, info in inputs.items()}
    return {key: _DTYPE_NAMES.get(name, name) for key, name in names.items()}


def _is_dense(signature: SignatureDef) -> bool:
    infos = [*signature.inputs.values(), *signature.outputs.values()]
    is_named = all(info.WhichOneof("encoding") == "name" for info in infos)
    return is_named and len(signature.inputs) > 0


def can_be_batched(signature: SignatureDef) -> bool:
    """Whether rows of several calls can go through a signature in one run.

    That is when each input and each output leaves the number of rows open, by its
    first dimension, and each output nothing else. Otherwise a client's answer
    could be that of another, or have a shape that comes of others' rows.
    """
    outputs = [info.tensor_shape.dim for info in signature.outputs.values()]
    inputs = [info.tensor_shape.dim for info in signature.inputs.values()]
    return (
        _is_dense(signature)
        and all(len(dims) > 0 and dims[0].size == -1 for dims in [*inputs, *outputs])
        and all(dim.size >= 0 for dims in outputs for dim in dims[1:])
    )


def values_in_a_row(outputs: Mapping[str, TensorInfo]) -> int:
    """Returns how many values outputs have for each row, as far as they say."""
    shapes = [output.tensor_shape.dim[1:] for output in outputs.values()]
    return sum(math.prod(dim.size for dim in dims if dim.size > 0) for dims in shapes)
