from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from wish_tf.server.batched_servable import BatchedServable
from wish_tf.server.batching import BatchingParameters
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.servable import Servable
from wish_tf.server.serving_error import ServingError

SLOW = BatchingParameters(batch_timeout_micros=200_000, num_batch_threads=1)


@pytest.fixture
def metrics() -> ServerMetrics:
    return ServerMetrics()


@pytest.fixture
def batched(base_path: Path, metrics: ServerMetrics) -> Iterator[BatchedServable]:
    servable = BatchedServable(Servable(base_path / "12", 12), SLOW, metrics)
    yield servable
    servable.close()


def test_calls_are_merged_and_each_gets_its_own_answer(
    batched: BatchedServable, metrics: ServerMetrics
):
    def call(number: int) -> list:
        inputs = {"x": np.array([[number, 0]], np.float32)}
        return batched.predict("serving_default", inputs)["y"].tolist()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(8)))
    assert answers == [[[float(number)]] for number in range(8)]
    runs = re.search(
        r":wrapped_run_count(?:\{\})? (\d+)$", metrics.text(), re.MULTILINE
    )
    assert 1 <= int(runs[1]) < 8


def test_what_cannot_be_merged_is_run_as_it_is(
    batched: BatchedServable, metrics: ServerMetrics
):
    outputs = batched.predict("count", {"n": np.array(3, np.int32)})
    assert outputs["i"] == 3
    assert not re.search(r":wrapped_run_count(?:\{\})? [1-9]", metrics.text())


def test_it_describes_itself_as_the_version_it_holds(batched: BatchedServable):
    assert batched.version == 12
    assert "pick" in batched.signatures
    assert batched.input_dtypes("pick") == {"a": "int64", "b": "bool"}


def test_wrong_inputs_do_not_wait_for_a_batch(batched: BatchedServable):
    with pytest.raises(ServingError, match=r"Missing but required: \{b\}"):
        batched.predict("pick", {"a": np.array([1])})
