from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from wish_tf.checks import whole_number
from wish_tf.codes import NAMED_BITS
from wish_tf.data import as_csr, csr_dataset
from wish_tf.layers import CodeBook, TopicSpace
from wish_tf.types import Shape


@keras.saving.register_keras_serializable(package="wish_tf")
class NestedHash(keras.Model):
    """One code, cut anywhere: named topics first, then resolution.

    A text has a place in a `TopicSpace`, and its code is that of the nearest centres
    there, book by book. The first book begins with the bits that words name; all
    others tell apart what these have in common. So the first bits of a long code are
    the short code, and a model of fewer bits is a prefix of this one (`cut`).

    The default recipe trains it (`wish_tf.training.nested_codes`); nothing here is
    trained by `fit`.

    Args:
        space: rows to points.
        books: points to probabilities, side by side.
        bits: length of a code, at most what the books have; by default all of it.
        vocabulary_size: number of words.
        topics: how many of the first bits are topics that words name.

    Input: tf-idf rows, `tf.SparseTensor` or dense [n, vocabulary_size].
    Output: probabilities, float32 [n, bits].

    Raises:
        InputError: when there are not so many bits.
    """

    def __init__(
        self,
        space: TopicSpace,
        books: Sequence[CodeBook],
        vocabulary_size: int,
        topics: int,
        bits: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.autocast = False
        self.space = space
        self.books = list(books)
        self.vocabulary_size = vocabulary_size
        self.topics = topics
        most = sum(book.bits for book in self.books)
        self.bits = whole_number(most if bits is None else bits, "bits", 1, most)
        self.build((None, vocabulary_size))

    @property
    def named_bits(self) -> int:
        """How many of the first bits are topics that words name."""
        return min(self.bits, self.topics)

    def build(self, input_shape: Shape) -> None:
        if not self.space.built:
            self.space.build(input_shape)
        for book in self.books:
            if not book.built:
                book.build((None, self.space.width))
        self.built = True

    def call(
        self, inputs: tf.SparseTensor | tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        points = self.space(inputs)
        return tf.concat([book(points) for book in self.books], axis=1)[:, : self.bits]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.bits)

    def cut(self, bits: int) -> NestedHash:
        """Returns a model whose codes are the first bits of this one's.

        Args:
            bits: how many, from 8, or the bits of this model if they are fewer:
                shorter codes are not nested.

        Raises:
            InputError: when there are not so many.
        """
        bits = whole_number(bits, "bits", min(NAMED_BITS, self.bits), self.bits)
        needed, books = 0, []
        for book in self.books:
            if needed < bits:
                books.append(book)
                needed += book.bits
        return NestedHash(
            self.space, books, self.vocabulary_size, self.topics, bits, name=self.name
        )

    def encode(self, x: Any, batch_size: int = 1000) -> NDArray[np.uint8]:
        """Returns the codes of rows, uint8 0/1 [n, bits].

        Args:
            x: rows [n, vocabulary_size], `scipy.sparse` of any format or dense.
            batch_size: how many are hashed at once; bounds the memory.

        Raises:
            InputError: when rows are no table of finite numbers as wide as the
                vocabulary.
        """
        rows = as_csr(x, self.vocabulary_size)
        found = [np.zeros((0, self.bits), np.uint8)]
        for batch in csr_dataset(rows, batch_size) if rows.shape[0] else ():
            found.append((self(batch).numpy() > 0.5).astype(np.uint8))
        return np.concatenate(found)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            "name": self.name,
            "space": serialize(self.space),
            "books": [serialize(book) for book in self.books],
            "vocabulary_size": self.vocabulary_size,
            "topics": self.topics,
            "bits": self.bits,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> NestedHash:
        restore = keras.saving.deserialize_keras_object
        return cls(
            **{
                **config,
                "space": restore(config["space"]),
                "books": [restore(book) for book in config["books"]],
            }
        )
