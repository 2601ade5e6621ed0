import json

import pytest
import tensorflow as tf

from wish_tf import InputError
from wish_tf.distribution import Worker, is_chief, naming_lost_workers

CLUSTER = {"worker": ["a:1", "b:1"]}


def configure(monkeypatch, value) -> None:
    monkeypatch.setenv(
        "TF_CONFIG", value if isinstance(value, str) else json.dumps(value)
    )


def test_a_worker_of_two(monkeypatch):
    task = {"type": "worker", "index": 1}
    configure(monkeypatch, {"cluster": CLUSTER, "task": task})
    assert Worker.from_environment() == Worker(1, 2)
    # A chief of its own counts, before the workers.
    configure(monkeypatch, {"cluster": {**CLUSTER, "chief": ["c:1"]}, "task": task})
    assert Worker.from_environment() == Worker(2, 3)


def test_no_workers_are_named(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(InputError, match="variable TF_CONFIG; got none"):
        Worker.from_environment()


@pytest.mark.parametrize(
    "value",
    [
        "{",
        "[]",
        {"cluster": CLUSTER},
        {"cluster": CLUSTER, "task": {"type": "ps", "index": 0}},
        {"cluster": CLUSTER, "task": {"type": "worker", "index": "x"}},
    ],
)
def test_something_else_is_named(monkeypatch, value):
    configure(monkeypatch, value)
    with pytest.raises(InputError, match="expected TF_CONFIG to be .*; got"):
        Worker.from_environment()


def test_a_worker_that_is_not_there(monkeypatch):
    task = {"type": "worker", "index": 2}
    configure(monkeypatch, {"cluster": CLUSTER, "task": task})
    with pytest.raises(InputError, match="below 2, the number of worker .*; got 2"):
        Worker.from_environment()


def test_one_process_is_its_own_chief(two_devices):
    assert is_chief(None)
    assert is_chief(tf.distribute.MirroredStrategy(two_devices))


def test_a_lost_worker_is_one_sentence():
    with pytest.raises(ConnectionError, match="a worker is gone, .* last checkpoint$"):
        with naming_lost_workers():
            raise tf.errors.UnavailableError(None, None, "Collective ops is aborted")
    with pytest.raises(tf.errors.InvalidArgumentError):
        with naming_lost_workers():
            raise tf.errors.InvalidArgumentError(None, None, "a bug")
