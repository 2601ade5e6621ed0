"""A collection of documents in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from wish_tf.errors import InputError

Value = TypeVar("Value")
BATCH = 8192
LIMIT_SEED = 0


@dataclass
class Batch:
    """Some documents, each list with an entry for each, or none of what is not read;
    a text or id may be None."""

    texts: list[str | None]
    ids: list[int | str | None]
    labels: list[tuple[str, ...] | None]
    splits: list[str]


def sample(count: int, limit: int) -> np.ndarray:
    """Returns which of so many documents are in a random sample, bool [count]; always
    the same ones.

    Raises:
        InputError: for a limit below 1.
    """
    if limit < 1:
        raise InputError(f"expected a limit of at least 1 document; got {limit}")
    chosen = np.zeros(count, bool)
    rng = np.random.default_rng(LIMIT_SEED)
    chosen[rng.choice(count, min(limit, count), replace=False)] = True
    return chosen


@dataclass(frozen=True)
class Corpus:
    """Documents with, where there are any, their labels.

    Attributes:
        name: What the corpus is called in reports.
        texts: One string a document; a string may be empty.
        labels: One tuple of labels a document (empty: the document has none), or
            None for a corpus without labels.
        ids: One string a document, by which a person recognises it.
        official: The part of the published split ("train" or "test") to which each
            document belongs, or None where nothing was published.
        sampled_from: Of how many documents these are a sample, or None where they are
            all.
        without_text: How many more documents there were, without a text.

    Raises:
        InputError: if there is no document, or the lists differ in length.

    Examples:
        >>> labels = [("cat",), ("dog",)]
        >>> corpus = Corpus("pets", ["a cat", "a dog"], labels, ["1", "2"])
        >>> len(corpus), corpus.subset([1]).texts
        (2, ['a dog'])
    """

    name: str
    texts: list[str]
    labels: list[tuple[str, ...]] | None
    ids: list[str]
    official: list[str] | None = None
    sampled_from: int | None = None
    without_text: int = 0
    # As `Documents` has them.
    paths: ClassVar[list[str]] = []
    source: ClassVar[None] = None
    id_field: ClassVar[str] = "id"

    def __post_init__(self) -> None:
        if not self.texts:
            raise InputError(
                f"expected at least one document; got none in {self.name!r}"
            )
        for field in ("labels", "ids", "official"):
            values = getattr(self, field)
            if values is not None and len(values) != len(self.texts):
                raise InputError(
                    f"expected one entry of {field} for each of the {len(self.texts)} "
                    f"texts of {self.name!r}; got {len(values)}"
                )

    def __len__(self) -> int:
        return len(self.texts)

    def batches(
        self, ids: str = "unique", *, limit: int | None = None
    ) -> Iterator[Batch]:
        """Yields the documents a few at a time, as `Documents.batches` does."""
        chosen = np.arange(len(self))
        if limit is not None:
            chosen = np.flatnonzero(sample(len(self), limit))
        for start in range(0, chosen.size, BATCH):
            part = self.subset(chosen[start : start + BATCH])
            yield Batch([*part.texts], [*part.ids], [], [])

    def subset(self, indices: Iterable[int]) -> Corpus:
        """Returns the documents at `indices`, in that order, under the same name.

        Args:
            indices: Positions in the corpus (a list or an integer array [m]).

        Raises:
            InputError: if `indices` is empty.
        """
        chosen = [int(index) for index in indices]

        def pick(values: list[Value] | None) -> list[Value] | None:
            return None if values is None else [values[index] for index in chosen]

        return Corpus(
            name=self.name,
            texts=[self.texts[index] for index in chosen],
            labels=pick(self.labels),
            ids=[self.ids[index] for index in chosen],
            official=pick(self.official),
            sampled_from=self.sampled_from,
        )
