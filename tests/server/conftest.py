"""Tiny SavedModels, and a client for each."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
from starlette.testclient import TestClient

from wish_tf.server import create_app

FLOATS = tf.TensorSpec([None, 2], tf.float32, name="x")
TEXTS = tf.TensorSpec([None], tf.string, name="text")


class _Model(tf.Module):
    def __init__(self) -> None:
        self.weights = tf.Variable([[1.0], [2.0]])
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([1, 2])), -1
        )

    @tf.function(input_signature=[FLOATS])
    def weigh(self, x):
        return {"y": x @ self.weights}

    @tf.function(input_signature=[TEXTS])
    def hash(self, text):
        ids = self.table.lookup(text)
        return {
            "bits": tf.stack([ids % 2, ids // 2], axis=1),
            "code_bytes": text,
            "out_of_vocabulary": ids < 0,
        }

    @tf.function(input_signature=[TEXTS])
    def echo(self, text):
        return {"same": text}

    @tf.function(input_signature=[TEXTS])
    def echo_bytes(self, text):
        return {"same_bytes": text}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.int64, name="a"),
            tf.TensorSpec([None], tf.bool, name="b"),
        ]
    )
    def pick(self, a, b):
        return {"picked": tf.where(b, a, -a)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def scalar(self, x):
        return {"total": tf.reduce_sum(x), "x": x}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def unequal(self, x):
        return {"a": x, "b": x[:-1]}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def half(self, x):
        return {"h": tf.cast(x, tf.float16)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32, name="n")])
    def count(self, n):
        i = tf.constant(0)
        while i < n:
            i += 1
        return {"i": i}


@pytest.fixture(scope="session")
def base_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions 3 and 12 of one model; 12 is the latest though "3" sorts last."""
    base = tmp_path_factory.mktemp("model")
    model = _Model()
    signatures = {
        name: getattr(model, name)
        for name in (
            "hash",
            "echo",
            "echo_bytes",
            "pick",
            "scalar",
            "unequal",
            "half",
            "count",
        )
    }
    for version in ("3", "12"):
        tf.saved_model.save(
            model,
            str(base / version),
            signatures={"serving_default": model.weigh, **signatures},
        )
    (base / "notes").mkdir()
    return base


@pytest.fixture(scope="session")
def client(base_path: Path) -> TestClient:
    return TestClient(create_app(base_path, "half plus/two"))


@pytest.fixture(scope="session")
def small_client(base_path: Path) -> TestClient:
    """A server with limits low enough to run into."""
    return TestClient(
        create_app(base_path, "small", max_body_bytes=100, timeout_in_ms=100)
    )
