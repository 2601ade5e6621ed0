from __future__ import annotations

import pytest

from wish_tf.server.rest_handler import RestPath, parse_rest_path
from wish_tf.server.serving_error import ServingError, StatusCode

MAX = 2**63 - 1


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/v1/models/foo:predict", RestPath("predict", "foo")),
        ("POST", "/V1/Models/Foo:predict", RestPath("predict", "Foo")),
        ("POST", "/v1/models/foo:classify", RestPath("classify", "foo")),
        ("POST", "/v1/models/foo:regress", RestPath("regress", "foo")),
        ("POST", "/v1/models/foo/versions/50:predict", RestPath("predict", "foo", 50)),
        ("POST", "/v1/models/f/Versions/007:predict", RestPath("predict", "f", 7)),
        (
            "POST",
            "/v1/models/foo/labels/st%61ble-1:predict",
            RestPath("predict", "foo", None, "stable-1"),
        ),
        ("POST", "/v1/models/a%2Fb%3A+:predict", RestPath("predict", "a/b:+")),
        ("POST", "/v1/models/a%zz:predict", RestPath("predict", "a%zz")),
        ("GET", "/v1/models/foo", RestPath("status", "foo")),
        ("GET", "/v1/models/foo/versions/1", RestPath("status", "foo", 1)),
        ("GET", f"/v1/models/foo/versions/{MAX}", RestPath("status", "foo", MAX)),
        ("GET", f"/v1/models/f/versions/{'0' * 9000}", RestPath("status", "f", 0)),
        ("GET", "/v1/models/foo/labels/l", RestPath("status", "foo", None, "l")),
        ("GET", "/v1/models/foo/metadata", RestPath("metadata", "foo")),
        ("GET", "/v1/models/foo/METADATA", RestPath("status", "foo")),
        ("GET", "/v1/models/foo/versions/2/metadata", RestPath("metadata", "foo", 2)),
        ("GET", "/v1/models/metadata", RestPath("status", "metadata")),
    ],
)
def test_understood(method: str, path: str, expected: RestPath):
    assert parse_rest_path(method, path) == expected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/models/foo:PREDICT"),
        ("GET", "/v1/models/foo/version/50:predict"),
        ("POST", "/v1/models/foo/versions/\u0663:predict"),
        ("post", "/v1/models/foo:predict"),
        ("GET", "/v1/models/"),
    ],
)
def test_malformed(method: str, path: str):
    with pytest.raises(ServingError) as caught:
        parse_rest_path(method, path)
    assert caught.value.code is StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("version", [MAX + 1, 2**64 - 1, "9" * 5000])
def test_version_too_big(version: int | str):
    with pytest.raises(ServingError, match="INVALID_ARGUMENT"):
        parse_rest_path("POST", f"/v1/models/foo/versions/{version}:regress")
