"""Predict calls that are answered on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from wish_tf.server.batched_servable import BatchedServable
from wish_tf.server.json_reader import read_plain_json
from wish_tf.server.loop_mailbox import LoopMailbox
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.predict_request import regular_instances
from wish_tf.server.predict_response import encode_rows, join_rows
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_path import parse_rest_path
from wish_tf.server.servable import DEFAULT_SIGNATURE
from wish_tf.server.serving_error import ServingError


class PlainPredict:
    """Answers plain calls without a thread of their own.

    A call is plain if it is small, in the row format, without fault, and for a
    signature whose calls are merged. There is so little to do for it that handing
    it to a thread takes longer. What is not plain is left to `RestHandler.handle`,
    which alone knows what to say of faults.
    """

    def __init__(self, manager: ModelManager, predictor: Predictor) -> None:
        """Binds to models.

        Args:
            manager: The models.
            predictor: What runs and counts the requests.
        """
        self._manager = manager
        self._predictor = predictor
        self._mailbox: LoopMailbox | None = None

    async def answer(self, method: str, path: str, body: bytes) -> bytes | None:
        """Answers a call.

        Args:
            method: HTTP method.
            path: Path of the request target, percent-encoded, no query.
            body: Request body, not compressed; small, since it is read at once.

        Returns:
            The body of the response, or None if the call is not plain: then
            nothing has been run or counted.

        Raises:
            ServingError: If the call cannot be run.
        """
        start = time.perf_counter()
        with contextlib.ExitStack() as stack:
            try:
                call = parse_rest_path(method, path)
                servable = stack.enter_context(
                    self._manager.lease(call.model, call.version, call.label)
                )
                if call.action != "predict":
                    return None
                if not isinstance(servable, BatchedServable) or not servable.merged:
                    return None
                signature, inputs = self._read(body, servable)
            except ServingError:
                return None
            if inputs is None:
                return None
            with self._predictor.counted(call.model, "Predict", "REST", start):
                rows = await self._predictor.run_merged(
                    servable, call.model, signature, inputs, encode_rows, self._box()
                )
                return join_rows(rows)

    def _read(
        self, body: bytes, servable: BatchedServable
    ) -> tuple[str, dict[str, Any] | None]:
        """Signature and inputs; no inputs if anything is not plain."""
        document = read_plain_json(body, self._predictor.limits.max_json_depth)
        if not isinstance(document, dict) or "inputs" in document:
            return "", None
        signature = document.get("signature_name", "")
        instances = document.get("instances")
        if not isinstance(signature, str) or not isinstance(instances, list):
            return "", None
        signature = signature or DEFAULT_SIGNATURE
        if signature not in servable.merged or not instances:
            return "", None
        dtypes = servable.input_dtypes(signature)
        return signature, regular_instances(instances, dtypes)

    def _box(self) -> LoopMailbox:
        loop = asyncio.get_running_loop()
        mailbox = self._mailbox
        if mailbox is None or mailbox.loop is not loop:
            self._mailbox = mailbox = LoopMailbox(loop)
        return mailbox
