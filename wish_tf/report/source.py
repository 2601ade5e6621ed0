"""What the report is about: a run, its documents, their codes and their labels."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from wish_tf.codes import codes_to_int
from wish_tf.corpora import Corpus
from wish_tf.data.nearest import nearest_graph
from wish_tf.errors import InputError
from wish_tf.hashed_texts import HashedTexts
from wish_tf.health import K
from wish_tf.metrics import Retrieval
from wish_tf.runs import RunFolder, TrainConfig
from wish_tf.text_hasher import TextHasher
from wish_tf.types import Csr

SEED = 0
# A million texts would take many minutes to hash, and the page would look the same.
MOST_TRAIN, MOST_QUERIES = 50_000, 10_000
# All pairs of these are compared by tf-idf, where there are no labels.
NEIGHBOUR_QUERIES, NEIGHBOUR_DATABASE = 1000, 20_000


def sampled(numbers: np.ndarray, most: int) -> np.ndarray:
    """Returns numbers, or of more than `most` a sample in order, always the same."""
    if len(numbers) <= most:
        return numbers
    return np.sort(np.random.default_rng(SEED).choice(numbers, most, replace=False))


@dataclass(frozen=True)
class Documents:
    """One part of a corpus, or a sample of it, with its codes.

    Attributes:
        part: `"training"`, `"validation"` or `"test"`.
        corpus: the n documents that are looked at.
        hashed: their probabilities, and which have no known word.
        total: how many documents the part has.
    """

    part: str
    corpus: Corpus
    hashed: HashedTexts
    total: int

    @classmethod
    def of(cls, part: str, corpus: Corpus, hasher: TextHasher, most: int) -> Documents:
        """Hashes a part of a corpus.

        Args:
            part: its name.
            corpus: its documents.
            hasher: a trained hasher.
            most: of more documents a sample of this size is drawn, always the same.
        """
        total = len(corpus)
        if total > most:
            corpus = corpus.subset(sampled(np.arange(total), most))
        return cls(part, corpus, hasher.hash(corpus.texts), total)

    def __len__(self) -> int:
        return len(self.corpus)

    @property
    def sampled(self) -> bool:
        """Whether these are not all documents of the part."""
        return len(self) < self.total

    @property
    def labels(self) -> list[tuple[str, ...]]:
        """The labels of each document; empty where it has none."""
        return self.corpus.labels or [()] * len(self)

    @property
    def codes(self) -> np.ndarray:
        """Codes, uint8 0/1 [n, bits]."""
        return self.hashed.bits

    @property
    def numbers(self) -> np.ndarray:
        """Codes as integers, uint64 [n]."""
        return codes_to_int(self.codes)

    @property
    def known(self) -> np.ndarray:
        """Positions of the documents with a known word, int [m]."""
        return np.flatnonzero(~self.hashed.out_of_vocabulary)

    def rows(self, hasher: TextHasher, which: np.ndarray | None = None) -> Csr:
        """Returns tf-idf rows, CSR float32 [m, vocabulary].

        Args:
            hasher: that of the codes.
            which: positions of the documents, int [m]; None for all.
        """
        texts = self.corpus.texts
        return hasher.rows(texts if which is None else [texts[i] for i in which])


@dataclass(frozen=True)
class Buckets:
    """The documents of each code, the largest bucket first.

    Attributes:
        codes: of the buckets, uint64 [m].
        sizes: documents in each, int [m].
        of_document: number of each document's bucket, int [n].
    """

    codes: np.ndarray
    sizes: np.ndarray
    of_document: np.ndarray

    @classmethod
    def of(cls, documents: Documents) -> Buckets:
        """Sorts documents into buckets; of equally large ones the lower code leads."""
        codes, of_document, sizes = np.unique(
            documents.numbers, return_inverse=True, return_counts=True
        )
        order = np.argsort(-sizes, kind="stable")
        return cls(codes[order], sizes[order], np.argsort(order)[of_document])

    def nearest(self, codes: np.ndarray) -> np.ndarray:
        """Returns the number of the bucket at the least Hamming distance, int [q].

        Args:
            codes: uint64 [q]. Of equally near buckets the largest is taken.
        """
        distinct, place = np.unique(codes, return_inverse=True)
        # One row at a time: at 32 bits a matrix of distances could be gigabytes.
        found = [np.argmin(np.bitwise_count(self.codes ^ code)) for code in distinct]
        return np.array(found, np.intp)[place]


@dataclass(frozen=True)
class Classes:
    """The labels of a corpus, the most frequent first.

    Attributes:
        names: of the classes.
        sizes: documents that have each, among those that the order goes by.
    """

    names: list[str]
    sizes: np.ndarray

    @classmethod
    def of(cls, labels: Sequence[Sequence[str]]) -> Classes:
        """Counts the labels of documents; of equally frequent ones by name."""
        names, sizes = np.unique(
            [label for own in labels for label in set(own)], return_counts=True
        )
        order = np.argsort(-sizes, kind="stable")
        return cls(names[order].tolist(), sizes[order])

    def __len__(self) -> int:
        return len(self.names)

    def members(self, labels: Sequence[Sequence[str]]) -> csr_array:
        """Returns which documents have which classes, 0/1 int64 [n, classes].

        Labels that are none of these classes are left out.
        """
        number = {name: place for place, name in enumerate(self.names)}
        own = [sorted({number[x] for x in each if x in number}) for each in labels]
        ends = np.cumsum([0, *map(len, own)])
        columns = np.array([column for each in own for column in each], np.intp)
        return csr_array(
            (np.ones(len(columns), np.int64), columns, ends), (len(own), len(self))
        )


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
        parts = (
            Documents.of("training", splits.train, hasher, MOST_TRAIN),
            Documents.of("validation", splits.validation, hasher, MOST_QUERIES),
            Documents.of("test", splits.test, hasher, MOST_QUERIES),
        )
        return cls(folder, config, metrics, history, hasher, *parts)

    @property
    def parts(self) -> tuple[Documents, Documents, Documents]:
        """Train, validation and test."""
        return self.train, self.validation, self.test

    @property
    def changed(self) -> bool:
        """Whether the corpus has another number of documents than in training."""
        documents = self.metrics["test"]["documents"]
        trained = documents["database"], documents["queries"]
        return trained != (self.train.total, self.test.total)

    @cached_property
    def buckets(self) -> Buckets:
        """The training documents by code."""
        return Buckets.of(self.train)

    @cached_property
    def classes(self) -> Classes | None:
        """The labels of the training documents; None without any."""
        return Classes.of(self.train.labels) or None

    @cached_property
    def majority(self) -> float | None:
        """Prec@100 of a search that gives every query documents of the commonest
        class; None without labels."""
        if self.classes is None:
            return None
        labels = self.test.labels
        return sum(self.classes.names[0] in own for own in labels) / len(labels)

    @cached_property
    def retrieval(self) -> Retrieval | None:
        """The test documents, looked up among the training documents.

        Relevant are documents with the same label or, without labels, the 100 nearest
        by the cosine of tf-idf: as the TensorBoard callback measures neighbour overlap,
        among documents with a known word, and of large corpora a sample. None where
        there are fewer than 100 documents.
        """
        database, queries = self.train, self.test
        if len(database) < K:
            return None
        if self.classes is not None:
            return Retrieval.by_labels(
                queries.codes, queries.labels, database.codes, database.labels
            )
        asked = sampled(queries.known, NEIGHBOUR_QUERIES)
        known = sampled(database.known, NEIGHBOUR_DATABASE)
        if not len(asked) or len(known) < K:
            return None
        rows = queries.rows(self.hasher, asked), database.rows(self.hasher, known)
        graph = nearest_graph(*rows, K)
        return Retrieval.by_graph(queries.codes[asked], database.codes[known], graph)


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
