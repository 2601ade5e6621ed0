"""Every `wish-tf ...` in the pages is one that the command understands."""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from wish_tf.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    ROOT / "docs" / "tutorial.ipynb",
    ROOT / "serving" / "README.md",
    ROOT / "saved_models" / "README.md",
]
# A line of a code block, with a prompt or in a notebook or without either, and the
# lines that a backslash joins to it.
LINE = re.compile(r'^(?:[ $"!]*)(wish-tf [a-z](?:[^\n]*\\\n)*[^\n]*)', re.MULTILINE)
BLOCK = re.compile(r"^```.*?^```|^(?: {4}.*\n)+", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`wish-tf ([a-z-]+)([^`]*)`")
# What ends a command in a shell, and is not for it.
ENDS = {"|", ">", "&", "&&", ";", "<"}


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="wish-tf")
    subparsers = result.add_subparsers(required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    return result


def commands_of(text: str) -> list[list[str]]:
    """The arguments of every command line in the code blocks of a page."""
    found = []
    for block in BLOCK.findall(text):
        for line in LINE.findall(block):
            line = line.replace("\\\n", " ").removesuffix('\\n",')
            words = shlex.split(line, comments=True)[1:]
            ends = [i for i, word in enumerate(words) if word in ENDS]
            found.append(words[: ends[0]] if ends else words)
    return found


LINES = [
    pytest.param(words, id=f"{page.relative_to(ROOT)}: {' '.join(words)}")
    for page in PAGES
    for words in commands_of(page.read_text("utf-8"))
]


def test_lines_are_found():
    text = """
Some words about `wish-tf train --bits`.

    $ wish-tf train CORPUS --bits 8 \\
          --out runs/NAME   # and a comment

```bash
wish-tf hash saved_models/NAME FILE | head
```
"""
    assert commands_of(text) == [
        ["train", "CORPUS", "--bits", "8", "--out", "runs/NAME"],
        ["hash", "saved_models/NAME", "FILE"],
    ]
    assert len(LINES) > 30


@pytest.mark.parametrize("words", LINES)
def test_line_is_understood(words):
    message = io.StringIO()
    with contextlib.redirect_stderr(message):
        try:
            parser().parse_args(words)
        except SystemExit:
            pytest.fail(message.getvalue())


def test_line_with_an_unknown_option_is_not():
    with pytest.raises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
        parser().parse_args(["train", "CORPUS", "--out", "x", "--no-such-option"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_options_named_in_the_text_exist(page):
    [choices] = [
        action.choices
        for action in parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    for command, rest in INLINE.findall(page.read_text("utf-8").replace("\n", " ")):
        if command.startswith("-"):
            continue
        assert command in choices
        known = set(choices[command]._option_string_actions)
        assert set(re.findall(r"--[a-z_-]+", rest)) <= known, command
