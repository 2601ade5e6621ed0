import numpy as np
import pytest
import scipy.sparse

from wish_tf.training import neighbour_codes
from wish_tf.training.neighbour_codes import (
    SCALES,
    descend,
    neighbour_shares,
    quantised,
)


def directions(n, d=6):
    points = np.random.default_rng(0).normal(size=(n, d)).astype(np.float32)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


@pytest.mark.parametrize("block", [2**23, 7 * 50])
def test_shares_are_those_of_the_texts_nearest_by_centre(monkeypatch, block):
    monkeypatch.setattr(neighbour_codes, "BLOCK", block)
    centres, random = directions(50), np.random.default_rng(1)
    sizes = random.integers(1, 6, size=50)
    found = neighbour_shares(centres, sizes, 40, exponent=0.8).toarray()
    for i in range(50):
        cosines = centres @ centres[i]
        cosines[i] = np.inf
        weights, rank = np.zeros(50), 0
        for j in np.argsort(-cosines):
            for _ in range(sizes[j] - (i == j)):
                rank += 1
                weights[j] += rank**-0.8 if rank <= 40 else 0
        np.testing.assert_allclose(found[i], weights / weights.sum(), rtol=1e-5)


def test_there_may_be_fewer_texts_than_neighbours_and_clusters_without_any():
    sizes = np.array([2, 0, 1])
    found = neighbour_shares(directions(3), sizes, 700, exponent=1).toarray()
    # Of the two others of a text in the first, one is in its own cluster.
    np.testing.assert_allclose(found[0], [2 / 3, 0, 1 / 3], rtol=1e-6)
    np.testing.assert_allclose(found[2], [1, 0, 0], rtol=1e-6)
    alone = neighbour_shares(directions(1), np.array([1]), 9, exponent=1)
    np.testing.assert_array_equal(alone.toarray(), [[0]])


def test_quantisation_turns_corners_into_codes():
    corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) @ np.array(
        [[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]]
    )
    of = np.pad(corners, ((0, 0), (0, 1))) + 3
    spread = np.random.default_rng(0).normal(scale=0.05, size=(100, 1, 3))
    codes = quantised((of + spread).reshape(-1, 3), of, 2, seed=0)
    assert codes.dtype == np.uint8 and len(np.unique(codes, axis=0)) == 4
    # Opposite corners have opposite codes.
    np.testing.assert_array_equal(codes[:2] + codes[:1:-1], np.ones((2, 2)))


def test_quantisation_gives_more_bits_than_there_are_directions():
    points = directions(30, 3)
    assert quantised(points, points[:5], 9, seed=0).shape == (5, 9)
    same = np.repeat(points[:1], 30, axis=0)
    assert set(quantised(same, same, 4, seed=0).ravel()) <= {0, 1}


def loss(codes, shares, sizes, scale):
    """What `descend` lowers, in plain words."""
    shares = shares.toarray()
    total, n, k = 0.0, sizes.sum(), len(codes)
    for i in range(k):
        mass = np.empty(k)
        for j in range(k):
            others = sizes[j] - (i == j)
            mass[j] = others / n * np.exp(-scale * (codes[i] != codes[j]).sum())
        for j in range(k):
            apart = (codes[i] != codes[j]).sum()
            total += sizes[i] / n * shares[i, j] * scale * apart
        total += sizes[i] / n * np.log(mass.sum())
    return total


@pytest.fixture(scope="module")
def clusters():
    """Codes of 12 clusters to start from, where their neighbours lie, and sizes."""
    random = np.random.default_rng(3)
    sizes = np.array([1, 1, 2, 30, 8, 8, 10, 10, 10, 20, 15, 5])
    shares = neighbour_shares(directions(12), sizes, 30, exponent=1)
    return random.integers(2, size=(12, 5)), shares, sizes


def test_each_step_is_the_best_flip_of_all(clusters):
    codes, shares, sizes = clusters
    expected = codes.copy()
    scale = min(SCALES, key=lambda s: loss(codes, shares, sizes, s))
    flips = 0
    for i in np.random.default_rng(7).permutation(12):
        tried = []
        for bit in range(5):
            flipped = expected.copy()
            flipped[i, bit] ^= 1
            tried.append(loss(flipped, shares, sizes, scale))
        if min(tried) < loss(expected, shares, sizes, scale) - 1e-7:
            expected[i, np.argmin(tried)] ^= 1
            flips += 1
    assert flips >= 3
    found = descend(codes, shares, sizes, frozen=0, sweeps=1, seed=7)
    np.testing.assert_array_equal(found, expected)


def test_the_descent_lowers_the_loss_and_leaves_frozen_bits(clusters):
    codes, shares, sizes = clusters

    def least(codes):
        return min(loss(codes, shares, sizes, scale) for scale in SCALES)

    once = descend(codes, shares, sizes, frozen=2, sweeps=1, seed=7)
    all_of_them = descend(codes, shares, sizes, frozen=2, sweeps=20, seed=7)
    assert least(all_of_them) <= least(once) < least(codes)
    np.testing.assert_array_equal(all_of_them[:, :2], codes[:, :2])
    assert all_of_them.dtype == np.uint8
    none = descend(codes, shares, sizes, frozen=0, sweeps=0, seed=7)
    np.testing.assert_array_equal(none, codes)


def test_one_cluster_has_nothing_to_learn():
    shares = scipy.sparse.csr_array(np.ones((1, 1)))
    found = descend(np.zeros((1, 4)), shares, np.array([9]), 0, 5, seed=0)
    np.testing.assert_array_equal(found, np.zeros((1, 4)))
