from __future__ import annotations

from wish_tf.readable_numbers import count, share
from wish_tf.report.charts import Line, line_chart
from wish_tf.report.markup import table, tag
from wish_tf.report.sections.section import Section, chart_box
from wish_tf.report.source import Source

NOT_MEASURED = "Not measured, since there are fewer than 100 documents to search."


def radius(source: Source) -> Section:
    """What a look-up within a Hamming distance finds."""
    title = "Precision against radius"
    retrieval = source.retrieval
    if retrieval is None:
        return Section("radius", title, NOT_MEASURED, ())
    bits = source.hasher.bits
    measured = [(r, *retrieval.within(r)) for r in range(bits + 1)]
    # Beyond the first radius that returns everything nothing changes.
    all_found = [row for row in measured if row[3] >= retrieval.documents]
    measured = measured[: measured.index(all_found[0]) + 1]
    lead = (
        f"{count(len(retrieval.found))} test documents, each looked up among "
        f"{count(retrieval.documents)} training documents: of what is within a Hamming "
        f"distance, the share that {relevant(source)}. Radius 0 is the bucket itself. "
        "A wider radius finds more, and less that belongs there."
    )
    ticks = range(0, len(measured), max(1, -(-len(measured) // 9)))
    precision = line_chart(
        [
            Line("precision", [(r, p) for r, p, *_ in measured if p is not None]),
            Line("chance", [(r, retrieval.chance) for r, *_ in measured]),
        ],
        title="Precision within a radius",
        description="Precision falls from "
        f"{measured[0][1] or 0:.3f} at radius 0 to chance, {retrieval.chance:.3f}.",
        x_name="radius, bits",
        y_name="",
        y=(0, 1),
        x_ticks=ticks,
    )
    found = line_chart(
        [Line("share", [(r, n / retrieval.documents) for r, *_, n in measured])],
        title="Share of the documents found within a radius",
        description=f"Radius 0 returns {share(measured[0][3] / retrieval.documents)}.",
        x_name="radius, bits",
        y_name="",
        y=(0, 1),
        x_ticks=ticks,
    )
    charts = tag(
        "div",
        chart_box("Precision", precision),
        chart_box("Share of the documents that is returned", found),
        class_="grid-of-charts",
    )
    rows = [
        (
            r,
            "none found" if p is None else f"{p:.3f}",
            share(some),
            count(n) if n >= 100 else f"{n:.1f}",
        )
        for r, p, some, n in measured
    ]
    head = ("radius", "precision", "queries that find any", "documents found, mean")
    numbers = table(head, rows, caption="What is found within each radius")
    return Section("radius", title, lead, (charts, numbers))


def relevant(source: Source) -> str:
    """Returns what makes a document relevant, as the end of a sentence."""
    if source.classes is None:
        return "are among the query's 100 nearest by tf-idf, as there are no labels"
    return "has a label of the query"
