import keras
import pytest

from wish_tf.layers.noise import seeded, split_seed


def test_no_two_parts_have_the_same_seed():
    seeds = [*split_seed(0, 3), *split_seed(1, 3)]
    assert len(set(seeds)) == 6 and all(0 <= seed < 2**31 for seed in seeds)
    assert split_seed(None, 2) == [None, None]


def test_an_initializer_without_a_seed_gets_one():
    given = keras.initializers.HeNormal()
    expected = keras.initializers.HeNormal(7)((3, 2))
    assert (seeded(given, 7)((3, 2)).numpy() == expected.numpy()).all()


@pytest.mark.parametrize(
    "given", [keras.initializers.HeNormal(3), keras.initializers.Zeros()]
)
def test_other_initializers_stay_as_they_are(given):
    assert seeded(given, 7) is given
