from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from wish_tf.checks import check_all, list_of
from wish_tf.codes import check_bits, codes_to_int
from wish_tf.errors import InputError
from wish_tf.saved_model.code_scan import CodeScan
from wish_tf.saved_model.posting_lists import PostingLists

_TABLE_BITS = 20


class CodeSearch(tf.Module):
    """Exact search among documents by their codes, of TensorFlow's own ops only.

    With more documents than codes (and up to 20 bits) there is a list of documents
    for every code; else every code is compared. Both give the same.

    Args:
        codes: the documents' codes, [n, bits] of 0 and 1, up to 64 bits, n at least 1.
        names: what each document is called, n strings.
        largest_k: how many documents a query can get.

    Attributes:
        bits: length of a code.
        documents: n.
        largest_k: the same.
        names: the names, a string variable [n].
        method: how it is searched, a `PostingLists` or a `CodeScan`.

    Raises:
        InputError: when codes or names are not such.
    """

    def __init__(self, codes: np.ndarray, names: Sequence[str], largest_k: int):
        super().__init__()
        self.largest_k = largest_k
        codes, names = check_bits(codes), list_of(names, "names")
        check_all(names, str, "names as strings")
        self.documents, self.bits = codes.shape
        if len(names) != self.documents or not names:
            raise InputError(
                "expected a name for each of one or more codes; got "
                f"{len(names)} names and {self.documents} codes"
            )
        self._dtype = tf.int32 if self.bits <= 32 else tf.int64
        # The upper half of the numbers becomes negative; the bits stay.
        numbers = codes_to_int(codes).astype(self._dtype.as_numpy_dtype)
        if self.bits <= _TABLE_BITS and self.documents > 1 << self.bits:
            self.method = PostingLists(numbers, self.bits, largest_k)
        else:
            self.method = CodeScan(numbers)
        # Variables and not constants: a graph may have 2 GB at most.
        encoded = np.array([name.encode("utf-8", "replace") for name in names], object)
        self.names = tf.Variable(encoded, trainable=False)

    def nearest(
        self, bits: tf.Tensor, k: tf.Tensor, known: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Returns the nearest documents of each query.

        Args:
            bits: codes of the queries, int32 0/1 [q, bits].
            k: how many each wants, int32 [q], from 0 to the largest k.
            known: bool [q]; a query where it is false gets none.

        Returns:
            `ids`, the names, string [q, most], and `distances` in bits, int32 [q,
            most], where most is the largest k, or n if that is less, whatever the
            queries want: nearest first, of equally near ones the earlier in the corpus
            first. Where a query gets no more there are the id "" and the distance -1.
        """
        most = min(self.largest_k, self.documents)
        k = tf.where(known, tf.minimum(k, most), 0)
        shifts = tf.range(self.bits - 1, -1, -1)
        queries = tf.reduce_sum(
            tf.bitwise.left_shift(
                tf.cast(bits, self._dtype), tf.cast(shifts, self._dtype)
            ),
            axis=1,
        )
        positions, distances = self._in_pieces(queries, k, most)
        wanted = tf.range(most) < k[:, tf.newaxis]
        return {
            "ids": tf.where(wanted, tf.gather(self.names, positions), ""),
            "distances": tf.where(wanted, distances, -1),
        }

    def _in_pieces(
        self, queries: tf.Tensor, k: tf.Tensor, most: int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Searches for a few queries at a time, which bounds the memory."""
        size = self.method.queries_at_once

        def search(
            start: tf.Tensor, positions: tf.Tensor, distances: tf.Tensor
        ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            piece = slice(start, start + size)
            found = self.method.nearest(queries[piece], k[piece], most)
            return (
                start + size,
                tf.concat([positions, found[0]], axis=0),
                tf.concat([distances, found[1]], axis=0),
            )

        none = tf.zeros([0, most], tf.int32)
        shapes = [tf.TensorShape([])] + [tf.TensorShape([None, most])] * 2
        _, positions, distances = tf.while_loop(
            lambda start, *_: start < tf.size(queries),
            search,
            (0, none, none),
            shape_invariants=tuple(shapes),
            parallel_iterations=2,
        )
        return positions, distances
