"""The public names of Python packages, with their docstrings: to look around in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wish_tf.corpora.corpus import Corpus
from wish_tf.corpora.python_docs_labelled import prose

NAME = "python-docs"
PROGRAM = Path(__file__).with_name("public_names.py")
PACKAGES = ("numpy", "scipy", "sklearn", "keras", "tensorflow")
STANDARD_LIBRARY = "std"
LEAST_WORDS = 4
# A smaller class cannot fill the 100 nearest of a query.
SMALLEST_CLASS = 100
# Where the words of HTTPServer and load_iris part.
BETWEEN_WORDS = re.compile(r"[._]|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# A section of a docstring, as NumPy underlines it, or with Google's colon. What comes
# before the first says what a thing is for; the others have the same words everywhere.
SECTION = re.compile(
    r"^\s*(?:[A-Z][A-Za-z ]{2,25}\n\s*[-=]{3,}\s*$|(?:Args|Arguments|Attributes|Call "
    r"arguments|Examples?|Inputs?|Input shape|Notes?|Outputs?|Output shape|Raises|"
    r"References?|Returns|Usage|Yields):)",
    re.MULTILINE,
)
# References that a page would show as links, and when something came or will go.
MARKUP = re.compile(
    r"^\s*\.\. \w+::.*$|Read more in the\s+:ref:`[^`]*`\.?|:[\w:]+:(?=`)",
    re.MULTILINE,
)
SIGNATURE = re.compile(r"\A[\w.]+\(.*\)(?: -> .*)?\n+")


def load_python_docs(data_dir: Path | None = None) -> Corpus:
    """Reads the docstrings of public functions, classes and instances that are called.

    They are those of the standard library and of NumPy, SciPy, scikit-learn, Keras and
    TensorFlow, and the methods of the built-in types. Each comes once, under its
    shortest public name. A document is that name and its words and, in the next line,
    what the docstring says before its first section (parameters, notes, examples), or
    all of it where that is less than 4 words. A docstring of less than 4 words, or one
    that came before, is left out. The label is the
    sub-package, such as `scipy.stats`, or the module of the standard library, if it has
    100 documents, or else the package, `std` for the standard library. The corpus
    depends on the versions installed alone.

    The packages are imported by a process of its own.

    Args:
        data_dir: Not used: the corpus has no file.

    Returns:
        The corpus, ordered by package and module; ids are qualified names.
    """
    # Two at once: TensorFlow takes as long as all others together.
    parts = [[*sorted(sys.stdlib_module_names), *PACKAGES[:3]], PACKAGES[3:]]
    with ThreadPoolExecutor() as pool:
        named = dict(item for part in pool.map(_public_names, parts) for item in part)
    found: dict[str, tuple[str, str]] = {}
    for name, docstring in named.items():
        text = MARKUP.sub("", SIGNATURE.sub("", prose(docstring)))
        summary = SECTION.split(text, maxsplit=1)[0].strip()
        if len(summary.split()) >= LEAST_WORDS:
            text = summary
        if len(text.split()) >= LEAST_WORDS:
            found.setdefault(" ".join(text.lower().split()), (name, text))
    ids = [name for name, _ in found.values()]
    modules = [_module(name) for name in ids]
    sizes = Counter(modules)
    return Corpus(
        name=NAME,
        texts=[
            f"{name}: {BETWEEN_WORDS.sub(' ', name)}\n{text}"
            for name, text in found.values()
        ],
        labels=[
            (module if sizes[module] >= SMALLEST_CLASS else _package(module),)
            for module in modules
        ],
        ids=ids,
    )


def _public_names(packages: Sequence[str]) -> Iterable[tuple[str, str]]:
    environment = {k: v for k, v in os.environ.items() if k != "DISPLAY"} | {
        "CUDA_VISIBLE_DEVICES": "-1",
        "KERAS_BACKEND": "tensorflow",
        # SciPy writes a set into a docstring: the corpus must not depend on chance.
        "PYTHONHASHSEED": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(PROGRAM), *packages],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env=environment,
    )
    if done.returncode:
        raise RuntimeError(f"{PROGRAM.name} failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout).items()


def _module(name: str) -> str:
    """Returns the sub-package, or the module of the standard library, of a name."""
    package, *inner = name.split(".")
    if package in PACKAGES:
        return ".".join([package, *inner[:-1][:1]])
    return package if inner else "builtins"


def _package(module: str) -> str:
    package = module.split(".")[0]
    return package if package in PACKAGES else STANDARD_LIBRARY
