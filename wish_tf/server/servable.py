"""One version of a SavedModel, loaded and ready to run."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.config_pb2 import CallableOptions
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from wish_tf.server.http_status import StatusCode
from wish_tf.server.saved_model_session import load_saved_model
from wish_tf.server.serving_error import ServingError, invalid_argument

DEFAULT_TIMEOUT_IN_MS = 30_000
DEFAULT_SIGNATURE = "serving_default"
# TensorFlow's C++ names, where they differ from those of tf.DType.
_DTYPE_NAMES = {"float32": "float", "float64": "double", "float16": "half"}


class Servable:
    """A SavedModel in a session of its own.

    It runs as in TF-Serving, in a graph session and not as restored Python
    functions: shapes are left for the ops to check, their messages come back as
    they are, and a run can time out.

    Attributes:
        path: Folder of the SavedModel.
        version: Version number.
        signatures: The SavedModel's `SignatureDef` per name.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        version: int,
        timeout_in_ms: int = DEFAULT_TIMEOUT_IN_MS,
    ) -> None:
        """Loads a version.

        Args:
            path: Folder of the SavedModel.
            version: Its number.
            timeout_in_ms: Longest a run may take, milliseconds.

        Raises:
            InputError: If the folder is not a SavedModel that can be loaded.
        """
        self.path = Path(path)
        self.version = version
        self._session, meta_graph = load_saved_model(path)
        self.signatures = dict(meta_graph.signature_def)
        self._runners = {
            name: self._make_runner(signature, timeout_in_ms)
            for name, signature in self.signatures.items()
            if _is_runnable(signature)
        }
        # Once: TensorFlow's enums are slow to turn into names.
        self._input_dtypes = {
            name: _dtype_names(signature.inputs)
            for name, signature in self.signatures.items()
        }

    def input_dtypes(self, signature_name: str) -> dict[str, str]:
        """Dtypes of the inputs of a signature.

        Args:
            signature_name: One of `signatures`.

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

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Runs a signature; safe to call from several threads.

        Args:
            signature_name: One of `signatures`.
            inputs: Array per input name.

        Returns:
            Array per output, ordered by name.

        Raises:
            ServingError: With the code and the message of the op that failed.
        """
        signature = self.signatures[signature_name]
        self.check_input_names(signature_name, inputs)
        if signature_name not in self._runners:
            raise ServingError(
                StatusCode.UNIMPLEMENTED,
                f'Signature "{signature_name}" has inputs or outputs that are not '
                "dense tensors",
            )
        try:
            values = self._runners[signature_name](
                *(inputs[name] for name in sorted(inputs))
            )
        except tf.errors.OpError as error:
            raise ServingError(StatusCode(error.error_code), error.message) from error
        # A single string comes as bytes, all else as an array or as a scalar of one.
        arrays = (
            np.array(value, object) if isinstance(value, bytes) else value
            for value in values
        )
        return dict(zip(sorted(signature.outputs), arrays, strict=True))

    def check_input_names(self, signature_name: str, names: Iterable[str]) -> None:
        """Refuses other inputs than the signature has.

        Args:
            signature_name: One of `signatures`.
            names: Names of the inputs given.

        Raises:
            ServingError: If one is missing or unknown.
        """
        expected, given = set(self.signatures[signature_name].inputs), set(names)
        if expected != given:
            raise invalid_argument(
                f"input size does not match signature: {len(given)}!={len(expected)} "
                f"len({_braces(given)}) != len({_braces(expected)}). "
                f"Sent extra: {_braces(given - expected)}. "
                f"Missing but required: {_braces(expected - given)}."
            )

    def close(self) -> None:
        """Frees the graph, the variables and the tables; no run may follow."""
        self._runners.clear()
        self._session.close()
        # What Python knows of a graph refers to itself, and holds on to the graph
        # until the collector comes: often only after several versions more.
        self._session = None
        gc.collect()

    def _make_runner(
        self, signature: SignatureDef, timeout_in_ms: int
    ) -> Callable[..., list[Any]]:
        options = tf.compat.v1.RunOptions(timeout_in_ms=timeout_in_ms)
        inputs, outputs = signature.inputs, signature.outputs
        # Session.run and make_callable compare shapes with the placeholders and
        # rewrite op messages with stack traces; TF-Serving does neither. Only
        # this call does not.
        return self._session._make_callable_from_options(
            CallableOptions(
                feed=[inputs[name].name for name in sorted(inputs)],
                fetch=[outputs[name].name for name in sorted(outputs)],
                run_options=options,
            )
        )


def _dtype_names(inputs: Mapping[str, Any]) -> dict[str, str]:
    names = {key: tf.dtypes.as_dtype(info.dtype).name for key, info in inputs.items()}
    return {key: _DTYPE_NAMES.get(name, name) for key, name in names.items()}


def _is_runnable(signature: SignatureDef) -> bool:
    infos = [*signature.inputs.values(), *signature.outputs.values()]
    return bool(signature.inputs) and all(
        info.WhichOneof("encoding") == "name" for info in infos
    )


def _braces(names: set[str]) -> str:
    return "{" + ",".join(sorted(names)) + "}"
