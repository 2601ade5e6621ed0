from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wish_tf.corpora import Splits
from wish_tf.errors import InputError
from wish_tf.metrics import Retrieval
from wish_tf.report.buckets import Buckets
from wish_tf.report.classes import Classes
from wish_tf.report.documents import Documents
from wish_tf.report.neighbours import K, by_neighbours
from wish_tf.runs import RunFolder, TrainConfig
from wish_tf.text_hasher import TextHasher

# A million texts would take many minutes to hash, and the page would look the same.
MOST_TRAIN, MOST_QUERIES = 50_000, 10_000


@dataclass(frozen=True)
class Source:
    """What the report is about: a finished run, and its documents with their codes.

    Attributes:
        folder: the run.
        config: what it was asked for.
        metrics: what was measured when it ended.
        history: a dict of numbers an epoch; none of a recipe without epochs.
        hasher: the trained hasher.
        train, validation, test: the documents.
    """

    folder: RunFolder
    config: TrainConfig
    metrics: dict[str, Any]
    history: list[dict[str, float]]
    hasher: TextHasher
    train: Documents
    validation: Documents
    test: Documents

    @classmethod
    def of(
        cls, folder: RunFolder, on_read: Callable[[], None] = lambda: None
    ) -> Source:
        """Reads a run and its corpus, and hashes the documents.

        Args:
            folder: a finished run.
            on_read: called when all is read, before the documents are hashed.

        Raises:
            InputError: when the run is not there or not finished, or its corpus cannot
                be read.
        """
        config = TrainConfig.from_json(folder.check_finished())
        metrics = folder.metrics()
        history = read_history(folder) if config.recipe["fit"] else []
        hasher = folder.hasher()
        splits = config.load_splits()
        on_read()
        return cls(folder, config, metrics, history, hasher, *_hashed(splits, hasher))

    @property
    def parts(self) -> tuple[Documents, Documents, Documents]:
        """Train, validation and test."""
        return self.train, self.validation, self.test

    @property
    def changed(self) -> bool:
        """Whether the corpus has another number of documents than in training."""
        documents = self.metrics["test"]["documents"]
        return (documents["database"], documents["queries"]) != (
            self.train.total,
            self.test.total,
        )

    @cached_property
    def buckets(self) -> Buckets:
        """The training documents by code."""
        return Buckets.of(self.train)

    @cached_property
    def classes(self) -> Classes | None:
        """The labels of the training documents; None without any."""
        return Classes.of(self.train.labels) or None

    @cached_property
    def retrieval(self) -> Retrieval | None:
        """The test documents, looked up among the training documents.

        Relevant are documents with the same label or, without labels, the 100 nearest
        by tf-idf. None where there are fewer than 100 documents.
        """
        if len(self.train) < K:
            return None
        if self.classes is None:
            return by_neighbours(self.train, self.test, self.hasher)
        return Retrieval.by_labels(
            self.test.codes, self.test.labels, self.train.codes, self.train.labels
        )


def _hashed(splits: Splits, hasher: TextHasher) -> tuple[Documents, ...]:
    return (
        Documents.of("training", splits.train, hasher, MOST_TRAIN),
        Documents.of("validation", splits.validation, hasher, MOST_QUERIES),
        Documents.of("test", splits.test, hasher, MOST_QUERIES),
    )


def read_history(folder: RunFolder) -> list[dict[str, float]]:
    """Returns history.csv of a run, a dict an epoch.

    Raises:
        InputError: when it is not there or holds something else.
    """
    path = folder.history_path
    if not path.is_file():
        raise InputError(f"expected a run in {folder.path}; got no {path.name}")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                {name: float(value) for name, value in row.items()}
                for row in csv.DictReader(file)
            ]
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"expected a table of numbers in {path}; got what cannot be read: {error}"
        ) from error
