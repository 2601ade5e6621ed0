from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wish_tf.checks import check_process, check_texts, whole_number
from wish_tf.codes import pack_bits

# Of the signature `hash` of an export.
OUTPUTS = {"bits", "code_bytes", "probabilities", "out_of_vocabulary"}


@dataclass(frozen=True)
class HashedTexts:
    """The codes of n texts.

    Attributes:
        probabilities: float32 [n, bits], the probability of each bit.
        out_of_vocabulary: bool [n], whether a text holds no known word. The
            code of such a text says nothing about it.
    """

    probabilities: NDArray[np.float32]
    out_of_vocabulary: NDArray[np.bool_]

    @property
    def bits(self) -> NDArray[np.uint8]:
        """Codes as 0/1, uint8 [n, bits]."""
        return (self.probabilities > 0.5).astype(np.uint8)

    @property
    def packed(self) -> NDArray[np.uint8]:
        """Codes as bytes, uint8 [n, ceil(bits / 8)]; see `wish_tf.codes`."""
        return pack_bits(self.bits)


def hash_in_batches(
    hash_texts: Callable[..., Mapping[str, Any]],
    bits: int,
    texts: Iterable[str],
    batch_size: int,
) -> HashedTexts:
    """Returns the codes of texts, computed in batches, as many at once as there are
    cores.

    Args:
        hash_texts: from `text`, a list of m byte strings, to the dict of outputs of
            a `HashingModel`, NumPy's or TensorFlow's; it is called by several threads.
        bits: number of hash bits, from the first.
        texts: n strings; lone surrogates count as `?`.
        batch_size: how many are hashed at once; bounds the memory.

    Raises:
        InputError: as `wish_tf.checks.check_texts`; for a batch size below 1; in a
            process that was forked from one with a model.
    """
    check_process()
    texts = check_texts(texts)
    batch_size = whole_number(batch_size, "batch_size", 1)
    probabilities = np.zeros((len(texts), bits), np.float32)
    unknown = np.zeros(len(texts), bool)

    def hash_batch(start: int) -> None:
        part = slice(start, start + batch_size)
        batch = [text.encode("utf-8", "replace") for text in texts[part]]
        outputs = hash_texts(text=batch)
        probabilities[part] = np.asarray(outputs["probabilities"])[:, :bits]
        unknown[part] = np.asarray(outputs["out_of_vocabulary"])

    starts = range(0, len(texts), batch_size)
    # One run of a graph leaves cores idle, since most of its operations use one.
    threads = min(_cores(), len(starts))
    if threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(hash_batch, starts))
    else:
        for start in starts:
            hash_batch(start)
    return HashedTexts(probabilities, unknown)


def _cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
