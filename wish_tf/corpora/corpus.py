"""A collection of documents in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from wish_tf.errors import InputError

Value = TypeVar("Value")


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

    def __post_init__(self) -> None:
        if not self.texts:
            raise InputError(
                f"the corpus {self.name!r} is empty: expected at least one document, "
                "got 0"
            )
        for field in ("labels", "ids", "official"):
            values = getattr(self, field)
            if values is not None and len(values) != len(self.texts):
                raise InputError(
                    f"the corpus {self.name!r} needs one entry of {field} for each of "
                    f"its {len(self.texts)} texts, got {len(values)}"
                )

    def __len__(self) -> int:
        return len(self.texts)

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
        )
