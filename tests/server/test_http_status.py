from __future__ import annotations

import pytest
import tensorflow as tf

from wish_tf.server.http_status import StatusCode
from wish_tf.server.serving_error import ServingError


@pytest.mark.parametrize(
    ("code", "http"),
    [
        ("OK", 200),
        ("CANCELLED", 499),
        ("UNKNOWN", 500),
        ("INVALID_ARGUMENT", 400),
        ("DEADLINE_EXCEEDED", 504),
        ("NOT_FOUND", 404),
        ("ALREADY_EXISTS", 409),
        ("PERMISSION_DENIED", 403),
        ("RESOURCE_EXHAUSTED", 429),
        ("FAILED_PRECONDITION", 400),
        ("ABORTED", 409),
        ("OUT_OF_RANGE", 400),
        ("UNIMPLEMENTED", 501),
        ("INTERNAL", 500),
        ("UNAVAILABLE", 503),
        ("DATA_LOSS", 500),
        ("UNAUTHENTICATED", 401),
    ],
)
def test_http_status_of_each_code(code: str, http: int):
    assert StatusCode[code].http_status == http


@pytest.mark.parametrize("code", list(StatusCode)[1:])
def test_codes_are_numbered_as_tensorflow_numbers_them(code: StatusCode):
    assert getattr(tf.errors, code.name) == code


def test_text_of_an_error_names_its_code():
    error = ServingError(StatusCode.NOT_FOUND, "no such thing")
    assert str(error) == "NOT_FOUND: no such thing"
