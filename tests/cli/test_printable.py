import io
import json
import sys

import pytest

from wish_tf import cli
from wish_tf.cli.common import print_json
from wish_tf.cli.printable import printable, printable_output
from wish_tf.cli.progress_line import ProgressLine
from wish_tf.errors import InputError


class Terminal(io.TextIOWrapper):
    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self) -> bool:
        return True

    def shown(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("\x9b2J", "\\u009b2J"),
        ("over\rwritten\x7f", "over\\u000dwritten\\u007f"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("\ud800", "\\ud800"),
        ("tab\tnewline\nübung 中 क्षि 👨‍👩‍👧 عربي", None),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text, shown):
    assert printable(text) == (text if shown is None else shown)


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_terminal_gets_what_is_printable(monkeypatch, name):
    terminal = Terminal()
    monkeypatch.setattr(sys, name, terminal)
    with printable_output():
        print("a\x1b[31mb", file=getattr(sys, name), flush=True)
    assert terminal.shown() == "a\\u001b[31mb\n"
    assert getattr(sys, name) is terminal


def test_a_pipe_gets_all_as_it_is(monkeypatch):
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", pipe)
    with printable_output():
        sys.stdout.write("a\x1b[31mb 中\n")
        sys.stdout.flush()
    assert pipe.buffer.getvalue() == "a\x1b[31mb 中\n".encode()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_json_is_json_in_every_encoding(monkeypatch, encoding):
    value = {"id": "\x1b中😀é\ud800\x9b"}
    for stream in (Terminal(encoding), Terminal(encoding)):
        monkeypatch.setattr(sys, "stdout", stream)
        with printable_output():
            print_json(value)
        assert json.loads(stream.shown()) == value


def test_progress_still_redraws_its_line(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with printable_output():
        ProgressLine().show("1 of 2", 1, 2)
    assert terminal.shown() == "\r\x1b[K1 of 2"


def test_an_error_is_one_printable_line(monkeypatch):
    terminal = Terminal("cp1252")
    monkeypatch.setattr(sys, "stderr", terminal)

    def fail(args) -> None:
        raise InputError("expected é; got \x1b[2J中\nsecond line")

    monkeypatch.setattr(cli.topics, "run", fail)
    assert cli.main(["topics", "x"]) == 1
    assert (
        terminal.shown()
        == "wish-tf: error: expected é; got \\u001b[2J\\u4e2d second line\n"
    )
