"""Measures one export and the index of the same codes, for `search_endpoint.py`.

    python benchmarks/search_endpoint_worker.py VERSION CODES NAMES QUERIES ROUNDS

In a process of its own, so that memory is that of one export. Both sides are asked for
the same texts in turn, so that a busy machine slows both, and must find the same.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from wish_tf.index import HammingIndex
from wish_tf.server.servable import Servable

K = 10
SIZES = (1, 64)
MB = 1e6


def main() -> None:
    version, codes_file, names_file, queries_file = map(Path, sys.argv[1:5])
    rounds = int(sys.argv[5])
    codes = np.load(codes_file)
    names = json.loads(names_file.read_text())
    texts = [text.encode() for text in json.loads(queries_file.read_text())]
    servable, loading = measured(lambda: Servable(version, 1))
    result = {"load": loading}
    if "search" in servable.signatures:
        result |= compare(servable, codes, names, texts, rounds)
    print(json.dumps(result))


def measured(make: Callable) -> tuple:
    """Returns what is made, and the seconds and the memory that it took."""
    before, start = resident_bytes(), time.perf_counter()
    made = make()
    seconds = time.perf_counter() - start
    return made, {"seconds": seconds, "mb": (resident_bytes() - before) / MB}


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def compare(
    servable: Servable, codes: np.ndarray, names: list, texts: list, rounds: int
) -> dict:
    def built() -> HammingIndex:
        index = HammingIndex(codes.shape[1])
        index.add(codes)
        index.search(codes[:1], K)  # the table is made by the first search
        return index

    index, building = measured(built)
    # Its own ids of strings would be in another order.
    named = np.array(names, object)

    def by_signature(batch: np.ndarray):
        k = np.full(len(batch), K, np.int32)
        found = servable.predict("search", {"text": batch, "k": k})
        return found["ids"], found["distances"]

    def by_index(batch: np.ndarray):
        found = index.search(servable.predict("hash", {"text": batch})["bits"], K)
        return named[found.ids], found.distances

    ways = {
        "signature": by_signature,
        "hash_and_index": by_index,
        "hash": lambda batch: servable.predict("hash", {"text": batch}),
    }
    before = resident_bytes()
    times = {way: {size: [] for size in SIZES} for way in ways}
    for number in range(rounds + 1):
        for size in SIZES:
            at = number * size % (len(texts) - size + 1)
            batch = np.array(texts[at : at + size], object)
            check(by_signature(batch), by_index(batch))
            for way, ask in ways.items():
                start = time.perf_counter()
                ask(batch)
                times[way][size].append(time.perf_counter() - start)
    return {
        "build_index": building,
        "working_mb": (resident_bytes() - before) / MB,
        # The first round warms up.
        "milliseconds": {
            way: {str(size): 1e3 * median(taken[1:]) for size, taken in sizes.items()}
            for way, sizes in times.items()
        },
    }


def check(found: tuple, expected: tuple) -> None:
    ids = [[name.decode() for name in row] for row in found[0]]
    if ids != expected[0].tolist() or not np.array_equal(found[1], expected[1]):
        raise SystemExit("expected the signature to find what the index finds")


if __name__ == "__main__":
    main()
