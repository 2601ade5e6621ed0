"""Few-bit semantic hashing for text with TensorFlow and Keras.

Names are imported on first use, so that `import wish_tf` does not start
TensorFlow.
"""

from importlib import import_module
from typing import Any

from wish_tf._version import __version__

_HOMES = {
    "Deduplicator": "wish_tf.dedup",
    "HammingIndex": "wish_tf.index",
    "InputError": "wish_tf.errors",
    "Recipe": "wish_tf.recipes",
    "SavedHasher": "wish_tf.export",
    "TextHasher": "wish_tf.text_hasher",
    "WISH": "wish_tf.models",
    "csr_dataset": "wish_tf.data",
    "export_hasher": "wish_tf.export",
    "load_corpus": "wish_tf.corpora",
    "split_corpus": "wish_tf.corpora",
}
_SUBPACKAGES = {
    "callbacks",
    "codes",
    "corpora",
    "data",
    "dedup",
    "explain",
    "export",
    "exporters",
    "index",
    "layers",
    "metrics",
    "models",
    "optimizers",
    "recipes",
    "regularizers",
    "report",
    "runs",
    "server",
    "serving",
    "sizing",
    "spark",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _SUBPACKAGES:
        return import_module(f"wish_tf.{name}")
    raise AttributeError(f"module 'wish_tf' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_SUBPACKAGES])
