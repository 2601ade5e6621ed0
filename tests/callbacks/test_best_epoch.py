import pytest

from tests.scripted_training import scripted_training
from wish_tf.callbacks import BestEpoch


def fit(scores, best: BestEpoch, initial_epoch: int = 0) -> int:
    """Returns the epoch whose weights the training ends with."""
    return scripted_training(scores, [best], initial_epoch)[1]


@pytest.mark.parametrize(
    ("scores", "epoch"), [([-3, -1, -2], 2), ([-1, -1], 1), ([-2, float("nan")], 1)]
)
def test_training_ends_with_the_first_of_the_best(scores, epoch):
    best = BestEpoch()
    assert fit(scores, best) == epoch == best.epoch


def test_a_resumed_training_knows_the_best_before(tmp_path):
    path = tmp_path / "best.npz"
    fit([-5, -1, -3], BestEpoch(path=path))
    assert [file.name for file in tmp_path.iterdir()] == ["best.npz"]
    best = BestEpoch(path=path)
    assert fit([None, None, -3, -2], best, initial_epoch=2) == 2 == best.epoch
    assert fit([None, None, -3, -0.5], BestEpoch(path=path), initial_epoch=2) == 4


def test_what_is_not_measured_cannot_be_gone_by():
    with pytest.raises(ValueError, match="'val_objective'.*Received: monitor='val_x'"):
        fit([-1], BestEpoch("val_x"))
