"""Which documents are relevant to which queries, by their labels."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from wish_tf.errors import InputError

Labels = frozenset[Hashable]
_SET_TYPES = (list, tuple, set, frozenset, np.ndarray)


def label_relevance(
    query_labels: Any, database_labels: Any
) -> tuple[np.ndarray, np.ndarray, sparse.csr_array]:
    """Groups documents by their sets of labels and says which sets are relevant.

    A document is relevant to a query when the two share at least one label.

    Args:
        query_labels: Labels of the queries: one label each (1-D, integers or
            strings), or one list, tuple or set of labels each, or a 0/1
            multi-hot array [q, labels].
        database_labels: Labels of the documents, in the same way.

    Returns:
        Three things: int64 [q], the number of each query's label set; int64 [n],
        the number of each document's label set; int64 CSR [query sets, document
        sets], 1 where the two share a label and nothing elsewhere.

    Raises:
        InputError: If labels are in none of these forms, a single label is
            missing, or the two arguments cannot be compared.
    """
    query_sets, query_columns = _label_sets(query_labels, "query_labels")
    database_sets, columns = _label_sets(database_labels, "database_labels")
    if query_columns != columns:
        raise InputError(
            "expected query_labels and database_labels in the same form; got "
            f"{_form(query_columns)} and {_form(columns)}"
        )
    query_numbers, queries = _number(query_sets)
    database_numbers, documents = _number(database_sets)
    # The integer 3 never equals the string "3": say so instead of scoring 0.
    asked, known = (
        {_kind(x) for x in Labels().union(*s)} for s in (queries, documents)
    )
    if asked and known and not asked & known:
        raise InputError(
            "expected query_labels and database_labels of the same type; "
            f"got {asked.pop()} and {known.pop()}"
        )
    every = {label: i for i, label in enumerate(Labels().union(*queries, *documents))}
    shared = _incidence(queries, every) @ _incidence(documents, every).T
    return query_numbers, database_numbers, (shared > 0).astype(np.int64).tocsr()


def _label_sets(labels: Any, name: str) -> tuple[list[Labels], int | None]:
    """One set per document, and the columns of a multi-hot array (else None)."""
    if sparse.issparse(labels):
        raise InputError(
            f"expected {name} as a dense array or a list; got a sparse one"
        )
    if not isinstance(labels, (list, tuple)):
        labels = np.asarray(labels)
        if labels.ndim == 2:
            return _multi_hot_sets(labels, name), labels.shape[1]
        if labels.ndim != 1:
            raise InputError(
                f"expected {name} as a 1-D array of labels, a list of label sets or a "
                f"2-D multi-hot array; got an array of shape {labels.shape}"
            )
        labels = labels.tolist()
    plural = sum(isinstance(label, _SET_TYPES) for label in labels)
    if plural not in (0, len(labels)):
        raise InputError(
            f"expected {name} as one label for every document or one list of labels "
            f"for every document; got lists for {plural} of {len(labels)} documents"
        )
    try:
        sets = [frozenset(label if plural else (label,)) for label in labels]
    except TypeError as error:
        raise InputError(
            f"expected {name} as integers or strings, or lists of them; got {error}"
        ) from None
    for own in set(sets):
        for label in own:
            # NaN is the one label that differs from itself.
            if not isinstance(label, (str, bytes, numbers.Real)) or label != label:
                raise InputError(
                    f"expected {name} as integers or strings, or lists of them; "
                    f"got {label!r} for document {sets.index(own)}"
                )
    return sets, None


def _multi_hot_sets(labels: np.ndarray, name: str) -> list[Labels]:
    wrong = (labels != 0) & (labels != 1)
    if wrong.any():
        row, column = np.unravel_index(int(np.argmax(wrong)), labels.shape)
        raise InputError(
            f"expected {name}, being a 2-D array, to be multi-hot, of 0 and 1 only; "
            f"got {labels[row, column]} in row {row}, column {column}"
        )
    return [frozenset(np.flatnonzero(row).tolist()) for row in labels]


def _kind(label: Hashable) -> str:
    if isinstance(label, str):
        return "strings"
    return "bytes" if isinstance(label, bytes) else "numbers"


def _form(columns: int | None) -> str:
    if columns is None:
        return "a list of labels"
    return f"a multi-hot array of {columns} columns"


def _number(sets: Sequence[Labels]) -> tuple[np.ndarray, list[Labels]]:
    """Numbers the distinct sets in the order of their first appearance."""
    numbering: dict[Labels, int] = {}
    numbered = [numbering.setdefault(labels, len(numbering)) for labels in sets]
    return np.array(numbered, np.int64), list(numbering)


def _incidence(
    sets: Sequence[Labels], places: Mapping[Hashable, int]
) -> sparse.csr_array:
    """0/1 matrix [sets, labels], of which each label has a place."""
    columns = [places[label] for labels in sets for label in labels]
    ends = np.cumsum([0, *map(len, sets)])
    ones = np.ones(len(columns), np.int64)
    return sparse.csr_array(
        (ones, np.array(columns, np.int64), ends), (len(sets), len(places))
    )
