"""Fixtures shared by all tests."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

# gRPC's handlers of a fork abort one child in a hundred while a channel is open, and
# Spark's Java is a forked child. gRPC reads this when it is first imported.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

VARIABLE = "WISH_TF_DATA"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of benchmark corpora; a test that needs it is skipped without it."""
    folder = Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else SHARED
    if not folder.is_dir():
        pytest.skip(f"needs the benchmark corpora: {VARIABLE} is not set to a folder")
    return folder


def pytest_sessionstart() -> None:
    """Splits the CPU in two for the tests of distribution strategies.

    It must happen before TensorFlow starts its devices.
    """
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, halves)


@pytest.fixture(scope="session")
def docs_file(tmp_path_factory) -> Path:
    """1,500 labelled docstrings as a JSON-lines file; quicker than to find them."""
    from wish_tf.corpora import load_corpus

    corpus = load_corpus("python-docs", limit=1500)
    path = tmp_path_factory.mktemp("corpus") / "docs.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for name, text, labels in zip(
            corpus.ids, corpus.texts, corpus.labels, strict=True
        ):
            line = {"id": name, "text": text, "labels": list(labels)}
            file.write(json.dumps(line) + "\n")
    return path


@pytest.fixture
def two_devices() -> list[str]:
    """The names of two devices that a `MirroredStrategy` can be given."""
    return ["CPU:0", "CPU:1"]
