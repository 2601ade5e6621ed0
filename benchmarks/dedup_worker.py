"""One way of finding near-duplicates, in a process of its own, for `dedup.py`.

    python dedup_worker.py METHOD CORPUS.jsonl THRESHOLD OUT.npz [MODEL]

prints what it took as JSON, and leaves `first` (see `wish_tf.dedup.Duplicates`).
All ways share the sets of shingles, the equal texts taken together, and the final
check; they differ in how they come by the pairs to be checked.
"""

from __future__ import annotations

import itertools
import json
import resource
import sys
import time
from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from wish_tf.dedup import Deduplicator
from wish_tf.dedup.components import Components
from wish_tf.dedup.shingles import first_of_equal, jaccard, shingle_sets

PERMUTATIONS = 128
BRUTE_ROWS = 256
PAIRS = 1 << 20


def main() -> None:
    method, corpus, threshold, out, *model = sys.argv[1:]
    with open(corpus, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    started = time.monotonic(), time.process_time()
    name, _, setting = method.partition("-")
    if name in ("exact", "codes"):
        codes = codes_of(texts, model[0]) if name == "codes" else None
        hashed = time.process_time() - started[1]
        radius = int(setting) if name == "codes" else 0
        found = Deduplicator(float(threshold), radius).find(texts, codes)
        first, checked = found.first, found.checked
        result = {
            "hash_cpu_seconds": hashed if name == "codes" else None,
            "within_radius": found.within_radius,
            "candidates": found.candidates,
            "distinct": found.distinct,
        }
    else:
        first, checked = from_pairs(name, setting, texts, float(threshold))
        result = {"candidates": checked}
    result |= {
        "checked": checked,
        "duplicates": int((first != np.arange(first.size)).sum()),
        "seconds": time.monotonic() - started[0],
        "cpu_seconds": time.process_time() - started[1],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    np.savez(out, first=first)
    print(json.dumps(result))


def codes_of(texts: list[str], model: str) -> np.ndarray:
    from wish_tf.saved_model import SavedHasher

    return SavedHasher(model).hash(texts, batch_size=1024).bits


def from_pairs(name: str, setting: str, texts, threshold: float):
    """Groups by pairs that something else proposes."""
    first = first_of_equal(texts)
    distinct = np.flatnonzero(first == np.arange(first.size))
    sets = shingle_sets(texts[at] for at in distinct)
    if name == "brute":
        pairs = brute_force(sets, threshold)
    else:
        pairs = minhash(sets, float(setting))
    components = Components(distinct.size)
    checked = 0
    for left, right in pairs:
        checked += left.size
        similar = jaccard(sets, left, right) >= threshold
        components.join(left[similar], right[similar])
    place = np.empty(first.size, np.int64)
    place[distinct] = distinct[components.roots(np.arange(distinct.size))]
    return place[first], checked


def brute_force(sets, threshold: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields the pairs at or above the threshold, from the product of all with all."""
    columns, at = np.unique(sets.columns, return_inverse=True)
    parts = np.ones(at.size, np.int32), at.astype(np.int32), sets.starts
    compact = csr_array(parts, shape=(sets.sizes.size, columns.size))
    others = compact.T.tocsr()
    size = sets.sizes + 1
    for start in range(0, size.size, BRUTE_ROWS):
        products = (compact[start : start + BRUTE_ROWS] @ others).tocoo()
        left, right, common = products.row + start, products.col, products.data
        similar = common / (size[left] + size[right] - common) >= threshold
        similar &= left < right
        yield left[similar], right[similar]


def minhash(sets, threshold: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields the pairs that share a band, by the shingles as they are hashed here."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    left: list[int] = []
    right: list[int] = []
    shingles = (
        sets.columns[start:end].tolist()
        for start, end in itertools.pairwise(sets.starts)
    )
    sketches = MinHash.generator(shingles, num_perm=PERMUTATIONS, hashfunc=int)
    for at, sketch in enumerate(sketches):
        earlier = index.query(sketch)
        left += earlier
        right += [at] * len(earlier)
        index.insert(at, sketch, check_duplication=False)
        if len(left) >= PAIRS:
            yield np.array(left, int), np.array(right, int)
            left, right = [], []
    yield np.array(left, int), np.array(right, int)


if __name__ == "__main__":
    main()
