"""Documents that stand out: slow to hash, or unlike the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from scipy.sparse import csr_array
from sklearn.preprocessing import normalize

from wish_tf.codes import code_strings
from wish_tf.readable_numbers import UNIT, count, counted, share
from wish_tf.report.markup import Html, Section, quoted, table, tag
from wish_tf.report.source import Buckets, Documents, Source
from wish_tf.text_hasher import TextHasher

MEASURED, SHOWN, REPEATS = 20, 5, 5


def slow(source: Source) -> Section:
    """The documents that take longest to hash."""
    # One of each part would hide which is slow; test documents are new to the model.
    documents = source.test.corpus
    places, seconds, middle, usual = slowest(
        documents.texts, source.hasher.hash, MEASURED
    )
    length = counted(len(documents.texts[middle]), "character")
    lead = (
        f"Measured when this page was made, on that machine: the {len(places)} longest "
        f"of {counted(len(documents), 'test document')} were hashed one at a time, "
        f"{REPEATS} times each, and the median counts. A document of median length "
        f"({length}) took {_milliseconds(usual)}. Texts that are hashed together take "
        "much less each."
    )
    rows = [
        (
            quoted(documents.ids[place], 60),
            _milliseconds(taken),
            f"{taken / usual:.1f}",
            count(len(documents.texts[place])),
            quoted(documents.texts[place], 90),
        )
        for place, taken in zip(places[:SHOWN], seconds[:SHOWN], strict=True)
    ]
    head = ("document", "time", "times the median document", "characters", "beginning")
    shown = table(head, rows, caption=f"The {len(rows)} slowest documents")
    return Section("slowest", "The slowest documents", lead, (shown,))


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2f}{UNIT}ms"


def slowest(
    texts: Sequence[str], hash_texts: Callable[[list[str]], object], longest: int
) -> tuple[list[int], list[float], int, float]:
    """Measures the longest texts, each alone, and one of median length beside them.

    Args:
        texts: at least one document.
        hash_texts: hashes texts.
        longest: how many of the longest are measured.

    Returns:
        Their places, the slowest first, and the median of 5 calls with each alone, in
        seconds; the place and the seconds of the text of median length.
    """

    def timed(place: int) -> float:
        seconds = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            hash_texts([texts[place]])
            seconds.append(time.perf_counter() - started)
        return float(np.median(seconds))

    order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
    # The first call of all is slower, whatever the text.
    hash_texts([texts[order[0]]])
    taken = {place: timed(place) for place in order[:longest]}
    places = sorted(taken, key=lambda place: -taken[place])
    middle = order[len(order) // 2]
    return places, [taken[place] for place in places], middle, timed(middle)


def strange(source: Source) -> Section:
    """Documents without a known word, alone in their bucket, or badly described."""
    lead = (
        "Documents that are unlike the rest. Look here for texts that should not be in "
        "the corpus, and for subjects that the bits do not speak of."
    )
    name, title = "strangest", "The strangest documents"
    return Section(name, title, lead, tuple(_strange(source)))


def _strange(source: Source) -> Iterable[Html]:
    train, test = source.train, source.test
    yield tag("h3", "Without a known word")
    for documents in (test, train):
        which = np.flatnonzero(documents.hashed.out_of_vocabulary)
        yield from _listed(documents, which, "no known word.")
    end = ", as far as the sample tells." if train.sampled else "."
    yield tag("h3", "With a code that no training document has")
    yield from _listed(test, lonely(test, source.buckets), f"such a code{end}", "code")
    yield tag("h3", "Alone in their bucket")
    which = train.known[
        source.buckets.sizes[source.buckets.of_document][train.known] == 1
    ]
    yield from _listed(train, which, f"a bucket for themselves{end}", "code")
    cosines = misfits(test, train, source.hasher)
    known = int(np.isfinite(cosines).sum())
    yield tag("h3", "Unlike the others of their code")
    yield tag(
        "p",
        f"Of {counted(known, 'test document')} with the code of a training document, "
        "those whose words have least in common with the training documents of their "
        "code: the cosine of tf-idf to their mean.",
    )
    # What is NaN is last.
    which = np.argsort(cosines, kind="stable")[: min(SHOWN, known)]
    if len(which):
        yield _table(test, which, "cosine", [f"{cosines[i]:.2f}" for i in which])


def _listed(
    documents: Documents, which: np.ndarray, have: str, also: str = ""
) -> Iterable[Html]:
    """Says how many documents have something, and shows the first of them."""
    total = counted(len(documents), f"{documents.part} document")
    said = f"{count(len(which))} of {total} ({share(len(which) / len(documents))})"
    yield tag("p", f"{said} {'has' if len(which) == 1 else 'have'} {have}")
    if len(which):
        codes = code_strings(documents.codes[which[:SHOWN]])
        yield _table(documents, which[:SHOWN], also, [tag("code", x) for x in codes])


def _table(
    documents: Documents, which: np.ndarray, also: str, cells: Sequence[object]
) -> Html:
    """Returns a table of documents, with a column more if it has a name."""
    rows = []
    for place, cell in zip(which.tolist(), cells, strict=True):
        text = documents.corpus.texts[place]
        shown = quoted(text, 140) if text.strip() else tag("i", "an empty text")
        name = quoted(documents.corpus.ids[place], 60)
        rows.append((name, cell, shown) if also else (name, shown))
    return table(("document", *([also] if also else []), "text"), rows)


def lonely(queries: Documents, buckets: Buckets) -> np.ndarray:
    """Returns which documents have a code that no document of the buckets has.

    Args:
        queries: n documents.
        buckets: those of other documents.

    Returns:
        Positions, int [m], the farthest from any bucket first. Documents without a
        known word, whose codes mean nothing, are not among them.
    """
    known = queries.known
    numbers = queries.numbers[known]
    nearest = buckets.codes[buckets.nearest(numbers)]
    distance = np.bitwise_count(numbers ^ nearest)
    order = np.argsort(-distance.astype(np.int64), kind="stable")
    return np.asarray(known[order[distance[order] > 0]])


def misfits(documents: Documents, others: Documents, hasher: TextHasher) -> np.ndarray:
    """Returns how unlike the others of its code each document is.

    It is the cosine of its tf-idf row and the mean row of the other documents with
    its code.

    Args:
        documents: n documents.
        others: those of the buckets.
        hasher: that of the codes.

    Returns:
        Float64 [n]; NaN for documents without a known word, and where nothing has
        their code.
    """
    n = len(others)
    _, codes = np.unique(
        np.concatenate([others.numbers, documents.numbers]), return_inverse=True
    )
    theirs, own = codes[:n], codes[n:]
    members = csr_array((np.ones(n), (theirs, np.arange(n))), (codes.max() + 1, n))
    buckets = normalize(members @ others.rows(hasher))
    rows = normalize(documents.rows(hasher))
    cosines = np.asarray(rows.multiply(buckets[own]).sum(axis=1)).ravel()
    nowhere = documents.hashed.out_of_vocabulary | ~np.isin(own, theirs)
    return np.where(nowhere, np.nan, cosines)
