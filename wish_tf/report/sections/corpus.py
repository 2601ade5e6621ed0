from __future__ import annotations

from pathlib import Path

import numpy as np

from wish_tf.metrics.yardstick import BY_LABELS
from wish_tf.readable_numbers import count, counted, share
from wish_tf.report.charts import bar_table
from wish_tf.report.markup import Html, join, quoted, table, tag
from wish_tf.report.sections.section import Section
from wish_tf.report.source import Source

CLASSES = 25


def corpus(source: Source) -> Section:
    """What was trained on, and how it was divided."""
    config = source.config
    name = Path(config.corpus).name
    total = sum(part.total for part in source.parts)
    split = (
        "the split of the paper's code"
        if config.split == "reference"
        else f"at random by seed {config.seed}"
    )
    # What the validation documents were used for.
    chosen = ", chose its epoch on the validation documents"
    if config.epoch_by in (None, "last"):
        chosen = ""
    elif config.epoch_by in BY_LABELS:
        chosen = ", chose its epoch by the labels of the validation documents"
    sampled = config.limit is not None and config.limit <= total
    vocabulary = source.hasher.model_.vectorization
    lead = join(
        quoted(name, 80),
        f": {counted(total, 'document')}{', a random sample' * sampled}, divided "
        f"{split}. The model learned from the training documents alone"
        f"{chosen} and is measured on the test documents, which it "
        f"has never seen. It knows {counted(len(vocabulary.vocabulary), 'term')}.",
    )
    beside = tag("div", _parts(source), _classes(source), class_="beside")
    contents = [*_notes(source), beside]
    return Section("corpus", "Corpus and split", lead, tuple(contents))


def _notes(source: Source) -> list[Html]:
    notes = []
    for part in source.parts:
        if part.sampled:
            notes.append(
                f"Of the {count(part.total)} {part.part} documents this page looks at "
                f"a sample of {count(len(part))}, always the same."
            )
    if source.changed:
        trained = source.metrics["test"]["documents"]
        notes.append(
            "The corpus has changed since the training, which had "
            f"{count(trained['database'])} training and {count(trained['queries'])} "
            "test documents. What this page measures is measured on the documents of "
            "now, some of which may have been trained on; the model card keeps the "
            "figures of the training."
        )
    return [tag("p", note, class_="note") for note in notes]


def _parts(source: Source) -> Html:
    rows = []
    for part in source.parts:
        words = np.array([len(text.split()) for text in part.corpus.texts])
        unknown = int(part.hashed.out_of_vocabulary.sum())
        rows.append(
            (
                part.part,
                count(part.total),
                count(float(np.median(words))),
                count(float(np.percentile(words, 90))),
                f"{count(unknown)} ({share(unknown / len(part))})",
            )
        )
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
        return tag(
            "p",
            "The corpus has no labels. So there are no classes on this page, and what "
            "codes find is compared with the nearest documents by tf-idf instead.",
            class_="note",
        )
    n = len(source.train)
    rows = [
        (quoted(name, 40), size, f"{count(size)} ({share(size / n)})")
        for name, size in zip(
            classes.names[:CLASSES], classes.sizes[:CLASSES].tolist(), strict=True
        )
    ]
    more = len(classes) - CLASSES
    return tag(
        "div",
        bar_table(
            rows,
            label="Classes of the training documents, used for measuring only",
            head=("class", "documents"),
        ),
        tag("p", f"And {counted(more, 'smaller class', 'smaller classes')}.")
        if more > 0
        else None,
    )
