from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf

from wish_tf.data import row_sums
from wish_tf.errors import InputError
from wish_tf.layers import TfidfVectorization
from wish_tf.models.nested_hash import NestedHash
from wish_tf.models.wish import WISH
from wish_tf.naming.bucket import Bucket
from wish_tf.naming.naming_words import NamingSettings
from wish_tf.naming.topic import Topic

# What gives rows their codes.
Coder: TypeAlias = WISH | NestedHash


@keras.saving.register_keras_serializable(package="wish_tf")
class HashingModel(keras.Model):
    """Strings to codes: the front end and a trained model as one.

    Args:
        vectorization: strings to tf-idf rows.
        coder: tf-idf rows to probabilities.
        topics: of the first bits, what names each; further bits have none.
        buckets: what names each code of these bits that the training texts have.
        settings: JSON values of how it was trained, kept with it; `TextHasher` has
            its `recipe` and `seed` there.

    Input: texts, strings [n].
    Output: a dict of
        `bits` int32 [n, bits], 0 or 1;
        `code_bytes` string [n], the bits packed as in `wish_tf.codes`;
        `probabilities` float32 [n, bits];
        `out_of_vocabulary` bool [n], true where a text has no known word.
    """

    def __init__(
        self,
        vectorization: TfidfVectorization,
        coder: Coder,
        topics: Sequence[Topic] = (),
        buckets: Sequence[Bucket] = (),
        settings: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        # As text, since Keras would track what is in a dict.
        self._settings = json.dumps(settings or {})
        self.vectorization = vectorization
        self.coder = coder
        self.named, self.buckets = tuple(topics), tuple(buckets)
        self.built = True

    @property
    def bits(self) -> int:
        """The length of a code."""
        return self.coder.bits

    @property
    def settings(self) -> dict[str, Any]:
        """How it was trained, as far as it is known."""
        return json.loads(self._settings)

    def cut(self, bits: int) -> HashingModel:
        """Returns a model whose codes are the first bits of this one's.

        Args:
            bits: how many, from 8, or the bits of this model if they are fewer.

        Raises:
            InputError: when there are not so many, or its codes are not nested.
        """
        if bits == self.bits:
            return self
        if not isinstance(self.coder, NestedHash):
            raise InputError(
                f"expected {self.bits} bits, since the codes of this model are not "
                f"nested; got {bits}"
            )
        coder = self.coder.cut(bits)
        return HashingModel(
            self.vectorization, coder, self.named, self.buckets, self.settings
        )

    def call(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        rows = self.vectorization.unsorted_rows(texts)
        probabilities = tf.cast(self.coder(rows, training=False), tf.float32)
        bits = tf.cast(probabilities > 0.5, tf.int32)
        return {
            "bits": bits,
            "code_bytes": pack_to_bytes(bits),
            "probabilities": probabilities,
            "out_of_vocabulary": tf.equal(row_sums(rows), 0),
        }

    def export(self, filepath: str | Path, *args: Any, **kwargs: Any) -> None:
        """Exports as `keras.Model.export`; the input is strings [n]."""
        spec = tf.TensorSpec([None], tf.string, name="text")
        kwargs.setdefault("input_signature", [spec])
        super().export(filepath, *args, **kwargs)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def hash_texts(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """`call` as one graph, traced once for any number of texts."""
        return self(text)

    def topics(self, k: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the words of each bit, the one that tells most about it first.

        A row in, a row out of one width, as TF-Serving's batching wants it.

        Args:
            k: how many words, int32 [n]; less than 1 gives none.

        Returns:
            A dict of `words` string [n, bits, 10] and `weights` float32 [n, bits, 10],
            by how much the bit makes the word likelier (`wish_tf.naming`), and `names`
            string [n, bits]. Beyond a row's own k, and where a bit has no words, they
            are empty, of weight 0.
        """
        width = NamingSettings.words
        words = np.full((self.bits, width), b"", object)
        weights = np.zeros((self.bits, width), np.float32)
        names = np.full(self.bits, b"", object)
        for bit, topic in enumerate(self.named):
            words[bit, : len(topic.words)] = [word.encode() for word in topic.words]
            weights[bit, : len(topic.words)] = topic.tells
            names[bit] = topic.name.encode()
        wanted = tf.range(width) < k[:, tf.newaxis, tf.newaxis]
        return {
            "words": tf.where(wanted, tf.constant(words, tf.string), ""),
            "weights": tf.where(wanted, weights, 0.0),
            "names": tf.tile(
                tf.constant(names, tf.string)[tf.newaxis], [tf.size(k), 1]
            ),
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vectorization": keras.saving.serialize_keras_object(self.vectorization),
            "coder": keras.saving.serialize_keras_object(self.coder),
            "topics": [topic.to_json() for topic in self.named],
            "buckets": [bucket.to_json() for bucket in self.buckets],
            "settings": self.settings,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> HashingModel:
        for part in ("vectorization", "coder"):
            config[part] = keras.saving.deserialize_keras_object(config[part])
        topics = [Topic(**topic) for topic in config.pop("topics")]
        buckets = [Bucket(**bucket) for bucket in config.pop("buckets")]
        return cls(topics=topics, buckets=buckets, **config)


def pack_to_bytes(bits: tf.Tensor) -> tf.Tensor:
    """Returns bits packed into byte strings, [n]: `wish_tf.codes` in the graph.

    Args:
        bits: int32 0/1 [n, bits].
    """
    length = bits.shape[1]
    padded = tf.pad(bits, [[0, 0], [0, -length % 8]])
    octets = tf.reshape(padded, [-1, (length + 7) // 8, 8])
    numbers = tf.reduce_sum(
        octets * (1 << np.arange(7, -1, -1, dtype=np.int32)), axis=2
    )
    alphabet = tf.constant([bytes([i]) for i in range(256)])
    return tf.strings.reduce_join(tf.gather(alphabet, numbers), axis=1)
