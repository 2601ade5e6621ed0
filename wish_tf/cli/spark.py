"""What the commands on Apache Spark share."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wish_tf.cli.common import add_field_options, reading_fields
from wish_tf.corpora.documents import file_kind, find_files, missing_field
from wish_tf.errors import InputError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

# The column of a text that is no column of IN by itself.
TEXT = "_wish_tf_text"


def add_spark_options(parser: argparse.ArgumentParser) -> None:
    """Adds IN, how it is read, and `--master`."""
    parser.add_argument(
        "input",
        metavar="IN",
        help=".jsonl, .csv, .tsv (all also .gz) or .parquet; a folder, a pattern",
    )
    add_field_options(parser)
    parser.add_argument(
        "--master",
        metavar="URL",
        help="local[N], spark://HOST:PORT, yarn, ...; default: what spark-submit or "
        "Spark's own settings say, or else all cores of this machine",
    )


class SparkInput:
    """Documents that Spark reads with its own readers.

    The format is told by names, as `wish_tf.corpora.Documents` does.

    Args:
        args: with what `add_spark_options` added.

    Raises:
        InputError: when there are no such files, they are of several formats or of one
            that is not read, or Spark cannot run.
    """

    def __init__(self, args: argparse.Namespace):
        self._fields, self._source = reading_fields(args), args.input
        stored = "://" in args.input
        self._paths = [] if stored else find_files(args.input)
        names = [args.input] if stored else self._paths
        if not names:
            raise InputError(
                f"expected a file, a folder with files or a pattern; got "
                f"{args.input!r}, where there is none"
            )
        kinds = {self._fields.kind or file_kind(name) for name in names}
        self._kind = kinds.pop()
        if kinds or self._kind == "txt" or any(n.endswith(".zst") for n in names):
            raise InputError(
                "expected files of one of the formats .jsonl, .csv, .tsv (all also "
                f".gz) and .parquet for Spark; got {args.input!r}"
            )
        if self._fields.delimiter is not None and self._kind not in ("csv", "tsv"):
            raise InputError(
                f"expected a CSV or TSV file with a delimiter; got {args.input!r}"
            )
        if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            raise InputError("expected Java 17 or later for Spark; got none")
        if find_spec("pyspark") is None:
            raise InputError(
                "expected pyspark for Spark; got none: pip install 'wish-tf[spark]'"
            )

    def read(self, spark: SparkSession) -> DataFrame:
        """Returns all columns. A record that does not parse ends the work."""
        uris = [pattern_of(path) for path in self._paths] or [self._source]
        reader = spark.read.option("mode", "FAILFAST")
        if os.path.isdir(self._source):
            # Folders such as lang=en are columns.
            reader = reader.option("basePath", uri_of(self._source))
        if self._kind == "parquet":
            return reader.parquet(*uris)
        if self._kind == "jsonl":
            return reader.json(uris)
        return reader.csv(
            uris,
            sep=self._fields.delimiter or ("\t" if self._kind == "tsv" else ","),
            header=True,
            escape='"',
            multiLine=True,
            # Else the header of the first file would be taken for that of all.
            enforceSchema=False,
        )

    def with_text(self, df: DataFrame) -> tuple[DataFrame, str]:
        """Returns the documents with a column of the text, and its name.

        Raises:
            InputError: when a field of it is not there, or holds no strings.
        """
        from pyspark.sql import functions as F

        names = self._fields.text.split(",")
        columns = [field_column(df, name) for name in names]
        for name, kind in zip(names, df.select(columns).dtypes, strict=True):
            if kind[1] != "string":
                raise InputError(
                    f"expected strings in the field {name!r}; got {kind[1]}"
                )
        if names[0] in df.columns and len(names) == 1:
            return df, names[0]
        joined = F.concat_ws("\n", *columns)
        given = F.coalesce(*columns).isNotNull()
        return df.withColumn(TEXT, F.when(given, joined)), TEXT


def field_column(df: DataFrame, field: str) -> Column:
    """Returns a field, or one within another (see `wish_tf.corpora.Fields`).

    Raises:
        InputError: when there is no such column.
    """
    from pyspark.sql import functions as F

    parts = [field] if field in df.columns else field.split(".")
    if parts[0] not in df.columns:
        raise InputError(missing_field(field, df.columns))
    return F.col(".".join(f"`{part.replace('`', '``')}`" for part in parts))


@contextmanager
def spark_session(master: str | None) -> Iterator[SparkSession]:
    """Yields the session of the process, or one that ends with the command.

    Raises:
        InputError: for what Spark raises meanwhile, in one line.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    # The Python that has this package; PySpark would take the first `python3`.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    active = SparkSession.getActiveSession()
    builder = SparkSession.builder.appName("wish-tf")
    session = active or (builder.master(master) if master else builder).getOrCreate()
    try:
        yield session
    except (PySparkException, Py4JJavaError) as error:
        raise InputError(
            f"expected input that Spark can read and a place to write; got from Spark: "
            f"{_cause(error)}"
        ) from error
    finally:
        if not active:
            session.stop()


def _cause(error: Any) -> str:
    """Returns the line of a trace that says most: the cause of all causes."""
    lines = str(error).splitlines()
    causes = [line for line in lines if line.startswith("Caused by: ")]
    # The first line of an error of Java's says only that it is one.
    said = [line for line in lines if "SQLSTATE" in line or line.startswith(": ")]
    return (causes[-1:] or said or lines)[0].removeprefix("Caused by: ").lstrip(": ")


def uri_of(path: str | Path) -> str:
    """Returns what Spark calls a file here, whatever its default file system is."""
    # Not `Path.as_uri`: Spark takes %20 for part of the name.
    return str(path) if "://" in str(path) else f"file://{Path(path).resolve()}"


def pattern_of(path: str | Path) -> str:
    """Returns what Spark calls a file that it reads: the signs of patterns in the name
    are quoted."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", uri_of(path))
