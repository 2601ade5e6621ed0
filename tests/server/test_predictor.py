from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.server.gated_model import GatedModel
from wish_tf.server.batch_scheduler import BatchScheduler
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.predictor import result_in_loop
from wish_tf.server.serving_error import ServingError


@pytest.fixture
def model() -> GatedModel:
    return GatedModel()


def ask(scheduler: BatchScheduler, *values: int) -> asyncio.Task:
    inputs = {"x": np.array(values)}
    return asyncio.ensure_future(result_in_loop(scheduler, inputs))


def run(model: GatedModel, work) -> None:
    scheduler = BatchScheduler(model, BatchingParameters(num_batch_threads=1))
    try:
        asyncio.run(work(scheduler))
    finally:
        model.gate.set()
        scheduler.close()


def test_each_waits_for_its_own_result_and_the_loop_is_woken_once(
    model: GatedModel, monkeypatch: pytest.MonkeyPatch
):
    async def work(scheduler: BatchScheduler) -> None:
        model.gate.clear()
        waits = [ask(scheduler, 0), *(ask(scheduler, n) for n in range(1, 50))]
        waits.append(ask(scheduler, -1))
        with ThreadPoolExecutor(1) as pool:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(pool, model.await_runs, 1)
        wake, woken = loop.call_soon_threadsafe, []
        monkeypatch.setattr(
            loop, "call_soon_threadsafe", lambda *call: woken.append(wake(*call))
        )
        model.gate.set()
        answers = await asyncio.gather(*waits, return_exceptions=True)
        assert [answer["y"].tolist() for answer in answers[:-1]] == [
            [2 * n] for n in range(50)
        ]
        assert isinstance(answers[-1], ServingError)
        assert len(woken) < 20

    run(model, work)


def test_a_wait_that_is_given_up_cancels_the_call(model: GatedModel):
    async def work(scheduler: BatchScheduler) -> None:
        model.gate.clear()
        begun, given_up, other = (ask(scheduler, n) for n in (1, 2, 3))
        await asyncio.sleep(0)
        await asyncio.to_thread(model.await_runs, 1)
        begun.cancel()
        given_up.cancel()
        model.gate.set()
        assert (await asyncio.wait_for(other, 10))["y"].tolist() == [6]
        assert begun.cancelled() and given_up.cancelled()

    run(model, work)
    assert not any(2 in rows for rows in model.runs[1:])
