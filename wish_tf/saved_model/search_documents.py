from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wish_tf.checks import whole_number
from wish_tf.corpora import Corpus
from wish_tf.errors import InputError
from wish_tf.hashed_texts import hash_in_batches
from wish_tf.models import HashingModel

LARGEST_K, MOST_K = 10, 1000


@dataclass(frozen=True)
class SearchDocuments:
    """The documents that an export can be asked for: codes and names, no texts.

    Attributes:
        codes: uint8 0/1 [n, bits].
        names: what each is called, n strings.
        corpus: what they are called together, if known.
        left_out: how many more there were, without a word that the model knows.
        largest_k: how many of them a text can ask for. Every answer is as wide, since
            TF-Serving merges rows of several requests, and no row may have an
            influence on the shape of others.
    """

    codes: np.ndarray
    names: Sequence[str]
    corpus: str | None = None
    left_out: int = 0
    largest_k: int = LARGEST_K

    @classmethod
    def hashed(
        cls,
        model: HashingModel,
        corpus: Corpus,
        largest_k: int = LARGEST_K,
        batch_size: int = 1024,
    ) -> SearchDocuments:
        """Hashes a corpus. Documents without a known word are left out.

        Args:
            model: the hasher.
            corpus: its `ids` become the names.
            largest_k: as of the class.
            batch_size: how many are hashed at once; bounds the memory.

        Raises:
            InputError: when no document has a word that the model knows, or the largest
                k is not from 1 to 1,000.
        """
        hashed = hash_in_batches(model.hash_texts, model.bits, corpus.texts, batch_size)
        known = np.flatnonzero(~hashed.out_of_vocabulary)
        if not known.size:
            raise InputError(
                "expected documents with words that the model knows; got none among "
                f"the {len(corpus)} of {corpus.name}"
            )
        return cls(
            hashed.bits[known],
            [corpus.ids[place] for place in known],
            corpus.name,
            len(corpus) - len(known) + corpus.without_text,
            whole_number(largest_k, "largest_k", 1, MOST_K),
        )

    def facts(self) -> dict[str, Any]:
        """Returns what a model card tells of them, as JSON values."""
        return {
            "corpus": self.corpus,
            "documents": len(self.names),
            "left_out_without_a_known_word": self.left_out,
            "bits": self.codes.shape[1],
            "largest_k": self.largest_k,
        }
