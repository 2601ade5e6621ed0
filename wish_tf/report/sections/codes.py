"""How documents spread over codes, and which classes share them."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from wish_tf.codes import code_strings, int_to_codes
from wish_tf.metrics import code_statistics
from wish_tf.readable_numbers import count, counted, share
from wish_tf.report.charts import Group, column_chart, heat_map, scatter_chart
from wish_tf.report.markup import (
    Html,
    Section,
    between,
    chart_box,
    join,
    note,
    quoted,
    table,
    tag,
)
from wish_tf.report.source import Classes, Source, sampled

COLUMNS, ROWS, EXAMPLE = 100, 12, 90
BUCKET_CLASSES, CONFUSED_CLASSES, MISTAKES = 3, 20, 8
POINTS, GROUPS = 2000, 8


def code_usage(source: Source) -> Section:
    """How documents spread over codes."""
    buckets, bits = source.buckets, source.hasher.bits
    used, n = len(buckets.codes), len(source.train)
    entropy = code_statistics(source.train.codes).code_entropy
    lead = (
        f"Documents with the same code are one bucket. The {count(n)} training "
        f"documents are in {counted(used, 'bucket')}, as different as if "
        f"{count(round(2**entropy))} were used equally (the entropy of the codes is "
        f"{entropy:.2f} of {bits} bits)."
    )
    shown = buckets.sizes[:COLUMNS].tolist()
    halves = int(np.searchsorted(np.cumsum(buckets.sizes), n / 2)) + 1
    largest = "largest bucket" if halves == 1 else f"{count(halves)} largest buckets"
    half = f"Half of the documents are in the {largest}."
    heading = "Buckets by size"
    if used > COLUMNS:
        heading += f", the largest {COLUMNS} of {count(used)}"
    chart = column_chart(
        shown,
        title=heading,
        description=f"the largest has {counted(shown[0], 'document')}, the last one "
        f"shown {count(shown[-1])}. {half}",
        x_name="bucket, by size",
        y_name="documents",
    )
    box = chart_box(heading, chart, tag("p", half))
    contents = (tag("div", box, class_="beside"), _largest(source))
    return Section("codes", "Use of the codes", lead, contents)


def _largest(source: Source) -> Html:
    buckets, train = source.buckets, source.train
    codes = int_to_codes(buckets.codes[:ROWS], source.hasher.bits)
    rows = []
    for number, code in enumerate(code_strings(codes)):
        members = np.flatnonzero(buckets.of_document == number)
        size = f"{count(len(members))} ({share(len(members) / len(train))})"
        read = tag("bdi", source.hasher.read(codes[number]))
        cells: list[object] = [tag("code", code), size, read]
        if source.classes is not None:
            labels = [train.labels[i] for i in members]
            cells.append(_commonest(source.classes, labels))
        rows.append((*cells, quoted(train.corpus.texts[members[0]], EXAMPLE)))
    classes = () if source.classes is None else ("classes",)
    head = ("code, bit 0 first", "documents", "topics", *classes, "for instance")
    return table(head, rows, caption=f"The {len(rows)} largest buckets")


def _commonest(classes: Classes, labels: list[tuple[str, ...]]) -> Html:
    sizes = np.asarray(classes.members(labels).sum(axis=0)).ravel()
    said = [
        join(quoted(classes.names[i], 30), f" {share(sizes[i] / len(labels))}")
        for i in np.argsort(-sizes, kind="stable")[:BUCKET_CLASSES]
        if sizes[i]
    ]
    return between(tag("br"), said)


def confusion(source: Source) -> Section:
    """Which classes share buckets."""
    name, title = "confusion", "Confusion of classes by bucket"
    if source.classes is None:
        return Section(name, title, "Missing, since the corpus has no labels.")
    matrix, right = confused(source, source.classes)
    lead = (
        "Were each test document taken to be of the commonest class among the training "
        f"documents of its bucket, {share(right)} of them would be right. A row is a "
        "class, and says in percent which classes its documents would be taken for. A "
        "code has too few bits to tell many classes apart: what it confuses should be "
        "what a person would put together."
    )
    most = min(len(matrix), CONFUSED_CLASSES)
    names = source.classes.names[:most]
    sums = np.maximum(matrix[:most].sum(axis=1, keepdims=True), 1e-12)
    heat = heat_map(
        matrix[:most, :most] / sums,
        names,
        names,
        label="Percent of each class's test documents, by their bucket's class",
        corner="class, bucket's class",
    )
    more = counted(len(matrix) - most, "smaller class", "smaller classes")
    left = note(f"{more} are not shown.") if len(matrix) > most else None
    mistakes = _mistakes(source.classes.names, matrix)
    return Section(name, title, lead, (heat, left, mistakes))


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
    buckets, n = source.buckets, len(source.train)
    in_bucket = csr_array(
        (np.ones(n, np.int64), (buckets.of_document, np.arange(n))),
        shape=(len(buckets.sizes), n),
    )
    members = in_bucket @ classes.members(source.train.labels)
    bucket_class = np.asarray(members.argmax(axis=1)).ravel()
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
    rows = []
    for place in np.argsort(-wrong, axis=None, kind="stable")[:MISTAKES]:
        row, column = np.unravel_index(place, wrong.shape)
        if wrong[row, column] > 0:
            part = wrong[row, column] / matrix[row].sum()
            pair = (quoted(names[row], 40), quoted(names[column], 40))
            rows.append((between(" taken for ", pair), share(part)))
    head = ("class", "share of the class")
    return table(head, rows, caption="The most frequent confusions") if rows else None


def picture(source: Source) -> Section:
    """The codes in a plane."""
    name, title = "picture", "Picture of the codes"
    shown = sampled(source.train.known, POINTS)
    if not len(shown):
        return Section(name, title, "No document has a known word.")
    plane, explained = principal_plane(source.train.hashed.probabilities[shown])
    first, second = explained.tolist()
    lead = (
        f"Each point is a training document ({count(len(shown))} of "
        f"{count(source.train.total)}): the probabilities of its bits, seen from where "
        "they differ most (principal components). Documents of one bucket lie on one "
        f"spot. The plane shows {share(first + second)} of how documents differ, so "
        "what is near here may be far in a direction that is not seen."
    )
    groups = _groups(source, shown, plane)
    middles = ", ".join(f"{group.name} {_middle(group)}" for group in groups)
    chart = scatter_chart(
        groups,
        title="Codes of documents in the plane of their two principal components",
        description=f"The middle of each group: {middles}.",
        x_name=f"first component, {share(first)}",
        y_name=f"second component, {share(second)}",
    )
    contents = [chart_box("Principal components of the bits' probabilities", chart)]
    if len(groups) > 1:
        rows = [
            (quoted(group.name, 40), count(len(group.points)), _middle(group))
            for group in groups
        ]
        contents.append(table(("class", "points", "middle"), rows))
    return Section(name, title, lead, (tag("div", *contents, class_="beside"),))


def _groups(source: Source, shown: np.ndarray, plane: np.ndarray) -> list[Group]:
    if source.classes is None:
        return [Group(0, "documents", plane)]
    labels = [source.train.labels[place] for place in shown]
    members = source.classes.members(labels)[:, :GROUPS].toarray()
    # A document with several labels is shown as one of its commonest.
    number = np.where(members.any(axis=1), members.argmax(axis=1), -1)
    groups = [Group(None, "other classes", plane[number < 0])]
    groups += [
        Group(i, name, plane[number == i])
        for i, name in enumerate(source.classes.names[:GROUPS])
    ]
    return [group for group in groups if len(group.points)]


def _middle(group: Group) -> str:
    # Adding 0.0 turns the -0.0 of rounding into 0.0.
    x, y = np.mean(group.points, axis=0).round(1) + 0.0
    return f"({x:.1f}, {y:.1f})".replace("-", "−")


def principal_plane(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Projects points onto the two directions in which they differ most.

    Principal component analysis (Pearson, 1901). The sign of a direction is free: it
    is the one with which its largest coordinate is positive, so that the picture is
    always the same.

    Args:
        points: float [n, d].

    Returns:
        Coordinates, float64 [n, 2], and the share of the variance along each of the
        two, float64 [2]; zeros where points do not differ.
    """
    points = np.asarray(points, np.float64)
    centred = points - points.mean(axis=0)
    # d is the number of bits: the covariance is small, whatever n is.
    variances, axes = np.linalg.eigh(centred.T @ centred)
    variances = np.maximum(variances[::-1], 0)
    axes = axes[:, ::-1][:, :2]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    plane, explained = np.zeros((len(points), 2)), np.zeros(2)
    if variances.sum() > 1e-12:
        plane[:, : axes.shape[1]] = centred @ axes
        explained[: axes.shape[1]] = variances[:2] / variances.sum()
    return plane, explained
