"""Few-bit semantic hashing for text with TensorFlow and Keras.

Names are imported on first use, so that `import wish_tf` does not start
TensorFlow. Where Keras is there, or as soon as it is, it knows our classes, which
`keras.saving.load_model` looks for.
"""

import sys
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from wish_tf._version import __version__

_HOMES = {
    "Deduplicator": "wish_tf.dedup",
    "HammingIndex": "wish_tf.index",
    "InputError": "wish_tf.errors",
    "Recipe": "wish_tf.recipes",
    "SavedHasher": "wish_tf.saved_model",
    "TextHasher": "wish_tf.text_hasher",
    "WISH": "wish_tf.models",
    "csr_dataset": "wish_tf.data",
    "export_hasher": "wish_tf.saved_model",
    "load_corpus": "wish_tf.corpora",
    "split_corpus": "wish_tf.corpora",
}
_SUBPACKAGES = {
    "callbacks",
    "client",
    "codes",
    "corpora",
    "data",
    "dedup",
    "explain",
    "index",
    "integrations",
    "layers",
    "metrics",
    "models",
    "optimizers",
    "recipes",
    "regularizers",
    "report",
    "runs",
    "saved_model",
    "server",
    "sizing",
}
_KERAS_CLASSES = (
    "BernoulliEncoder",
    "CodeBook",
    "CodeHealth",
    "HashingModel",
    "LazyAdam",
    "NestedHash",
    "Noise",
    "OrthogonalityRegularizer",
    "SparseDense",
    "StraightThroughBernoulli",
    "TfidfVectorization",
    "TopicSelection",
    "TopicSpace",
    "WISH",
    "WordDropout",
)

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _SUBPACKAGES:
        return import_module(f"wish_tf.{name}")
    raise AttributeError(f"module 'wish_tf' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_SUBPACKAGES])


class _OnDemand:
    """Stands in Keras' registry for a class of ours until a file asks for it."""

    def __init__(self, name: str):
        self._name = name

    def from_config(self, config: dict[str, Any]) -> Any:
        """Makes the object, once the modules of all classes are there."""
        import_module("wish_tf.models")
        classes = sys.modules["keras"].saving.get_custom_objects()
        return classes[self._name].from_config(config)


def _register(keras: ModuleType) -> None:
    registry = keras.saving.get_custom_objects()
    for name in (f"wish_tf>{name}" for name in _KERAS_CLASSES):
        registry.setdefault(name, _OnDemand(name))


class _AfterKeras(MetaPathFinder):
    """Calls `_register` when Keras has been imported; Python has no hook for that."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != "keras":
            return None
        spec = PathFinder.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_register(module: ModuleType) -> None:
                execute(module)
                _register(module)

            spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
        return spec


if "keras" in sys.modules:
    _register(sys.modules["keras"])
else:
    sys.meta_path.insert(0, _AfterKeras())
