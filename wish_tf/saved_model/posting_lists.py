from __future__ import annotations

import numpy as np
import tensorflow as tf


class PostingLists(tf.Module):
    """The nearest documents by a list of documents for every code, in the graph.

    A query looks only into the lists of the codes that are near enough, so that its
    cost does not depend on the number of documents.

    Args:
        codes: the documents' codes as integers, int32 [n], n at least 1.
        bits: length of a code.
        longest: the largest k that will be asked for.

    Attributes:
        order: the documents' positions, list after list, a variable [n].
        starts: where in it the list of each code starts, and n, a variable
            [2^bits + 1].
    """

    # So many queries' candidates are in memory at once.
    queries_at_once = 64

    def __init__(self, codes: np.ndarray, bits: int, longest: int):
        super().__init__()
        sizes = np.bincount(codes, minlength=1 << bits)
        masks = np.arange(1 << bits, dtype=np.int32)
        distances = np.bitwise_count(masks)
        self._bits = bits
        self._documents = len(codes)
        # Stable, so that each list is in the order of the positions.
        self.order = _variable(np.argsort(codes, kind="stable"))
        self.starts = _variable(np.append(0, np.cumsum(sizes)))
        self._masks = _variable(masks[np.argsort(distances, kind="stable")])
        self._masks_within = np.cumsum(np.bincount(distances)).astype(np.int32)
        self._within = tf.Variable(
            _documents_within(sizes, bits, longest), trainable=False
        )

    def nearest(
        self, queries: tf.Tensor, k: tf.Tensor, most: int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the nearest documents of each query.

        Args:
            queries: codes as integers, int32 [q].
            k: how many each query wants, int32 [q]: from 0 to `longest`, at most n.
            most: how many each gets, of which its own k are right.

        Returns:
            Positions and distances, int32 [q, most], by distance and then position;
            beyond a query's own k anything.
        """
        within = tf.cast(tf.gather(self._within, queries), tf.int32)
        radius = tf.reduce_sum(tf.cast(within < k[:, tf.newaxis], tf.int32), axis=1)
        query, place = _ranges(tf.gather(self._masks_within, radius))
        mask = tf.gather(self._masks, place)
        code = tf.bitwise.bitwise_xor(tf.gather(queries, query), mask)
        start = tf.gather(self.starts, code)
        size = tf.gather(self.starts, code + 1) - start
        # No list can give more than is wanted, however long it is.
        listed, place = _ranges(tf.minimum(size, tf.gather(k, query)))
        position = tf.gather(self.order, tf.gather(start, listed) + place)
        distance = tf.cast(tf.raw_ops.PopulationCount(x=mask), tf.int64)
        ring = tf.cast(query, tf.int64) * (self._bits + 1) + distance
        keys = tf.gather(ring, listed) * self._documents + tf.cast(position, tf.int64)
        return self._first_of_each(tf.sort(keys), tf.shape(queries)[0], most)

    def _first_of_each(
        self, keys: tf.Tensor, queries: tf.Tensor, most: int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Takes sorted keys apart and returns the first of each query."""
        # And a last one, since there is none where no query wants any.
        keys = tf.pad(keys, [[0, 1]], constant_values=tf.int64.max)
        ring, position = keys // self._documents, keys % self._documents
        query, distance = ring // (self._bits + 1), ring % (self._bits + 1)
        first = tf.searchsorted(query, tf.range(tf.cast(queries, tf.int64)))
        place = first[:, tf.newaxis] + tf.range(most)
        place = tf.minimum(place, tf.size(keys) - 1)
        return (
            tf.cast(tf.gather(position, place), tf.int32),
            tf.cast(tf.gather(distance, place), tf.int32),
        )


def _variable(values: np.ndarray) -> tf.Variable:
    return tf.Variable(values.astype(np.int32), trainable=False)


def _documents_within(sizes: np.ndarray, bits: int, longest: int) -> np.ndarray:
    """How many documents are within each distance of each code.

    Args:
        sizes: number of documents of each code [2^bits].
        bits: length of a code.
        longest: larger numbers are cut to this one.

    Returns:
        uint16 [2^bits, bits + 1].
    """
    # Bit by bit: at distance d are those with the same bit at d, and those with the
    # other one at d - 1.
    at = np.zeros((1 << bits, bits + 1), np.int32)
    at[:, 0] = sizes
    for bit in range(bits):
        pairs = at.reshape(-1, 2, 1 << bit, bits + 1)
        old = pairs.copy()
        pairs[..., 1:] += old[:, ::-1, :, :-1]
    return np.minimum(np.cumsum(at, axis=1, out=at), longest).astype(np.uint16)


def _ranges(lengths: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Ranges one after the other: the number of each entry's range, and its place."""
    ends = tf.cumsum(lengths)
    number = tf.repeat(tf.range(tf.size(lengths)), lengths)
    place = tf.range(tf.size(number)) - tf.gather(ends - lengths, number)
    return number, place
