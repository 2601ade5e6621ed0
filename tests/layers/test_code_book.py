import numpy as np
import pytest
from scipy.special import expit

from wish_tf.layers import CodeBook

# The middles of the two cells are at 26.6 and at 90 degrees.
CENTRES = [[1, 0], [0.6, 0.8], [0, 1]]
CELLS = [0, 0, 1]


def book_of(centres, codes, cells, probes=1, temperature=1.0):
    arrays = np.array(centres, np.float32), np.array(codes), np.array(cells)
    return CodeBook.of(*arrays, probes=probes, temperature=temperature)


def test_a_probability_is_the_margin_between_the_nearest_centres():
    book = book_of([[1, 0], [0, 1]], [[0, 0], [0, 1]], [0, 1], 2, temperature=0.5)
    # No centre has bit 0 on: none is nearer than a cosine of -2.
    found = book(np.array([[0.8, 0.6], [0.0, 1.0]], np.float32))
    margins = [[-2 - 0.8, 0.6 - 0.8], [-2 - 1, 1 - 0]]
    np.testing.assert_allclose(found, expit(np.array(margins) / 0.5), rtol=1e-5)


def test_with_one_probe_centres_are_those_of_the_nearest_cell():
    book = book_of(CENTRES, [[0, 0], [0, 1], [1, 1]], CELLS)
    points = np.array([[0.8, 0.6], [0.28, 0.96], [-0.6, 0.8]], np.float32)
    # Of the first, the centre of cosine .96 has bit 1 on and that of .8 off; in
    # the second cell there is one, and the empty place is not a code.
    margins = [[-2 - 0.96, 0.96 - 0.8], [0.96 + 2, 0.96 + 2], [0.8 + 2, 0.8 + 2]]
    np.testing.assert_allclose(book(points), expit(np.array(margins)), rtol=1e-5)


def test_with_more_probes_a_nearer_centre_of_another_cell_counts():
    codes = [[0, 0], [0, 1], [1, 1]]
    one, two = (book_of(CENTRES, codes, CELLS, probes) for probes in (1, 2))
    # In the second cell, but nearer to the second centre of the first.
    point = np.array([[0.4, 0.9165]], np.float32)
    assert (one(point).numpy() > 0.5).tolist() == [[True, True]]
    assert (two(point).numpy() > 0.5).tolist() == [[False, True]]


@pytest.mark.parametrize("probes", [1, 2, 6])
def test_a_bit_is_likely_exactly_where_the_nearest_centre_has_it(probes):
    random = np.random.default_rng(0)

    def directions(n):
        found = random.normal(size=(n, 5)).astype(np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    centres, points = directions(40), directions(500)
    # The fifth cell has one centre, the others different numbers of them.
    cells = np.array([*range(6), *random.choice([0, 1, 2, 3, 5], 34)])
    codes = random.integers(2, size=(40, 7))
    book = book_of(centres, codes, cells, probes, 0.05)
    found = book(points).numpy()
    assert found.shape == (500, 7)
    # Many points go through their cells, few through their own.
    few = [book(points[start : start + 50]) for start in range(0, 500, 50)]
    np.testing.assert_allclose(found, np.concatenate(few), rtol=1e-5)
    for point, probabilities in zip(points, found, strict=True):
        near = np.argsort(-(book.middles.numpy() @ point))[:probes]
        inside = np.flatnonzero(np.isin(cells, near))
        nearest = inside[(centres[inside] @ point).argmax()]
        np.testing.assert_array_equal(probabilities > 0.5, codes[nearest])


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_a_copy_by_config_and_weights_is_equal(policy):
    book = book_of(CENTRES, [[0], [1], [1]], CELLS)
    copy = CodeBook.from_config({**book.get_config(), "dtype": policy})
    copy.build((None, 2))
    copy.set_weights(book.get_weights())
    points = np.array([[0.8, 0.6], [-0.6, 0.8]], np.float32)
    np.testing.assert_array_equal(copy(points), book(points))


def test_what_is_in_use_makes_an_equal_book():
    codes = [[0, 0], [0, 1], [1, 1]]
    book = book_of(CENTRES, codes, CELLS, 2)
    centres, found, cells = book.in_use()
    np.testing.assert_allclose(centres, CENTRES)
    assert (found.tolist(), cells.tolist()) == (codes, CELLS)
    copy = CodeBook.of(centres, found, cells, probes=2, temperature=1.0)
    for one, other in zip(book.get_weights(), copy.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
