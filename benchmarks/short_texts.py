"""Makes many short texts of the benchmark corpora.

    python benchmarks/short_texts.py 1000000 /tmp/short.jsonl

The texts of 20 Newsgroups, Reuters, AG News and TMC are cut into runs of twelve words,
in a random order. Beyond their number, a text is the first half of one run and the
second half of another with the same label. The label is the corpus and the first label
of the text that a run is of. The same number gives the same file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from wish_tf.corpora import load_corpus
from wish_tf.files import replacing

CORPORA = ("20newsgroups", "reuters", "agnews", "tmc")
WORDS = 12
SEED = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data-dir", type=Path)
    args = parser.parse_args()
    make_short_texts(args.count, args.out, args.data_dir)


def make_short_texts(count: int, out: Path, data_dir: Path | None = None) -> None:
    """Writes JSON lines with `id`, `text` and `label`.

    Args:
        count: how many.
        out: the file.
        data_dir: where the corpora are, as in `load_corpus`.
    """
    with replacing(out) as temporary, temporary.open("w", encoding="utf-8") as file:
        for number, (text, label) in enumerate(short_texts(count, data_dir)):
            line = {"id": str(number), "text": text, "label": label}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def short_texts(count: int, data_dir: Path | None) -> Iterator[tuple[str, str]]:
    """Yields so many texts with their labels."""
    runs, labels = _runs(data_dir)
    random = np.random.default_rng(SEED)
    order = random.permutation(len(runs))
    for i in order[:count].tolist():
        yield " ".join(runs[i]), labels[i]
    by_label: dict[str, list[int]] = {}
    for i, label in enumerate(labels):
        by_label.setdefault(label, []).append(i)
    others = {label: np.array(members) for label, members in by_label.items()}
    half = WORDS // 2
    for _ in range(count - len(order)):
        first = int(random.integers(len(runs)))
        label = labels[first]
        second = int(random.choice(others[label]))
        yield " ".join(runs[first][:half] + runs[second][half:]), label


def _runs(data_dir: Path | None) -> tuple[list[list[str]], list[str]]:
    """Returns all runs of twelve words, and their labels."""
    runs: list[list[str]] = []
    labels: list[str] = []
    for name in CORPORA:
        corpus = load_corpus(name, data_dir=data_dir)
        for text, given in zip(corpus.texts, corpus.labels or (), strict=True):
            words = text.split()
            label = f"{name} {given[0] if given else 'none'}"
            for start in range(0, len(words) - WORDS + 1, WORDS):
                runs.append(words[start : start + WORDS])
                labels.append(label)
    return runs, labels


if __name__ == "__main__":
    main()
