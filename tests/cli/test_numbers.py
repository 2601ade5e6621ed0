import argparse
import re

import pytest

from wish_tf import cli
from wish_tf.cli import main
from wish_tf.cli.numbers import duration, whole


def test_whole_numbers_in_the_range_are_taken():
    assert [whole(0)("0"), whole(1)("99999999999"), whole(1, 3)("3")] == [
        0,
        99_999_999_999,
        3,
    ]


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "x", "nan", "9" * 5000, "4"])
def test_others_are_refused_in_one_sentence(text):
    message = f"^expected a whole number from 1 to 3; got '{re.escape(text)}'$"
    with pytest.raises(argparse.ArgumentTypeError, match=message):
        whole(1, 3)(text)
    if text != "4" and len(text) < 5000:
        with pytest.raises(argparse.ArgumentTypeError, match="of at least 1; got"):
            whole(1)(text)


def test_times_are_taken():
    assert (duration("0"), duration("1.5"), duration("1e9")) == (0, 1.5, 1e9)


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "x", ""])
def test_no_times_are_refused(text):
    message = f"^expected a number of at least 0; got '{text}'$"
    with pytest.raises(argparse.ArgumentTypeError, match=message):
        duration(text)


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "x", "--out", "y", "--seed", "-1"],
        ["train", "x", "--out", "y", "--seed", str(2**32)],
        ["train", "x", "--out", "y", "--checkpoint-minutes", "nan"],
        ["suggest-bits", "x", "--seed", str(2**32)],
        ["topics", "x", "--words", "0"],
        ["explain", "x", "text", "--words", "x"],
        ["serve", "x", "--file_system_poll_wait_seconds", "nan"],
    ],
)
def test_commands_refuse_numbers_before_any_work(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert ": expected a " in last and last.endswith(f"; got {arguments[-1]!r}")


def test_more_than_there_is_memory_for_is_one_sentence(monkeypatch, capsys):
    class ResourceExhaustedError(Exception):
        """As TensorFlow's."""

    for error in (MemoryError(), ResourceExhaustedError("OOM when allocating")):

        def fail(args, error=error) -> None:
            raise error

        monkeypatch.setattr(cli.topics, "run", fail)
        assert main(["topics", "x"]) == 1
        assert capsys.readouterr().err.startswith("wish-tf: error: expected less to")
    with pytest.raises(ZeroDivisionError):
        monkeypatch.setattr(cli.topics, "run", lambda args: 1 // 0)
        main(["topics", "x"])
