from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from wish_tf.checks import check_texts
from wish_tf.errors import InputError, first_line
from wish_tf.hashed_texts import OUTPUTS
from wish_tf.server.saved_model_session import load_saved_model

_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
# `HashingModel` packs bits by it.


class ExportedVersion:
    """A version of an exported hasher in a graph session, as TF-Serving loads it.

    Args:
        path: folder of the version.

    Attributes:
        path: the same.
        signatures: the `SignatureDef` of each name.

    Raises:
        InputError: when it cannot be loaded.
    """

    def __init__(self, path: Path):
        self.path = path
        self._session, self._meta_graph = load_saved_model(path)
        self.signatures = dict(self._meta_graph.signature_def)

    def run(
        self, signature: str, inputs: Mapping[str, object], outputs: Sequence[str] = ()
    ) -> dict[str, np.ndarray]:
        """Runs a signature.

        Args:
            signature: its name.
            inputs: an array per input.
            outputs: the outputs that are wanted; none: all.

        Returns:
            An array per output.

        Raises:
            InputError: when there is no such signature, its inputs or outputs are
                others, or it fails.
        """
        if signature not in self.signatures:
            raise InputError(
                f"expected a signature {signature!r}; got {sorted(self.signatures)}"
            )
        definition = self.signatures[signature]
        if set(inputs) != set(definition.inputs):
            raise InputError(
                f"expected the inputs {sorted(definition.inputs)} for {signature!r}; "
                f"got {sorted(inputs)}"
            )
        missing = set(outputs) - set(definition.outputs)
        if missing:
            raise InputError(
                f"expected outputs among {sorted(definition.outputs)} of "
                f"{signature!r}; got {sorted(missing)}"
            )
        try:
            return self._session.run(
                {
                    name: definition.outputs[name].name
                    for name in outputs or definition.outputs
                },
                {definition.inputs[name].name: inputs[name] for name in inputs},
            )
        except (tf.errors.OpError, ValueError, TypeError) as error:
            raise InputError(
                f"expected {signature!r} to run; got the failure: {first_line(error)}"
            ) from error

    def hash(
        self, texts: Iterable[str], signature: str = "hash"
    ) -> dict[str, np.ndarray]:
        """Runs `hash`, or its other name, on texts, all at once.

        Raises:
            InputError: as `run`; also when an output of a `HashingModel` is missing.
        """
        encoded = [text.encode("utf-8", "replace") for text in check_texts(texts)]
        return self.run(signature, {"text": np.array(encoded, object)}, sorted(OUTPUTS))

    def bits(self) -> int:
        """Returns the length of a code.

        Raises:
            InputError: as `hash`.
        """
        return self.hash([""])["probabilities"].shape[1]

    def looked_up_words(self) -> list[list[str]]:
        """Returns the keys of each lookup table in the order of their ids."""
        graph = self._session.graph
        tables = []
        for operation in graph.get_operations():
            if operation.type == "HashTableV2":
                with graph.as_default():
                    exported = tf.raw_ops.LookupTableExportV2(
                        table_handle=operation.outputs[0],
                        Tkeys=operation.get_attr("key_dtype"),
                        Tvalues=operation.get_attr("value_dtype"),
                    )
                keys, ids = self._session.run([exported.keys, exported.values])
                tables.append(
                    [keys[i].decode("utf-8", "replace") for i in np.argsort(ids)]
                )
        return tables

    def vocabulary(self) -> list[str]:
        """Returns the words that texts are looked up by, in the order of their ids.

        Raises:
            InputError: when the graph holds none, or several of as many words.
        """
        size = len(self.idf_weights())
        # `search` has the front end once more.
        found = {
            tuple(table): table
            for table in self.looked_up_words()
            if len(table) == size
        }
        return self._only([*found.values()], "vocabulary")

    def idf_weights(self) -> np.ndarray:
        """Returns the idf weights of the front end, float32 [vocabulary].

        Raises:
            InputError: when the graph holds none, or several.
        """
        # `search` has the front end once more.
        found = {array.tobytes(): array for array in self._gathered(tf.float32)}
        return self._only([*found.values()], "list of idf weights")

    def weights(self) -> list[np.ndarray]:
        """Returns the variables' values in the order of the exported model's.

        Raises:
            InputError: when the file of the variables cannot be read.
        """
        weights = self.variables("weights/")
        return [weights[number] for number in sorted(weights, key=int)]

    def variables(self, prefix: str) -> dict[str, np.ndarray]:
        """Returns the values of the variables whose names start so, by what follows.

        Raises:
            InputError: when the file of the variables cannot be read.
        """
        try:
            reader = tf.train.load_checkpoint(str(self.path / "variables/variables"))
            return {
                name.removeprefix(prefix).removesuffix(_VALUE): reader.get_tensor(name)
                for name in reader.get_variable_to_shape_map()
                if name.startswith(prefix)
            }
        except (OSError, RuntimeError, ValueError, tf.errors.OpError) as error:
            raise InputError(
                f"expected variables in {self.path}; got what cannot be read: "
                f"{first_line(error)}"
            ) from error

    def _gathered(self, dtype: tf.DType) -> list[np.ndarray]:
        """Returns the constant vectors that the graph's functions gather from."""
        found = []
        for function in self._meta_graph.graph_def.library.function:
            constants = {
                node.name: node.attr["value"].tensor
                for node in function.node_def
                if node.op == "Const" and node.attr["dtype"].type == dtype
            }
            for node in function.node_def:
                name = node.input[0].split(":")[0] if node.op == "GatherV2" else None
                if name in constants:
                    found.append(tf.make_ndarray(constants[name]))
        return found

    @staticmethod
    def _only(found: list[Any], what: str) -> Any:
        if len(found) != 1:
            raise InputError(f"expected one {what} in the graph; got {len(found)}")
        return found[0]
