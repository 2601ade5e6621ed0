import itertools
import re

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import average_precision_score

from wish_tf.errors import InputError
from wish_tf.metrics import Retrieval, precision_at_k


def precisions_at_k(queries, query_labels, database, labels, k):
    return Retrieval.by_labels(queries, query_labels, database, labels).precisions(k)


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
            "expected a database of at least k = 6 documents; got 5",
        ),
        (
            (ONE, ["a"], ONE * 5, ["a"] * 5),
            "expected a database of at least k = 100 documents; got 5",
        ),
        (
            (ONE, ["a"], ONE, ["a"], 0),
            "expected k to be a whole number from 1; got 0",
        ),
        (
            (ONE, ["a"], ONE, ["a"], 1.5),
            "expected k to be a whole number from 1; got 1.5",
        ),
        (
            (ONE, ["a"], [[0, 1, 1]], ["a"], 1),
            "expected query_codes and database_codes of the same length; "
            "got 2 and 3 bits",
        ),
        (
            (ONE, ["a", "b"], ONE, ["a"], 1),
            "expected one label for each of 1 query_codes; got 2",
        ),
        (
            (ONE, ["a"], ONE * 2, ["a"], 1),
            "expected one label for each of 2 database_codes; got 1",
        ),
        (
            (ONE, ["a"], np.empty((0, 2)), [], 1),
            "expected one or more database_codes; got none",
        ),
        (
            (np.empty((0, 2)), [], ONE, ["a"], 1),
            "expected one or more query_codes; got none",
        ),
        (
            ([[0, 2]], ["a"], ONE, ["a"], 1),
            "expected query_codes of 0 and 1 only; got 2 in row 0, bit 1",
        ),
        (
            (np.zeros((1, 65)), ["a"], np.zeros((1, 65)), ["a"], 1),
            "expected bits to be a whole number from 1 to 64; got 65",
        ),
        (
            (ONE, ["3"], ONE, [3], 1),
            "expected query_labels and database_labels of the same type; "
            "got strings and numbers",
        ),
        (
            (ONE, [None], ONE, [3], 1),
            "expected query_labels as integers or strings, or lists of them; "
            "got None for document 0",
        ),
        (
            (ONE, [3], ONE * 2, [3, float("nan")], 1),
            "expected database_labels as integers or strings, or lists of them; "
            "got nan for document 1",
        ),
        (
            (ONE, [["a"]], ONE * 2, [["a"], "b"], 1),
            "expected database_labels as one label for every document or one list of "
            "labels for every document; got lists for 1 of 2 documents",
        ),
        (
            (ONE, [[["a"]]], ONE, [["a"]], 1),
            "expected query_labels as integers or strings, or lists of them; "
            "got unhashable type: 'list'",
        ),
        (
            (ONE, np.array([[1, 2]]), ONE, np.array([[1, 1]]), 1),
            "expected query_labels, being a 2-D array, to be multi-hot, of "
            "0 and 1 only; got 2 in row 0, column 1",
        ),
        (
            (ONE, np.array([[1, 0]]), ONE, np.array([[1, 1, 0]]), 1),
            "expected query_labels and database_labels in the same form; got a "
            "multi-hot array of 2 columns and a multi-hot array of 3 columns",
        ),
        (
            (ONE, np.array([[1, 0]]), ONE, [[1]], 1),
            "expected query_labels and database_labels in the same form; got a "
            "multi-hot array of 2 columns and a list of labels",
        ),
        (
            (ONE, np.zeros((1, 1, 1)), ONE, [1], 1),
            "expected query_labels as a 1-D array of labels, a list of label sets or a "
            "2-D multi-hot array; got an array of shape (1, 1, 1)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        precision_at_k(*arguments)


# Three documents at distance 0, two at 1 and one at 2; 1, 2 and 1 are relevant.
BY_HAND = Retrieval(np.array([[3, 2, 1]]), np.array([[1, 2, 1]]))


def test_a_query_worked_out_by_hand():
    assert BY_HAND.documents == 6 and BY_HAND.chance == pytest.approx(4 / 6)
    precisions = [BY_HAND.precisions(k)[0] for k in range(1, 7)]
    expected = [1 / 3, 1 / 3, 1 / 3, 2 / 4, 3 / 5, 4 / 6]
    assert precisions == pytest.approx(expected)
    recalls = [BY_HAND.recalls(k)[0] for k in range(1, 7)]
    expected = [1 / 12, 1 / 6, 1 / 4, 2 / 4, 3 / 4, 1]
    assert recalls == pytest.approx(expected)
    assert BY_HAND.within(0) == pytest.approx((1 / 3, 1, 3))
    assert BY_HAND.within(1) == pytest.approx((3 / 5, 1, 5))


def test_average_precision_worked_out_by_hand():
    # The one relevant of the nearest three is at place 1, 2 or 3, and the precision
    # there is 1, 1/2 or 1/3: 11/18. The other places are certain: 4 has precision 2/4,
    # 5 has 3/5 and 6 has 4/6.
    expected = (11 / 18 + 2 / 4 + 3 / 5 + 4 / 6) / 4
    assert BY_HAND.average_precisions() == pytest.approx([expected])
    # Two of three tied, at places 12, 13 or 23: (1 + 1)/2, (1 + 2/3)/2, (1/2 + 2/3)/2.
    tied = Retrieval(np.array([[3]]), np.array([[2]]))
    assert tied.average_precisions() == pytest.approx([(1 + 5 / 6 + 7 / 12) / 3])


def test_what_has_nothing_relevant():
    found = Retrieval(np.array([[0, 2], [1, 1]]), np.array([[0, 0], [1, 0]]))
    assert found.average_precisions().tolist() == [0, 1]
    assert found.precisions(1).tolist() == [0, 1]
    np.testing.assert_array_equal(found.recalls(1), [np.nan, 1])
    precision, share, documents = found.within(0)
    assert (precision, share, documents) == (1, 0.5, 0.5)
    assert Retrieval(found.found[:1], found.relevant[:1]).within(0) == (None, 0, 0)


@pytest.mark.parametrize("seed", range(4))
def test_average_precision_is_the_mean_over_all_orders_of_the_ties(seed):
    rng = np.random.default_rng(seed)
    distance = rng.integers(0, 3, 7)
    relevant = rng.random(7) < 0.5
    relevant[0] = True
    values = []
    for order in itertools.permutations(range(7)):
        ranked = relevant[sorted(order, key=lambda place: distance[place])]
        precision = np.cumsum(ranked) / np.arange(1, 8)
        values.append(precision[ranked].mean())
    found = np.bincount(distance, minlength=3)
    hits = np.bincount(distance, relevant, 3).astype(int)
    measured = Retrieval(found[None], hits[None]).average_precisions()
    assert measured == pytest.approx([np.mean(values)], rel=1e-12)


def test_average_precision_without_ties_is_scikit_learns():
    rng = np.random.default_rng(0)
    # The distance of document i to 0...0 is i: each is alone.
    database = np.tril(np.ones((40, 40), int), -1)
    labels = rng.integers(0, 3, 40)
    found = Retrieval.by_labels(np.zeros((1, 40), int), [1], database, labels)
    expected = average_precision_score(labels == 1, -np.arange(40))
    assert found.average_precisions() == pytest.approx([expected])


@pytest.mark.parametrize("bits", [3, 64])
def test_labels_and_a_graph_of_what_they_make_relevant_agree(bits):
    queries, query_hot, database, hot = _random_case(bits, bits, multi=True)
    by_labels = Retrieval.by_labels(queries, query_hot, database, hot)
    graph = csr_array((query_hot.astype(int) @ hot.T.astype(int)) > 0)
    by_graph = Retrieval.by_graph(queries, database, graph)
    np.testing.assert_array_equal(by_graph.found, by_labels.found)
    np.testing.assert_array_equal(by_graph.relevant, by_labels.relevant)
    assert by_graph.found.sum(axis=1).tolist() == [150] * 12


def test_a_graph_of_other_documents_is_refused():
    message = "expected a row for each of 1 database_codes; got 2"
    with pytest.raises(InputError, match=f"^{message}$"):
        Retrieval.by_graph([[0, 1]], [[0, 1]], csr_array([[1, 0]]))
