from __future__ import annotations

import pytest
import tensorflow as tf

from wish_tf.server.serving_error import ServingError, StatusCode

HTTP = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500]


def test_codes_have_tf_servings_http_status():
    assert [code.http_status for code in StatusCode] == [*HTTP, 401]


@pytest.mark.parametrize("code", list(StatusCode)[1:])
def test_codes_are_numbered_as_tensorflow_numbers_them(code: StatusCode):
    assert getattr(tf.errors, code.name) == code


def test_text_of_an_error_names_its_code():
    error = ServingError(StatusCode.NOT_FOUND, "no such thing")
    assert str(error) == "NOT_FOUND: no such thing"
