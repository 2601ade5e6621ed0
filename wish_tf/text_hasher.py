from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import NotFittedError

from wish_tf.checks import check_process, check_texts
from wish_tf.codes import NAMED_BITS
from wish_tf.data.term_counts import TermCounts
from wish_tf.errors import InputError, first_line
from wish_tf.explain import Explanation, explain
from wish_tf.files import replacing
from wish_tf.hashed_texts import HashedTexts, hash_in_batches
from wish_tf.layers import TfidfVectorization
from wish_tf.layers.analyzer import StopWords
from wish_tf.models import HashingModel
from wish_tf.models.load_keras import load_keras
from wish_tf.naming import Bucket, Topic, name_buckets, name_topics, reading, renamed
from wish_tf.recipes import DEFAULT, Recipe, WarmStart
from wish_tf.training import FitOptions, TrainingData, train
from wish_tf.training.strategy import OldModel
from wish_tf.types import Csr

# A bit needs documents on both of its sides to mean anything.
MIN_TEXTS = 8
MAX_BITS = 64


class TextHasher(TransformerMixin, BaseEstimator):
    """Texts in, few-bit codes out; a scikit-learn transformer.

    Args:
        bits: length of a code, 1-64.
        recipe: how the model is built and trained; None: `wish_tf.recipes.DEFAULT`.
        analyzer: how a text is taken apart: `"word"`, `"char"` or `"char_wb"`. This
            and the next five are settings of `TfidfVectorization`.
        ngram_range: (shortest, longest) n-gram, in words or characters.
        min_token_length: the least characters of a word.
        stop_words: `"english"`, a list of one's own, or None.
        min_df: terms in fewer than this number (int) or share (float) of the training
            texts are left out.
        max_df: and terms in more.
        seed: of the initial weights, the order of the texts and the noise, from 0.
            The random state of the process is neither read nor changed.

    Attributes:
        vectorization_: the `TfidfVectorization`, which knows words after
            `fit_vocabulary`, `fit` or `load`.
        model_: the `HashingModel`, after `fit` or `load`.

    Examples:
        >>> texts = ["cats and dogs", "a dog barks", "sparse matrix", "dense matrix"]
        >>> texts *= 4
        >>> hasher = TextHasher(bits=2, min_df=1).fit(texts)
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
        analyzer: str = "word",
        ngram_range: Sequence[int] = (1, 1),
        min_token_length: int = 2,
        stop_words: StopWords = "english",
        min_df: float | int = 3,
        max_df: float | int = 0.9,
        seed: int = 0,
    ):
        self.bits = bits
        self.recipe = recipe
        self.analyzer = analyzer
        self.ngram_range = ngram_range
        self.min_token_length = min_token_length
        self.stop_words = stop_words
        self.min_df = min_df
        self.max_df = max_df
        self.seed = seed

    def fit(
        self,
        texts: Iterable[str],
        y: object = None,
        *,
        embeddings: ArrayLike | None = None,
        validation_texts: Iterable[str] | None = None,
        like: TextHasher | None = None,
        options: FitOptions | None = None,
    ) -> TextHasher:
        """Learns vocabulary and model from texts.

        Args:
            texts: at least 8 training texts, in any form that `hash` takes.
            y: ignored; there as in scikit-learn.
            embeddings: vectors of the texts by an encoder of one's own, numbers [n,
                any], from which codes also learn which texts are near. The hasher
                itself reads words alone and does not need that encoder.
            validation_texts: texts whose loss is reported each epoch.
            like: an older hasher, of as many bits or more, whose codes are kept: the
                strategy is then `WarmStart`.
            options: callbacks, checkpoints, devices.

        Raises:
            InputError: when a setting, the texts or the embeddings cannot be used,
                there are too few texts or no shared words, or the checkpoint belongs
                to another training.
            ConnectionError: when another worker is lost.
        """
        data = self.fit_vocabulary(
            texts, embeddings=embeddings, validation_texts=validation_texts, like=like
        )
        return self.fit_model(data, options)

    def fit_vocabulary(
        self,
        texts: Iterable[str],
        *,
        embeddings: ArrayLike | None = None,
        validation_texts: Iterable[str] | None = None,
        like: TextHasher | None = None,
        counts: TermCounts | None = None,
    ) -> TrainingData:
        """The first half of `fit`: learns vocabulary and idf; a model is forgotten.

        Arguments and errors are those of `fit`.

        Args:
            counts: of the terms of a larger corpus, of which `texts` are a sample:
                vocabulary and idf are then those of all of it.

        Returns:
            What the second half takes. Texts without a known word are left out of the
            rows: there is nothing to rebuild.
        """
        self._check_settings()
        texts = check_texts(texts)
        if len(texts) < MIN_TEXTS:
            raise InputError(
                f"expected at least {MIN_TEXTS} texts to train on; got {len(texts)}"
            )
        taught = None if embeddings is None else _checked(embeddings, len(texts))
        # A new one: an earlier model keeps its own.
        self.vectorization_ = TfidfVectorization(
            analyzer=self.analyzer,
            ngram_range=self.ngram_range,
            min_token_length=self.min_token_length,
            stop_words=self.stop_words,
            min_df=self.min_df,
            max_df=self.max_df,
        )
        self.__dict__.pop("model_", None)
        if counts is None:
            rows = self.vectorization_.adapt(texts)
        else:
            self.vectorization_.learn(counts)
            rows = self.vectorization_.rows(texts)
        filled = np.diff(rows.indptr) > 0
        validated = None
        if validation_texts is not None:
            validation_texts = check_texts(validation_texts)
            validated = self.rows(validation_texts)
        old = None if like is None else like._as_old(self.vocabulary)
        return TrainingData(
            rows[filled],
            int(self.bits),
            int(self.seed),
            validated,
            None if taught is None else taught[filled],
            old,
            np.flatnonzero(filled),
        )

    def fit_model(
        self, data: TrainingData, options: FitOptions | None = None
    ) -> TextHasher:
        """The second half of `fit`: trains.

        Args:
            data: what `fit_vocabulary` returned.
            options: as `fit` takes them.
        """
        recipe = self.recipe or DEFAULT
        if data.old is not None and not isinstance(recipe.strategy, WarmStart):
            recipe = Recipe(WarmStart())
        data = recipe.strategy.drawn(data)
        coder = train(data, recipe, options)
        codes = coder.encode(data.rows)
        naming, words = recipe.strategy.naming, self.vocabulary
        if data.old is not None:
            topics = data.old.topics
        else:
            named = codes[:, : coder.named_bits]
            topics = name_topics(data.rows, named, words, naming)
        first = codes[:, : min(len(topics), NAMED_BITS)]
        buckets = name_buckets(data.rows, first, topics, words, naming)
        settings = {"recipe": (self.recipe or DEFAULT).to_json(), "seed": self.seed}
        self.model_ = HashingModel(
            self.vectorization_, coder, topics, buckets, settings
        )
        return self

    @property
    def vocabulary(self) -> list[str]:
        """The terms, by number, after `fit_vocabulary` or `load`."""
        self._check_fitted("vectorization_")
        return self.vectorization_.vocabulary

    def rows(self, texts: Iterable[str]) -> Csr:
        """Returns the tf-idf rows of texts, after `fit_vocabulary` or `load`.

        Args:
            texts: n strings.

        Returns:
            CSR float32 [n, vocabulary], with the empty ones.
        """
        self._check_fitted("vectorization_")
        return self.vectorization_.rows(check_texts(texts))

    def hash(self, texts: Iterable[str], batch_size: int = 512) -> HashedTexts:
        """Returns codes, probabilities and the out-of-vocabulary flags.

        Args:
            texts: n strings in a list, a tuple, a NumPy array, a pandas Series, an
                Arrow array or a generator.
            batch_size: how many are hashed at once; bounds the memory.

        Raises:
            InputError: when texts are not such, the batch size is below 1, or this
                process was forked after a model was made.
            sklearn.exceptions.NotFittedError: when the hasher is not fitted.
        """
        self._check_fitted()
        return hash_in_batches(
            self.model_.hash_texts, self.model_.bits, texts, batch_size
        )

    def transform(self, texts: Iterable[str]) -> NDArray[np.uint8]:
        """Returns codes, uint8 0/1 [n, bits]."""
        return self.hash(texts).bits

    def fit_transform(
        self, texts: Iterable[str], y: object = None, **kwargs: Any
    ) -> NDArray[np.uint8]:
        """Fits, and returns the codes of the training texts."""
        # A generator is used up by `fit`; of a Series `transform` wants the index.
        texts = texts if hasattr(texts, "__len__") else check_texts(texts)
        return self.fit(texts, y, **kwargs).transform(texts)

    @property
    def names_(self) -> list[str]:
        """The names of the bits that are topics, in order."""
        self._check_fitted()
        return [topic.name for topic in self.model_.named]

    def rename(self, names: Mapping[int, str]) -> TextHasher:
        """Gives bits names of one's own, which `save`, exports and pages keep.

        Args:
            names: the new name of each bit that gets one.

        Raises:
            InputError: when a bit is no topic, or a name is empty or another bit's.
            sklearn.exceptions.NotFittedError: when the hasher is not fitted.

        Examples:
            >>> hasher.rename({3: "energy"}).names_[3]  # doctest: +SKIP
            'energy'
        """
        self._check_fitted()
        self.model_.named = renamed(self.model_.named, names)
        return self

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:
        """Returns a name of each bit, as scikit-learn asks: that of its topic, or
        `"bit8"` and so on where it is none."""
        self._check_fitted()
        names = self.names_
        names += [f"bit{i}" for i in range(len(names), self.model_.bits)]
        return np.array(names, object)

    def cut(self, bits: int) -> TextHasher:
        """Returns a hasher whose codes are the first bits of this one's.

        Args:
            bits: how many, from 8, or the bits of this one if they are fewer.

        Raises:
            InputError: when there are not so many, or its codes are not nested.
            sklearn.exceptions.NotFittedError: when the hasher is not fitted.
        """
        self._check_fitted()
        model = self.model_.cut(bits)
        hasher = clone(self).set_params(bits=model.bits)
        hasher.vectorization_, hasher.model_ = self.vectorization_, model
        return hasher

    def explain(self, text: str) -> Explanation:
        """Returns which words of a text moved which bit; see
        `wish_tf.explain.explain`.

        Raises:
            InputError: when no word of the text is known.
        """
        return explain(self.hash, text)

    def topics(self) -> list[Topic]:
        """Returns what names each of the first bits: its words, the share of the texts
        it is on for, and how well the words tell it (`wish_tf.naming.Topic`)."""
        self._check_fitted()
        return list(self.model_.named)

    def buckets(self) -> list[Bucket]:
        """Returns what names each code of the bits that are topics, the code of most
        training texts first (`wish_tf.naming.Bucket`)."""
        self._check_fitted()
        return list(self.model_.buckets)

    def read(self, code: ArrayLike) -> str:
        """Returns a code as a person reads it: the names of its topics and, in
        brackets, the words of its bucket.

        Args:
            code: 0/1 [bits].

        Raises:
            InputError: when it is no code of this length.
        """
        self._check_fitted()
        code = np.asarray(code)
        if code.shape != (self.model_.bits,):
            raise InputError(
                f"expected a code of {self.model_.bits} bits; got an array of shape "
                f"{code.shape}"
            )
        return reading(code, self.names_, self.model_.buckets)

    def save(self, path: str | Path) -> None:
        """Writes one `.keras` file, whole or not at all.

        Raises:
            InputError: when the path does not end in `.keras`: nothing could load it.
        """
        self._check_fitted()
        if Path(path).suffix != ".keras":
            raise InputError(f"expected a path that ends in .keras; got {path}")
        with replacing(path) as temporary:
            self.model_.save(temporary)

    @classmethod
    def load(cls, path: str | Path) -> TextHasher:
        """Reads what `save` wrote, with all settings.

        Raises:
            InputError: when the file is missing or holds something else.
        """
        model = load_keras(path)
        if not isinstance(model, HashingModel):
            raise InputError(
                f"expected a text hasher in {path}; got a {type(model).__name__}"
            )
        try:
            model.hash_texts(tf.constant([""]))
            recipe = Recipe.from_json(model.settings.get("recipe", {}))
        except Exception as error:  # Of whatever kind: the file was made by hand.
            raise InputError(
                f"expected a text hasher in {path}; got one that fails: "
                f"{first_line(error)}"
            ) from error
        # Keras' own lists, which follow what is done to them, cannot be pickled.
        settings: dict[str, Any] = {
            name: list(value) if isinstance(value, list) else value
            for name, value in model.vectorization.settings.items()
        }
        hasher = cls(
            model.bits,
            recipe=recipe,
            seed=model.settings.get("seed", 0),
            **settings,
        )
        hasher.vectorization_ = model.vectorization
        hasher.model_ = model
        return hasher

    def _as_old(self, vocabulary: list[str]) -> OldModel:
        """Returns what a warm start with other terms needs of this hasher."""
        self._check_fitted()
        column = {term: i for i, term in enumerate(vocabulary)}
        columns = np.array([column.get(term, -1) for term in self.vocabulary])
        return OldModel(self.model_.coder, self.model_.named, columns)

    def _check_settings(self) -> None:
        """Raises InputError for what `__init__`, as scikit-learn wants, only stored."""
        for name, least, most in (("bits", 1, MAX_BITS), ("seed", 0, 2**63 - 1)):
            value = getattr(self, name)
            whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not whole or not least <= value <= most:
                raise InputError(
                    f"expected {name} as an integer from {least} to {most}; "
                    f"got {value!r}"
                )
        if self.recipe is not None and not isinstance(self.recipe, Recipe):
            raise InputError(f"expected a Recipe; got {self.recipe!r}")

    def _check_fitted(self, part: str = "model_") -> None:
        if not hasattr(self, part):
            raise NotFittedError("expected a fitted TextHasher; got one before fit")
        check_process()

    def __getstate__(self) -> dict[str, Any]:
        # The model has its own; a copy of both would not be one.
        state = super().__getstate__()
        return {**state, "vectorization_": None} if "model_" in state else state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "model_" in state:
            self.vectorization_ = self.model_.vectorization

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags


def _checked(embeddings: ArrayLike, texts: int) -> np.ndarray:
    """Returns embeddings of so many texts as float32 [texts, any]."""
    try:
        vectors = np.asarray(embeddings, np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"expected embeddings as an array of numbers; got {first_line(error)}"
        ) from error
    if vectors.ndim != 2 or len(vectors) != texts:
        raise InputError(
            f"expected embeddings of shape [{texts}, any], a row for each text; got "
            f"the shape {vectors.shape}"
        )
    wrong = ~np.isfinite(vectors).all(axis=1) | ~vectors.any(axis=1)
    if wrong.any():
        raise InputError(
            "expected embeddings of finite numbers that are not all 0; got "
            f"{vectors[wrong][0]} in row {np.flatnonzero(wrong)[0]}"
        )
    return vectors
