"""Writes an export with documents, and what it is compared with.

    python benchmarks/search_endpoint_export.py RUN CASE DOCUMENTS

CASE becomes a folder of version 1, the documents' codes and names, and queries. Codes
are of docstrings, repeated with noise until there are so many. For
`search_endpoint.py`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from wish_tf.corpora import load_corpus
from wish_tf.saved_model.model_card import make_model_card
from wish_tf.saved_model.search_documents import SearchDocuments
from wish_tf.saved_model.versions import add_version
from wish_tf.saved_model.write_version import write_version
from wish_tf.text_hasher import TextHasher

QUERIES = 2000
NOISE = 0.05


def main() -> None:
    run, case = map(Path, sys.argv[1:3])
    documents = int(sys.argv[3])
    corpus = load_corpus("python-docs-labelled")
    model = TextHasher.load(run / "model.keras").model_
    hashed = SearchDocuments.hashed(model, corpus)
    rng = np.random.default_rng(0)
    origin = np.resize(rng.permutation(len(hashed.names)), documents)
    flipped = rng.random((documents, model.bits)) < NOISE
    codes = hashed.codes[origin] ^ flipped
    names = [f"{hashed.names[place]}#{number}" for number, place in enumerate(origin)]
    noisy = SearchDocuments(codes, names, corpus.name) if documents else None
    start = time.perf_counter()
    card = make_model_card(model, None, noisy)
    version = add_version(
        case, lambda folder: write_version(folder, model, card, noisy)
    )
    seconds = time.perf_counter() - start
    np.save(case / "codes.npy", codes)
    (case / "names.json").write_text(json.dumps(names))
    # Nothing is found for texts without a known word.
    known = set(hashed.names)
    texts = [
        t for t, name in zip(corpus.texts, corpus.ids, strict=True) if name in known
    ]
    queries = [texts[place] for place in rng.permutation(len(texts))[:QUERIES]]
    (case / "queries.json").write_text(json.dumps(queries))
    files = [file for file in version.rglob("*") if file.is_file()]
    made = {
        "export_seconds": seconds,
        "export_bytes": sum(file.stat().st_size for file in files),
        "name_bytes": sum(len(name.encode()) for name in names),
        "distinct_codes": len(np.unique(np.packbits(codes, axis=1), axis=0)),
        "hashed_documents": len(hashed.names),
        "vocabulary": len(model.vectorization.vocabulary),
    }
    print(json.dumps(made))


if __name__ == "__main__":
    main()
