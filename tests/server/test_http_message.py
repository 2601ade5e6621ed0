from __future__ import annotations

import gzip
import sys

import pytest

from wish_tf.server.http_message import decoded, inflate
from wish_tf.server.serving_error import ServingError


def test_members_follow_each_other():
    assert inflate(gzip.compress(b"ab") + gzip.compress(b"c"), 3) == b"abc"
    assert inflate(gzip.compress(b""), 1) == b""
    assert inflate(b"", 1) == b""


def test_the_limit_is_for_all_members():
    with pytest.raises(ServingError, match="longer than 3 bytes when inflated"):
        inflate(gzip.compress(b"ab") + gzip.compress(b"cd"), 3)


def test_members_may_end_anywhere(monkeypatch):
    module = sys.modules["wish_tf.server.http_message"]
    body = b"".join(gzip.compress(b"%d" % i * i) for i in range(12))
    expected = b"".join(b"%d" % i * i for i in range(12))
    for chunk in (1, 7, 64, 10**6):
        monkeypatch.setattr(module, "_CHUNK", chunk)
        assert inflate(body, 1000) == expected
        with pytest.raises(ServingError, match="cut short"):
            inflate(body[:-1], 1000)


def test_very_many_empty_members_are_refused():
    member = gzip.compress(b"")
    assert inflate(member * 1000, 1) == b""
    with pytest.raises(ServingError, match="more than 1000 gzip members"):
        inflate(member * (8 * 2**20 // len(member)), 1)


def test_a_bomb_is_not_inflated():
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(ServingError, match="longer than 1000 bytes"):
        inflate(bomb, 1000)


def test_what_is_not_gzip():
    with pytest.raises(ServingError, match="not valid gzip data"):
        inflate(gzip.compress(b"ab") + b"more", 10)
    with pytest.raises(ServingError, match="cut short"):
        inflate(gzip.compress(b"ab")[:-1], 10)


def test_encodings():
    packed = gzip.compress(b"ab")
    assert decoded(b"ab", "identity", 1) == decoded(packed, "x-gzip", 2) == b"ab"
    with pytest.raises(ServingError, match="got br") as caught:
        decoded(b"", "br", 1)
    assert caught.value.code.http_status == 501
