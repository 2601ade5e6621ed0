"""What codes find, and how good that is."""

from __future__ import annotations

import numpy as np

from wish_tf.metrics.yardstick import MEASURES, Yardstick
from wish_tf.readable_numbers import count, figure, share
from wish_tf.report.charts import line_chart
from wish_tf.report.markup import Section, chart_box, table, tag
from wish_tf.report.source import Source

NOT_MEASURED = "Not measured, since there are fewer than 100 documents to search."
LARGEST, STEPS = 1000, 40
SHOWN = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
ASKS = {
    "precision_at_1": "has the nearest document a label of the query?",
    "precision_at_10": "and how many of the ten nearest?",
    "precision_at_100": "of the hundred nearest?",
    "precision_at_1000": "of the thousand nearest?",
    "mean_average_precision": "do all documents with its label come before the others?",
    "neighbour_recall_at_100": "how many of the ten nearest by tf-idf are found there?",
    "neighbour_recall_at_1000": "and there?",
    "distinct_codes": "how many codes have training documents?",
    "code_entropy": "to how many bits of evenly used codes does that come?",
    "mean_bucket": "how many have the code of a random document, itself included?",
    "readability": "do the ten words of a bit go together, and are they all different?",
    "train_readability": "and in the documents that they were found in?",
    "fidelity": "has a document with the bit more of its words? 0.5 says nothing",
    "least_fidelity": "of the bit whose words say least",
    "share_on": "in how many test documents is a bit on, on average?",
    "bit_correlation": "do two bits repeat each other? 1 where they do",
}


def radius(source: Source) -> Section:
    """What a look-up within a Hamming distance finds."""
    title, retrieval = "Precision against radius", source.retrieval
    if retrieval is None:
        return Section("radius", title, NOT_MEASURED)
    documents, chance = retrieval.documents, retrieval.chance
    measured = []
    for r in range(source.hasher.bits + 1):
        measured.append((r, *retrieval.within(r)))
        # Beyond the first radius that returns everything nothing changes.
        if measured[-1][3] >= documents:
            break
    lead = (
        f"{count(len(retrieval.found))} test documents, each looked up among "
        f"{count(documents)} training documents: of what is within a Hamming "
        f"distance, the share that {_relevant(source)}. Radius 0 is the bucket itself. "
        "A wider radius finds more, and less that belongs there."
    )
    ticks = range(0, len(measured), max(1, -(-len(measured) // 9)))
    precision = line_chart(
        [
            ("precision", [(r, p) for r, p, *_ in measured if p is not None]),
            ("chance", [(r, chance) for r, *_ in measured]),
        ],
        title="Precision within a radius",
        description="Precision falls from "
        f"{measured[0][1] or 0:.3f} at radius 0 to chance, {chance:.3f}.",
        x_name="radius, bits",
        y=(0, 1),
        x_ticks=ticks,
    )
    found = line_chart(
        [("share", [(r, n / documents) for r, *_, n in measured])],
        title="Share of the documents found within a radius",
        description=f"Radius 0 returns {share(measured[0][3] / documents)}.",
        x_name="radius, bits",
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


def _relevant(source: Source) -> str:
    """Returns what makes a document relevant, as the end of a sentence."""
    if source.classes is None:
        return "are among the query's 100 nearest by tf-idf, as there are no labels"
    return "has a label of the query"


def curve(source: Source) -> Section:
    """Prec@k for k from 1 to 1000."""
    title = "Prec@k" if source.classes is not None else "Neighbour overlap@k"
    retrieval = source.retrieval
    if retrieval is None:
        return Section("curve", title, NOT_MEASURED)
    most = min(LARGEST, retrieval.documents)
    shown = [k for k in SHOWN if k <= most]
    steps = np.geomspace(1, most, STEPS).round().astype(int).tolist()
    values = {k: float(retrieval.precisions(k).mean()) for k in {*steps, *shown}}
    lines = [(title, [(k, values[k]) for k in sorted(set(steps))])]
    levels = {"chance": retrieval.chance, "always the commonest class": source.majority}
    for name, level in levels.items():
        if level is not None:
            lines.append((name, [(1, level), (most, level)]))
    lead = (
        f"Of the k training documents nearest to a test document, the share that "
        f"{_relevant(source)}; mean over {count(len(retrieval.found))} test documents. "
        "Where documents at the same distance do not all fit into the k, each of them "
        "counts for the chance that it is drawn, so their order does not matter."
    )
    chance = retrieval.chance
    chart = line_chart(
        lines,
        title=f"{title} by k",
        description=f"It is {values[1]:.3f} at k = 1 and {values[shown[-1]]:.3f} at "
        f"k = {shown[-1]}; chance is {chance:.3f}.",
        x_name="k, logarithmic",
        y=(0, 1),
        log_x=most > 1,
    )
    rows = [
        (count(k), f"{values[k]:.3f}", f"{values[k] / chance:.1f}" if chance else "")
        for k in shown
    ]
    numbers = table(("k", title, "times chance"), rows)
    beside = tag("div", chart_box(title, chart), numbers, class_="beside")
    return Section("curve", title, lead, (beside,))


def measures(source: Source) -> Section:
    """All that `wish-tf evaluate` measures."""
    train, test = source.train, source.test
    rows = train.rows(source.hasher), test.rows(source.hasher)
    yardstick = Yardstick(*rows, train.corpus.labels, test.corpus.labels)
    found = yardstick.measures(train.codes, test.codes)
    lead = (
        "Test documents are looked up among the training documents. Where documents "
        "are equally near, each counts for the chance that it is drawn. Readability "
        "and what follows are of the first eight bits, by the ten words that tell each "
        "best."
    )
    said = [
        (name, figure(found[key]), ASKS[key])
        for key, name in MEASURES.items()
        if found[key] is not None
    ]
    made = table(("measure", "value", "what it asks"), said)
    return Section("measures", "All measures", lead, (made,))
