"""What a single request may cost."""

from __future__ import annotations

import dataclasses

from wish_tf.errors import InputError
from wish_tf.server.serving_error import invalid_argument


@dataclasses.dataclass(frozen=True)
class Limits:
    """Safe limits; but for the time of a run, TF-Serving has none of them.

    Attributes:
        max_body_bytes: Most bytes of a request body (REST) or message (gRPC).
        max_inflated_bytes: Most bytes of a gzip body when inflated, and of a tensor of
            a gRPC request.
        max_batch_size: Most rows of a request: the first dimension of an input.
        max_json_items: Most commas and brackets of a JSON body, those in texts
            included: they bound the number of its values, each of which costs
            time and memory though it may be of two bytes.
        max_answer_values: Most numbers and texts of an answer, as far as the signature
            says how many there are in a row.
        rest_api_timeout_in_ms: Longest a run of the model may take, REST or gRPC,
            milliseconds.
        receive_timeout_in_ms: Longest a REST request may take to arrive, its answer to
            be fetched, and a TLS or gRPC connection to be agreed on, milliseconds each.
    """

    max_body_bytes: int = 64 * 2**20
    max_inflated_bytes: int = 256 * 2**20
    max_batch_size: int = 65_536
    max_json_items: int = 4 * 2**20
    max_answer_values: int = 16 * 2**20
    rest_api_timeout_in_ms: int = 30_000
    receive_timeout_in_ms: int = 60_000

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value < 1:
                raise InputError(f"expected at least 1 as {field.name}; got {value}")

    def check_rows(self, rows: int, in_a_row: int) -> None:
        """Refuses so many rows, or an answer with so many values for each.

        Raises:
            ServingError: INVALID_ARGUMENT.
        """
        if rows > self.max_batch_size:
            raise invalid_argument(
                f"expected at most {self.max_batch_size} rows; got {rows}"
            )
        if rows * in_a_row > self.max_answer_values:
            raise invalid_argument(
                f"expected an answer of at most {self.max_answer_values} values; got "
                f"{rows} rows of {in_a_row}"
            )

    def check_json(self, body: bytes) -> None:
        """Refuses a body that would take long to read, and keep all threads waiting.

        Raises:
            ServingError: INVALID_ARGUMENT.
        """
        items = body.count(b",") + body.count(b"[") + body.count(b"{")
        if items > self.max_json_items:
            raise invalid_argument(
                f"expected at most {self.max_json_items} commas and brackets in the "
                f"body; got {items}"
            )
