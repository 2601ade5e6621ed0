"""A loaded version whose calls are merged."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

import numpy as np

from wish_tf.server.batching import (
    BatchingParameters,
    BatchScheduler,
    Encode,
    can_be_batched,
)
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.servable import Servable


class BatchedServable:
    """Does what a `Servable` does, with a scheduler for each signature.

    A signature whose calls cannot be merged is run as it is. The threads of a
    scheduler start with its first call.

    Attributes:
        path: Folder of the SavedModel.
        version: Version number.
        signatures: The SavedModel's `SignatureDef` per name.
        merged: The signatures whose calls are merged.
    """

    def __init__(
        self,
        servable: Servable,
        parameters: BatchingParameters,
        metrics: ServerMetrics,
    ) -> None:
        """Takes over a loaded version.

        Args:
            servable: The version; closed with this.
            parameters: When and how calls are merged.
            metrics: Where waiting times and sizes of batches are counted.
        """
        self.path = servable.path
        self.version = servable.version
        self.signatures = servable.signatures
        self._servable = servable
        # Once: it goes through all tensors of a signature.
        self.merged = frozenset(
            name
            for name, signature in servable.signatures.items()
            if can_be_batched(signature)
        )
        self._parameters = parameters
        self._metrics = metrics
        self._lock = threading.Lock()
        self._schedulers: dict[str, BatchScheduler] = {}

    def input_dtypes(self, signature_name: str) -> dict[str, str]:
        """As `Servable.input_dtypes`."""
        return self._servable.input_dtypes(signature_name)

    def check_input_names(self, signature_name: str, names: Iterable[str]) -> None:
        """As `Servable.check_input_names`."""
        self._servable.check_input_names(signature_name, names)

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """As `Servable.predict`; waits for a run that may also be of others' calls.

        Args:
            signature_name: One of `signatures`.
            inputs: Array per input name.

        Returns:
            Array per output, ordered by name.

        Raises:
            ServingError: As `Servable.predict`; UNAVAILABLE if too much waits.
        """
        self.check_input_names(signature_name, inputs)
        if signature_name not in self.merged:
            return self._servable.predict(signature_name, inputs)
        return self._scheduler(signature_name).run(inputs)

    def submit(
        self, signature_name: str, inputs: Mapping[str, np.ndarray], encode: Encode
    ) -> Future[Any]:
        """As `predict`, but returns at once.

        Args:
            signature_name: One of `merged`.
            inputs: Array per input name.
            encode: As of `BatchScheduler.submit`.

        Returns:
            The future of what `encode` makes of the outputs.

        Raises:
            ServingError: As `predict`, but for what the run raises.
        """
        self.check_input_names(signature_name, inputs)
        return self._scheduler(signature_name).submit(inputs, encode)

    def close(self) -> None:
        """Ends the schedulers and frees the version; no call may follow."""
        for scheduler in self._schedulers.values():
            scheduler.close()
        self._servable.close()

    def _scheduler(self, signature_name: str) -> BatchScheduler:
        with self._lock:
            if signature_name not in self._schedulers:
                self._schedulers[signature_name] = BatchScheduler(
                    functools.partial(self._servable.predict, signature_name),
                    self._parameters,
                    self._metrics,
                )
            return self._schedulers[signature_name]
