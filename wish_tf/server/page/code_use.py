"""How some documents use the codes of a model."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from wish_tf.metrics.code_statistics import code_statistics


@dataclasses.dataclass(frozen=True)
class CodeUse:
    """What the page judges a model by.

    Attributes:
        source: Which documents these are, for a sentence.
        bits: Length of the codes.
        documents: How many there are.
        distinct_codes: Number of codes in use.
        code_entropy: Entropy of the documents' distribution over codes, bits.
        bit_entropy: Entropy of each bit, bits.
        shares: Share of documents with each bit on; None if not known.
        largest: Documents with the most frequent code; None if not known.
        left_out: Documents without a known word, which are none of `documents`; None
            if not known.
    """

    source: str
    bits: int
    documents: int
    distinct_codes: int
    code_entropy: float
    bit_entropy: tuple[float, ...]
    shares: tuple[float, ...] | None = None
    largest: int | None = None
    left_out: int | None = None

    @classmethod
    def of_buckets(
        cls, source: str, codes: np.ndarray, sizes: np.ndarray, left_out: int
    ) -> CodeUse:
        """The use of the codes of an index.

        Args:
            source: As the attribute.
            codes: The distinct codes, uint8 0/1 [codes, bits], at least one.
            sizes: How many documents have each, [codes].
            left_out: As the attribute.
        """
        rows = np.repeat(codes, sizes, axis=0)
        statistics = code_statistics(rows)
        return cls(
            source=source,
            bits=codes.shape[1],
            documents=len(rows),
            distinct_codes=statistics.distinct_codes,
            code_entropy=statistics.code_entropy,
            bit_entropy=tuple(statistics.bit_entropy.tolist()),
            shares=tuple(rows.mean(axis=0).tolist()),
            largest=int(sizes.max()),
            left_out=left_out,
        )

    @classmethod
    def of_card(cls, card: dict[str, Any]) -> CodeUse | None:
        """What a model card says of the training documents.

        Args:
            card: As of `wish_tf.saved_model.model_card.make_model_card`.

        Returns:
            None if the export could not know it.
        """
        codes, corpus = card["codes"], card["corpus"]
        if codes is None or corpus is None:
            return None
        return cls(
            source=f"{codes['measured_on']} of {corpus['name']}",
            bits=card["bits"],
            documents=corpus["documents_by_part"]["train"],
            distinct_codes=codes["in_use"],
            code_entropy=codes["entropy_in_bits"],
            bit_entropy=tuple(codes["entropy_of_each_bit"]),
        )
