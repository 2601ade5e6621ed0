from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.preprocessing import normalize

from wish_tf.codes import NAMED_BITS
from wish_tf.data import csr_dataset
from wish_tf.layers import CodeBook, TopicSpace
from wish_tf.models import NestedHash
from wish_tf.naming import NamingSettings, NamingWords
from wish_tf.settings import Count, Number, Positive, Settings, Weight
from wish_tf.training.cells import balanced_cells
from wish_tf.training.code_search import CodeSearch, CodeSearchSettings
from wish_tf.training.neighbour_codes import (
    descend,
    neighbour_shares,
    quantised,
)
from wish_tf.training.stages import Arrays, Stages
from wish_tf.training.strategy import Strategy, TrainingData, strategy
from wish_tf.training.topic_space import SpaceSettings, fit_space
from wish_tf.types import Csr

# Bits of a book that has fine centres.
BOOK = 16
# Of k-means: in all, and between two signs of how far it is.
MOST_ROUNDS = 300
ROUNDS = 10
# Rows that are placed at a time.
BATCH = 1000
# The arrays of a space and of a book, in the order that their layers take them.
SPACE = ("directions", "partitions", "middle", "lsa")
BOOK_PARTS = ("centres", "codes", "cells")


@dataclass(frozen=True)
class TopicSettings(Settings):
    """How the clusters are found that the named bits tell apart, and their codes.

    Attributes:
        texts_each: texts in a cluster, on average.
        at_least: but so many clusters, if there are `fewest_texts` for each.
        fewest_texts: texts in a cluster, on average, of the smallest corpora.
        at_most: and no more clusters than this. So few that a bit is on for few of
            them: were all codes in use, each bit would be on for half of the texts.
        largest: texts in a cluster, on average; a corpus of more than `at_most` times
            as many gets more clusters, since its codes shall be told apart.
        sample: texts that the centres are learned from, at most.
        starts: of k-means, of which the tightest counts.
        naming: which words can name a bit.
        search: for codes.
    """

    texts_each: Count = 150
    at_least: Count = 16
    fewest_texts: Count = 8
    at_most: Count = 36
    largest: Count = 1500
    sample: Count = 20_000
    starts: Count = 16
    naming: NamingSettings = NamingSettings()
    search: CodeSearchSettings = CodeSearchSettings()

    def clusters(self, bits: int, texts: int, different: int) -> int:
        """Returns how many clusters a corpus gets.

        Args:
            bits: that are to be named.
            texts: how many there are.
            different: how many of them are at a place of their own.
        """
        return min(
            2**bits,
            max(self.at_most, texts // self.largest),
            max(texts // self.texts_each, self.at_least),
            max(2, texts // self.fewest_texts),
            different,
        )


@dataclass(frozen=True)
class BookSettings(Settings):
    """How the bits behind the named ones get their resolution.

    Attributes:
        texts_a_code: training texts of a fine centre, on average.
        fewest_codes: with fewer texts for each where there would be less fine centres.
        at_most: fine centres of a book; of a larger corpus they are learned from
            `at_most` times `texts_a_code` texts.
        coarse: coarse centres of the books without named bits.
        cell: fine centres of a cell, which are looked at together when a text is
            hashed.
        probes: cells that are looked at.
        neighbours: of a text, that should be near by code, among all texts; of a
            sample accordingly fewer.
        least_neighbours: but so many.
        exponent: the neighbour of rank r weighs r to the power of minus this: the
            larger, the more the first ten count against the first hundreds.
        sweeps: of the descent, at most.
        rounds: of k-means.
        temperature: of the cosines, in the probabilities.
    """

    texts_a_code: Count = 5
    fewest_codes: Count = 256
    at_most: Count = 20_000
    coarse: Count = 64
    cell: Count = 32
    probes: Count = 6
    neighbours: Count = 700
    least_neighbours: Count = 50
    exponent: Weight = 0.8
    sweeps: Number = 5
    rounds: Count = 30
    temperature: Positive = 0.05

    def neighbours_for(self, part: float) -> int:
        """Returns how many neighbours count in a part of the texts, from 0 to 1."""
        return max(self.least_neighbours, round(self.neighbours * part))

    def texts_for(self, texts: int) -> int:
        """Returns how many texts a fine centre of so many has, on average."""
        return max(1, min(self.texts_a_code, texts // self.fewest_codes))


@strategy("nested_codes")
@dataclass(frozen=True)
class NestedCodes(Strategy):
    """One code, cut anywhere: named topics first, then resolution.

    Texts are clustered in the space of several annealed decoders. A search gives the
    coarse clusters codes whose bits words name. Each is divided into fine clusters,
    whose codes are such that neighbours by Hamming distance are neighbours in the
    space. Every further book of 16 bits clusters the texts anew.

    Attributes:
        space: in which texts are clustered.
        topics: the coarse clusters and their codes, the first eight bits.
        books: the fine clusters and all further bits.
        teacher: weight of the length of the user's embeddings against that of the
            space, where texts are clustered by both.
        sample: texts that all of it is learned from, at most, and by which topics are
            named; the vocabulary is that of all texts.
    """

    space: SpaceSettings = SpaceSettings()
    topics: TopicSettings = TopicSettings()
    books: BookSettings = BookSettings()
    teacher: Weight = 1.0
    sample: Count = 100_000

    fits = False
    takes_embeddings = True

    @property
    def naming(self) -> NamingSettings:
        return self.topics.naming

    def drawn(self, data: TrainingData) -> TrainingData:
        return data.sample(self.sample)

    def prepare(self, data: TrainingData, stages: Stages) -> Arrays:
        rows, seed, bits = data.rows, data.seed, data.bits
        space = fit_space(rows, self.space, seed, stages)
        found = dict(zip(SPACE, space.get_weights(), strict=True))
        points = points_of(space, rows)
        places = Places(points, points)
        if data.embeddings is not None:
            taught = self.teacher * normalize(data.embeddings)
            places = Places(points, normalize(np.hstack([points, taught])))
        named_bits = min(bits, NAMED_BITS)
        named = stages.once(
            "topics", partial(self._topics, rows, places, named_bits, seed, stages)
        )
        found["topics"] = np.array(named["codes"].shape[1])
        sample = places.sample(self.books.texts_a_code * self.books.at_most, seed)
        part = len(sample.points) / (data.drawn_from or len(points))
        neighbours = self.books.neighbours_for(part)
        if bits <= found["topics"]:
            # The same centres as of a longer code, without bits of their own.
            fit = partial(self._book, 0, sample, None, named, seed, stages)
            return found | _numbered(0, stages.once("centres", fit))
        for i in range(-(-bits // BOOK)):
            fit = partial(self._book, i, sample, neighbours, named, seed, stages)
            found |= _numbered(i, stages.once(f"book-{i}", fit))
        return found

    def model(
        self, data: TrainingData, encoder: Mapping[str, Any], prepared: Arrays
    ) -> NestedHash:
        space = self.space.layer(data.rows.shape)
        space.set_weights([prepared[name] for name in SPACE])
        settings = self.books
        books: list[CodeBook] = []
        while f"{len(books)}.centres" in prepared:
            i = len(books)
            book = CodeBook.of(
                *(prepared[f"{i}.{name}"] for name in BOOK_PARTS),
                probes=settings.probes,
                temperature=settings.temperature,
                name=f"book_{i}",
            )
            books.append(book)
        return NestedHash(
            space,
            books,
            data.rows.shape[1],
            int(prepared["topics"]),
            data.bits,
            name="wish",
        )

    def _topics(
        self, rows: Csr, places: Places, bits: int, seed: int, stages: Stages
    ) -> Arrays:
        """Returns the centres of the coarse clusters and their codes."""
        settings, points = self.topics, places.points
        sample = places.sample(settings.sample, seed)
        different = len(np.unique(sample.seen, axis=0))
        k = settings.clusters(bits, len(points), different)
        centres = _clustered(sample, k, settings.starts, seed, "clusters", stages)
        clusters = (points @ centres.T).argmax(axis=1)
        there, clusters = np.unique(clusters, return_inverse=True)
        centres, k = centres[there], len(there)
        # Few clusters carry few topics; the other bits are then left to refine them.
        named = max(1, min(bits, k - 1))
        words = NamingWords(rows, clusters, settings.naming)
        means = _means(points, clusters, k)
        search = CodeSearch(
            words, means @ means.T, named, settings.search, settings.naming.words
        )
        codes = search.run(seed, partial(stages.report, "codes"))
        return {"centres": centres, "codes": codes}

    def _book(
        self,
        number: int,
        places: Places,
        neighbours: int | None,
        named: Arrays,
        seed: int,
        stages: Stages,
    ) -> Arrays:
        """Returns a book: the first refines the named bits, others stand alone.

        Without neighbours it has no bits but the named ones.
        """
        settings, points, seed = self.books, places.points, seed + number
        if number == 0:
            centres, codes = named["centres"], named["codes"]
        else:
            k = min(settings.coarse, max(1, len(points) // 40))
            centres = _clustered(
                places, k, 1, seed, f"clusters of book {number + 1}", stages
            )
            codes = np.zeros((k, 0), np.uint8)
        coarse = (points @ centres.T).argmax(axis=1)
        texts = settings.texts_for(len(points))
        fine: list[np.ndarray] = []
        parents: list[int] = []
        clusters = np.empty(len(points), np.int64)
        for parent in range(len(centres)):
            mine = np.flatnonzero(coarse == parent)
            k = max(1, len(mine) // texts)
            found = (
                fine_clusters(places.of(mine), k, settings.rounds, seed)
                if len(mine)
                else centres[[parent]]
            )
            clusters[mine] = len(parents) + (points[mine] @ found.T).argmax(axis=1)
            fine.append(found)
            parents += [parent] * len(found)
            stages.report(f"centres of book {number + 1}", parent + 1, len(centres))
        of, parent_of = np.concatenate(fine), np.array(parents)
        book = {"centres": of, "cells": balanced_cells(of, settings.cell)}
        bits, own = codes.shape[1], BOOK - codes.shape[1]
        if neighbours is None:
            return {**book, "codes": codes[parent_of]}
        start = quantised(
            points - centres[coarse] if bits else points,
            of - centres[parent_of] if bits else of,
            own,
            seed,
        )
        sizes = np.bincount(clusters, minlength=len(of))
        middles = normalize(_means(places.seen, clusters, len(of)))
        shares = neighbour_shares(
            middles,
            sizes,
            neighbours,
            settings.exponent,
            partial(stages.report, f"neighbours of book {number + 1}"),
        )
        found_codes = descend(
            np.concatenate([codes[parent_of], start], axis=1),
            shares,
            sizes,
            frozen=bits,
            sweeps=settings.sweeps,
            seed=seed,
            on_step=partial(stages.report, f"bits of book {number + 1}"),
        )
        return {**book, "codes": found_codes}


@dataclass(frozen=True)
class Places:
    """Where texts are.

    Attributes:
        points: in the space, in which they are hashed, float32 [n, d].
        seen: where they are clustered: the same, or beside it the place that the
            user's embeddings give them, [n, any].
    """

    points: np.ndarray
    seen: np.ndarray

    def of(self, which: np.ndarray) -> Places:
        """Returns the places of some texts, int [m]."""
        return Places(self.points[which], self.seen[which])

    def sample(self, most: int, seed: int) -> Places:
        """Returns at most so many of them, drawn at random."""
        n = len(self.points)
        if n <= most:
            return self
        random = np.random.default_rng(seed)
        return self.of(np.sort(random.choice(n, most, replace=False)))

    def centres(self, clusters: np.ndarray) -> np.ndarray:
        """Returns the centres in the space of the clusters that are not empty, of
        length 1, float32 [k, d]."""
        there, clusters = np.unique(clusters, return_inverse=True)
        means = _means(self.points, clusters, len(there))
        return normalize(means).astype(np.float32)


def points_of(space: TopicSpace, rows: Csr) -> np.ndarray:
    """Returns the places of rows, float32 [n, dimensions]."""
    place = tf.function(space, reduce_retracing=True)
    return np.concatenate([place(batch).numpy() for batch in csr_dataset(rows, BATCH)])


def _numbered(number: int, book: Arrays) -> Arrays:
    return {f"{number}.{name}": array for name, array in book.items()}


def _means(points: np.ndarray, clusters: np.ndarray, k: int) -> np.ndarray:
    total = np.zeros((k, points.shape[1]))
    np.add.at(total, clusters, points)
    sizes = np.bincount(clusters, minlength=k)[:, np.newaxis]
    return total / np.maximum(sizes, 1)


def _clustered(
    places: Places, k: int, starts: int, seed: int, stage: str, stages: Stages
) -> np.ndarray:
    """Returns the centres of k-means, of length 1, float32 [k, d]."""
    random_state = np.random.RandomState(seed % 2**32)
    best: KMeans | None = None
    for start in range(starts):
        centres, _ = kmeans_plusplus(places.seen, k, random_state=random_state)
        for done in range(0, MOST_ROUNDS, ROUNDS):
            found = KMeans(k, init=centres, n_init=1, max_iter=ROUNDS).fit(places.seen)
            centres = found.cluster_centers_
            before = start * MOST_ROUNDS + done
            stages.report(stage, before + ROUNDS, starts * MOST_ROUNDS)
            if found.n_iter_ < ROUNDS:
                break
        if best is None or found.inertia_ < best.inertia_:
            best = found
    assert best is not None
    return places.centres(best.labels_)


def fine_clusters(places: Places, k: int, rounds: int, seed: int) -> np.ndarray:
    """Returns as many centres of length 1 as there are clusters, at most k."""
    k = min(k, len(np.unique(places.seen, axis=0)))
    kmeans = KMeans(k, n_init=1, max_iter=rounds, random_state=seed % 2**32)
    centres = places.centres(kmeans.fit(places.seen).labels_)
    # Only those that are nearest to a text.
    return centres[np.unique((places.points @ centres.T).argmax(axis=1))]
