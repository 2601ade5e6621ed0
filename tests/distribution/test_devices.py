import pytest
import tensorflow as tf

from wish_tf import InputError
from wish_tf.distribution.devices import device_strategy, parse_devices


def test_what_can_be_asked_for():
    assert parse_devices("all") == ("GPU", None)
    assert parse_devices("2") == ("GPU", 2)
    assert parse_devices("cpu:12") == ("CPU", 12)


@pytest.mark.parametrize(
    "text", ["", "0", "cpu:0", "cpu", "gpu:2", "-1", "2.5", "cpu:-2"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(
        InputError, match="expected devices to be all, a number of"
    ) as e:
        parse_devices(text)
    assert repr(text) in str(e.value)


def test_more_gpus_than_there_are():
    there = len(tf.config.list_physical_devices("GPU"))
    with pytest.raises(
        InputError, match=f"expected at least {there + 1} GPUs .*; got {there}$"
    ):
        device_strategy(str(there + 1))


def test_parts_of_the_cpu(two_devices):
    strategy = device_strategy("cpu:2")
    assert strategy.num_replicas_in_sync == 2
    assert device_strategy("cpu:1") is None
    with pytest.raises(InputError, match="at least 3 CPU devices; got 2, .* started"):
        device_strategy("cpu:3")


@pytest.mark.skipif(
    len(tf.config.list_physical_devices("GPU")) > 1, reason="needs at most one GPU"
)
def test_all_of_one_device_needs_no_strategy():
    assert device_strategy("all") is None
