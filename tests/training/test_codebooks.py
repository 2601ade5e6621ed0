import numpy as np
import pytest

from tests.training.planted import planted_rows, purity
from wish_tf.training import codebooks
from wish_tf.training.codebook import Codebook
from wish_tf.training.codebooks import Codebooks


@pytest.fixture(scope="module")
def planted() -> tuple:
    rows, groups = planted_rows(3000)
    rng = np.random.default_rng(0)
    points = np.eye(4)[groups] + rng.normal(0, 0.2, (len(groups), 4))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return rows, groups, points.astype(np.float32)


def test_short_codes_are_one_book(planted):
    rows, _, points = planted
    books, book = Codebooks(rows, points, 6), Codebook(rows, points, 6, 150)
    assert np.array_equal(books.codes, book.codes[book.clusters])
    assert np.array_equal(books.targets(points), book.targets(points))


@pytest.mark.parametrize(("bits", "lengths"), [(7, [4, 3]), (8, [4, 4]), (9, [3] * 3)])
def test_longer_ones_are_divided_evenly(bits, lengths, planted, monkeypatch):
    monkeypatch.setattr(codebooks, "MOST_BITS", 4)
    rows, groups, points = planted
    books = Codebooks(rows, points, bits)
    assert books.codes.shape == (3000, bits) and books.codes.dtype == np.uint8
    assert [book.codes.shape[1] for book in books._books] == lengths
    assert books.targets(points[:5]).shape == (5, bits)
    decided = (books.targets(points) > 0.5) == books.codes
    assert decided.mean() > 0.9
    assert purity(books.codes, groups) > 0.9


def test_the_next_book_is_finer_and_sees_other_clusters(planted, monkeypatch):
    monkeypatch.setattr(codebooks, "MOST_BITS", 6)
    rows, _, points = planted
    first, second = Codebooks(rows, points, 12)._books
    assert (len(first.codes), len(second.codes)) == (20, 60)
    same = Codebooks(rows, points, 12)
    assert np.array_equal(same.codes[:, :6], first.codes[first.clusters])


def test_the_largest_seed(planted, monkeypatch):
    monkeypatch.setattr(codebooks, "MOST_BITS", 2)
    rows, _, points = planted
    assert Codebooks(rows, points, 4, 2**32 - 1).codes.shape == (3000, 4)
