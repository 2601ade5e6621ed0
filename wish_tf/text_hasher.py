from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from wish_tf.errors import InputError
from wish_tf.explain import Explanation, explain
from wish_tf.files import replacing
from wish_tf.hashed_texts import HashedTexts, hash_in_batches
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.models.load_keras import load_keras
from wish_tf.recipes import Recipe, default
from wish_tf.training import train_wish
from wish_tf.types import Csr
from wish_tf.vectorizer import StopWords, fit_vectorizer

# A bit needs documents on both of its sides to mean anything.
MIN_TEXTS = 8
MAX_BITS = 64


class TextHasher:
    """Texts in, few-bit codes out; `fit` and `transform` as in scikit-learn.

    Args:
        bits: length of a code, 1-64.
        recipe: how the model is built and trained; by default
            `wish_tf.recipes.default(bits)`.
        stop_words: `"english"`, a list of one's own, or None.
        max_df: words in more than this share (float) or number (int) of the
            training texts are left out.
        min_df: words in fewer than this number or share of texts are left out.
        ngram_range: (shortest, longest) n-gram in words.
        seed: of the initial weights, the order of the texts and the noise.

    Attributes:
        model: the `HashingModel`, after `fit` or `load`.

    Examples:
        A recipe that takes a second; the default takes longer and finds topics:

        >>> quick = Recipe(epochs=1, hidden_units=(8,))
        >>> texts = ["cats and dogs", "a dog barks", "sparse matrix", "dense matrix"]
        >>> texts *= 4
        >>> hasher = TextHasher(bits=2, min_df=1, recipe=quick).fit(texts)
        >>> hasher.transform(["my dog", "the matrix", "my cat"]).shape
        (3, 2)
        >>> hasher.hash(["of no known word"]).out_of_vocabulary
        array([ True])
    """

    def __init__(
        self,
        bits: int = 8,
        *,
        recipe: Recipe | None = None,
        stop_words: StopWords = "english",
        max_df: float | int = 0.9,
        min_df: float | int = 3,
        ngram_range: tuple[int, int] = (1, 1),
        seed: int = 0,
    ):
        if not 1 <= bits <= MAX_BITS:
            raise InputError(f"expected bits from 1 to {MAX_BITS}; got {bits}")
        self.bits = bits
        self.recipe = recipe or default(bits)
        self.stop_words = stop_words
        self.max_df = max_df
        self.min_df = min_df
        self.ngram_range = ngram_range
        self.seed = seed

    def fit(
        self,
        texts: Sequence[str],
        y: object = None,
        *,
        validation_texts: Sequence[str] | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        checkpoint: str | Path | None = None,
        checkpoint_minutes: float = 5.0,
        strategy: tf.distribute.Strategy | None = None,
        on_topics: Callable[[int], None] | None = None,
        verbose: int = 0,
    ) -> TextHasher:
        """Learns vocabulary and model from texts.

        Args:
            texts: at least 8 training texts.
            y: ignored; there as in scikit-learn.
            validation_texts: texts whose loss is reported each epoch.
            callbacks: Keras callbacks.
            checkpoint: a path ending in `.keras`. The training state is saved
                there every `checkpoint_minutes` and on an interrupt, and
                training goes on from there if the file exists.
            checkpoint_minutes: the least time between two saves.
            strategy: several devices or workers to train on; see
                docs/distributed.md.
            on_topics: called with the number of steps done while the recipe
                anneals topics, which comes before `fit` of Keras.
            verbose: as in `keras.Model.fit`.

        Raises:
            InputError: when there are too few texts or no shared words, or the
                checkpoint belongs to another model.
            ConnectionError: when another worker is lost.
        """
        rows = self.fit_vocabulary(texts)
        return self.fit_model(
            rows,
            validation_texts=validation_texts,
            callbacks=callbacks,
            checkpoint=checkpoint,
            checkpoint_minutes=checkpoint_minutes,
            strategy=strategy,
            on_topics=on_topics,
            verbose=verbose,
        )

    def fit_vocabulary(self, texts: Sequence[str]) -> Csr:
        """The first half of `fit`: learns vocabulary and idf.

        Args:
            texts: at least 8 training texts.

        Returns:
            Their tf-idf rows, CSR float32 [n, vocabulary], without the empty
            ones: a text without a known word has nothing to rebuild.

        Raises:
            InputError: when there are too few texts or no shared words.
        """
        texts = list(texts)
        if len(texts) < MIN_TEXTS:
            raise InputError(
                f"expected at least {MIN_TEXTS} texts to train on; got {len(texts)}"
            )
        self._vectorizer, rows = fit_vectorizer(
            texts,
            stop_words=self.stop_words,
            max_df=self.max_df,
            min_df=self.min_df,
            ngram_range=self.ngram_range,
        )
        return rows[np.diff(rows.indptr) > 0]

    @property
    def vocabulary(self) -> list[str]:
        """The words, by number, after `fit_vocabulary` or `load`."""
        if hasattr(self, "model"):
            return self.model.vectorization.vocabulary
        return self._vectorizer.get_feature_names_out().tolist()

    def rows(self, texts: Sequence[str]) -> Csr:
        """Returns the tf-idf rows of texts, once `fit_vocabulary` has been called.

        Args:
            texts: n strings.

        Returns:
            CSR float32 [n, vocabulary], with the empty ones.
        """
        return self._vectorizer.transform(texts)

    def fit_model(
        self,
        rows: Csr,
        *,
        validation_texts: Sequence[str] | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        checkpoint: str | Path | None = None,
        checkpoint_minutes: float = 5.0,
        strategy: tf.distribute.Strategy | None = None,
        on_topics: Callable[[int], None] | None = None,
        verbose: int = 0,
    ) -> TextHasher:
        """The second half of `fit`: trains on what `fit_vocabulary` returned.

        Arguments and errors are those of `fit`.
        """
        validation_rows = None
        if validation_texts is not None:
            validation_rows = self.rows(validation_texts)
        wish = train_wish(
            rows,
            self.bits,
            self.recipe,
            seed=self.seed,
            validation_rows=validation_rows,
            callbacks=callbacks,
            checkpoint=checkpoint,
            checkpoint_minutes=checkpoint_minutes,
            strategy=strategy,
            on_topics=on_topics,
            verbose=verbose,
        )
        # A copy without the optimizer's state, twice the size of the weights.
        trained = WISH.from_config(wish.get_config())
        trained.set_weights(wish.get_weights())
        vectorization = TfidfVectorization.from_sklearn(self._vectorizer)
        self.model = HashingModel(vectorization, trained)
        return self

    def hash(self, texts: Sequence[str], batch_size: int = 256) -> HashedTexts:
        """Returns codes, probabilities and the out-of-vocabulary flags.

        Args:
            texts: n strings.
            batch_size: how many are hashed at once; bounds the memory.
        """
        self._check_fitted()
        return hash_in_batches(self.model.hash_texts, self.bits, texts, batch_size)

    def transform(self, texts: Sequence[str]) -> NDArray[np.uint8]:
        """Returns codes, uint8 0/1 [n, bits]."""
        return self.hash(texts).bits

    def fit_transform(
        self, texts: Sequence[str], y: object = None, **kwargs: Any
    ) -> NDArray[np.uint8]:
        """Fits, and returns the codes of the training texts."""
        return self.fit(texts, y, **kwargs).transform(texts)

    def explain(self, text: str) -> Explanation:
        """Returns which words of a text moved which bit; see
        `wish_tf.explain.explain`.

        Raises:
            InputError: when no word of the text is known.
        """
        return explain(self.hash, text)

    def topics(self, words: int = 10) -> list[list[tuple[str, float]]]:
        """Returns each bit's strongest words, and how much the bit makes of each
        (`TopicSelection.word_gains`)."""
        self._check_fitted()
        vocabulary = self.model.vectorization.vocabulary
        return [
            [
                (vocabulary[word], float(weight))
                for word, weight in zip(*bit, strict=True)
            ]
            for bit in zip(*self.model.wish.topics(words), strict=True)
        ]

    def save(self, path: str | Path) -> None:
        """Writes one `.keras` file, whole or not at all."""
        self._check_fitted()
        with replacing(path) as temporary:
            self.model.save(temporary)

    @classmethod
    def load(cls, path: str | Path) -> TextHasher:
        """Reads what `save` wrote.

        Raises:
            InputError: when the file is missing or holds something else.
        """
        model = load_keras(path)
        if not isinstance(model, HashingModel):
            raise InputError(
                f"expected a text hasher in {path}; it holds a {type(model).__name__}"
            )
        hasher = cls(
            model.wish.bits,
            ngram_range=model.vectorization.ngram_range,
            stop_words=model.vectorization.stop_words or None,
        )
        hasher.model = model
        return hasher

    def _check_fitted(self) -> None:
        if not hasattr(self, "model"):
            raise InputError("expected a fitted TextHasher; call fit first")
