import keras
import numpy as np
import pytest

from wish_tf.regularizers import OrthogonalityRegularizer


def test_is_zero_for_orthonormal_rows():
    assert float(OrthogonalityRegularizer()(np.eye(3, 5, dtype=np.float32))) == 0


def test_by_hand():
    # T T' = [[4, 2], [2, 2]]; minus I: [[3, 2], [2, 1]]; squares sum to 18.
    topics = np.array([[2, 0], [1, 1]], np.float32)
    assert float(OrthogonalityRegularizer(0.5)(topics)) == pytest.approx(9)


def test_round_trip():
    config = keras.regularizers.serialize(OrthogonalityRegularizer(0.25))
    assert config["registered_name"] == "wish_tf>OrthogonalityRegularizer"
    assert keras.regularizers.deserialize(config).strength == 0.25


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4)])
def test_what_is_no_matrix_is_refused(shape):
    with pytest.raises(ValueError, match="expected topics as a matrix; got the shape"):
        OrthogonalityRegularizer()(np.ones(shape))
