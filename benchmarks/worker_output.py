"""What a program that a benchmark starts prints."""

from __future__ import annotations

import os
import subprocess


def quiet(**variables: str) -> dict[str, str]:
    """Returns the environment in which TensorFlow does not talk, and variables."""
    return os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | variables


def output_of(command: list[str], **variables: str) -> str:
    """Runs a command in silence and returns what it prints.

    Args:
        command: the program and its arguments.
        variables: of its environment, beside those of this process.

    Raises:
        SystemExit: with the end of its standard error, when it fails.
    """
    done = subprocess.run(
        command, env=quiet(**variables), capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return done.stdout
