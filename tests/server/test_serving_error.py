from __future__ import annotations

import tensorflow as tf

from wish_tf.server.serving_error import ServingError, StatusCode

HTTP = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500]


def test_codes_are_numbered_and_have_the_http_status_as_in_tf_serving():
    assert [code.http_status for code in StatusCode] == [*HTTP, 401]
    assert all(getattr(tf.errors, code.name) == code for code in list(StatusCode)[1:])
    assert str(ServingError(StatusCode.NOT_FOUND, "no")) == "NOT_FOUND: no"
