"""The `wish-tf` command.

Each command is a module with `add_parser(subparsers)` and `run(args)`; what is
heavy is imported in `run`, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from wish_tf._version import __version__
from wish_tf.cli import (
    check_export,
    dedup,
    evaluate,
    explain,
    export,
    hash,
    index,
    recipe,
    report,
    search,
    serve,
    spark_hash,
    spark_train,
    suggest_bits,
    topics,
    train,
)
from wish_tf.cli.printable import printable_output
from wish_tf.errors import InputError, first_line

COMMANDS = (
    suggest_bits,
    recipe,
    train,
    evaluate,
    topics,
    report,
    export,
    check_export,
    hash,
    explain,
    index,
    search,
    dedup,
    serve,
    spark_train,
    spark_hash,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Returns:
        0 on success, 1 when the input cannot be used or the work failed. Usage
        errors exit with 2.
    """
    parser = argparse.ArgumentParser(
        prog="wish-tf", description="Few-bit semantic hashing for text."
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    args = parser.parse_args(arguments)
    with printable_output():
        return _run(args)


def _run(args: argparse.Namespace) -> int:
    try:
        args.run(args)
        sys.stdout.flush()
    except InputError as error:
        return _fail(str(error))
    except BrokenPipeError:
        # The reader has what it wanted; Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # A full disk, a missing permission; h5py gives no `strerror`.
        place = f" ({error.filename})" if error.filename else ""
        return _fail(f"{error.strerror or first_line(error)}{place}")
    except KeyboardInterrupt:
        return _fail("interrupted")
    except Exception as error:
        if not _is_of_memory(error):
            raise
        return _fail(f"expected less to be kept in memory; got {first_line(error)}")
    return 0


def _is_of_memory(error: Exception) -> bool:
    # TensorFlow is not imported for this: it has an exception of its own.
    return isinstance(error, MemoryError) or (
        type(error).__name__ == "ResourceExhaustedError"
    )


def _fail(message: str) -> int:
    # One line, whatever is quoted in it.
    print("wish-tf: error:", " ".join(message.split("\n")), file=sys.stderr)
    return 1
