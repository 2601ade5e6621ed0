"""What all ways to cut points to bits have in common, and each has for itself."""

import numpy as np
import pytest

from baselines.binarisers import (
    ClusterNumbers,
    ITQRotation,
    PrincipalSigns,
    RandomPlanes,
    mismatch,
    pull,
)
from wish_tf.errors import InputError

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(200, 6)) * [3, 2, 1.5, 1, 0.5, 0.1]
ALL = [ClusterNumbers, ITQRotation, PrincipalSigns, RandomPlanes]


@pytest.mark.parametrize("kind", ALL)
def test_codes_are_bits_that_repeat_with_the_seed(kind):
    codes = kind(3, 1).fit(POINTS).bits_of(POINTS)
    assert codes.shape == (200, 3)
    assert codes.dtype == np.uint8
    assert set(np.unique(codes)) == {0, 1}
    np.testing.assert_array_equal(codes, kind(3, 1).fit(POINTS).bits_of(POINTS))


@pytest.mark.parametrize("kind", [ITQRotation, RandomPlanes])
def test_another_seed_gives_other_codes(kind):
    one, two = (kind(3, seed).fit(POINTS).bits_of(POINTS) for seed in (1, 2))
    assert (one != two).any()


def test_points_mirrored_at_the_mean_have_opposite_bits():
    for kind in (ITQRotation, PrincipalSigns, RandomPlanes):
        cut = kind(3, 0).fit(POINTS)
        mirrored = 2 * POINTS.mean(axis=0) - POINTS
        np.testing.assert_array_equal(cut.bits_of(mirrored), 1 - cut.bits_of(POINTS))


def test_principal_components_are_the_longest_axes():
    components = PrincipalSigns(2).fit(POINTS).project(POINTS)
    spread = components.std(axis=0)
    np.testing.assert_allclose(spread, [3, 2], rtol=0.15)
    assert abs(np.corrcoef(components.T)[0, 1]) < 1e-9


def quantisation_loss(values):
    return ((values - np.where(values > 0, 1, -1)) ** 2).mean()


def test_the_rotation_is_one_and_makes_signs_lose_less():
    cut = ITQRotation(4, 0).fit(POINTS)
    np.testing.assert_allclose(cut.rotation @ cut.rotation.T, np.eye(4), atol=1e-9)
    rng = np.random.default_rng(0)
    first, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    components = PrincipalSigns(4).fit(POINTS).project(POINTS)
    assert quantisation_loss(cut.project(POINTS)) < quantisation_loss(
        components @ first
    )


def test_more_bits_than_axes():
    with pytest.raises(InputError, match="as many bits as there are axes, 6; got 7"):
        PrincipalSigns(7).fit(POINTS)


def test_the_mismatch_by_hand():
    # Two clusters at distance 2 of weight 3, counted both ways.
    weights = np.array([[0.0, 3.0], [3.0, 0.0]])
    assert mismatch(weights, np.array([[1, 1], [-1, -1.0]])) == 12


def test_the_mean_pull_is_none():
    weights = pull(RNG.normal(size=(5, 3)), np.array([1, 2, 3, 4, 5]))
    assert abs(weights.sum()) < 1e-9
    assert np.diag(weights).tolist() == [0] * 5


def test_clusters_on_a_square_get_the_codes_of_its_corners():
    corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    points = np.repeat(corners, 20, axis=0) + RNG.normal(size=(80, 2)) * 0.05
    codes = ClusterNumbers(2).fit(points).bits_of(points)
    corner = codes.reshape(4, 20, 2)
    assert (corner == corner[:, :1]).all()
    a, b, c, d = corner[:, 0].astype(int)
    # Neighbouring corners differ in one bit, opposite ones in two.
    assert abs(a - d).sum() == abs(b - c).sum() == 2
    assert abs(a - b).sum() == abs(a - c).sum() == 1


def test_fewer_points_than_codes():
    points = np.array([[0.0, 1], [1, 0], [1, 1]])
    codes = ClusterNumbers(4).fit(points).bits_of(points)
    assert len(np.unique(codes, axis=0)) == 3


def test_too_many_bits_for_clusters():
    with pytest.raises(InputError, match=r"at most 12 bits, for 2\^bits clusters"):
        ClusterNumbers(13)
