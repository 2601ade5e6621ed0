import pytest

from baselines.epoch_choice import epoch_choice
from tests.scripted_training import scripted_training

# On 20 Newsgroups at 12 bits, of the paper's WISH with seed 1.
DIP = [-73.8, -74.7, -74.3, -74.0, -73.7, -73.4, -73.2, -72.9, -72.8, -72.5]


@pytest.mark.parametrize(
    ("objectives", "last", "best"),
    [
        ([*DIP, -72.4, -72.3, -72.2, -72.1, -72.0], 15, 15),
        ([*DIP, -72.4, -72.6, -72.7, -72.8, -72.0], 14, 11),
        ([*DIP, -72.4, -72.6, -72.7, -72.3, -72.5], 15, 14),
        ([-1.0, -0.5] + [-2.0] * 13, 14, 2),
    ],
    ids=["a dip at the start", "no better one", "a better one in time", "an early one"],
)
def test_training_ends_after_three_epochs_that_are_not_better(objectives, last, best):
    assert scripted_training(objectives, epoch_choice(patience=3)) == (last, best)
