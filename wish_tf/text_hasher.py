from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from wish_tf.callbacks import TrainingCheckpoint
from wish_tf.data import csr_dataset
from wish_tf.errors import InputError
from wish_tf.files import replacing
from wish_tf.hashed_texts import HashedTexts, hash_in_batches
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.optimizers import LazyAdam
from wish_tf.recipes import Recipe
from wish_tf.vectorizer import fit_vectorizer

# A bit needs documents on both of its sides to mean anything.
MIN_TEXTS = 8
MAX_BITS = 64


class TextHasher:
    """Texts in, few-bit codes out; `fit` and `transform` as in scikit-learn.

    Args:
        bits: length of a code, 1-64.
        recipe: how the model is built and trained.
        stop_words: `"english"`, a list of one's own, or None.
        max_df: words in more than this share (float) or number (int) of the
            training texts are left out.
        min_df: words in fewer than this number or share of texts are left out.
        ngram_range: (shortest, longest) n-gram in words.
        seed: of the initial weights, the order of the texts and the noise.

    Attributes:
        model: the `HashingModel`, after `fit` or `load`.
    """

    def __init__(
        self,
        bits: int = 8,
        *,
        recipe: Recipe | None = None,
        stop_words="english",
        max_df: float | int = 0.9,
        min_df: float | int = 3,
        ngram_range: tuple[int, int] = (1, 1),
        seed: int = 0,
    ):
        if not 1 <= bits <= MAX_BITS:
            raise InputError(f"expected bits from 1 to {MAX_BITS}; got {bits}")
        self.bits = bits
        self.recipe = recipe or Recipe()
        self.stop_words = stop_words
        self.max_df = max_df
        self.min_df = min_df
        self.ngram_range = ngram_range
        self.seed = seed

    def fit(
        self,
        texts: Sequence[str],
        y=None,
        *,
        validation_texts: Sequence[str] | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        checkpoint: str | Path | None = None,
        verbose: int = 0,
    ) -> TextHasher:
        """Learns vocabulary and model from texts.

        Args:
            texts: at least 8 training texts.
            y: ignored; there as in scikit-learn.
            validation_texts: texts whose loss is reported each epoch.
            callbacks: Keras callbacks.
            checkpoint: a path ending in `.keras`. The training state is saved
                there every five minutes and on an interrupt, and training goes
                on from there if the file exists.
            verbose: as in `keras.Model.fit`.

        Raises:
            InputError: when there are too few texts or no shared words, or the
                checkpoint belongs to another model.
        """
        rows = self.fit_vocabulary(texts)
        return self.fit_model(
            rows,
            validation_texts=validation_texts,
            callbacks=callbacks,
            checkpoint=checkpoint,
            verbose=verbose,
        )

    def fit_vocabulary(self, texts: Sequence[str]):
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

    def fit_model(
        self,
        rows,
        *,
        validation_texts: Sequence[str] | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        checkpoint: str | Path | None = None,
        verbose: int = 0,
    ) -> TextHasher:
        """The second half of `fit`: trains on what `fit_vocabulary` returned.

        Arguments and errors are those of `fit`.
        """
        keras.utils.set_random_seed(self.seed)
        recipe = self.recipe
        steps = math.ceil(rows.shape[0] / recipe.batch_size)
        wish = self._new_wish(rows.shape[1], steps * recipe.epochs)
        callbacks = list(callbacks)
        first_epoch = 0
        if checkpoint is not None:
            if Path(checkpoint).exists():
                wish = _load_checkpoint(checkpoint, wish)
                first_epoch = int(wish.optimizer.iterations) // steps
            saver = TrainingCheckpoint(checkpoint)
            callbacks.append(saver)
        validation = None
        if validation_texts is not None:
            validation = csr_dataset(self._vectorizer.transform(validation_texts), 1000)
        try:
            wish.fit(
                csr_dataset(rows, recipe.batch_size, shuffle=True, seed=self.seed),
                epochs=recipe.epochs,
                initial_epoch=first_epoch,
                validation_data=validation,
                callbacks=callbacks,
                verbose=verbose,
                shuffle=False,
            )
        except KeyboardInterrupt:
            if checkpoint is not None:
                saver.save()
            raise
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

    def transform(self, texts: Sequence[str]) -> np.ndarray:
        """Returns codes, uint8 0/1 [n, bits]."""
        return self.hash(texts).bits

    def fit_transform(self, texts: Sequence[str], y=None, **kwargs) -> np.ndarray:
        """Fits, and returns the codes of the training texts."""
        return self.fit(texts, y, **kwargs).transform(texts)

    def topics(self, words: int = 10) -> list[list[tuple[str, float]]]:
        """Returns each bit's strongest words, with what the bit adds to the
        word's logit when it is on."""
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
        model = _load_keras(path)
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

    def _new_wish(self, vocabulary_size: int, total_steps: int) -> WISH:
        recipe = self.recipe
        wish = WISH(
            self.bits,
            vocabulary_size,
            topic_dim=recipe.topic_dim,
            hidden_units=recipe.hidden_units,
            dropout=recipe.dropout,
            combine=recipe.combine,
            orthogonality=recipe.orthogonality,
            kl_step=recipe.kl_step,
            stochastic=recipe.stochastic,
            name="wish",
        )
        rate = recipe.learning_rate
        if recipe.cosine_decay:
            rate = keras.optimizers.schedules.CosineDecay(rate, total_steps)
        wish.compile(LazyAdam(rate))
        return wish

    def _check_fitted(self) -> None:
        if not hasattr(self, "model"):
            raise InputError("expected a fitted TextHasher; call fit first")


def _load_keras(path: str | Path) -> keras.Model:
    if not Path(path).is_file():
        raise InputError(f"expected a .keras file at {path}; there is none")
    try:
        return keras.saving.load_model(path)
    except (ValueError, OSError, TypeError, KeyError) as error:
        raise InputError(
            f"expected a .keras file at {path}; it cannot be read: "
            f"{str(error).splitlines()[0]}"
        ) from error


def _load_checkpoint(path: str | Path, expected: WISH) -> WISH:
    """Returns the model of a checkpoint that continues `expected`."""
    model = _load_keras(path)
    if not isinstance(model, WISH) or model.get_config() != expected.get_config():
        raise InputError(
            f"expected a checkpoint of this model at {path}; it is of another one: "
            "the settings or the texts have changed"
        )
    return model
