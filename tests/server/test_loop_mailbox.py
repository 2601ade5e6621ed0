from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest

from wish_tf.server.loop_mailbox import result_in_loop


def test_each_waits_for_its_own_result():
    async def wait() -> list[int]:
        futures = [Future() for _ in range(100)]
        futures[0].set_result(0)  # before anybody waits
        waits = [asyncio.ensure_future(result_in_loop(future)) for future in futures]
        await asyncio.sleep(0)

        def settle(numbers: range) -> None:
            for number in numbers:
                futures[number].set_result(number)

        parts = range(1, 50), range(99, 49, -1)
        threads = [threading.Thread(target=settle, args=(part,)) for part in parts]
        for thread in threads:
            thread.start()
        results = await asyncio.wait_for(asyncio.gather(*waits), 10)
        for thread in threads:
            thread.join()
        return results

    assert asyncio.run(wait()) == list(range(100))


def test_many_results_wake_the_loop_once(monkeypatch: pytest.MonkeyPatch):
    async def wait() -> list[int]:
        loop = asyncio.get_running_loop()
        futures = [Future() for _ in range(10)]
        waits = [asyncio.ensure_future(result_in_loop(future)) for future in futures]
        await asyncio.sleep(0)
        wake, woken = loop.call_soon_threadsafe, []
        monkeypatch.setattr(
            loop, "call_soon_threadsafe", lambda *call: woken.append(wake(*call))
        )
        for number, future in enumerate(futures):
            future.set_result(number)
        assert len(woken) == 1
        return await asyncio.wait_for(asyncio.gather(*waits), 10)

    assert asyncio.run(wait()) == list(range(10))


def test_an_error_is_raised_where_it_is_waited_for():
    async def wait() -> None:
        future: Future = Future()
        future.set_exception(ZeroDivisionError())
        await result_in_loop(future)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(wait())


def test_a_wait_that_is_given_up_cancels_the_call_and_disturbs_no_other():
    async def wait() -> None:
        given_up, begun, other = Future(), Future(), Future()
        begun.set_running_or_notify_cancel()
        waits = [
            asyncio.ensure_future(result_in_loop(future))
            for future in (given_up, begun, other)
        ]
        await asyncio.sleep(0)
        waits[0].cancel()
        waits[1].cancel()
        await asyncio.sleep(0)
        begun.set_result(1)  # a run that has begun goes on
        other.set_result(2)
        assert await asyncio.wait_for(waits[2], 10) == 2
        assert given_up.cancelled() and waits[0].cancelled() and waits[1].cancelled()

    asyncio.run(wait())
