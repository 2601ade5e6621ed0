from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, vstack

from wish_tf.checks import check_texts
from wish_tf.data.term_counts import TermCounts
from wish_tf.errors import InputError
from wish_tf.layers.analyzer import Analyzer, StopWords, has_unspaced, lookup_table
from wish_tf.types import Csr, Shape

# Bounds the memory while many texts are taken apart.
BATCH = 1024


@keras.saving.register_keras_serializable(package="wish_tf")
class TfidfVectorization(keras.layers.Layer):
    """Strings to L2-normalised tf-idf rows, for training and serving alike.

    As `keras.layers.TextVectorization`, it learns a vocabulary by `adapt` or is given
    one. The rows are those of `sklearn.feature_extraction.text.TfidfVectorizer`,
    computed inside the graph:

        terms   those of `Analyzer`
        idf     ln((1 + n) / (1 + df)) + 1
        row     tf * idf, divided by its Euclidean norm

    A text without a known term gives an empty row.

    Args:
        vocabulary: terms in column order, without duplicates; an n-gram of words is
            its words joined by one space. None until `adapt`.
        idf_weights: float [len(vocabulary)], with a vocabulary.
        analyzer: `"word"`, `"char"` or `"char_wb"`; see `Analyzer`, also for the next
            three.
        ngram_range: (shortest, longest) n-gram, in words or characters.
        min_token_length: the least characters of a word.
        stop_words: `"english"`, a list of one's own, or None.
        min_df: `adapt` leaves out terms in fewer texts than this number or share
            (float).
        max_df: and those in more.

    Input shape: strings [n].
    Output shape: `tf.SparseTensor` float32 [n, len(vocabulary)].

    Raises:
        InputError: naming the setting that cannot be used.

    Examples:
        >>> layer = TfidfVectorization(["cat", "dog"], [1.0, 1.5])
        >>> rows = layer(tf.constant(["The cat, a dog", "A bird"]))
        >>> tf.sparse.to_dense(rows).numpy().round(2)
        array([[0.55, 0.83],
               [0.  , 0.  ]], dtype=float32)
        >>> layer = TfidfVectorization(min_df=1)
        >>> layer.adapt(["a cat", "cat and dog", "dogs"]).shape
        (3, 3)
        >>> layer.vocabulary
        ['cat', 'dog', 'dogs']
    """

    def __init__(
        self,
        vocabulary: Sequence[str] | None = None,
        idf_weights: ArrayLike | None = None,
        *,
        analyzer: str = "word",
        ngram_range: Sequence[int] = (1, 1),
        min_token_length: int = 2,
        stop_words: StopWords = "english",
        min_df: float | int = 3,
        max_df: float | int = 0.9,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not isinstance(stop_words, str | None):
            stop_words = sorted(stop_words)
        self.settings: dict[str, Any] = {
            "analyzer": analyzer,
            "ngram_range": tuple(ngram_range),
            "min_token_length": min_token_length,
            "stop_words": stop_words,
        }
        self._analyzer = Analyzer(**self.settings)
        self.settings |= {"min_df": min_df, "max_df": max_df}
        for name in ("min_df", "max_df"):
            value = self.settings[name]
            if value < 0 or (isinstance(value, float) and value > 1):
                raise InputError(
                    f"expected {name} to be a number of texts, or a share of them "
                    f"from 0.0 to 1.0; got {value}"
                )
        self._terms = np.array([], object)
        if vocabulary is not None:
            self._learn(list(vocabulary), np.asarray(idf_weights, np.float32))

    def adapt(self, texts: Iterable[str]) -> Csr:
        """Learns vocabulary and idf.

        Args:
            texts: n strings, as `check_texts` takes them.

        Returns:
            Their tf-idf rows, CSR float32 [n, vocabulary].

        Raises:
            InputError: when texts are not such, or no term is left.
        """
        # Here, since what only loads a hasher has no use for scikit-learn.
        from sklearn.preprocessing import normalize

        texts = check_texts(texts)
        counts, terms = self._count(texts)
        texts_with = np.bincount(counts.indices, minlength=len(terms))
        order = self.learn(TermCounts(terms, texts_with, len(texts)))
        rows = csr_array(counts[:, order])
        rows.data *= self.idf_weights[rows.indices]
        return normalize(rows, copy=False)

    def learn(self, counts: TermCounts) -> np.ndarray:
        """Learns vocabulary and idf from counts, as `adapt` does from texts.

        Args:
            counts: of terms that this layer's settings give (`count_texts`).

        Returns:
            Which terms are the vocabulary, in its order, int [len(vocabulary)].

        Raises:
            InputError: when no term is left.
        """
        terms, texts_with, texts = counts.terms, counts.texts_with, counts.texts
        least, most = (
            share * texts if isinstance(share, float) else share
            for share in (self.settings["min_df"], self.settings["max_df"])
        )
        kept = (texts_with >= least) & (texts_with <= most)
        if self._analyzer.single_words and len(terms):
            kept &= self._analyzer.keeps(tf.constant(terms)).numpy()
        if not kept.any():
            words = self.settings["stop_words"]
            raise InputError(
                "expected words that are shared between texts; of the "
                f"{texts} texts no word is left with stop_words="
                f"{'a list' if isinstance(words, list) else repr(words)}, "
                f"min_df={self.settings['min_df']}, max_df={self.settings['max_df']}"
            )
        order = np.array(sorted(np.flatnonzero(kept).tolist(), key=terms.__getitem__))
        idf = np.log(np.float32(texts + 1) / (texts_with[order].astype(np.float32) + 1))
        self._learn([terms[i].decode() for i in order], idf + np.float32(1))
        return order

    def count_texts(self, texts: Iterable[str]) -> TermCounts:
        """Returns in how many texts each term is, as `learn` takes it.

        Args:
            texts: strings; a generator is read a few at a time, and none of them kept.

        Raises:
            InputError: when texts are not such.
        """
        texts = texts if isinstance(texts, Iterator) else check_texts(texts)
        numbers = _Numbers()
        texts_with = np.zeros(1024, np.int64)
        count = 0
        for batch in _batches(texts):
            block = self._count_batch(batch, numbers)
            if len(numbers) > len(texts_with):
                longer = max(len(numbers), 2 * len(texts_with)) - len(texts_with)
                texts_with = np.pad(texts_with, (0, longer))
            columns, with_each = np.unique(block.indices, return_counts=True)
            texts_with[columns] += with_each
            count += len(batch)
        return TermCounts(list(numbers), texts_with[: len(numbers)], count)

    def rows(self, texts: Iterable[str]) -> Csr:
        """Returns tf-idf rows outside the graph, CSR float32 [n, vocabulary].

        Args:
            texts: n strings.

        Raises:
            InputError: when texts are not such.
        """
        blocks = [csr_array((0, len(self._terms)), dtype=np.float32)]
        for batch in _batches(check_texts(texts)):
            rows = self(batch)
            blocks.append(
                csr_array(
                    (rows.values.numpy(), rows.indices.numpy().T.astype(np.int32)),
                    shape=rows.dense_shape.numpy(),
                )
            )
        return vstack(blocks, format="csr")

    @property
    def vocabulary(self) -> list[str]:
        """The terms in column order; none before `adapt`."""
        return self._terms.tolist()

    @property
    def tables(self) -> list[Any]:
        """The lookup tables, which a SavedModel must be told of."""
        stop_table = self._analyzer.stop_table
        return [self._table] if stop_table is None else [self._table, stop_table]

    def _learn(self, vocabulary: list[str], idf_weights: np.ndarray) -> None:
        if idf_weights.shape != (len(vocabulary),):
            raise InputError(
                "expected vocabulary and idf_weights to be equally long; got "
                f"{len(vocabulary)} terms and {idf_weights.size} weights"
            )
        # Keras looks into each element of a list.
        self._terms = np.array(vocabulary, object)
        self.idf_weights = idf_weights
        self._table = lookup_table(tf.constant(vocabulary, tf.string))
        self._unspaced = has_unspaced(vocabulary)

    def _count(self, texts: Sequence[str]) -> tuple[csr_array, list[bytes]]:
        """Returns how often each text has each term, [n, terms], and the terms."""
        numbers = _Numbers()
        blocks = [csr_array((0, 0), dtype=np.float32)]
        blocks += [self._count_batch(batch, numbers) for batch in _batches(texts)]
        for block in blocks:
            block.resize(block.shape[0], len(numbers))
        return vstack(blocks, format="csr"), list(numbers)

    def _count_batch(self, batch: tf.Tensor, numbers: _Numbers) -> csr_array:
        terms = self._analyzer(batch)
        distinct, which = tf.unique(terms.values)
        columns = np.array([numbers[term] for term in distinct.numpy()], np.int32)
        block = csr_array(
            (
                np.ones(len(which), np.float32),
                columns[which.numpy()],
                terms.row_splits.numpy().astype(np.int32),
            ),
            shape=(len(batch), len(numbers)),
        )
        block.sum_duplicates()
        return block

    def build(self, input_shape: Shape) -> None:
        self.built = True

    def call(self, inputs: tf.Tensor) -> tf.SparseTensor:
        return tf.sparse.reorder(self.unsorted_rows(inputs))

    def unsorted_rows(self, texts: tf.Tensor) -> tf.SparseTensor:
        """Returns what the layer returns, with the terms of a row in any order.

        What sums over the words of a row does not care, and sorting takes as long as
        counting.

        Args:
            texts: strings [n].
        """
        terms = self._analyzer(texts, self._unspaced)
        n, width = terms.nrows(), len(self._terms)
        columns = self._table.lookup(terms.values)
        known = tf.where(columns >= 0)[:, 0]
        rows = tf.gather(terms.value_rowids(), known)
        # (row, column) as one number.
        cells, _, counts = tf.unique_with_counts(
            rows * width + tf.gather(columns, known)
        )
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
            (inputs.shape[0], len(self._terms)), "float32", sparse=True
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vocabulary": self.vocabulary,
            "idf_weights": self.idf_weights.tolist(),
            **self.settings,
        }


class _Numbers(dict[bytes, int]):
    """The numbers of terms: a new one gets the next."""

    def __missing__(self, term: bytes) -> int:
        number = self[term] = len(self)
        return number


def _batches(texts: Iterable[str]) -> Iterator[tf.Tensor]:
    texts = iter(texts)
    while batch := list(islice(texts, BATCH)):
        # A half surrogate has no UTF-8; no word has one.
        yield tf.constant([text.encode("utf-8", "replace") for text in batch])
