from __future__ import annotations

import pytest

from wish_tf.client.server_address import ServerAddress
from wish_tf.errors import InputError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "http://host:8501/v1/models/wish",
            ("http", "host", 8501, "/v1/models/wish", "wish", None, None),
        ),
        (
            "https://host/v1/models/wish/versions/007/",
            ("https", "host", 443, "/v1/models/wish/versions/007", "wish", 7, None),
        ),
        (
            "http://h/tenant/a/v1/models/a%20b%2F/labels/stable",
            (
                "http",
                "h",
                80,
                "/tenant/a/v1/models/a%20b%2F/labels/stable",
                "a b/",
                None,
                "stable",
            ),
        ),
        (
            "http://[::1]:8501/v1/models/caf\u00e9 1",
            (
                "http",
                "::1",
                8501,
                "/v1/models/caf%C3%A9%201",
                "caf\u00e9 1",
                None,
                None,
            ),
        ),
        ("grpc://host:8500/wish", ("grpc", "host", 8500, "/wish", "wish", None, None)),
        (
            "grpcs://host:8500/wish/versions/9223372036854775807",
            (
                "grpcs",
                "host",
                8500,
                "/wish/versions/9223372036854775807",
                "wish",
                2**63 - 1,
                None,
            ),
        ),
        (
            "grpc://10.0.0.1:8500/a%2Fb/labels/canary",
            (
                "grpc",
                "10.0.0.1",
                8500,
                "/a%2Fb/labels/canary",
                "a/b",
                None,
                "canary",
            ),
        ),
    ],
)
def test_a_url_is_taken_apart(url, expected):
    address = ServerAddress.parse(url)
    assert (
        address.scheme,
        address.host,
        address.port,
        address.path,
        address.model,
        address.version,
        address.label,
    ) == expected
    assert address.is_grpc == expected[0].startswith("grpc")
    assert address.is_encrypted == expected[0].endswith("s")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "wish",
        "host:8501/v1/models/wish",
        "ftp://host/v1/models/wish",
        "http://host:8501",
        "http://host:8501/wish",
        "http://host:8501/v1/models/",
        "http://host:8501/v1/models/wish:predict",
        "http://host:8501/v1/models/wish/versions/x",
        "http://host:8501/v1/models/wish/versions/1/labels/a",
        "http://host:8501/v1/models/wish?a=b",
        "http://host:8501/v1/models/wish#a",
        "http://:8501/v1/models/wish",
        "http://host:99999/v1/models/wish",
        "http://host:x/v1/models/wish",
        "http://[::1/v1/models/wish",
        "http://a b:8501/v1/models/wish",
        f"http://{'a' * 70}.org/v1/models/wish",
        "http://host/v1/models/wish\udcff",
        "grpc://host/wish",
        "grpc://host:8500",
        "grpc://host:8500/v1/models/wish",
        b"http://host:8501/v1/models/wish",
        None,
    ],
)
def test_what_is_no_url_of_a_model_is_shown(url):
    with pytest.raises(InputError) as caught:
        ServerAddress.parse(url)
    assert str(caught.value) == (
        "expected http://HOST:PORT/v1/models/NAME or grpc://HOST:PORT/NAME, with "
        f"/versions/N or /labels/LABEL at the end if wanted; got {url!r}"
    )


def test_a_password_is_not_shown():
    with pytest.raises(InputError, match="a user's name in it$") as caught:
        ServerAddress.parse("http://me:secret@host:8501/v1/models/wish")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("version", ["9223372036854775808", "0" * 50 + "1" * 5000])
def test_a_version_beyond_64_bits_is_refused(version):
    with pytest.raises(InputError, match="^expected a version from 0 to 9223372036"):
        ServerAddress.parse(f"grpc://host:8500/wish/versions/{version}")
