from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from wish_tf.codes import code_strings
from wish_tf.readable_numbers import count, counted, share
from wish_tf.report.documents import Documents
from wish_tf.report.markup import Html, join, quoted, table, tag
from wish_tf.report.sections.section import Section
from wish_tf.report.source import Source
from wish_tf.report.strangeness import alone, lonely, misfits

SHOWN = 5


def strange(source: Source) -> Section:
    """Documents without a known word, alone in their bucket, or badly described."""
    lead = (
        "Documents that are unlike the rest. Look here for texts that should not be in "
        "the corpus, and for subjects that the bits do not speak of."
    )
    contents = (
        *_unknown(source),
        *_new_codes(source),
        *_alone(source),
        *_misfits(source),
    )
    return Section("strangest", "The strangest documents", lead, contents)


def _unknown(source: Source) -> Iterable[Html]:
    yield tag("h3", "Without a known word")
    for documents in (source.test, source.train):
        which = np.flatnonzero(documents.hashed.out_of_vocabulary)
        yield tag("p", f"{_of(which, documents)} {_has(which)} no known word.")
        if len(which):
            yield _listed(documents, which)


def _new_codes(source: Source) -> Iterable[Html]:
    which = lonely(source.test, source.buckets)
    yield tag("h3", "With a code that no training document has")
    said = f"{_of(which, source.test)} {_has(which)} such a code"
    yield tag("p", said, _as_far(source))
    if len(which):
        yield _listed(source.test, which, ("code", _code(source.test)))


def _alone(source: Source) -> Iterable[Html]:
    known = ~source.train.hashed.out_of_vocabulary
    which = alone(source.buckets, known)
    yield tag("h3", "Alone in their bucket")
    said = f"{_of(which, source.train)} {_has(which)} a bucket for themselves"
    yield tag("p", said, _as_far(source))
    if len(which):
        yield _listed(source.train, which, ("code", _code(source.train)))


def _misfits(source: Source) -> Iterable[Html]:
    cosines = misfits(source.test, source.train, source.hasher)
    known = int(np.isfinite(cosines).sum())
    yield tag("h3", "Unlike the others of their code")
    yield tag(
        "p",
        f"Of {counted(known, 'test document')} with the code of a training document, "
        "those whose words have least in common with the training documents of their "
        "code: the cosine of tf-idf to their mean.",
    )
    order = np.argsort(cosines, kind="stable")[:SHOWN]
    order = order[np.isfinite(cosines[order])]
    if len(order):
        yield _listed(
            source.test, order, ("cosine", lambda place: f"{cosines[place]:.2f}")
        )


def _of(which: np.ndarray, documents: Documents) -> str:
    total = counted(len(documents), f"{documents.part} document")
    return f"{count(len(which))} of {total} ({share(len(which) / len(documents))})"


def _as_far(source: Source) -> str:
    return ", as far as the sample tells." if source.train.sampled else "."


def _has(which: np.ndarray) -> str:
    return "has" if len(which) == 1 else "have"


def _code(documents: Documents) -> Callable[[int], Html]:
    return lambda place: tag("code", *code_strings(documents.codes[[place]]))


def _listed(
    documents: Documents,
    which: np.ndarray,
    also: tuple[str, Callable[[int], object]] | None = None,
) -> Html:
    """Returns a table of the first documents of some."""
    rows = []
    for place in which[:SHOWN].tolist():
        text = documents.corpus.texts[place]
        shown = quoted(text, 140) if text.strip() else tag("i", "an empty text")
        cells: list[object] = [quoted(documents.corpus.ids[place], 60)]
        if also is not None:
            cells.append(also[1](place))
        rows.append((*cells, shown))
    head = ("document", *([also[0]] if also else []), "text")
    return join(table(head, rows))
