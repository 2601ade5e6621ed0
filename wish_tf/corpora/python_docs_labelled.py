"""Docstrings by sub-package: a benchmark that needs no download."""

from __future__ import annotations

import ast
import functools
import importlib.util
import inspect
import itertools
import os
import re
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from wish_tf.corpora.corpus import Corpus
from wish_tf.errors import InputError

NAME = "python-docs-labelled"
STANDARD_LIBRARY = "std"
# The large sub-packages that are about one thing, with the folder of their sources.
# Catch-alls (utils, lib, core, framework) are not topics, and distutils comes twice.
TOPICS = {
    "keras.layers": "keras/src/layers",
    "keras.ops": "keras/src/ops",
    "numpy.ma": "numpy/ma",
    "numpy.polynomial": "numpy/polynomial",
    "scipy.interpolate": "scipy/interpolate",
    "scipy.linalg": "scipy/linalg",
    "scipy.optimize": "scipy/optimize",
    "scipy.signal": "scipy/signal",
    "scipy.sparse": "scipy/sparse",
    "scipy.stats": "scipy/stats",
    "sklearn.ensemble": "sklearn/ensemble",
    "sklearn.linear_model": "sklearn/linear_model",
    "sklearn.metrics": "sklearn/metrics",
    "std.asyncio": "asyncio",
    "std.email": "email",
    "std.importlib": "importlib",
    "std.logging": "logging",
    "std.tkinter": "tkinter",
    "std.xml": "xml",
    "tensorflow.autograph": "tensorflow/python/autograph",
    "tensorflow.data": "tensorflow/python/data",
    "tensorflow.distribute": "tensorflow/python/distribute",
}
TEST_WORDS = frozenset(("test", "testing", "tests"))
MINIMUM_WORDS = 8
LARGEST_CLASS = 600
SEED = 0

# A doctest prompt with what follows it up to a blank line, and a fenced block: code
# says less of the topic than prose, and its imports name the label.
CODE = re.compile(
    r"^[ \t]*>>>.*(?:\n[ \t]*\S.*)*(?:\n[ \t]*(?=\n))*\n?"
    r"|^[ \t]*```.*\n(?:(?![ \t]*```).*\n)*[ \t]*```.*",
    re.MULTILINE,
)

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def load_python_docs_labelled(data_dir: Path | None = None) -> Corpus:
    """Reads the docstrings of functions, classes and methods; nothing is imported.

    Packages: NumPy, SciPy, scikit-learn, Keras, TensorFlow and the standard library,
    those that are installed. A document is a docstring of at least 8 words without its
    code examples; of equal docstrings the first is kept. Its label is its sub-package,
    one of the 22 `TOPICS`, such as `scipy.stats` or `std.email`. Of a larger one 600
    documents are drawn with a fixed seed. The corpus depends on nothing but the
    versions installed.

    Args:
        data_dir: Not used: the corpus has no file.

    Returns:
        The corpus, ordered by label; ids are qualified names.

    Raises:
        InputError: if the sources of no sub-package can be found.
    """
    rng = np.random.default_rng(SEED)
    seen_texts: set[str] = set()
    ids: list[str] = []
    texts: list[str] = []
    labels: list[tuple[str, ...]] = []
    for label, folder in TOPICS.items():
        found: dict[str, str] = {}
        for name, text in _documents(label.split(".")[0], folder):
            key = " ".join(text.lower().split())
            # A name comes again for the setter of a property.
            if key not in seen_texts and name not in found:
                seen_texts.add(key)
                found[name] = text
        size = min(len(found), LARGEST_CLASS)
        names = list(found)
        for index in np.sort(rng.choice(len(found), size, replace=False)):
            ids.append(names[index])
            texts.append(found[names[index]])
            labels.append((label,))
    if not texts:
        raise InputError(
            f"expected the Python sources of at least one of {', '.join(TOPICS)} (std: "
            f"the standard library) for {NAME!r}; got none"
        )
    return Corpus(name=NAME, texts=texts, labels=labels, ids=ids)


def prose(docstring: str) -> str:
    """Returns a docstring without its code examples and indentation."""
    return inspect.cleandoc(CODE.sub("", docstring)).strip()


def _documents(package: str, folder: str) -> Iterator[tuple[str, str]]:
    """Yields the qualified name and the text of each document in a folder."""
    root = _root(package)
    if root is None:
        return
    for path in _source_files(root / folder):
        source = path.read_bytes()
        # Parsing takes nearly all the time.
        if b'"""' not in source:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue  # a template, or written for another version of Python
        yield from _module_documents(root, path, tree)


@functools.cache
def _root(package: str) -> Path | None:
    """Returns the folder in which the package is, or None if it is not installed."""
    if package == STANDARD_LIBRARY:
        return Path(sysconfig.get_paths()["stdlib"])
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))).parent


def _source_files(folder: Path) -> Iterator[Path]:
    for parent, subfolders, files in os.walk(folder):
        subfolders[:] = sorted(s for s in subfolders if not _is_for_tests(s))
        for name in sorted(files):
            if name.endswith(".py") and not _is_for_tests(name.removesuffix(".py")):
                yield Path(parent, name)


def _is_for_tests(name: str) -> bool:
    return not TEST_WORDS.isdisjoint(name.split("_"))


def _module_documents(
    root: Path, path: Path, tree: ast.Module
) -> Iterator[tuple[str, str]]:
    module = [*path.relative_to(root).with_suffix("").parts]
    if module[-1] == "__init__":
        module.pop()
    public = list(itertools.takewhile(lambda part: not part.startswith("_"), module))
    offered = _words(root.joinpath(*public, "__init__.py"))
    for node in tree.body:
        if not isinstance(node, Definition):
            continue
        # Users know scipy.stats._stats_py.ttest_ind as scipy.stats.ttest_ind; what
        # scipy/stats/__init__.py does not mention has its full path only.
        where = public if node.name in offered else module
        name = _exported_name(node, module[0]) or ".".join([*where, node.name])
        yield from _docstrings(node, name)


@functools.lru_cache(maxsize=1)
def _words(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    text = path.read_text(encoding="utf-8", errors="replace")
    return frozenset(re.findall(r"\w+", text))


def _exported_name(node: Definition, package: str) -> str | None:
    """Returns the first name given to `keras_export` or `tf_export`, if any."""
    for decorator in node.decorator_list:
        if not (isinstance(decorator, ast.Call) and decorator.args):
            continue
        called = getattr(decorator.func, "attr", getattr(decorator.func, "id", ""))
        if called not in ("keras_export", "tf_export"):
            continue
        first = decorator.args[0]
        if isinstance(first, ast.List | ast.Tuple) and first.elts:
            first = first.elts[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return f"{package}.{first.value.removeprefix(f'{package}.')}"
    return None


def _docstrings(node: Definition, name: str) -> Iterator[tuple[str, str]]:
    docstring = ast.get_docstring(node, clean=False)
    if docstring:
        text = prose(docstring)
        if len(text.split()) >= MINIMUM_WORDS:
            yield name, text
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, Definition):
                yield from _docstrings(inner, f"{name}.{inner.name}")
