"""Loading a corpus by name or from a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from wish_tf.corpora.agnews import load_agnews
from wish_tf.corpora.corpus import Corpus
from wish_tf.corpora.data_dir import find_data_dir
from wish_tf.corpora.files import EXTENSIONS, read_file
from wish_tf.corpora.newsgroups import load_newsgroups
from wish_tf.corpora.python_docs import load_python_docs
from wish_tf.corpora.reuters import load_reuters
from wish_tf.corpora.tmc import load_tmc
from wish_tf.errors import InputError

BUILT_IN: dict[str, Callable[[Path | None], Corpus]] = {
    "python-docs": load_python_docs,
    "20newsgroups": load_newsgroups,
    "reuters": load_reuters,
    "agnews": load_agnews,
    "tmc": load_tmc,
}
TEXT_FIELD = "text"
LIMIT_SEED = 0


def load_corpus(
    source: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    limit: int | None = None,
    text_field: str = TEXT_FIELD,
    label_field: str | None = None,
) -> Corpus:
    """Loads a corpus.

    Args:
        source: The name of a built-in corpus (a key of `BUILT_IN`), or the path of a
            `.txt`, `.jsonl`, `.jsonl.gz` or `.csv` file (see `files.read_file`).
        data_dir: Folder with the files of the built-in corpora; None: the environment
            variable `WISH_TF_DATA`. A corpus whose file is not there is downloaded by
            scikit-learn, NLTK or TensorFlow Datasets.
        limit: Keep a random sample of this many documents, always the same one, in
            the order of the corpus; None, or more than there are: keep all.
        text_field: Field (column) of the text in a JSON-lines or CSV file.
        label_field: Field of the label or labels there; None: `labels`, or else
            `label`, or else the corpus has no labels.

    Returns:
        The corpus.

    Raises:
        InputError: if the corpus cannot be found or read as described.
    """
    if limit is not None and limit < 1:
        raise InputError(f"expected a limit of at least 1 document, got {limit}")
    name = os.fspath(source)
    if name in BUILT_IN:
        _check_no_fields(name, text_field, label_field)
        corpus = BUILT_IN[name](find_data_dir(data_dir))
    else:
        corpus = _load_file(Path(name), text_field, label_field)
    if limit is None or limit >= len(corpus):
        return corpus
    rng = np.random.default_rng(LIMIT_SEED)
    return corpus.subset(np.sort(rng.choice(len(corpus), limit, replace=False)))


def _load_file(path: Path, text_field: str, label_field: str | None) -> Corpus:
    path = path.expanduser()
    if not path.exists():
        raise InputError(
            f"there is no file {str(path)!r}, and the built-in corpora are "
            f"{', '.join(BUILT_IN)}"
        )
    extension = next((e for e in EXTENSIONS if path.name.lower().endswith(e)), None)
    if extension is None or not path.is_file():
        raise InputError(
            f"expected a file that ends in {', '.join(EXTENSIONS)}, got {str(path)!r}"
        )
    if extension == ".txt":
        _check_no_fields(str(path), text_field, label_field)
    return read_file(
        path,
        name=path.name[: -len(extension)],
        text_field=text_field,
        label_field=label_field,
    )


def _check_no_fields(source: str, text_field: str, label_field: str | None) -> None:
    if text_field != TEXT_FIELD or label_field is not None:
        raise InputError(
            "a text or label field can be chosen in a JSON-lines or CSV file only, got "
            f"{source!r}"
        )
