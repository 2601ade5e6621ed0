"""Exports a run by the code of commit 459c44f, and writes its weights.

    PYTHONPATH=CLONE python benchmarks/graph_export.py RUN EXPORTS

EXPORTS becomes a folder with the exports of the first 8, 16 and 64 bits, and
`weights.pickle`, which `graph_worker.py` makes the model of today from. For `graph.py`.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from wish_tf.saved_model import export_hasher
from wish_tf.text_hasher import TextHasher

BITS = (8, 16, 64)


def main() -> None:
    run, exports = map(Path, sys.argv[1:])
    model = TextHasher.load(run / "model.keras").model_
    for bits in BITS:
        export_hasher(model.cut(bits), exports / str(bits))
    space = model.coder.space
    weights = {
        "space": {
            name: getattr(space, name)
            for name in ("decoders", "bits", "lsa_dimensions", "lsa_weight")
        },
        "arrays": space.get_weights(),
        "books": [centres_of(book) for book in model.coder.books],
        "book": {
            name: getattr(model.coder.books[0], name)
            for name in ("probes", "temperature")
        },
        "topics": model.coder.topics,
        "vocabulary": model.vectorization.vocabulary,
        "idf_weights": model.vectorization.idf_weights,
    }
    (exports / "weights.pickle").write_bytes(pickle.dumps(weights))


def centres_of(book) -> tuple:
    """Returns the centres of a book, their codes and their cells."""
    codes = book.codes.numpy()
    there = (codes <= 1).all(axis=2)
    return book.centres.numpy()[there], codes[there], there.nonzero()[0]


if __name__ == "__main__":
    main()
