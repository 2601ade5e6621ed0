from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from wish_tf.recipes import FitSettings, ModelSettings, Recipe, StraightThrough
from wish_tf.report.source import Source
from wish_tf.runs import RunFolder, TrainConfig, train_run

BITS, DOCUMENTS = 4, 600
# Words of each class. One is longer than any line, one is written from right to left.
WORDS = {
    "<script>alert('class')</script>": [f"star{i}" for i in range(11)] + ["x" * 300],
    "quotes \"' & <b>": [f"fish{i}" for i in range(11)] + ["שלום"],
    "plain": [f"tree{i}" for i in range(12)],
    "\u202ereversed": [f"coin{i}" for i in range(12)],
}
# What a document may hold besides words.
HOSTILE = [
    "<script>alert('text')</script>",
    "<img src=https://example.org/x onerror=alert(1)>",
    "</style></svg></title><h1>",
    "\x00\x01\x1b[31m \ufeff\u2028 \ufffe",
    "\u202e\u2066 turned",
    "\"'`&amp;&#60;",
    "]]><!-- -->",
]

# Texts without a word that others have.
UNKNOWN = "<unheard{} of>"


def documents() -> list[dict]:
    """Labelled documents of 8 words of their class, half of them hostile."""
    rng = np.random.default_rng(0)
    made = []
    for number in range(DOCUMENTS):
        label = list(WORDS)[number % len(WORDS)]
        words = rng.choice(WORDS[label], 8, replace=False).tolist()
        if number % 2:
            words.insert(number % 8, HOSTILE[number // 2 % len(HOSTILE)])
        name = f"<i>{number}</i>\" onload='alert(1)"
        made.append({"id": name, "text": " ".join(words), "labels": [label]})
    for number in range(10, 15):
        made[number]["text"] = UNKNOWN.format(number)
        # A text cannot hold half of a surrogate pair, but a name can.
        made[number]["id"] = "\ud800"
    made[15]["text"] = ""
    return made


@pytest.fixture(scope="session")
def hostile_run(tmp_path_factory) -> RunFolder:
    """A run of a small recipe on documents that would break a careless page."""
    folder = tmp_path_factory.mktemp("report")
    corpus = folder / "hostile <i>.jsonl"
    lines = (json.dumps(document) + "\n" for document in documents())
    corpus.write_text("".join(lines), encoding="utf-8")
    quick = Recipe(
        StraightThrough(topic_dim=8),
        ModelSettings(hidden_units=(32,)),
        FitSettings(epochs=6, batch_size=20),
    )
    run = RunFolder(folder / "<b>run & more")
    train_run(run, TrainConfig(str(corpus), BITS, quick.to_json()))
    return run


@pytest.fixture(scope="session")
def source(hostile_run) -> Source:
    """What a report knows of that run."""
    return Source.of(hostile_run)


@pytest.fixture(scope="session")
def report(hostile_run, tmp_path_factory) -> Path:
    """The report of that run, written."""
    from wish_tf.report import write_report

    path = tmp_path_factory.mktemp("page") / "report.html"
    write_report(hostile_run, path)
    return path
