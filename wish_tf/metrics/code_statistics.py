"""How well a set of codes uses its buckets."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from wish_tf.codes import check_bits
from wish_tf.errors import InputError


@dataclasses.dataclass(frozen=True)
class CodeStatistics:
    """Use of the buckets by the codes of some documents.

    Attributes:
        distinct_codes: Number of distinct codes, that is of buckets used.
        bit_entropy: float64 [bits]; entropy in bits of each bit by itself, 1 for
            a bit that is set in half of the documents and 0 for a constant one.
        dead_bits: Number of bits that are the same in all documents.
        code_entropy: Entropy in bits of the distribution of documents over
            codes; at most the length of the codes, reached when all buckets hold
            equally many documents.
        mean_bucket: How many documents have the code of a random document, itself
            included.
    """

    distinct_codes: int
    bit_entropy: np.ndarray
    dead_bits: int
    code_entropy: float
    mean_bucket: float

    @property
    def collapsed(self) -> bool:
        """Whether all documents have one and the same code."""
        return self.distinct_codes == 1


def code_statistics(codes: ArrayLike) -> CodeStatistics:
    """Measures how well codes use their buckets.

    Args:
        codes: Codes, [n, bits] of 0 and 1, of any length, with n >= 1.

    Returns:
        The statistics of these codes.

    Raises:
        InputError: If `codes` are not codes or there are none.

    Examples:
        Bit 0 divides the documents in two halves, bit 1 is dead:

        >>> statistics = code_statistics([[0, 1], [0, 1], [1, 1], [1, 1]])
        >>> statistics.distinct_codes, statistics.dead_bits, statistics.code_entropy
        (2, 1, 1.0)
        >>> statistics.bit_entropy
        array([1., 0.])
    """
    array = check_bits(codes)
    documents = array.shape[0]
    if documents == 0:
        raise InputError("expected one or more codes; got none")
    packed = np.packbits(array, axis=1)
    # One opaque item a row: np.unique(axis=0) would sort field by field.
    rows = packed.view(np.dtype((np.void, packed.shape[1])))[:, 0]
    _, sizes = np.unique(rows, return_counts=True)
    set_share = array.sum(axis=0, dtype=np.int64) / documents
    bit_entropy = _entropy(np.stack([set_share, 1.0 - set_share]))
    return CodeStatistics(
        distinct_codes=int(sizes.size),
        bit_entropy=bit_entropy,
        dead_bits=int(np.count_nonzero((set_share == 0.0) | (set_share == 1.0))),
        code_entropy=float(_entropy(sizes / documents)),
        mean_bucket=float(np.square(sizes).sum() / documents),
    )


def _entropy(shares: np.ndarray) -> np.ndarray:
    """Entropy in bits along axis 0, with 0 log 0 = 0."""
    logarithms = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    # Adding 0.0 turns the -0.0 of a constant into 0.0.
    return -(shares * logarithms).sum(axis=0) + 0.0
