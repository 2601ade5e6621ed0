from __future__ import annotations

import tensorflow as tf
from tensorflow.types.experimental import PolymorphicFunction

from wish_tf.models import HashingModel
from wish_tf.saved_model.code_search import LARGEST_K, CodeSearch


def search_function(model: HashingModel, search: CodeSearch) -> PolymorphicFunction:
    """Returns the function behind the signature `search`.

    A row in, a row out, as TF-Serving's row format and its batching want it; hence a
    k for each text.

    Args:
        model: hashes the queries.
        search: finds the documents.

    Returns:
        A `tf.function` from `text` string [n] and `k` int32 [n] to the outputs of
        `CodeSearch.nearest` and `out_of_vocabulary` bool [n]. Where that is true
        nothing is found, for the code of such a text says nothing.
    """

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="text"),
            tf.TensorSpec([None], tf.int32, name="k"),
        ]
    )
    def find(text: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        tf.debugging.Assert(
            tf.equal(tf.size(k), tf.size(text)),
            ["expected a k for each text; got", tf.size(k), "for", tf.size(text)],
        )
        tf.debugging.Assert(
            tf.reduce_all((k >= 1) & (k <= LARGEST_K)),
            [f"expected k from 1 to {LARGEST_K}; got", k],
        )
        hashed = model.hash_texts(text)
        unknown = hashed["out_of_vocabulary"]
        found = search.nearest(hashed["bits"], k, tf.logical_not(unknown))
        return {**found, "out_of_vocabulary": unknown}

    return find
