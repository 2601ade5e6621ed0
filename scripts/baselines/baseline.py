from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from wish_tf.data import as_csr
from wish_tf.errors import InputError
from wish_tf.layers import TfidfVectorization
from wish_tf.types import Csr

# Texts or rows; embeddings, where a method asks for them.
Data: TypeAlias = Sequence[str] | Csr | np.ndarray


class Baseline(ABC):
    """A way to hash texts that WISH is compared with.

    What it learns from, and what it hashes, are either texts or their tf-idf rows,
    the same kind in both. No method sees a label.

    Args:
        bits: length of a code.
        seed: of everything random.

    Examples:
        >>> from baselines import LSH
        >>> texts = ["cats and dogs", "a dog barks", "sparse matrix", "dense matrix"]
        >>> texts *= 4
        >>> LSH(bits=2).fit(texts).transform(["my dog", "the matrix"]).shape
        (2, 2)
    """

    def __init__(self, bits: int, *, seed: int = 0):
        if bits < 1:
            raise InputError(f"expected at least 1 bit; got {bits}")
        self.bits = bits
        self.seed = seed
        self._vectorization: TfidfVectorization | None = None
        self._words: int | None = None

    def fit(self, data: Data, validation: Data | None = None) -> Baseline:
        """Learns to hash.

        Args:
            data: n training texts, or their tf-idf rows, CSR float32
                [n, vocabulary]. Those without a known word teach nothing.
            validation: texts or rows by which methods that train in epochs
                choose one, by what they train for; or None for the last epoch.

        Raises:
            InputError: when no text has a known word, or data are neither texts nor
                rows.
        """
        self._fit_rows(data, validation)
        return self

    def fit_transform(
        self, data: Data, validation: Data | None = None
    ) -> NDArray[np.uint8]:
        """Learns to hash, and returns the codes of the training texts.

        They are those of `transform`, but for methods that find codes first and
        learn to give them afterwards.

        Args:
            data: as in `fit`.
            validation: as in `fit`.

        Returns:
            uint8 0/1 [n, bits].
        """
        rows, kept, found = self._fit_rows(data, validation)
        codes = self._transform(rows)
        if found is not None:
            codes[kept] = found
        return codes

    def transform(self, data: Data) -> NDArray[np.uint8]:
        """Returns codes, uint8 0/1 [n, bits].

        Args:
            data: n texts, or tf-idf rows, as `fit` was given.

        Raises:
            InputError: when they are neither, or rows of another vocabulary.
        """
        return self._transform(self._rows(data))

    @abstractmethod
    def _fit(self, rows: Csr, validation_rows: Csr | None) -> np.ndarray | None:
        """Learns from rows, none of which is empty.

        Returns:
            Codes of these rows that are not those of `_transform`, or None.
        """

    @abstractmethod
    def _transform(self, rows: Csr) -> np.ndarray:
        """Returns the codes of rows, some of which may be empty."""

    def _fit_rows(
        self, data: Data, validation: Data | None
    ) -> tuple[Csr, np.ndarray | None, np.ndarray | None]:
        if hasattr(data, "tocsr"):
            rows = as_csr(data)
        else:
            self._vectorization = TfidfVectorization()
            rows = self._vectorization.adapt(data)
        self._words = rows.shape[1]
        kept = np.diff(rows.indptr) > 0
        if not kept.any():
            raise InputError("expected texts with known words; got none")
        found = self._fit(
            rows[kept], None if validation is None else self._rows(validation)
        )
        return rows, kept, found

    def _rows(self, data: Data) -> Csr:
        if hasattr(data, "tocsr"):
            return as_csr(data, self._words)
        if self._vectorization is None:
            raise InputError(
                "expected tf-idf rows, since `fit` was given rows; got texts"
            )
        return self._vectorization.rows(data)
