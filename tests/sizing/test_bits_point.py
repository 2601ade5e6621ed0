import pytest

from wish_tf.sizing import BitsPoint, suggested


def point(bits: int, score: float, error: float = 0.01) -> BitsPoint:
    return BitsPoint(bits, score, error, 2**bits, 0.1, 1.0)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({4: 0.5}, 4),
        ({4: 0.5, 8: 0.6, 12: 0.605}, 8),
        ({4: 0.596, 8: 0.6, 12: 0.605}, 4),
        ({4: 0.5, 8: 0.6, 12: 0.62}, 12),
        ({12: 0.6, 4: 0.6}, 4),
        # The best counts, not the longest.
        ({4: 0.5, 8: 0.7, 12: 0.6}, 8),
    ],
)
def test_the_fewest_bits_within_one_standard_error_of_the_best(scores, expected):
    curve = [point(bits, score) for bits, score in scores.items()]
    assert suggested(curve).bits == expected
