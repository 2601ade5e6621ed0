"""Buckets, classes, the projection, the times and what is strange."""

import numpy as np
import pytest

from tests.report.variants import labelled
from wish_tf.report.sections.codes import principal_plane
from wish_tf.report.sections.documents import REPEATS, lonely, misfits, slowest
from wish_tf.report.source import Buckets, Classes, Documents

CODES = np.array([[0, 1], [1, 1], [0, 1], [0, 1], [1, 1], [0, 0]])
LABELS = [("b",), ("a",), ("a", "b"), ("b",), ("c",), ()]


def test_buckets_are_in_order_of_size():
    buckets = Buckets.of(labelled(CODES, LABELS))
    assert buckets.codes.tolist() == [0b01, 0b11, 0b00]
    assert buckets.sizes.tolist() == [3, 2, 1]
    assert buckets.of_document.tolist() == [0, 1, 0, 0, 1, 2]
    # 00 and 10 are as far from both: the larger bucket counts.
    nearest = buckets.nearest(np.array([0b00, 0b10, 0b11], np.uint64))
    assert nearest.tolist() == [2, 1, 1]


def test_classes_are_in_order_of_size():
    classes = Classes.of(LABELS)
    assert classes.names == ["b", "a", "c"] and classes.sizes.tolist() == [3, 2, 1]
    assert classes.members([("a", "b", "a"), (), ("x",)]).toarray().tolist() == [
        [1, 1, 0],
        [0, 0, 0],
        [0, 0, 0],
    ]
    assert len(Classes.of([(), ()])) == 0


def test_codes_that_no_bucket_has():
    queries = labelled(np.array([[1, 0], [0, 1], [1, 0]]), [()] * 3)
    queries.hashed.out_of_vocabulary[2] = True
    assert lonely(queries, Buckets.of(labelled(CODES, LABELS))).tolist() == [0]


def test_a_plane_worked_out_by_hand():
    # Along the first axis the squares add up to 8, along the second to 2.
    points = [[2, 0], [-2, 0], [0, 1], [0, -1]]
    plane, explained = principal_plane(np.array(points) + 5)
    assert plane == pytest.approx(np.array(points))
    assert explained == pytest.approx([0.8, 0.2])


@pytest.mark.parametrize(
    ("points", "explained"),
    [(np.full((3, 4), 0.7), [0, 0]), (np.array([[0.0], [1.0]]), [1, 0])],
    ids=["all the same", "one bit"],
)
def test_planes_of_less_than_two_directions(points, explained):
    plane, shares = principal_plane(points)
    assert plane.shape == (len(points), 2) and plane[:, 1].tolist() == [0] * len(points)
    assert shares == pytest.approx(explained)


def test_the_longest_documents_are_timed_one_at_a_time(monkeypatch):
    clock, calls = [0.0], []
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])

    def hash_texts(texts):
        calls.append(texts)
        clock[0] += {"a": 3.0, "bb": 2.0, "ccc": 7.0, "dddd": 5.0}[texts[0]]

    found = slowest(["a", "ccc", "bb", "dddd"], hash_texts, 2)
    assert found == ([1, 3], [7.0, 5.0], 2, 2.0)
    assert all(len(texts) == 1 for texts in calls) and len(calls) == 1 + 3 * REPEATS


def test_misfits_have_little_in_common_with_the_others_of_their_code(source):
    test, train, hasher = source.test, source.train, source.hasher
    cosines = misfits(test, train, hasher)
    rows = test.rows(hasher, np.arange(len(test))).toarray().astype(np.float64)
    others = train.rows(hasher, np.arange(len(train))).toarray().astype(np.float64)
    known = rows.any(axis=1)
    assert np.isnan(cosines[~known]).all() and known.sum() > 30
    for place in np.flatnonzero(known)[:30]:
        mean = others[train.numbers == test.numbers[place]].sum(axis=0)
        if mean.any():
            length = np.linalg.norm(mean) * np.linalg.norm(rows[place])
            expected = mean @ rows[place] / length
            assert cosines[place] == pytest.approx(expected, abs=1e-5)
        else:
            assert np.isnan(cosines[place])


def test_large_parts_are_sampled_always_in_the_same_way(source):
    part = source.train.corpus
    first, second = (
        Documents.of("training", part, source.hasher, 50) for _ in range(2)
    )
    assert first.corpus.ids == second.corpus.ids and len(set(first.corpus.ids)) == 50
    assert first.sampled and first.total == len(part) and len(first) == 50
    whole = Documents.of("training", part, source.hasher, len(part))
    assert not whole.sampled and whole.corpus is part
    places = {name: place for place, name in enumerate(part.ids)}
    own = [places[name] for name in first.corpus.ids]
    assert first.hashed.probabilities == pytest.approx(
        source.train.hashed.probabilities[own], abs=1e-5
    )
