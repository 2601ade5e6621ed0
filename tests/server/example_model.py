"""The SavedModel that the tests of the server ask."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

FLOATS = tf.TensorSpec([None, 2], tf.float32, name="x")
NUMBERS = tf.TensorSpec([None], tf.float32, name="x")
TEXTS = tf.TensorSpec([None], tf.string, name="text")


class ExampleModel(tf.Module):
    """A signature for each thing that can differ between signatures."""

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

    @tf.function(input_signature=[NUMBERS])
    def scalar(self, x):
        return {"total": tf.reduce_sum(x), "x": x}

    @tf.function(input_signature=[NUMBERS])
    def unequal(self, x):
        return {"a": x, "b": x[:-1]}

    @tf.function(input_signature=[NUMBERS])
    def half(self, x):
        return {"h": tf.cast(x, tf.float16)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32, name="n")])
    def count(self, n):
        i = tf.constant(0)
        while i < n:
            i += 1
        return {"i": i}

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float64, name="x")])
    def matrix(self, x):
        return {"same": x}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="i")])
    def whole(self, i):
        return {"same": i}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.uint8, name="i")])
    def small(self, i):
        return {"same": i}

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.string, name="t")])
    def pages(self, t):
        return {"first_bytes": t, "second": t}


_SIGNATURES = (
    "hash echo echo_bytes pick scalar unequal half count matrix whole small pages"
).split()


def export_example(base: Path, version: int) -> None:
    """Writes a version of the model into the folder of the model."""
    model = ExampleModel()
    signatures = {name: getattr(model, name) for name in _SIGNATURES}
    tf.saved_model.save(
        model,
        str(base / str(version)),
        signatures={"serving_default": model.weigh, **signatures},
    )
