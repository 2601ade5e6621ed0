"""Trains 8 bits on corpora in other languages, and writes docs/languages.md.

    python scripts/languages.py run --data-dir DIR   # adds what is not in the results
    python scripts/languages.py docs                 # the table of docs/languages.md

The corpora are `multi_*.jsonl.gz` in DIR, read with no setting. `blanks` is the same
corpus with each piece between two blanks written as a word of its own, as by a reader
that knows no script; `kmeans` is that of `sweep.py`, on the same rows.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from marks import write_between_marks
from reproduction.prepared_corpus import PreparedCorpus
from result_lines import append, read
from sweep import kmeans, train
from wish_tf.corpora import Corpus, load_corpus, split_corpus

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results" / "languages.jsonl"
BITS, SEED = 8, 0
LANGUAGES = {
    "multi_ar_ant": "Arabic, news",
    "multi_hi_news": "Hindi, news",
    "multi_ko_ynat": "Korean, headlines",
    "multi_zh_thucnews": "Chinese, headlines",
}
WAYS = {"default": train, "blanks": train, "kmeans": kmeans}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("action", choices=("run", "docs"))
    parser.add_argument("--data-dir", type=Path)
    args = parser.parse_args()
    if args.action == "run":
        if args.data_dir is None:
            parser.error("run needs --data-dir")
        run(args.data_dir)
    write_between_marks(ROOT / "docs" / "languages.md", {"languages": table()})


def run(folder: Path) -> None:
    done = {(line["corpus"], line["way"]) for line in read(RESULTS)}
    for name in LANGUAGES:
        for way, measure in WAYS.items():
            if (name, way) in done:
                continue
            corpus = load_corpus(str(folder / f"{name}.jsonl.gz"))
            if way == "blanks":
                corpus = between_blanks(corpus)
            splits = split_corpus(corpus, "random", SEED)
            line = {"corpus": name, "way": way, "documents": len(corpus)}
            [measured] = measure(PreparedCorpus(splits), [BITS], SEED, "default")
            line |= measured
            append(RESULTS, line)
            print(json.dumps(line), flush=True)


def between_blanks(corpus: Corpus) -> Corpus:
    """Returns the corpus with a word of ASCII for each piece between blanks."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    texts = [
        " ".join(f"w{numbers[piece]}" for piece in text.casefold().split())
        for text in corpus.texts
    ]
    return replace(corpus, texts=texts)


def table() -> str:
    found = {
        (line["corpus"], line["way"]): line["precision_at_100"]
        for line in read(RESULTS)
    }
    documents = {line["corpus"]: line["documents"] for line in read(RESULTS)}
    rows = [
        "| corpus | documents | `default` | 2^8-means | `default`, split at blanks |",
        "|---|---|---|---|---|",
    ]
    for name, language in LANGUAGES.items():
        figures = [found.get((name, way)) for way in ("default", "kmeans", "blanks")]
        cells = ["not measured" if f is None else f"{f:.3f}" for f in figures]
        rows.append(
            f"| {language} | {documents.get(name, 0):,} | {' | '.join(cells)} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
