from __future__ import annotations

import numpy as np

from wish_tf.codes import code_strings, int_to_codes
from wish_tf.metrics import code_statistics
from wish_tf.readable_numbers import count, counted, share
from wish_tf.report.charts import column_chart
from wish_tf.report.classes import Classes
from wish_tf.report.markup import Html, between, join, quoted, table, tag
from wish_tf.report.sections.section import Section, chart_box
from wish_tf.report.source import Source

COLUMNS, ROWS = 100, 12
CLASSES, EXAMPLE = 3, 90


def code_usage(source: Source) -> Section:
    """How documents spread over codes."""
    buckets, bits = source.buckets, source.hasher.bits
    used, n = len(buckets.codes), len(source.train)
    statistics = code_statistics(source.train.codes)
    even = 2**statistics.code_entropy
    lead = (
        f"Documents with the same code are one bucket. The {count(n)} training "
        f"documents are in {counted(used, 'bucket')}, as different as if "
        f"{count(round(even))} were used equally (the entropy of the codes is "
        f"{statistics.code_entropy:.2f} of {bits} bits)."
    )
    shown = buckets.sizes[:COLUMNS].tolist()
    largest = f"the largest has {counted(shown[0], 'document')}"
    halves = int(np.searchsorted(np.cumsum(buckets.sizes), n / 2)) + 1
    half = (
        "Half of the documents are in the largest bucket."
        if halves == 1
        else f"Half of the documents are in the {count(halves)} largest buckets."
    )
    heading = "Buckets by size"
    if used > COLUMNS:
        heading += f", the largest {COLUMNS} of {count(used)}"
    chart = column_chart(
        shown,
        title=heading,
        description=f"{largest}, the last one shown {count(shown[-1])}. {half}",
        x_name="bucket, by size",
        y_name="documents",
    )
    return Section(
        "codes",
        "Use of the codes",
        lead,
        (
            tag("div", chart_box(heading, chart, tag("p", half)), class_="beside"),
            _largest(source),
        ),
    )


def _largest(source: Source) -> Html:
    buckets, n = source.buckets, len(source.train)
    codes = int_to_codes(buckets.codes[:ROWS], source.hasher.bits)
    strings = code_strings(codes)
    rows = []
    for number, code in enumerate(strings):
        members = np.flatnonzero(buckets.of_document == number)
        size = len(members)
        read = source.hasher.read(codes[number])
        cells = [
            tag("code", code),
            f"{count(size)} ({share(size / n)})",
            tag("bdi", read),
        ]
        if source.classes is not None:
            cells.append(
                _classes(source.classes, [source.train.labels[i] for i in members])
            )
        cells.append(quoted(source.train.corpus.texts[members[0]], EXAMPLE))
        rows.append(tuple(cells))
    head = ["code, bit 0 first", "documents", "topics", "for instance"]
    if source.classes is not None:
        head.insert(3, "classes")
    return table(tuple(head), rows, caption=f"The {len(rows)} largest buckets")


def _classes(classes: Classes, labels: list[tuple[str, ...]]) -> Html:
    sizes = np.asarray(classes.members(labels).sum(axis=0)).ravel()
    order = np.argsort(-sizes, kind="stable")[:CLASSES]
    said = [
        join(quoted(classes.names[i], 30), f" {share(sizes[i] / len(labels))}")
        for i in order
        if sizes[i]
    ]
    return between(tag("br"), said)
