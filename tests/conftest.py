"""Fixtures shared by all tests."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import settings

# gRPC's handlers of a fork abort one child in a hundred while a channel is open, and
# Spark's Java is a forked child. gRPC reads this when it is first imported.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

# How long an example may take depends on what else the machine does.
settings.register_profile("without_clock", deadline=None)
settings.load_profile("without_clock")

VARIABLE = "WISH_TF_DATA"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of benchmark corpora; a test that needs it is skipped without it."""
    folder = Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else SHARED
    if not folder.is_dir():
        pytest.skip(f"needs the benchmark corpora: {VARIABLE} is not set to a folder")
    return folder


# Files that take longest come first, so that none of them is begun last.
LONGEST = (
    "docs/test_tutorial.py",
    "runs/test_kills.py",
    "distribution/test_worker_loop.py",
    "integrations/spark/test_cluster.py",
    "test_end_to_end.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests of the longest files first."""
    first = [Path(__file__).parent / name for name in LONGEST]
    items.sort(key=lambda it: first.index(it.path) if it.path in first else len(first))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Splits the CPU in two for the tests of distribution strategies.

    It must happen before TensorFlow starts its devices.
    """
    config = session.config
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return  # This process hands out tests and runs none.
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, halves)


@pytest.fixture(scope="session")
def docs_file(tmp_path_factory) -> Path:
    """1,500 labelled docstrings as a JSON-lines file; quicker than to find them."""
    from wish_tf.corpora import load_corpus

    corpus = load_corpus("python-docs-labelled", limit=1500)
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
