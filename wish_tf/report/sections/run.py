"""What was trained on, how the training went, and what an export says of itself."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from wish_tf.metrics.yardstick import BY_LABELS
from wish_tf.readable_numbers import count, counted, figure, share
from wish_tf.report.charts import bar_table, from_zero, line_chart
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
from wish_tf.report.source import Source
from wish_tf.saved_model.model_card import make_model_card

CLASSES = 25
# Column of history.csv, what it is called, and what there is to see in it.
CURVES = {
    "loss": ("Loss", "What training makes small. It falls, steeply at first."),
    "objective": (
        "Objective",
        "Likelihood less KL, or less the cross-entropy to the codes that were found "
        "before; larger is better.",
    ),
    "distinct_codes": ("Codes in use", "One code means that training has collapsed."),
    "bit_entropy": (
        "Entropy of a bit, mean",
        "1 is a bit that is on for half of the documents, 0 a dead one.",
    ),
    "dead_bits": ("Dead bits", "Bits that are the same for all documents."),
    "precision_at_100": (
        "Prec@100",
        "Share of the query's label among the 100 nearest documents.",
    ),
}
# Of a model card, what is in the sections above, or concerns an export alone.
LEFT_OUT = ("null_means", "words_of_each_bit", "exported_with", "date")


def corpus(source: Source) -> Section:
    """What was trained on, and how it was divided."""
    config = source.config
    total = sum(part.total for part in source.parts)
    split = f"at random by seed {config.seed}"
    if config.split == "reference":
        split = "the split of the paper's code"
    # What the validation documents were used for.
    chosen = ", chose its epoch on the validation documents"
    if config.epoch_by in (None, "last"):
        chosen = ""
    elif config.epoch_by in BY_LABELS:
        chosen = ", chose its epoch by the labels of the validation documents"
    drawn = config.limit is not None and config.limit <= total
    vocabulary = source.hasher.model_.vectorization.vocabulary
    lead = join(
        quoted(Path(config.corpus).name, 80),
        f": {counted(total, 'document')}{', a random sample' * drawn}, divided "
        f"{split}. The model learned from the training documents alone"
        f"{chosen} and is measured on the test documents, which it "
        f"has never seen. It knows {counted(len(vocabulary), 'term')}.",
    )
    notes = [
        f"Of the {count(part.total)} {part.part} documents this page looks at a sample "
        f"of {count(len(part))}, always the same."
        for part in source.parts
        if part.sampled
    ]
    if source.changed:
        trained = source.metrics["test"]["documents"]
        notes.append(
            "The corpus has changed since the training, which had "
            f"{count(trained['database'])} training and {count(trained['queries'])} "
            "test documents. What this page measures is measured on the documents of "
            "now, some of which may have been trained on; the model card keeps the "
            "figures of the training."
        )
    beside = tag("div", _parts(source), _classes(source), class_="beside")
    return Section("corpus", "Corpus and split", lead, (*map(note, notes), beside))


def _parts(source: Source) -> Html:
    rows = []
    for part in source.parts:
        words = [len(text.split()) for text in part.corpus.texts]
        median, most = np.percentile(words, [50, 90]).tolist()
        unknown = len(part) - len(part.known)
        without = f"{count(unknown)} ({share(unknown / len(part))})"
        rows.append((part.part, count(part.total), count(median), count(most), without))
    head = (
        "part",
        "documents",
        "words, median",
        "words, 9 of 10 have fewer",
        "without a known word",
    )
    return table(head, rows, caption="The parts of the corpus")


def _classes(source: Source) -> Html:
    classes = source.classes
    if classes is None:
        return note(
            "The corpus has no labels. So there are no classes on this page, and what "
            "codes find is compared with the nearest documents by tf-idf instead."
        )
    n, most = len(source.train), CLASSES
    sizes = zip(classes.names[:most], classes.sizes[:most].tolist(), strict=True)
    bars = bar_table(
        [
            (quoted(x, 40), size, f"{count(size)} ({share(size / n)})")
            for x, size in sizes
        ],
        label="Classes of the training documents, used for measuring only",
        head=("class", "documents"),
    )
    more = counted(len(classes) - most, "smaller class", "smaller classes")
    return tag("div", bars, tag("p", f"And {more}.") if len(classes) > most else None)


def learning(source: Source) -> Section:
    """How the training went."""
    name, title = "learning", "Learning curves"
    like = source.metrics.get("like")
    kept = _kept(like) if like and like["documents"] else ""
    if not source.config.recipe["fit"]:
        lead = (
            "There are no epochs: this recipe finds clusters of the training documents "
            "and gives them codes. "
        )
        return Section(name, title, lead + kept)
    history, chosen = source.history, source.metrics.get("epoch")
    lead = (
        f"An epoch is one pass over the training documents; there were {len(history)}"
        + (f", and the weights of epoch {chosen} count. " if chosen else ". ")
        + "Values of training are taken while the weights change and under dropout, "
        "if the recipe has it; validation documents are measured after each epoch."
        + kept
    )
    charts = [
        _chart(history, column, chosen, source.hasher.bits)
        for column in CURVES
        if any(name in row for row in history for name in (column, f"val_{column}"))
    ]
    if not charts:
        return Section(name, title, lead, (note("The run has kept no curve."),))
    columns = [name for name in history[0] if name != "epoch"]
    rows = [
        (number, *(figure(row[name]) if name in row else "" for name in columns))
        for number, row in enumerate(history, 1)
    ]
    caption = "What was measured each epoch"
    numbers = table(("epoch", *columns), rows, caption=caption)
    shown = tag("details", tag("summary", "All epochs as a table"), numbers)
    grid = tag("div", *charts, class_="grid-of-charts")
    return Section(name, title, lead, (grid, shown))


def _kept(like: dict[str, Any]) -> str:
    """Says how far the codes are those of the model that the run was to agree with."""
    kept = (
        f" The run was to keep the codes of an older model: "
        f"{like['equal_codes']:.1%} of the {like['documents']} training documents "
        f"that both know have the same code, and on average "
        f"{like['mean_distance']:.2f} bits differ."
    )
    if like["precision_at_100"] is not None:
        kept += (
            " Prec@100 of new codes of the test documents among old codes is "
            f"{like['precision_at_100']:.3f}."
        )
    return kept


def _chart(
    history: list[dict[str, float]], column: str, chosen: int | None, bits: int
) -> Html:
    name, meaning = CURVES[column]
    lines = []
    for of, key in (("training", column), ("validation", f"val_{column}")):
        points = [
            (number, row[key])
            for number, row in enumerate(history, 1)
            if math.isfinite(row.get(key, math.nan))
        ]
        if points:
            lines.append((of, points))
    if not lines:
        return chart_box(name, note("No epoch has a finite value."))
    # The ends of the vertical axis, where they are given by what it shows.
    y: tuple[float, float] | None = None
    if column in ("bit_entropy", "dead_bits"):
        y = (0, 1 if column == "bit_entropy" else bits)
    elif column not in ("loss", "objective"):
        y = from_zero([value for _, points in lines for _, value in points])
    step = max(1, math.ceil(len(history) / 8))
    last = ", ".join(f"{of} {figure(points[-1][1])}" for of, points in lines)
    chart = line_chart(
        lines,
        title=f"{name} by epoch",
        description=f"At the end: {last}. {meaning}",
        x_name="epoch",
        x_ticks=range(step, len(history) + 1, step),
        y=y,
        marked=(chosen, "this epoch counts") if chosen and len(history) > 1 else None,
    )
    return chart_box(name, chart, tag("p", meaning))


def card(source: Source) -> Section:
    """What an export of this model says of itself."""
    facts = make_model_card(source.hasher.model_, source.folder)
    lead = (
        "What goes with every export of this model, as it was measured when training "
        "ended. The hashes tell whether another model is this one."
    )
    kept = {name: value for name, value in facts.items() if name not in LEFT_OUT}
    return Section("card", "The model card", lead, (_value(kept),))


def _value(value: Any) -> Html:
    if isinstance(value, dict):
        facts = (
            tag("div", tag("dt", name.replace("_", " ")), tag("dd", _value(own)))
            for name, own in value.items()
        )
        return tag("dl", *facts)
    if isinstance(value, list):
        return between(", ", map(_value, value))
    if value is None:
        return tag("i", "not known")
    if isinstance(value, bool):
        return tag("span", "yes" if value else "no")
    if isinstance(value, float):
        return tag("span", f"{value:.4g}")
    return tag("bdi", value)
