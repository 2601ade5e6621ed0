from __future__ import annotations

import numpy as np
import scipy.sparse

from wish_tf.readable_numbers import counted, share
from wish_tf.report.charts import heat_map
from wish_tf.report.classes import Classes
from wish_tf.report.markup import Html, between, join, quoted, table, tag
from wish_tf.report.sections.section import Section
from wish_tf.report.source import Source

CLASSES, MISTAKES = 20, 8


def confusion(source: Source) -> Section:
    """Which classes share buckets."""
    title = "Confusion of classes by bucket"
    if source.classes is None:
        return Section(
            "confusion", title, "Missing, since the corpus has no labels.", ()
        )
    matrix, right = confused(source, source.classes)
    lead = (
        "Were each test document taken to be of the commonest class among the training "
        f"documents of its bucket, {share(right)} of them would be right. A row is a "
        "class, and says in percent which classes its documents would be taken for. A "
        "code has too few bits to tell many classes apart: what it confuses should be "
        "what a person would put together."
    )
    count = min(len(matrix), CLASSES)
    names = source.classes.names[:count]
    shown = matrix[:count, :count]
    rows = shown / np.maximum(matrix[:count].sum(axis=1, keepdims=True), 1e-12)
    contents = [
        heat_map(
            rows,
            names,
            names,
            label="Percent of each class's test documents, by their bucket's class",
            corner="class, bucket's class",
        )
    ]
    if count < len(matrix):
        more = counted(len(matrix) - count, "smaller class", "smaller classes")
        contents.append(tag("p", f"{more} are not shown.", class_="note"))
    mistakes = _mistakes(source.classes.names, matrix)
    if mistakes is not None:
        contents.append(mistakes)
    return Section("confusion", title, lead, tuple(contents))


def confused(source: Source, classes: Classes) -> tuple[np.ndarray, float]:
    """Counts test documents by their class and that of their bucket.

    A bucket's class is the commonest among its training documents; a code that none of
    these has belongs to the nearest bucket. A document with several labels counts a
    part for each, but as a whole for its bucket's class if that is one of them.

    Args:
        source: of the documents and their codes.
        classes: of the training documents.

    Returns:
        float [classes, classes], and the share of documents that have the class of
        their bucket, of those that have a label.
    """
    buckets = source.buckets
    members = classes.members(source.train.labels)
    n = len(source.train)
    in_bucket = scipy.sparse.csr_array(
        (np.ones(n, np.int64), (buckets.of_document, np.arange(n))),
        shape=(len(buckets.sizes), n),
    )
    bucket_class = np.asarray((in_bucket @ members).argmax(axis=1)).ravel()
    taken_for = bucket_class[buckets.nearest(source.test.numbers)]
    own = classes.members(source.test.labels).toarray()
    labelled = own.any(axis=1)
    own, taken_for = own[labelled], taken_for[labelled]
    right = own[np.arange(len(own)), taken_for] > 0
    parts = own / np.maximum(own.sum(axis=1, keepdims=True), 1)
    parts[right] = 0
    parts[right, taken_for[right]] = 1
    matrix = np.zeros((len(classes), len(classes)))
    np.add.at(matrix.T, taken_for, parts)
    return matrix, float(right.mean()) if len(right) else 0.0


def _mistakes(names: list[str], matrix: np.ndarray) -> Html | None:
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:MISTAKES]
    rows = []
    for place in order:
        row, column = np.unravel_index(place, wrong.shape)
        if wrong[row, column] > 0:
            part = wrong[row, column] / matrix[row].sum()
            pair = (quoted(names[row], 40), quoted(names[column], 40))
            rows.append((between(" taken for ", pair), share(part)))
    if not rows:
        return None
    head = ("class", "share of the class")
    return join(table(head, rows, caption="The most frequent confusions"))
