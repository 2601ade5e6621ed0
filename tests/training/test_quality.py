"""The default recipe is as good as it was, on a part of a real corpus.

The kept figures are of 2026-12-01: the mean of two seeds, which differ by about .01.
"""

import numpy as np

from wish_tf.corpora import load_corpus, split_corpus
from wish_tf.metrics import precision_at_k
from wish_tf.text_hasher import TextHasher

SEEDS = (0, 1)
KEPT = {"8 bits, Prec@100": 0.729, "16 bits, Prec@10": 0.840}
MARGIN = 0.03


def test_the_default_is_as_good_as_it_was(data_dir):
    corpus = load_corpus("reuters", data_dir=data_dir, limit=2000)
    parts = split_corpus(corpus)
    found = {name: [] for name in KEPT}
    for seed in SEEDS:
        hasher = TextHasher(16, seed=seed).fit(parts.train.texts)
        known, asked = (hasher.transform(p.texts) for p in (parts.train, parts.test))
        for name, bits, k in zip(KEPT, (8, 16), (100, 10), strict=True):
            found[name].append(
                precision_at_k(
                    asked[:, :bits],
                    parts.test.labels,
                    known[:, :bits],
                    parts.train.labels,
                    k,
                )
            )
    means = {name: float(np.mean(values)) for name, values in found.items()}
    for name, kept in KEPT.items():
        assert means[name] > kept - MARGIN, f"{name}: {found[name]}, kept {kept}"
