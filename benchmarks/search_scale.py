"""`HammingIndex` with 10 and 100 million codes: on disk, mapped, and changed.

    python benchmarks/search_scale.py            # writes its table in docs/search.md
    python benchmarks/search_scale.py --sizes 1000000 --output FILE
    python benchmarks/search_scale.py --table    # the table again

The codes are made: a code is one of 2^(bits / 2) centres, each bit of which is flipped
with probability 1/16. Every step runs in a process of its own. Before a cold query the
system is told to forget the file. Files are made in a temporary folder, of which 800 MB
are taken by 10^8 codes of 32 bits, and twice that while a changed index is saved.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np

from wish_tf.index import HammingIndex

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "search_scale.json"
PAGE = HERE.parent / "docs" / "search.md"
BITS = (16, 32)
SIZES = (10**7, 10**8)
AT_ONCE = 1 << 20  # codes given to `add` at once
QUERIES = 500
COLD = 5
CHANGED = 1000
K = 10
MB = 1e6


def codes(bits: int, size: int) -> Iterator[np.ndarray]:
    """Yields packed codes; the first of them are the same for all sizes."""
    random = np.random.default_rng(bits)
    kind = f"u{bits // 8}"
    centres = random.integers(0, 1 << bits, 1 << bits // 2, kind)
    for start in range(0, size, AT_ONCE):
        count = min(AT_ONCE, size - start)
        flips = random.integers(0, 1 << bits, (4, count), kind)
        made = centres[random.integers(0, centres.size, count)]
        made ^= np.bitwise_and.reduce(flips)
        yield made.astype(f">{kind}").view(np.uint8).reshape(count, -1)


def queries(bits: int) -> list[np.ndarray]:
    return np.split(next(codes(bits, QUERIES)), QUERIES)


def build(path: Path, bits: int, size: int) -> dict:
    index = HammingIndex(bits)
    adding = 0.0
    for part in codes(bits, size):
        adding += seconds(lambda part=part: index.add(part, packed=True))
    adding += seconds(lambda: index.documents)  # all of them in segments
    saving = seconds(lambda: index.save(path))
    size_on_disk = path.stat().st_size
    return {
        "add": adding,
        "save": saving,
        "bytes": size_on_disk / size,
        "peak_mb": memory("VmHWM"),
    }


def cold(path: Path, bits: int, size: int) -> dict:
    """The first query of a process, of which loading is not a part."""
    index = HammingIndex.load(path)
    [query, *_] = queries(bits)
    return {"cold": seconds(lambda: index.search(query, K, packed=True))}


def warm(path: Path, bits: int, size: int) -> dict:
    before = memory("RssAnon"), memory("RssFile")
    index = HammingIndex.load(path)
    asked = queries(bits)
    return {
        "warm": one_query(index, asked),
        "own_mb": memory("RssAnon") - before[0],
        "mapped_mb": memory("RssFile") - before[1],
        "python_mb": sum(before),
    }


def change(path: Path, bits: int, size: int) -> dict:
    index = HammingIndex.load(path)
    asked = queries(bits)
    one_query(index, asked)
    more = next(codes(bits, CHANGED))
    gone = np.random.default_rng(0).choice(size, CHANGED, replace=False)

    def add() -> None:
        index.add(more, packed=True)
        assert len(index.documents.segments) == 2

    return {
        "add_1000": seconds(add),
        "remove_1000": seconds(lambda: index.remove(gone)),
        "changed": one_query(index, asked),
        "save_changed": seconds(lambda: index.save(path)),
    }


STEPS = {step.__name__: step for step in (build, cold, warm, change)}


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def one_query(index: HammingIndex, asked: list[np.ndarray]) -> float:
    """The median time of a query that was asked before."""
    for query in asked:
        index.search(query, K, packed=True)
    return median(seconds(lambda q=q: index.search(q, K, packed=True)) for q in asked)


def memory(name: str) -> float:
    """Megabytes of this process."""
    text = Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) * 1024 / MB


def forget(path: Path) -> None:
    """Has the system drop what it holds of a file in memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(args: argparse.Namespace, scratch: Path) -> dict:
    from worker_output import output_of

    path = scratch / "codes.index"

    def step(name: str, *of: object) -> dict:
        command = [sys.executable, __file__, "--step", name, str(path), *map(str, of)]
        return json.loads(output_of(command, OMP_NUM_THREADS="1"))

    rows = []
    for size in args.sizes:
        for bits in BITS:
            sys.stderr.write(f"{bits} bits, {size:,} codes\n")
            row = {"bits": bits, "size": size} | step("build", bits, size)
            firsts = []
            for _ in range(COLD):
                forget(path)
                firsts.append(step("cold", bits, size)["cold"])
            row["cold"] = median(firsts)
            row |= step("warm", bits, size) | step("change", bits, size)
            rows.append(row)
            path.unlink()
    return {"date": time.strftime("%Y-%m-%d"), "numpy": np.__version__, "rows": rows}


def table(result: dict) -> str:
    lines = [
        f"Measured {result['date']} on one thread; numpy {result['numpy']}. Codes were "
        f"added {AT_ONCE:,} at a time. A query asks for {K} documents; a cold one is "
        "the first of a process, with a file of which nothing is in memory.",
        "",
        "| bits | codes | add, s | save, s | peak, MB | bytes a document | cold query, "
        "ms | warm query, ms | memory of a searcher, MB | of it the file's |",
        "|---" * 10 + "|",
    ]
    for row in result["rows"]:
        searcher = row["own_mb"] + row["mapped_mb"] + row["python_mb"]
        lines.append(
            f"| {row['bits']} | {row['size']:,} | {row['add']:.1f} | {row['save']:.1f} "
            f"| {row['peak_mb']:,.0f} | {row['bytes']:.2f} | {1e3 * row['cold']:.1f} | "
            f"{1e3 * row['warm']:.3f} | {searcher:,.0f} | {row['mapped_mb']:,.0f} |"
        )
    lines += [
        "",
        f"| bits | codes | add {CHANGED:,}, ms | remove {CHANGED:,}, ms | warm query "
        "after both, ms | save, s |",
        "|---" * 6 + "|",
    ]
    lines += [
        f"| {row['bits']} | {row['size']:,} | {1e3 * row['add_1000']:.1f} | "
        f"{1e3 * row['remove_1000']:.0f} | {1e3 * row['changed']:.3f} | "
        f"{row['save_changed']:.1f} |"
        for row in result["rows"]
    ]
    return "\n".join(lines)


def main() -> None:
    if sys.argv[1:2] == ["--step"]:
        name, path, bits, size = sys.argv[2:]
        print(json.dumps(STEPS[name](Path(path), int(bits), int(size))))
        return
    from generated_page import add_page_options, measure_for_page

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    add_page_options(parser, RESULTS)
    args = parser.parse_args()
    measure_for_page(args, measure, table, RESULTS, PAGE, "search scale")


if __name__ == "__main__":
    main()
