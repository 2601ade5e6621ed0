import numpy as np
import scipy.sparse

from tests.training.planted import planted_rows
from wish_tf.recipes import Annealing
from wish_tf.training.topic_space import LSA_WEIGHT, TopicSpace

ANNEALING = Annealing(decoders=2, bits=3, steps=60, prior=0.0)


def test_nearest_texts_are_of_the_same_group():
    rows, groups = planted_rows()
    space = TopicSpace(rows, ANNEALING)
    points = space.points(rows)
    # Three bits of two decoders, and LSA up to one dimension less than words.
    assert points.shape == (400, 6 + 99) and points.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, rtol=1e-5)
    cosine = points @ points.T
    np.fill_diagonal(cosine, -1)
    nearest = np.argsort(-cosine, axis=1)[:, :20]
    assert (groups[nearest] == groups[:, None]).mean() > 0.99
    # The two parts have lengths of 1 to LSA_WEIGHT.
    length = np.linalg.norm(points[:, :6], axis=1)
    np.testing.assert_allclose(length, (1 + LSA_WEIGHT**2) ** -0.5, rtol=1e-5)


def test_places_do_not_depend_on_the_company():
    rows, _ = planted_rows()
    space = TopicSpace(rows, ANNEALING)
    np.testing.assert_allclose(
        space.points(rows)[:7], space.points(rows[:7]), atol=1e-5
    )


def test_a_text_without_a_known_word_has_a_place():
    rows, _ = planted_rows()
    empty = scipy.sparse.csr_matrix((1, 100), dtype=np.float32)
    assert np.isfinite(TopicSpace(rows, ANNEALING).points(empty)).all()


def test_directions_are_those_of_the_parts():
    rows, _ = planted_rows(60)
    space = TopicSpace(rows, ANNEALING)
    directions = space.directions()
    assert directions.shape == (100, 59 + 2 * 4 + 1) and directions.dtype == np.float32
    along = rows @ directions
    np.testing.assert_allclose(along[:, :59], space._lsa.transform(rows), atol=1e-4)
    np.testing.assert_allclose(along[:, -1], rows.sum(axis=1).A1, rtol=1e-5)


def test_steps_of_all_decoders_are_counted():
    rows, _ = planted_rows(60)
    seen: list[int] = []
    TopicSpace(rows, ANNEALING, on_step=seen.append)
    assert seen == list(range(1, 121)) and ANNEALING.all_steps == 120
