from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from wish_tf.checks import check_texts
from wish_tf.errors import InputError, first_line
from wish_tf.server.saved_model_session import load_saved_model


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
        self._session, meta_graph = load_saved_model(path)
        self.signatures = dict(meta_graph.signature_def)

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

    def bits(self, texts: Iterable[str]) -> np.ndarray:
        """Returns the codes of texts, hashed all at once, int32 0/1 [n, bits].

        Raises:
            InputError: as `run`, and when texts are not such.
        """
        encoded = [text.encode("utf-8", "replace") for text in check_texts(texts)]
        return self.run("hash", {"text": np.array(encoded, object)}, ["bits"])["bits"]
