from __future__ import annotations

import math
from typing import Any

from wish_tf.readable_numbers import figure
from wish_tf.report.charts import Line, from_zero, line_chart
from wish_tf.report.markup import Html, table, tag
from wish_tf.report.sections.section import Section, chart_box, figures
from wish_tf.report.source import Source

# Column of history.csv, what it is called, and what there is to see in it.
CURVES = {
    "loss": ("Loss", "What training makes small. It falls, steeply at first."),
    "objective": (
        "Objective",
        "Likelihood less KL, or less the cross-entropy to the codes that were found "
        "before; larger is better.",
    ),
    "distinct_codes": (
        "Codes in use",
        "One code means that training has collapsed.",
    ),
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


def learning(source: Source) -> Section:
    """How the training went."""
    like = source.metrics.get("like")
    kept = _kept(like) if like and like["documents"] else ""
    if not source.config.recipe["fit"]:
        lead = (
            "There are no epochs: this recipe finds clusters of the training documents "
            "and gives them codes. "
        )
        return Section("learning", "Learning curves", lead + kept, ())
    history, chosen = source.history, source.metrics.get("epoch")
    lead = (
        f"An epoch is one pass over the training documents; there were {len(history)}"
        + (f", and the weights of epoch {chosen} count. " if chosen else ". ")
        + "Values of training are taken while the weights change and under dropout, "
        "if the recipe has it; validation documents are measured after each epoch."
    )
    charts = [
        _chart(history, column, chosen, source.hasher.bits, *said)
        for column, said in CURVES.items()
        if any(name in row for row in history for name in (column, f"val_{column}"))
    ]
    lead += kept
    if not charts:
        return Section("learning", "Learning curves", lead, (_nothing(),))
    numbers = figures("All epochs as a table", _table(history))
    return Section(
        "learning",
        "Learning curves",
        lead,
        (tag("div", *charts, class_="grid-of-charts"), numbers),
    )


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


def _nothing() -> Html:
    return tag("p", "The run has kept no curve.", class_="note")


def _chart(
    history: list[dict[str, float]],
    column: str,
    chosen: int | None,
    bits: int,
    name: str,
    meaning: str,
) -> Html:
    lines = []
    for of, key in (("training", column), ("validation", f"val_{column}")):
        points = [
            (number, row[key])
            for number, row in enumerate(history, 1)
            if math.isfinite(row.get(key, math.nan))
        ]
        if points:
            lines.append(Line(of, points))
    if not lines:
        return chart_box(name, tag("p", "No epoch has a finite value.", class_="note"))
    last = ", ".join(f"{line.name} {figure(line.points[-1][1])}" for line in lines)
    chart = line_chart(
        lines,
        title=f"{name} by epoch",
        description=f"At the end: {last}. {meaning}",
        x_name="epoch",
        y_name="",
        x_ticks=_epochs(len(history)),
        y=_ends(column, lines, bits),
        marked=(chosen, "this epoch counts") if chosen and len(history) > 1 else None,
    )
    return chart_box(name, chart, tag("p", meaning))


def _ends(column: str, lines: list[Line], bits: int) -> tuple[float, float] | None:
    """Returns the ends of the vertical axis, where they are given by what it shows."""
    if column in ("loss", "objective"):
        return None
    if column in ("bit_entropy", "dead_bits"):
        return 0, 1 if column == "bit_entropy" else bits
    return from_zero([value for line in lines for _, value in line.points])


def _epochs(count: int) -> list[int]:
    step = max(1, math.ceil(count / 8))
    return list(range(step if step > 1 else 1, count + 1, step))


def _table(history: list[dict[str, float]]) -> Html:
    names = [name for name in history[0] if name != "epoch"]
    rows = [
        (number, *(figure(row[name]) if name in row else "" for name in names))
        for number, row in enumerate(history, 1)
    ]
    return table(("epoch", *names), rows, caption="What was measured each epoch")
