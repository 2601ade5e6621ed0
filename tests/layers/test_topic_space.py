import keras
import numpy as np
import pytest
import scipy.sparse

from wish_tf.data import as_sparse_rows
from wish_tf.layers import TopicSpace


def space_of(
    decoders=2, bits=3, lsa=4, vocabulary=9, lsa_weight=0.7, power=0.5
) -> TopicSpace:
    """A space of random weights."""
    random = np.random.default_rng(0)
    space = TopicSpace(decoders, bits, lsa, lsa_weight, power)
    space.build((None, vocabulary))
    shapes = [weight.shape for weight in space.get_weights()]
    space.set_weights([random.normal(size=shape) for shape in shapes])
    space.middle.assign(np.full(decoders * bits, 0.5))
    return space


def rows_of(n=5, vocabulary=9) -> np.ndarray:
    rows = np.random.default_rng(1).random((n, vocabulary)).astype(np.float32)
    rows[rows < 0.5] = 0
    return rows


def test_a_bit_alone_is_a_sigmoid_of_what_the_words_say_for_it():
    space = TopicSpace(1, 1, 1, 0.5)
    space.build((None, 2))
    # Word 0 speaks for the topic, word 1 against it; a code costs its partition.
    space.directions.assign([[2.0], [-1.0]])
    space.lsa.assign([[3.0], [-1.0]])
    space.partitions.assign([[0.25, 0.5]])
    space.middle.assign([0.5])
    rows = np.array([[1.0, 0.0], [0.5, 1.5]], np.float32)
    probabilities = space.probabilities(rows)
    evidence = np.array([2 - 0.25, -0.5 - 2 * 0.25])
    expected = 1 / (1 + np.exp(-evidence))
    np.testing.assert_allclose(probabilities[:, 0], expected, rtol=1e-6)
    # The second text is nowhere in the LSA part: along it, its words cancel out.
    length = np.hypot(1, 0.5)
    expected = [[1 / length, 0.5 / length], [-1, 0]]
    np.testing.assert_allclose(space(rows), expected, atol=1e-6)


def test_probabilities_are_those_of_all_codes():
    space, rows = space_of(), rows_of()
    directions, partitions = space.directions.numpy(), space.partitions.numpy()
    expected = np.empty((len(rows), 6))
    for n, row in enumerate(rows):
        for decoder in range(2):
            evidence = row @ directions[:, 3 * decoder : 3 * decoder + 3]
            codes = np.array([[c & 1, c >> 1 & 1, c >> 2] for c in range(8)])
            logs = [
                sum((code - 0.5) * evidence) - row.sum() * partitions[decoder, i]
                for i, code in enumerate(codes)
            ]
            posterior = np.exp(logs) / np.exp(logs).sum()
            expected[n, 3 * decoder : 3 * decoder + 3] = posterior @ codes
    np.testing.assert_allclose(space.probabilities(rows), expected, rtol=1e-4)


def test_numbers_are_raised_in_the_lsa_part_alone():
    space, rows = space_of(power=0.5), rows_of()
    others = space.probabilities(rows) - space.middle
    parts = [others.numpy(), rows**0.5 @ space.lsa.numpy()]
    topics, lsa = (part / np.linalg.norm(part, axis=1)[:, None] for part in parts)
    expected = np.concatenate([topics, 0.7 * lsa], axis=1) / np.hypot(1, 0.7)
    np.testing.assert_allclose(space(rows), expected, atol=1e-5)


def test_points_have_length_1_and_their_parts_the_weights():
    points = space_of()(rows_of()).numpy()
    assert points.shape == (5, 10) and points.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, rtol=1e-5)
    topics = np.linalg.norm(points[:, :6], axis=1)
    np.testing.assert_allclose(topics, (1 + 0.7**2) ** -0.5, rtol=1e-5)


def test_places_depend_neither_on_the_company_nor_on_the_form_of_rows():
    space, rows = space_of(), rows_of()
    points = space(rows).numpy()
    sparse = space(as_sparse_rows(scipy.sparse.csr_array(rows)))
    np.testing.assert_allclose(sparse, points, atol=1e-6)
    for row, point in zip(rows, points, strict=True):
        np.testing.assert_allclose(space(row[np.newaxis])[0], point, atol=1e-6)


def test_a_text_without_words_is_nowhere():
    rows = rows_of()
    rows[2] = 0
    points = space_of()(rows).numpy()
    assert (points[2] == 0).all() and points[[0, 1, 3, 4]].any(axis=1).all()
    assert (space_of()(np.zeros((3, 9), np.float32)).numpy() == 0).all()


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_a_copy_by_config_and_weights_is_equal(policy):
    space, rows = space_of(), rows_of()
    config = {**space.get_config(), "dtype": policy}
    copy = TopicSpace.from_config(config)
    copy.build((None, 9))
    copy.set_weights(space.get_weights())
    assert isinstance(copy, keras.layers.Layer) and copy.width == 10
    np.testing.assert_array_equal(copy(rows), space(rows))
