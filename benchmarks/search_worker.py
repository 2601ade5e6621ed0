"""One library on one set of codes, in a process of its own; started by `search.py`.

Times are of the processor, not of the clock, so that what else the machine does is
not in them; every library has one thread.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import faiss
import numpy as np
from usearch.index import Index, search

import search_codes
from wish_tf.index import HammingIndex

WANTED = (10, 100)
BATCH = 200
SINGLE = 50  # single queries: at most so many, and no longer than
SECONDS = 3
BATCH_SECONDS = 10  # a batch has fewer queries if it would take longer
MOST_FLIPS = 4
FEW = 20
FLIP_SECONDS = 0.1  # more than Flat takes for 10 million codes


class WishTf:
    def __init__(self, codes, bits):
        self.index = HammingIndex(bits)
        self.index.add(codes, packed=True)
        # The first search makes the table.
        self.index.search(codes[:1], 1, packed=True)

    def search(self, queries, k):
        return self.index.search(queries, k, packed=True).distances

    def nbytes(self):
        return self.index.nbytes

    def setting(self):
        return type(self.index.documents.whole().table).__name__


class Flat:
    def __init__(self, codes, bits):
        self.index = self.make(8 * codes.shape[1], bits)
        self.index.add(np.ascontiguousarray(codes))

    def make(self, width, bits):
        return faiss.IndexBinaryFlat(width)

    def search(self, queries, k):
        return self.index.search(queries, k)[0]

    def nbytes(self):
        return faiss.serialize_index_binary(self.index).size

    def setting(self):
        return ""


class Hash(Flat):
    def make(self, width, bits):
        return faiss.IndexBinaryHash(width, min(bits, 16))

    def setting(self):
        return f"{min(8 * self.index.code_size, 16)} bits, nflip {self.index.nflip}"


class MultiHash(Flat):
    def make(self, width, bits):
        tables = {8: 1, 16: 2}.get(width, width // 16)
        return faiss.IndexBinaryMultiHash(width, tables, width // tables)

    def setting(self):
        index = self.index
        return f"{index.nhash} tables of {index.b} bits, nflip {index.nflip}"


class UsearchExact:
    """A comparison with all codes: there is nothing to build."""

    def __init__(self, codes, bits):
        self.codes = np.ascontiguousarray(codes)

    def search(self, queries, k):
        found = search(self.codes, queries, k, metric="hamming", exact=True, threads=1)
        return found.distances.reshape(len(queries), -1)

    def nbytes(self):
        return self.codes.nbytes

    def setting(self):
        return "exact=True, without ids"


class UsearchHnsw:
    def __init__(self, codes, bits):
        self.index = Index(ndim=8 * codes.shape[1], metric="hamming", dtype="b1")
        self.index.add(np.arange(len(codes)), np.ascontiguousarray(codes), threads=1)

    def search(self, queries, k):
        found = self.index.search(queries, k, threads=1).distances
        return found.reshape(len(queries), -1)

    def nbytes(self):
        return self.index.serialized_length

    def setting(self):
        return "HNSW, defaults"


LIBRARIES = {
    "IndexBinaryFlat": Flat,
    "HammingIndex": WishTf,
    "IndexBinaryHash": Hash,
    "IndexBinaryMultiHash": MultiHash,
    "usearch, exact": UsearchExact,
    "usearch, HNSW": UsearchHnsw,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("bits", type=int)
    parser.add_argument("size", type=int)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    args = parser.parse_args()
    faiss.omp_set_num_threads(1)
    codes, queries = search_codes.load(args.cache, args.corpus, args.bits, args.size)
    codes = np.array(codes)  # read before the clock runs
    start = time.process_time()
    library = LIBRARIES[args.library](codes, args.bits)
    result = {"build": time.process_time() - start}
    truth_file = args.cache / f"{args.corpus}-{args.bits}-{args.size}-truth.npy"
    if args.library == "IndexBinaryFlat":
        np.save(truth_file, library.search(queries[:BATCH], max(WANTED)))
    truth = np.load(truth_file)
    if isinstance(library, Hash | MultiHash):
        choose_flips(library, queries, truth)
    result |= {"bytes": library.nbytes() / args.size, "setting": library.setting()}
    for k in WANTED:
        found, batch = timed(library, queries[:BATCH], k)
        right = same(found, truth[: len(found), :k])
        result[str(k)] = {
            "exact": bool(right.all()),
            "right": float(right.mean()),
            "queries": len(found),
            "batch": batch / len(found),
            "single": single(library, queries, k),
        }
    print(json.dumps(result))


def choose_flips(library, queries, truth) -> None:
    """The fewest flips that find what Flat finds, or the most that are tried: more
    are not once they take long."""
    for flips in range(MOST_FLIPS + 1):
        library.index.nflip = flips
        start = time.process_time()
        few = same(library.search(queries[:FEW], truth.shape[1]), truth[:FEW])
        each = (time.process_time() - start) / FEW
        if each > FLIP_SECONDS:
            return
        if (
            few.all()
            and same(library.search(queries[:BATCH], truth.shape[1]), truth).all()
        ):
            return


def same(distances, truth) -> np.ndarray:
    """Whether a query's distances are right, bool [q]; libraries may leave out
    what they do not find."""
    if distances.shape != truth.shape:
        return np.zeros(len(truth), bool)
    return (np.sort(distances, axis=1) == truth).all(axis=1)


def timed(library, queries, k):
    """Distances of a batch, and its time. The slow get as many queries as they can
    answer in a while."""
    start = time.process_time()
    library.search(queries[:2], k)
    each = (time.process_time() - start) / 2
    queries = queries[: max(10, int(BATCH_SECONDS / each))]
    start = time.process_time()
    found = library.search(queries, k)
    return np.asarray(found), time.process_time() - start


def single(library, queries, k) -> float:
    """The median time of a query given by itself."""
    times = []
    while len(times) < SINGLE and sum(times) < SECONDS:
        query = queries[len(times) : len(times) + 1]
        start = time.process_time()
        library.search(query, k)
        times.append(time.process_time() - start)
    return float(np.median(times))


if __name__ == "__main__":
    main()
