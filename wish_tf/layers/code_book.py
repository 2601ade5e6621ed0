from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from wish_tf.types import Shape

# What is added to a cosine, so that it is above 0: of a centre that is not there it
# then is 0.
SHIFT = 2.0


@keras.saving.register_keras_serializable(package="wish_tf")
class CodeBook(keras.layers.Layer):
    """The codes of the nearest centres.

    Centres lie in cells. Those in the cells nearest to a point are looked at. A bit's
    probability is `sigmoid((a - b) / temperature)`, where a is the cosine to the
    nearest of these whose code has it on, and b to the nearest whose code has it off.
    So it is above 1/2 exactly where the nearest of them has it on.

    Args:
        cells: number of cells.
        size: most centres of a cell.
        bits: length of the codes.
        probes: how many cells are looked into.
        temperature: of the cosines, in the probabilities.

    Input: points, float32 [n, d], of length 1.
    Output: probabilities, float32 [n, bits].
    """

    def __init__(
        self,
        cells: int,
        size: int,
        bits: int,
        probes: int = 6,
        temperature: float = 0.05,
        **kwargs: Any,
    ):
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.cells = cells
        self.size = size
        self.bits = bits
        self.probes = min(probes, cells)
        self.temperature = temperature

    def build(self, input_shape: Shape) -> None:
        d = input_shape[-1]

        def add(name: str, *shape: int | None) -> keras.Variable:
            return self.add_weight(
                name=name, shape=shape, initializer="zeros", trainable=False
            )

        self.middles = add("middles", self.cells, d)
        # The centres of a cell side by side, as their product with points wants them.
        self.centres = add("centres", self.cells, d, self.size)
        # 1 where a bit is on, -1 where it is off, 0 where there is no centre.
        self.signs = add("signs", self.cells, self.size, self.bits)

    @classmethod
    def of(
        cls,
        centres: np.ndarray,
        codes: np.ndarray,
        cells: np.ndarray,
        *,
        probes: int,
        temperature: float,
        **kwargs: Any,
    ) -> CodeBook:
        """Returns a book of centres and their codes.

        Args:
            centres: of length 1, float32 [m, d].
            codes: 0/1 [m, bits].
            cells: in which each lies, int [m]; none is empty.
            probes: as of the class.
            temperature: as of the class.
            kwargs: of a layer.
        """
        sizes, bits = np.bincount(cells), codes.shape[1]
        book = cls(len(sizes), int(sizes.max()), bits, probes, temperature, **kwargs)
        book.build((None, centres.shape[1]))
        book._set(centres, codes, cells)
        return book

    def in_use(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns centres, codes and cells, as `of` takes them."""
        signs, centres = self.signs.numpy(), self.centres.numpy().transpose(0, 2, 1)
        there = signs.any(axis=2)
        codes = (signs[there] > 0).astype(np.uint8)
        return centres[there], codes, there.nonzero()[0]

    def _set(self, centres: np.ndarray, codes: np.ndarray, cells: np.ndarray) -> None:
        place = np.empty(len(cells), np.int64)
        middles = np.empty(self.middles.shape, np.float32)
        for cell in range(self.cells):
            mine = np.flatnonzero(cells == cell)
            place[mine] = np.arange(len(mine))
            middle = centres[mine].mean(axis=0)
            middles[cell] = middle / max(np.linalg.norm(middle), 1e-12)
        in_cells = np.zeros(self.centres.shape, np.float32)
        in_cells[cells, :, place] = centres
        signs = np.zeros(self.signs.shape, np.float32)
        signs[cells, place] = 2 * codes.astype(np.float32) - 1
        self.middles.assign(middles)
        self.centres.assign(in_cells)
        self.signs.assign(signs)

    def call(self, points: tf.Tensor) -> tf.Tensor:
        to_cells = tf.matmul(points, self.middles, transpose_b=True)
        _, near = tf.math.top_k(to_cells, self.probes)
        cosines = tf.matmul(
            points[:, tf.newaxis, tf.newaxis], tf.gather(self.centres.value, near)
        )
        looked_at = self.probes * self.size
        signs = tf.gather(self.signs.value, near)
        # Of a bit, those that have it on are above 0, those that have it off below.
        votes = tf.reshape(signs, [-1, looked_at, self.bits]) * tf.reshape(
            cosines + SHIFT, [-1, looked_at, 1]
        )
        on = tf.nn.relu(tf.reduce_max(votes, axis=1))
        off = tf.nn.relu(tf.reduce_max(-votes, axis=1))
        return tf.sigmoid((on - off) / self.temperature)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.bits)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "cells": self.cells,
            "size": self.size,
            "bits": self.bits,
            "probes": self.probes,
            "temperature": self.temperature,
        }
