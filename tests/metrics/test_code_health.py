import numpy as np
import pytest

from wish_tf.metrics.code_health import CodeHealth


def result(metric: CodeHealth) -> dict[str, float]:
    return {name: float(value) for name, value in metric.result().items()}


def test_by_hand_over_two_batches():
    metric = CodeHealth(3)
    metric.update_state(np.array([[0.9, 0.1, 0.6], [0.9, 0.9, 0.2]], np.float32))
    metric.update_state(np.array([[0.9, 0.1, 0.9], [0.8, 0.2, 0.5]], np.float32))
    # Codes 101, 110, 101, 100; bits on for 4/4, 1/4, 2/4.
    quarter = -(0.25 * np.log2(0.25) + 0.75 * np.log2(0.75))
    assert result(metric) == {
        "bit_entropy": pytest.approx((0 + quarter + 1) / 3),
        "distinct_codes": 3,
        "dead_bits": 1,
    }


def test_reset_forgets():
    metric = CodeHealth(2)
    metric.update_state(np.array([[0.9, 0.1]], np.float32))
    metric.reset_state()
    metric.update_state(np.array([[0.1, 0.1], [0.9, 0.9]], np.float32))
    assert result(metric)["distinct_codes"] == 2
    assert result(metric)["dead_bits"] == 0


def test_long_codes_are_counted_through_the_fold():
    rng = np.random.default_rng(0)
    metric = CodeHealth(64)
    metric.update_state(rng.random((200, 64)).astype(np.float32))
    # 200 codes in 65,536 slots: the expected loss is 0.3.
    assert 195 <= result(metric)["distinct_codes"] <= 200
