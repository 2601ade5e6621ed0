from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from wish_tf.types import Shape

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

# What Python's `\w\w+` matches, in the syntax of RE2, whose own `\w` is ASCII.
NOT_A_WORD = r"[^\pL\pN_]+"


@keras.saving.register_keras_serializable(package="wish_tf")
class TfidfVectorization(keras.layers.Layer):
    """Strings to L2-normalised tf-idf rows, as scikit-learn computes them.

    A `keras.layers.TextVectorization` with the tokenisation, the idf and the
    norm of `sklearn.feature_extraction.text.TfidfVectorizer`, so that a model
    trained on scikit-learn's rows can be served from strings inside the graph:

        words       lower-cased runs of two or more letters, digits or "_"
        idf         ln((1 + n) / (1 + df)) + 1, given as `idf_weights`
        row         tf * idf, divided by its Euclidean norm

    A text without a known word gives an empty row.

    Args:
        vocabulary: terms in column order, without duplicates; an n-gram is its
            words joined by one space.
        idf_weights: float [len(vocabulary)].
        ngram_range: (shortest, longest) n-gram in words.
        stop_words: words dropped before n-grams are formed.

    Input shape: strings [n].
    Output shape: `tf.SparseTensor` float32 [n, len(vocabulary)].

    Examples:
        >>> layer = TfidfVectorization(["cat", "dog"], [1.0, 1.5])
        >>> rows = layer(tf.constant(["The cat, a dog", "A bird"]))
        >>> tf.sparse.to_dense(rows).numpy().round(2)
        array([[0.55, 0.83],
               [0.  , 0.  ]], dtype=float32)
    """

    def __init__(
        self,
        vocabulary: Iterable[str],
        idf_weights: ArrayLike,
        ngram_range: Sequence[int] = (1, 1),
        stop_words: Iterable[str] = (),
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.vocabulary = [str(term) for term in vocabulary]
        self.idf_weights = np.asarray(idf_weights, np.float32)
        shortest, longest = ngram_range
        self.ngram_range = (shortest, longest)
        self.stop_words = sorted(stop_words)
        if len(self.vocabulary) != len(self.idf_weights):
            raise ValueError(
                "`vocabulary` and `idf_weights` should be equally long. Received: "
                f"{len(self.vocabulary)} terms and {len(self.idf_weights)} weights"
            )
        self._lookup = keras.layers.TextVectorization(
            standardize=self._standardize,
            split=self._split,
            ragged=True,
            vocabulary=self.vocabulary,
        )
        self._has_letters = any(len(term) < 2 for term in self.vocabulary)
        self._stop_lookup = None
        if self.stop_words and self.ngram_range[1] > 1:
            self._stop_lookup = keras.layers.StringLookup(vocabulary=self.stop_words)

    @classmethod
    def from_sklearn(
        cls, vectorizer: TfidfVectorizer, **kwargs: Any
    ) -> TfidfVectorization:
        """Returns the layer that computes what a fitted vectorizer computes.

        Args:
            vectorizer: a fitted `TfidfVectorizer` with its default analyzer,
                token pattern and norm.

        Raises:
            ValueError: naming the first setting that the graph cannot follow.
        """
        followed = {
            "analyzer": "word",
            "token_pattern": r"(?u)\b\w\w+\b",
            "lowercase": True,
            "strip_accents": None,
            "preprocessor": None,
            "tokenizer": None,
            "norm": "l2",
            "use_idf": True,
            "sublinear_tf": False,
            "binary": False,
        }
        settings = vectorizer.get_params()
        for name, value in followed.items():
            if settings[name] != value:
                raise ValueError(
                    f"The graph can only follow {name}={value!r} of a "
                    f"TfidfVectorizer. Received: {name}={settings[name]!r}"
                )
        return cls(
            vectorizer.get_feature_names_out(),
            vectorizer.idf_,
            vectorizer.ngram_range,
            vectorizer.get_stop_words() or (),
            **kwargs,
        )

    @property
    def tables(self) -> list[Any]:
        """The lookup tables, which a SavedModel must be told of."""
        layers = [self._lookup._lookup_layer]
        if self._stop_lookup is not None:
            layers.append(self._stop_lookup)
        return [layer.lookup_table for layer in layers]

    def _standardize(self, texts: tf.Tensor) -> tf.Tensor:
        # tf.strings.lower ends a text at its first NUL.
        texts = tf.strings.regex_replace(texts, r"\x00", " ")
        lowered = tf.strings.lower(texts, encoding="utf-8")
        return tf.strings.regex_replace(lowered, NOT_A_WORD, " ")

    def _split(self, texts: tf.Tensor) -> tf.RaggedTensor:
        words = tf.strings.split(texts)
        shortest, longest = self.ngram_range
        if longest == 1 and not self._has_letters:
            # Neither stop words nor single letters are in the vocabulary. To look
            # them up costs less than the operations that would leave them out.
            return words
        kept = tf.strings.length(words.values, unit="UTF8_CHAR") > 1
        if self._stop_lookup is not None:
            kept &= self._stop_lookup(words.values) == 0
        words = tf.ragged.boolean_mask(words, words.with_values(kept))
        if longest == 1:
            return words
        return tf.strings.ngrams(
            words, list(range(shortest, longest + 1)), separator=" "
        )

    def build(self, input_shape: Shape) -> None:
        self.built = True

    def call(self, inputs: tf.Tensor) -> tf.SparseTensor:
        terms = self._lookup(tf.reshape(inputs, [-1]))
        n, width = terms.nrows(), len(self.vocabulary)
        # 0 is padding, 1 an unknown word.
        known = tf.where(terms.values > 1)[:, 0]
        columns = tf.gather(terms.values, known) - 2
        rows = tf.gather(terms.value_rowids(), known)
        # Sorting (row, column) as one number and counting runs is twice as
        # fast as TextVectorization's own sparse counts.
        cells, _, counts = tf.unique_with_counts(tf.sort(rows * width + columns))
        rows, columns = cells // width, cells % width
        values = tf.cast(counts, tf.float32) * tf.gather(
            tf.constant(self.idf_weights), columns
        )
        norms = tf.sqrt(tf.math.unsorted_segment_sum(tf.square(values), rows, n))
        return tf.SparseTensor(
            tf.stack([rows, columns], axis=1),
            values / tf.gather(norms, rows),
            tf.stack([n, width]),
        )

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return keras.KerasTensor(
            (inputs.shape[0], len(self.vocabulary)), "float32", sparse=True
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vocabulary": self.vocabulary,
            "idf_weights": self.idf_weights.tolist(),
            "ngram_range": list(self.ngram_range),
            "stop_words": self.stop_words,
        }
