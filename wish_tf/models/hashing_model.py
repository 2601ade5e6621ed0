from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from wish_tf.layers import TfidfVectorization
from wish_tf.models.wish import WISH


@keras.saving.register_keras_serializable(package="wish_tf")
class HashingModel(keras.Model):
    """Strings to codes: the front end and a trained WISH as one model.

    Args:
        vectorization: strings to tf-idf rows.
        wish: tf-idf rows to probabilities.

    Input: texts, strings [n].
    Output: a dict of
        `bits` int32 [n, bits], 0 or 1;
        `code_bytes` string [n], the bits packed as in `wish_tf.codes`;
        `probabilities` float32 [n, bits];
        `out_of_vocabulary` bool [n], true where a text has no known word.
    """

    def __init__(self, vectorization: TfidfVectorization, wish: WISH, **kwargs: Any):
        super().__init__(**kwargs)
        self.vectorization = vectorization
        self.wish = wish
        self.built = True

    def call(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        rows = self.vectorization(texts)
        probabilities = self.wish(rows, training=False)
        bits = tf.cast(probabilities > 0.5, tf.int32)
        words = tf.math.unsorted_segment_sum(
            tf.ones_like(rows.values), rows.indices[:, 0], rows.dense_shape[0]
        )
        return {
            "bits": bits,
            "code_bytes": pack_to_bytes(bits),
            "probabilities": probabilities,
            "out_of_vocabulary": tf.equal(words, 0),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def hash_texts(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """`call` as one graph, traced once for any number of texts."""
        return self(text)

    def topics(self, k: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns the strongest words of each bit, strongest first.

        A row in, a row out, as TF-Serving's batching wants it.

        Args:
            k: how many words, int32 [n].

        Returns:
            A dict of `words` string [n, bits, max k] and `weights` float32 [n, bits,
            max k], how much the bit makes of the word
            (`TopicSelection.word_gains`). Beyond a row's own k there are empty words
            with weight 0.
        """
        vocabulary = tf.constant(self.vectorization.vocabulary)
        most = tf.reduce_max(tf.concat([k, [0]], axis=0))
        most = tf.minimum(most, tf.size(vocabulary))
        weights, words = tf.math.top_k(self.wish.decoder.word_gains(), most)
        wanted = tf.range(most) < k[:, tf.newaxis, tf.newaxis]
        return {
            "words": tf.where(wanted, tf.gather(vocabulary, words), ""),
            "weights": tf.where(wanted, weights, 0.0),
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vectorization": keras.saving.serialize_keras_object(self.vectorization),
            "wish": keras.saving.serialize_keras_object(self.wish),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> HashingModel:
        for part in ("vectorization", "wish"):
            config[part] = keras.saving.deserialize_keras_object(config[part])
        return cls(**config)


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
