from __future__ import annotations

import gzip
import sys

import pytest

from wish_tf.server.http_message import decoded
from wish_tf.server.serving_error import ServingError

EMPTY = gzip.compress(b"")


def inflate(body: bytes, most: int) -> bytes:
    return decoded(body, "gzip", most)


def test_members_follow_each_other():
    assert inflate(gzip.compress(b"ab") + gzip.compress(b"c"), 3) == b"abc"
    assert inflate(EMPTY, 1) == inflate(b"", 1) == b""
    assert decoded(b"ab", "identity", 1) == decoded(gzip.compress(b"ab"), "x-gzip", 2)


def test_members_may_end_anywhere(monkeypatch):
    module = sys.modules["wish_tf.server.http_message"]
    body = b"".join(gzip.compress(b"%d" % i * i) for i in range(12))
    expected = b"".join(b"%d" % i * i for i in range(12))
    for chunk in (1, 7, 64, 10**6):
        monkeypatch.setattr(module, "_CHUNK", chunk)
        assert inflate(body, 1000) == expected
        with pytest.raises(ServingError, match="cut short"):
            inflate(body[:-1], 1000)


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b"ab") * 500_000, "gzip", 400),
        (EMPTY * (8 * 2**20 // len(EMPTY)), "gzip", 400),
        (gzip.compress(bytes(50_000_000)), "gzip", 400),
        (gzip.compress(b"ab") + b"more", "gzip", 400),
        (b"", "br", 501),
    ],
    ids=["all members", "very many members", "bomb", "no gzip", "another encoding"],
)
def test_what_is_refused(body: bytes, encoding: str, status: int):
    with pytest.raises(ServingError) as caught:
        decoded(body, encoding, 1000)
    assert caught.value.code.http_status == status
