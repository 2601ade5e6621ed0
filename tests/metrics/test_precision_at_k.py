import importlib
import re

import numpy as np
import pytest

from wish_tf.errors import InputError
from wish_tf.metrics import precision_at_k, precisions_at_k


def test_nearer_buckets_whole_and_the_boundary_by_its_relevant_fraction():
    database = [[0, 0], [0, 0], [0, 1], [0, 1], [1, 0], [1, 1]]
    labels = ["a", "b", "a", "a", "b", "a"]
    # Query 00 labelled a, k = 4: distance 0 gives 1 relevant of 2; at distance 1
    # are 3 documents, 2 of them relevant, for 2 slots: 2/3 * 2. (1 + 4/3) / 4.
    assert precision_at_k([[0, 0]], ["a"], database, labels, k=4) == pytest.approx(
        7 / 12
    )
    # Labelled b: (1 + 1/3 * 2) / 4.
    assert precision_at_k([[0, 0]], ["b"], database, labels, k=4) == pytest.approx(
        5 / 12
    )


def test_k_smaller_than_the_nearest_bucket():
    database = [[0, 1, 0]] * 5 + [[1, 0, 1]] * 3
    labels = [7, 7, 8, 8, 8, 7, 7, 7]
    values = precisions_at_k(
        [[0, 1, 0], [0, 1, 0], [0, 1, 1]], [7, 8, 9], database, labels, k=2
    )
    assert values.dtype == np.float64
    np.testing.assert_allclose(values, [2 / 5, 3 / 5, 0])


def test_boundary_filled_exactly_takes_nothing_further():
    database = [[0, 0], [0, 0], [0, 1], [1, 1]]
    assert precision_at_k([[0, 0]], [1], database, [1, 1, 1, 1], k=2) == 1.0
    assert precision_at_k([[0, 0]], [1], database, [0, 0, 1, 1], k=2) == 0.0


def test_k_of_the_whole_database_is_the_share_of_the_label():
    codes = np.random.default_rng(0).integers(0, 2, (40, 6))
    labels = [0] * 10 + [1] * 30
    values = precisions_at_k(codes[:2], [0, 1], codes, labels, k=40)
    assert values.tolist() == [0.25, 0.75]


def test_mean_over_the_queries():
    database = [[0], [1]]
    labels = ["x", "y"]
    arguments = ([[0], [0], [1], [1]], ["x", "y", "x", "x"], database, labels, 1)
    assert precisions_at_k(*arguments).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert precision_at_k(*arguments) == 0.25


def test_several_labels_are_relevant_when_one_is_shared():
    database = [[0, 0], [0, 0], [0, 0], [0, 1]]
    labels = [{"sea", "ship"}, ("oil",), [], ["ship"]]
    queries = [[0, 0]] * 4
    query_labels = [["oil", "ship"], ["ship", "ship"], [], ["wheat"]]
    values = precisions_at_k(queries, query_labels, database, labels, k=2)
    # Distance 0 holds 3 documents for 2 slots; of them 2, 1, 0, 0 are relevant.
    np.testing.assert_allclose(values, [2 / 3, 1 / 3, 0, 0])
    values = precisions_at_k(queries, query_labels, database, labels, k=4)
    np.testing.assert_allclose(values, [3 / 4, 2 / 4, 0, 0])


def test_documents_without_any_label_are_never_relevant():
    codes = [[0], [0]]
    assert precision_at_k(codes, [[], []], codes, [[], []], k=1) == 0.0
    assert precision_at_k(codes, np.zeros((2, 3)), codes, np.zeros((2, 3)), 1) == 0.0


def _random_case(seed, bits, multi):
    rng = np.random.default_rng(seed)
    queries = rng.integers(0, 2, (12, bits))
    database = rng.integers(0, 2, (150, bits))
    if multi:
        hot = rng.random((162, 5)) < 0.25
    else:
        hot = np.eye(4, dtype=bool)[rng.integers(0, 4, 162)]
    return queries, hot[:12], database, hot[12:]


def test_multi_hot_label_sets_and_single_labels_agree():
    queries, query_hot, database, hot = _random_case(1, 4, multi=True)
    as_sets = [[np.flatnonzero(row) for row in rows] for rows in (query_hot, hot)]
    np.testing.assert_array_equal(
        precisions_at_k(queries, query_hot, database, hot, 30),
        precisions_at_k(queries, as_sets[0], database, as_sets[1], 30),
    )
    queries, query_hot, database, hot = _random_case(1, 4, multi=False)
    single = [rows.argmax(axis=1) for rows in (query_hot, hot)]
    expected = precisions_at_k(queries, query_hot, database, hot, 30)
    for names in (np.array(list("abcd")), np.array(list("abcd"), object)):
        np.testing.assert_array_equal(
            expected,
            precisions_at_k(queries, names[single[0]], database, names[single[1]], 30),
        )
    np.testing.assert_array_equal(
        expected, precisions_at_k(queries, single[0], database, single[1], 30)
    )


@pytest.mark.parametrize(
    ("bits", "multi", "k"), [(2, False, 10), (4, False, 100), (4, True, 20)]
)
def test_equals_the_mean_over_random_orders_of_the_ties(bits, multi, k):
    queries, query_hot, database, hot = _random_case(bits + k, bits, multi)
    relevant = (query_hot[:, None, :] & hot[None, :, :]).any(axis=2)
    distances = (queries[:, None, :] != database[None, :, :]).sum(axis=2)
    rng = np.random.default_rng(5)
    trials = 4000
    means = np.empty(trials)
    for trial in range(trials):
        order = np.argsort(distances + rng.random(distances.shape), axis=1)[:, :k]
        means[trial] = np.take_along_axis(relevant, order, axis=1).mean()
    # The mean of the trials lies within 5 standard errors of its expectation but
    # once in a million. One trial deviates by at most 0.035 (12 queries, few slots),
    # so 4000 of them by 0.035 / sqrt(4000) < 6e-4.
    error = means.std(ddof=1) / np.sqrt(trials)
    assert 0 < error < 6e-4
    value = precision_at_k(queries, query_hot, database, hot, k)
    assert abs(value - means.mean()) < 5 * error
    # One fixed order of the ties is not what is meant: it is visibly elsewhere.
    fixed = np.argsort(distances, axis=1, kind="stable")[:, :k]
    one_order = np.take_along_axis(relevant, fixed, axis=1).mean()
    assert abs(value - one_order) > 5 * error


def _closed_form(queries, query_hot, database, hot, k):
    """The same definition, query by query and without any grouping."""
    values = []
    for query, wanted in zip(queries, query_hot, strict=True):
        distances = (database != query).sum(axis=1)
        relevant = (hot & wanted).any(axis=1)
        edge = np.sort(distances)[k - 1]
        nearer, tied = distances < edge, distances == edge
        slots = k - nearer.sum()
        values.append((relevant[nearer].sum() + slots * relevant[tied].mean()) / k)
    return values


@pytest.mark.parametrize("bits", [1, 3, 8, 16, 17, 33, 64])
@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("k", [1, 7, 150])
def test_equals_the_definition_applied_query_by_query(bits, multi, k):
    case = _random_case(bits, bits, multi)
    np.testing.assert_allclose(
        precisions_at_k(*case, k), _closed_form(*case, k), rtol=1e-12, atol=0
    )


def test_more_codes_than_are_compared_at_once(monkeypatch):
    case = _random_case(9, 10, multi=True)
    whole = precisions_at_k(*case, 20)
    # The package exports the function under the name of its module.
    module = importlib.import_module("wish_tf.metrics.precision_at_k")
    monkeypatch.setattr(module, "_DISTANCES_AT_ONCE", 300)
    np.testing.assert_array_equal(precisions_at_k(*case, 20), whole)


@pytest.mark.parametrize("multi", [False, True])
def test_exactly_independent_of_the_order_of_the_database(multi):
    queries, query_hot, database, hot = _random_case(2, 5, multi)
    expected = precisions_at_k(queries, query_hot, database, hot, 40)
    rng = np.random.default_rng(0)
    for _ in range(5):
        order = rng.permutation(len(database))
        values = precisions_at_k(queries, query_hot, database[order], hot[order], 40)
        assert values.tolist() == expected.tolist()
    by_label = np.lexsort(hot.T)
    values = precisions_at_k(queries, query_hot, database[by_label], hot[by_label], 40)
    assert values.tolist() == expected.tolist()


ONE = [[0, 1]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (ONE, ["a"], ONE * 5, ["a"] * 5, 6),
            "the database must have at least k = 6 documents; got 5.",
        ),
        (
            (ONE, ["a"], ONE * 5, ["a"] * 5),
            "the database must have at least k = 100 documents; got 5.",
        ),
        (
            (ONE, ["a"], ONE, ["a"], 0),
            "k must be an integer of at least 1; got 0.",
        ),
        (
            (ONE, ["a"], ONE, ["a"], 1.5),
            "k must be an integer of at least 1; got 1.5.",
        ),
        (
            (ONE, ["a"], [[0, 1, 1]], ["a"], 1),
            "query_codes and database_codes must be of the same length; "
            "got 2 and 3 bits.",
        ),
        (
            (ONE, ["a", "b"], ONE, ["a"], 1),
            "query_labels must have one entry for each of the 1 codes; got 2.",
        ),
        (
            (ONE, ["a"], ONE * 2, ["a"], 1),
            "database_labels must have one entry for each of the 2 codes; got 1.",
        ),
        (
            (np.empty((0, 2)), [], ONE, ["a"], 1),
            "precision needs at least one query; got none.",
        ),
        (
            ([[0, 2]], ["a"], ONE, ["a"], 1),
            "query_codes must contain only 0 and 1; got 2 in row 0, bit 1.",
        ),
        (
            (np.zeros((1, 65)), ["a"], np.zeros((1, 65)), ["a"], 1),
            "the length in bits must be from 1 to 64; got 65.",
        ),
        (
            (ONE, ["3"], ONE, [3], 1),
            "query_labels and database_labels must be of the same type; "
            "got strings and numbers.",
        ),
        (
            (ONE, [None], ONE, [3], 1),
            "query_labels must be integers or strings, or lists of them; "
            "got None for document 0.",
        ),
        (
            (ONE, [3], ONE * 2, [3, float("nan")], 1),
            "database_labels must be integers or strings, or lists of them; "
            "got nan for document 1.",
        ),
        (
            (ONE, [["a"]], ONE * 2, [["a"], "b"], 1),
            "database_labels must be one label for every document or one list of "
            "labels for every document; got lists for 1 of 2 documents.",
        ),
        (
            (ONE, [[["a"]]], ONE, [["a"]], 1),
            "query_labels must be integers or strings, or lists of them; "
            "got unhashable type: 'list'.",
        ),
        (
            (ONE, np.array([[1, 2]]), ONE, np.array([[1, 1]]), 1),
            "query_labels, being a 2-D array, must be multi-hot and contain only "
            "0 and 1; got 2 in row 0, column 1.",
        ),
        (
            (ONE, np.array([[1, 0]]), ONE, np.array([[1, 1, 0]]), 1),
            "query_labels and database_labels must be in the same form; got a "
            "multi-hot array of 2 columns and a multi-hot array of 3 columns.",
        ),
        (
            (ONE, np.array([[1, 0]]), ONE, [[1]], 1),
            "query_labels and database_labels must be in the same form; got a "
            "multi-hot array of 2 columns and a list of labels.",
        ),
        (
            (ONE, np.zeros((1, 1, 1)), ONE, [1], 1),
            "query_labels must be a 1-D array of labels, a list of label sets or a "
            "2-D multi-hot array; got an array of shape (1, 1, 1).",
        ),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        precision_at_k(*arguments)
