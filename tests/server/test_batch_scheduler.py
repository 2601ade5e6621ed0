from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.server.gated_model import GatedModel
from wish_tf.server.batch_scheduler import BatchScheduler
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.serving_error import ServingError, StatusCode


@pytest.fixture
def model() -> GatedModel:
    return GatedModel()


@pytest.fixture
def start(model: GatedModel) -> Iterator[Callable[..., BatchScheduler]]:
    """Starts schedulers of one thread for the model and closes them in the end."""
    schedulers = []

    def make(metrics=None, **parameters) -> BatchScheduler:
        parameters = BatchingParameters(**{"num_batch_threads": 1, **parameters})
        schedulers.append(BatchScheduler(model, parameters, metrics))
        return schedulers[-1]

    yield make
    model.gate.set()
    for scheduler in schedulers:
        scheduler.close()


def x(*rows) -> dict[str, np.ndarray]:
    return {"x": np.array(rows)}


def y(future: Waiting) -> list:
    return future.result()["y"].tolist()


class Waiting:
    """A call of a test that waits for its end."""

    def __init__(self, scheduler: BatchScheduler, inputs: dict) -> None:
        self._ended = threading.Event()
        self._call = scheduler.submit(inputs, lambda _: self._ended.set())
        self.cancel = self._call.cancel

    def result(self) -> dict[str, np.ndarray]:
        assert self._ended.wait(10)
        return self._call.result()


def occupy(scheduler: BatchScheduler, model: GatedModel) -> Waiting:
    """Keeps the one thread busy until the gate is opened."""
    model.gate.clear()
    future = Waiting(scheduler, x(0))
    model.await_runs(len(model.runs) + 1)
    return future


def test_calls_gather_while_a_run_is_busy_and_go_together_in_order(start, model):
    scheduler = start()
    first = occupy(scheduler, model)
    futures = [Waiting(scheduler, x(n, 0)) for n in range(1, 5)]
    model.gate.set()
    assert y(first) == [0]
    assert [y(future) for future in futures] == [[2 * n, 0] for n in range(1, 5)]
    assert model.runs == [[0], [1, 0, 2, 0, 3, 0, 4, 0]]


def test_a_batch_has_at_most_the_rows_allowed(start, model):
    scheduler = start(max_batch_size=4)
    occupy(scheduler, model)
    futures = [Waiting(scheduler, x(*[n] * n)) for n in (1, 2, 3, 1)]
    model.gate.set()
    assert [y(future) for future in futures] == [[2], [4, 4], [6, 6, 6], [2]]
    assert model.runs[1:] == [[1, 2, 2], [3, 3, 3, 1]]


def test_a_large_call_is_run_in_pieces_of_which_the_last_takes_others_in(start, model):
    scheduler = start(
        max_batch_size=8, enable_large_batch_splitting=True, max_execution_batch_size=3
    )
    occupy(scheduler, model)
    large = Waiting(scheduler, x(1, 2, 3, 4, 5, 6, 7, 8))
    small = Waiting(scheduler, x(9))
    model.gate.set()
    assert y(large) == [2, 4, 6, 8, 10, 12, 14, 16] and y(small) == [18]
    assert model.runs[1:] == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    with pytest.raises(ServingError, match=r"negative in \[-3, 4, 5\]"):
        Waiting(scheduler, x(1, 2, 3, -3, 4, 5)).result()
    model.compute = lambda inputs: {"sum": inputs["x"].sum()}
    with pytest.raises(ServingError, match="FAILED_PRECONDITION"):
        Waiting(scheduler, x(1, 2, 3, 4)).result()


def test_only_the_call_that_causes_an_error_gets_it(start, model):
    scheduler = start()
    occupy(scheduler, model)
    futures = [Waiting(scheduler, x(n)) for n in (1, 2, -3, 4, 5, 6, 7, 8)]
    model.gate.set()
    with pytest.raises(ServingError) as caught:
        futures[2].result()
    assert str(caught.value) == "INVALID_ARGUMENT: negative in [-3]"
    others = [future for n, future in enumerate(futures) if n != 2]
    assert [y(future) for future in others] == [[2], [4], [8], [10], [12], [14], [16]]
    # The whole, then by halves: 2 of 4, 2 of 2 and 2 of 1 around the bad one.
    assert len(model.runs) == 1 + 1 + 6


def test_a_run_that_took_too_long_is_not_tried_again(start, model):
    scheduler = start()
    occupy(scheduler, model)

    def too_long(inputs):
        raise ServingError(StatusCode.DEADLINE_EXCEEDED, "too long")

    model.compute = too_long
    futures = [Waiting(scheduler, x(n)) for n in (1, 2)]
    model.gate.set()
    for future in futures:
        with pytest.raises(ServingError, match="too long"):
            future.result()
    assert model.runs == [[0], [1, 2]]


@pytest.mark.parametrize(
    "other",
    [
        {"x": np.array([7], np.int32)},
        {"x": np.array([[7, 8]])},
        {"x": np.array([7]), "z": np.array([8])},
        {"x": np.array(7)},
        {"x": np.array([7]), "z": np.array([8, 9])},
        {"x": np.array([], np.int64)},
    ],
    ids=["dtype", "shape", "names", "scalar", "unequal lengths", "no rows"],
)
def test_calls_of_another_kind_are_run_apart(start, model, other):
    scheduler = start()
    occupy(scheduler, model)
    futures = [
        Waiting(scheduler, inputs) for inputs in (x(1), x(2), other, other, x(3))
    ]
    model.gate.set()
    expected = (2 * other["x"]).tolist()
    assert [y(future) for future in futures] == [[2], [4], expected, expected, [6]]
    one_run = model.runs[2]
    merges = other["x"].size and len({np.shape(v)[:1] for v in other.values()}) == 1
    if merges and other["x"].ndim:
        assert model.runs[1:] == [[1, 2], 2 * other["x"].tolist(), [3]]
    else:
        assert model.runs[1:] == [[1, 2], one_run, one_run, [3]]
        assert one_run == other["x"].tolist()


def test_outputs_without_rows_are_not_mixed_up(start, model):
    scheduler = start(max_batch_size=8)
    occupy(scheduler, model)
    model.compute = lambda inputs: {"y": inputs["x"], "sum": inputs["x"].sum()}
    futures = [Waiting(scheduler, x(n, n)) for n in (1, 2, 3)]
    model.gate.set()
    assert [future.result()["sum"] for future in futures] == [2, 4, 6]
    assert Waiting(scheduler, x(5)).result()["sum"] == 5


def test_a_call_cancelled_while_it_waits_is_not_run(start, model):
    scheduler = start(enable_large_batch_splitting=True, max_execution_batch_size=4)
    occupy(scheduler, model)
    futures = [Waiting(scheduler, x(n)) for n in (1, 2, 3)]
    large = Waiting(scheduler, x(*range(9)))
    futures[1].cancel()
    large.cancel()
    model.gate.set()
    assert y(futures[0]) == [2] and y(futures[2]) == [6]
    assert y(Waiting(scheduler, x(4))) == [8]
    assert model.runs[1:] == [[1, 3], [4]]


def test_close_answers_what_waits_and_refuses_the_rest(start, model):
    scheduler = start(batch_timeout_micros=60_000_000, max_batch_size=2)
    first = [Waiting(scheduler, x(n)) for n in (1, 2, 3)]
    closing = threading.Thread(target=scheduler.close)
    closing.start()
    assert [y(future) for future in first] == [[2], [4], [6]]
    closing.join(10)
    assert not closing.is_alive()
    with pytest.raises(ServingError, match="UNAVAILABLE: .* closed"):
        Waiting(scheduler, x(4))


def test_waiting_times_and_sizes_of_batches_are_counted(start, model):
    metrics = ServerMetrics()
    scheduler = start(metrics, max_batch_size=4)
    first = occupy(scheduler, model)
    futures = [Waiting(scheduler, x(n)) for n in (1, 2)]
    model.gate.set()
    for future in (first, *futures):
        future.result()
    scheduler.close()
    lines = metrics.text().splitlines()
    start_ = ":tensorflow:serving:batching_session:"
    assert f"{start_}wrapped_run_count{{}} 2" in lines
    assert f"{start_}processed_batch_size_sum{{}} 3" in lines
    assert f"{start_}input_batch_size_sum{{}} 3" in lines
    assert f"{start_}input_batch_size_count{{}} 3" in lines
    assert f'{start_}queuing_latency_count{{thread_pool_name="batch_threads"}} 3' in (
        lines
    )


def test_every_call_gets_its_own_answer_under_load():
    def run(inputs):
        if np.any(inputs["x"] % 97 == 13):
            raise ValueError("unlucky")
        return {"y": inputs["x"] + 1}

    parameters = BatchingParameters(16, 0, 1000, 3, "", (), True, 6)
    scheduler = BatchScheduler(run, parameters)

    def ask(n: int) -> bool:
        inputs = x(*range(n, n + 1 + n % 9))
        unlucky = np.any(inputs["x"] % 97 == 13)
        try:
            outputs = Waiting(scheduler, inputs).result()
        except ValueError:
            return unlucky
        return not unlucky and np.array_equal(outputs["y"], inputs["x"] + 1)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(1000)))
    scheduler.close()


def test_a_call_of_too_many_rows_is_refused(start, model):
    for more in ({}, PIECES_OF_1):
        with pytest.raises(ServingError, match="INVALID_ARGUMENT: .* got 3"):
            Waiting(start(max_batch_size=2, **more), x(1, 2, 3))
    assert model.runs == []


PIECES_OF_1 = {"enable_large_batch_splitting": True, "max_execution_batch_size": 1}


def test_more_than_may_wait_is_refused(start, model):
    scheduler = start(max_batch_size=2, max_enqueued_batches=2)
    occupy(scheduler, model)
    futures = [Waiting(scheduler, x(n)) for n in (1, 2, 3, 4)]
    with pytest.raises(ServingError, match="UNAVAILABLE: .* at most 4 rows .* got 5"):
        Waiting(scheduler, x(5))
    model.gate.set()
    assert [y(future) for future in futures] == [[2], [4], [6], [8]]


def test_several_threads_run_at_a_time_but_no_more(start, model):
    scheduler = start(num_batch_threads=2)
    model.gate.clear()
    futures = [Waiting(scheduler, x(1))]
    model.await_runs(1)
    futures.append(Waiting(scheduler, x(2)))
    model.await_runs(2)
    futures += [Waiting(scheduler, x(n)) for n in (3, 4)]
    assert model.runs == [[1], [2]]
    model.gate.set()
    assert [y(future) for future in futures] == [[2], [4], [6], [8]]
    assert model.runs[2] == [3, 4]
