"""Loading a corpus by name or from files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from wish_tf.corpora.agnews import load_agnews
from wish_tf.corpora.corpus import Corpus, sample
from wish_tf.corpora.data_dir import find_data_dir
from wish_tf.corpora.documents import Documents, Fields, find_files
from wish_tf.corpora.newsgroups import load_newsgroups
from wish_tf.corpora.python_docs import load_python_docs
from wish_tf.corpora.python_docs_labelled import load_python_docs_labelled
from wish_tf.corpora.reuters import load_reuters
from wish_tf.corpora.tmc import load_tmc
from wish_tf.errors import InputError

BUILT_IN: dict[str, Callable[[Path | None], Corpus]] = {
    "python-docs": load_python_docs,
    "python-docs-labelled": load_python_docs_labelled,
    "20newsgroups": load_newsgroups,
    "reuters": load_reuters,
    "agnews": load_agnews,
    "tmc": load_tmc,
}


def load_corpus(
    source: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    limit: int | None = None,
    fields: Fields = Fields(),  # noqa: B008
    unique_ids: bool = True,
    most: int | None = None,
) -> Corpus:
    """Loads a corpus.

    Args:
        source: The name of a built-in corpus (a key of `BUILT_IN`), or a file, a
            folder, a pattern or `-` as `Documents` takes them. Documents without a text
            are left out.
        data_dir: Folder with the files of the built-in corpora; None: the environment
            variable `WISH_TF_DATA`. A corpus whose file is not there is downloaded by
            scikit-learn, NLTK or TensorFlow Datasets.
        limit: Keep a random sample of this many documents, always the same one, in
            the order of the corpus; None, or more than there are: keep all.
        fields: Which fields of files are read.
        unique_ids: Whether to refuse files in which an id is null or repeated.
        most: Of files with more documents than these, read a sample of so many, whose
            `sampled_from` then says of how many.

    Returns:
        The corpus.

    Raises:
        InputError: if the corpus cannot be found or read as described.
    """
    documents = open_documents(source, fields, data_dir)
    if isinstance(documents, Documents):
        return documents.corpus(
            documents.name, unique_ids=unique_ids, limit=limit, most=most
        )
    if limit is None or limit >= len(documents):
        return documents
    return documents.subset(np.flatnonzero(sample(len(documents), limit)))


def open_documents(
    source: str | os.PathLike[str],
    fields: Fields,
    data_dir: str | os.PathLike[str] | None = None,
) -> Documents | Corpus:
    """Returns documents that can be read a few at a time; as `load_corpus`."""
    name = os.fspath(source)
    if name in BUILT_IN:
        if fields != Fields():
            raise InputError(f"expected files, where fields are chosen; got {name!r}")
        return BUILT_IN[name](find_data_dir(data_dir))
    if not find_files(name):
        raise InputError(
            f"expected a file, or a built-in corpus: {', '.join(BUILT_IN)}; got "
            f"{name!r}, which is neither"
        )
    return Documents(name, fields)
