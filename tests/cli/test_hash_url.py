from __future__ import annotations

import subprocess
import sys

import pytest

from tests.client.played_grpc_server import PlayedGrpcServer
from tests.client.played_server import PlayedServer, fail
from tests.client.toy_model import toy_bits
from wish_tf.cli import main
from wish_tf.client import backoff

LINES = ["red wine", "", "caf\u00e9"]

# A process that hashes and then says whether TensorFlow was started.
LIGHT = """
import sys
from wish_tf.cli import main
status = main(["hash", sys.argv[1], sys.argv[2]])
print(status, "tensorflow" in sys.modules, "keras" in sys.modules)
"""


@pytest.fixture
def server():
    played = PlayedServer()
    yield played
    played.close()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text("".join(f"{line}\n" for line in LINES), "utf-8")
    return str(path)


def expected() -> str:
    codes = ["".join(map(str, toy_bits(line))) for line in LINES]
    codes[1] = "out_of_vocabulary"
    return "".join(f"{code}\n" for code in codes)


def test_a_url_is_a_server(server, file, capsys):
    assert main(["hash", server.url, file]) == 0
    captured = capsys.readouterr()
    assert captured.out == expected()
    assert captured.err == "wish-tf: 1 texts hold no known word\n"


def test_a_url_may_be_of_grpc(file, capsys):
    played = PlayedGrpcServer()
    assert main(["hash", played.url, file]) == 0
    assert capsys.readouterr().out == expected()
    played.close()


def test_tensorflow_is_not_started_for_rest(server, file):
    ran = subprocess.run(
        [sys.executable, "-c", LIGHT, server.url, file],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert ran.stdout == f"{expected()}0 False False\n"


def test_many_lines_keep_their_order(server, tmp_path, capsys):
    lines = [f"line {i}" for i in range(1500)]
    (tmp_path / "many.txt").write_text("\n".join(lines))
    assert main(["hash", server.url, str(tmp_path / "many.txt")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "".join(map(str, toy_bits(line))) for line in lines
    ]


def test_what_the_server_refuses_is_one_sentence(server, file, capsys):
    server.faults.append(fail(404, "Servable not found for request: Latest(x)"))
    assert main(["hash", server.url, file]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"wish-tf: error: {server.url} answered 404: Servable not found for "
        "request: Latest(x)\n"
    )


def test_a_server_that_is_not_there_is_one_sentence(server, file, capsys, monkeypatch):
    monkeypatch.setattr(backoff, "FIRST_DELAY", 0.001)
    server.close()
    assert main(["hash", server.url, file]) == 1
    assert capsys.readouterr().err == (
        f"wish-tf: error: {server.url} is not to be reached: Connection refused\n"
    )


def test_a_url_of_something_else_is_one_sentence(file, capsys):
    assert main(["hash", "ftp://host/model", file]) == 1
    error = capsys.readouterr().err
    assert error.startswith("wish-tf: error: expected http://HOST:PORT/v1/models/NAME")
    assert error.count("\n") == 1


def test_a_missing_file_is_told_before_the_server_is_asked(server, capsys):
    assert main(["hash", server.url, "nowhere.txt"]) == 1
    assert "got 'nowhere.txt', w" in capsys.readouterr().err
    assert server.requests == []
