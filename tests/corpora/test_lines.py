from __future__ import annotations

import gzip
import io
import os
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from wish_tf.corpora import lines as module
from wish_tf.corpora.lines import RECORD_LIMIT, Lines
from wish_tf.errors import InputError


def read(path, content: bytes) -> list[bytes]:
    path.write_bytes(content)
    return list(Lines(str(path)))


def test_only_a_line_feed_ends_a_line(tmp_path):
    text = "a\rb\x0cc\u2028d\x85e\r\n\n f".encode()
    assert read(tmp_path / "a.txt", text) == [text[:-3], b"\n", b" f"]


@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
def test_lines_do_not_depend_on_how_a_file_is_read(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(module, "_CHUNK", chunk)
    content = "\ufeffé\n\nlonger line\r\nx".encode()
    assert read(tmp_path / "a.txt", content) == [
        "é\n".encode(),
        b"\n",
        b"longer line\r\n",
        b"x",
    ]
    assert read(tmp_path / "a.txt", b"") == []


def test_compressed_files(tmp_path):
    content = b"one\ntwo\n" * 1000
    two = gzip.compress(content, mtime=0) + gzip.compress(b"three\n")
    assert read(tmp_path / "a.txt.gz", two) == [b"one\n", b"two\n"] * 1000 + [
        b"three\n"
    ]
    with pa.output_stream(tmp_path / "b.ZST", "zstd") as file:
        file.write(content)
    assert list(Lines(str(tmp_path / "b.ZST"))) == [b"one\n", b"two\n"] * 1000


@pytest.mark.parametrize(
    "content",
    [
        b"one\n",
        gzip.compress(b"one\n" * 9, mtime=0)[:-9],
        gzip.compress(b"one\n", mtime=0) + b"garbage",
        gzip.compress(b"one\n", mtime=0)[:-6] + bytes(6),
    ],
)
def test_a_damaged_gzip_file_is_refused(tmp_path, content):
    path = tmp_path / "a.txt.gz"
    with pytest.raises(InputError) as caught:
        read(path, content)
    assert str(caught.value).startswith(
        f"expected a whole gzip file; got other data or only a part in {path}, after "
    )


def test_a_line_of_a_gigabyte_is_refused_in_little_memory(tmp_path):
    path = tmp_path / "bomb.txt.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"short\n")
        for _ in range(1024):
            file.write(bytes(1 << 20))
    tracemalloc.start()
    with pytest.raises(InputError) as caught:
        list(Lines(str(path)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(caught.value) == (
        f"expected at most 64 MiB; got a longer line in {path}, line 2"
    )
    assert peak < 2 * RECORD_LIMIT


def test_the_limit_is_exact(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "RECORD_LIMIT", 5)
    monkeypatch.setattr(module, "_CHUNK", 4)
    assert read(tmp_path / "a.txt", b"1234\n1\n2") == [b"1234\n", b"1\n", b"2"]
    for content in (b"12345\n", b"1\n123456"):
        with pytest.raises(InputError, match="got a longer line"):
            read(tmp_path / "a.txt", content)


def test_a_line_of_standard_input_is_given_when_it_has_come(monkeypatch):
    read_end, write_end = os.pipe()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(open(read_end, "rb")))
    lines = iter(Lines("-"))
    with open(write_end, "wb", buffering=0) as pipe:
        for text in (b"one\n", b"two\n"):
            pipe.write(text)
            # It would wait for ever, were more needed than is there.
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(next, lines).result(60) == text
        pipe.write(b"three")
    assert list(lines) == [b"three"]
