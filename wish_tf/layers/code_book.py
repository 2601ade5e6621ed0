from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from wish_tf.types import Shape

# What is added to a cosine, so that it is above 0: of a centre that is not there it
# then is 0.
SHIFT = 2.0
# From so many points on it pays to bring those of a cell together, in chunks.
MANY_POINTS, CHUNK = 128, 16


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
        self.supports_jit = False  # XLA has no shapes that depend on values.
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
        cosines = tf.cond(
            tf.shape(points)[0] < MANY_POINTS,
            lambda: self._cosines(points, near),
            lambda: self._cosines_by_cell(points, near),
        )
        looked_at = self.probes * self.size
        signs = tf.gather(self.signs.value, near)
        # Of a bit, those that have it on are above 0, those that have it off below.
        votes = tf.reshape(signs, [-1, looked_at, self.bits]) * tf.reshape(
            cosines + SHIFT, [-1, looked_at, 1]
        )
        on = tf.nn.relu(tf.reduce_max(votes, axis=1))
        off = tf.nn.relu(-tf.reduce_min(votes, axis=1))
        return tf.sigmoid((on - off) / self.temperature)

    def _cosines(self, points: tf.Tensor, near: tf.Tensor) -> tf.Tensor:
        """Returns the cosines of n points to the centres in the cells near to them.

        Args:
            points: float32 [n, d].
            near: cells, int32 [n, probes].

        Returns:
            float32 with n x probes x size values, in this order.
        """
        return tf.matmul(
            points[:, tf.newaxis, tf.newaxis], tf.gather(self.centres.value, near)
        )

    def _cosines_by_cell(self, points: tf.Tensor, near: tf.Tensor) -> tf.Tensor:
        """Returns what `_cosines` does, in less than half its time for many points.

        That one reads the centres of a cell anew for each point. Here each cell has
        as many chunks of places as its points need, and its centres are read once for
        a chunk. Places that are left hold the first point, and nobody asks for them.
        """
        cells = tf.reshape(near, [-1])
        order = tf.argsort(cells)
        counts = tf.math.bincount(cells, minlength=self.cells, maxlength=self.cells)
        chunks = (counts + CHUNK - 1) // CHUNK
        ends = tf.cumsum(chunks)
        before = CHUNK * (ends - chunks) - tf.cumsum(counts, exclusive=True)
        places = tf.range(tf.size(cells)) + tf.gather(before, tf.gather(cells, order))
        cell_of_chunk = tf.searchsorted(ends, tf.range(ends[-1]), side="right")
        point_at = tf.scatter_nd(
            places[:, tf.newaxis], order // self.probes, [CHUNK * ends[-1]]
        )
        cosines = tf.matmul(
            tf.reshape(tf.gather(points, point_at), [-1, CHUNK, points.shape[1]]),
            tf.gather(self.centres.value, cell_of_chunk),
        )
        place_of = tf.scatter_nd(order[:, tf.newaxis], places, tf.shape(cells))
        return tf.gather(tf.reshape(cosines, [-1, self.size]), place_of)

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
