"""Hashers that need no training, and documents that mean no good."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np

from wish_tf import export_hasher
from wish_tf.index.document_index import DocumentIndex
from wish_tf.layers import TfidfVectorization
from wish_tf.models import WISH, HashingModel
from wish_tf.saved_model import SavedHasher

BITS = 6
WORDS = "red blue green mail send array sort fit model data".split()
HOSTILE = [
    '<img src=x onerror="window.hacked = 1"> red',
    "</script><script>window.hacked = 2</script> blue green",
    "\"'><svg onload=window.hacked=3> mail &lt;b&gt; &amp; send",
    "\u202egnihtyreve snrut\u202c array \u2066 sort",
    "nul \x00 and \x1b[31m fit and \ud800 model",
    "data" + "x" * 3000 + " data",
    "javascript:window.hacked=4 {{7*7}} ${7*7} red data",
]


@dataclasses.dataclass(frozen=True)
class SmallHasher:
    """A model and an index that was made with it.

    Attributes:
        path: Folder of its versions.
        index: The file of `wish-tf index`.
        names: What its documents are called.
        texts: The documents.
    """

    path: Path
    index: Path
    names: list[str]
    texts: list[str]


def export_small(folder: Path, seed: int) -> Path:
    """Writes an untrained hasher as a version of a model."""
    keras.utils.set_random_seed(seed)
    vectorization = TfidfVectorization(WORDS, np.ones(len(WORDS)), stop_words=["the"])
    wish = WISH(BITS, len(WORDS), topic_dim=16, hidden_units=(8,), name="wish")
    # Farther from undecided than fresh weights are.
    wish.set_weights([4 * weights for weights in wish.get_weights()])
    return export_hasher(HashingModel(vectorization, wish), folder)


def small_hasher(folder: Path, seed: int = 0) -> SmallHasher:
    """Makes a model and an index of hostile and of harmless documents."""
    export_small(folder / "model", seed)
    rng = np.random.default_rng(seed)
    harmless = [" ".join(rng.choice(WORDS, rng.integers(1, 5))) for _ in range(140)]
    texts = HOSTILE + harmless
    names = [f"<b>doc {place}</b>" for place in range(len(texts))]
    hasher = SavedHasher(folder / "model")
    path = folder / "small.index"
    DocumentIndex(hasher.hash(texts), names, texts, hasher.path).save(path)
    return SmallHasher(folder / "model", path, names, texts)
