import numpy as np
import pytest
from sklearn.preprocessing import normalize

from tests.training.planted import planted_rows
from wish_tf.recipes import Annealing, SpaceSettings
from wish_tf.training.nested_codes import points_of
from wish_tf.training.stages import Stages
from wish_tf.training.topic_space import fit_space

SETTINGS = SpaceSettings(
    decoders=2, bits=3, annealing=Annealing(steps=60, fewest_steps=60, prior=0.0)
)


@pytest.fixture(scope="module")
def fitted():
    """A space, the points in it, the groups of the texts, and what was reported."""
    (rows, groups), seen = planted_rows(), []
    space = fit_space(rows, SETTINGS, 0, Stages(report=seen.append))
    return space, rows, points_of(space, rows), groups, seen


def test_nearest_texts_are_of_the_same_group(fitted):
    _, _, points, groups, _ = fitted
    # Three bits of two decoders, and LSA up to one dimension less than words.
    assert points.shape == (400, 6 + 99) and points.dtype == np.float32
    cosine = points @ points.T
    np.fill_diagonal(cosine, -1)
    nearest = np.argsort(-cosine, axis=1)[:, :20]
    assert (groups[nearest] == groups[:, None]).mean() > 0.99


def test_the_middle_of_the_texts_is_the_origin(fitted):
    space, rows, _, _, _ = fitted
    mean = space.probabilities(rows.toarray()).numpy().mean(axis=0)
    np.testing.assert_allclose(space.middle.numpy(), mean, atol=1e-5)
    assert ((mean > 0) & (mean < 1)).all()


def test_lsa_is_that_of_powered_rows(fitted):
    space, rows, *_ = fitted
    powered = normalize(rows.toarray() ** SETTINGS.lsa_power)
    lsa = space.lsa.numpy()
    np.testing.assert_allclose(lsa.T @ lsa, np.eye(99), atol=1e-3)
    values = np.linalg.svd(powered, compute_uv=False)[:20]
    lengths = np.linalg.norm(powered @ lsa[:, :20], axis=0)
    np.testing.assert_allclose(lengths, values, rtol=0.01)


def test_steps_of_all_decoders_are_counted(fitted):
    *_, seen = fitted
    annealed = [(each.step, each.of) for each in seen if each.stage == "topics"]
    assert annealed == [(step, 120) for step in range(1, 121)]
    assert {"beta", "flip", "decided", "codes"} == set(seen[0].values)
    assert seen[-1].stage == "lsa"


def test_what_was_kept_is_not_learned_again(fitted, tmp_path):
    space, rows, *_ = fitted
    seen = []
    fit_space(rows, SETTINGS, 0, Stages(tmp_path, {}))
    (tmp_path / "decoder-1.npz").unlink()
    again = fit_space(rows, SETTINGS, 0, Stages(tmp_path, {}, seen.append))
    assert [each.step for each in seen] == list(range(61, 121))
    for one, other in zip(space.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
