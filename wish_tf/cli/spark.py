"""What the commands on Apache Spark share."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from wish_tf.errors import InputError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def add_spark_options(parser: argparse.ArgumentParser) -> None:
    """Adds `--text-field` and `--master`."""
    parser.add_argument(
        "--text-field",
        default="text",
        metavar="NAME",
        help="column of the text (default: text)",
    )
    parser.add_argument(
        "--master",
        metavar="URL",
        help="local[N], spark://HOST:PORT, yarn, ...; default: what spark-submit or "
        "Spark's own settings say, or else all cores of this machine",
    )


def check_spark(path: str) -> None:
    """Makes sure that Spark can run, and that a file is there unless a store has it.

    Raises:
        InputError: if not.
    """
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise InputError("expected Java 17 or later for Spark; got none")
    if "://" not in path and not Path(path).exists():
        raise InputError(f"expected Parquet in {path!r}; got no such file")
    if find_spec("pyspark") is None:
        raise InputError(
            "expected pyspark for Spark; got none: pip install 'wish-tf[spark]'"
        )


@contextmanager
def spark_session(master: str | None) -> Iterator[SparkSession]:
    """Yields the session of the process, or one that ends with the command."""
    from pyspark.sql import SparkSession

    # The Python that has this package; PySpark would take the first `python3`.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    active = SparkSession.getActiveSession()
    if active:
        yield active
        return
    builder = SparkSession.builder.appName("wish-tf")
    session = (builder.master(master) if master else builder).getOrCreate()
    try:
        yield session
    finally:
        session.stop()


def uri_of(path: str | Path) -> str:
    """Returns what Spark calls a file here, whatever its default file system is."""
    return str(path) if "://" in str(path) else Path(path).resolve().as_uri()
