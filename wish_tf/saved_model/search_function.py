from __future__ import annotations

import tensorflow as tf
from tensorflow.types.experimental import PolymorphicFunction

from wish_tf.models import HashingModel
from wish_tf.saved_model.code_search import CodeSearch


def search_function(model: HashingModel, search: CodeSearch) -> PolymorphicFunction:
    """Returns the function behind the signature `search`.

    A row in, a row out, and no row has an influence on another, as TF-Serving's row
    format and its batching want it; hence a k for each text, answers of one width, and
    a flag instead of an error.

    Args:
        model: hashes the queries.
        search: finds the documents.

    Returns:
        A `tf.function` from `text` string [n] and `k` int32 [n] to the outputs of
        `CodeSearch.nearest`, `out_of_vocabulary` bool [n] and `bad_k` bool [n], true
        where k is not from 1 to the largest. Where one of these is true nothing is
        found: the code of a text without a known word says nothing.
    """

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="text"),
            tf.TensorSpec([None], tf.int32, name="k"),
        ]
    )
    def find(text: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        # Of a request alone: TF-Serving merges none whose inputs differ in length.
        k = tf.reshape(k, tf.shape(text))
        hashed = model.hash_texts(text)
        unknown, bad = hashed["out_of_vocabulary"], (k < 1) | (k > search.largest_k)
        found = search.nearest(hashed["bits"], k, ~(unknown | bad))
        return {**found, "out_of_vocabulary": unknown, "bad_k": bad}

    return find
