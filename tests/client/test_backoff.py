from __future__ import annotations

import pytest

from wish_tf.client import backoff
from wish_tf.client.backoff import Backoff
from wish_tf.client.errors import ServerError, error_for_status


class _Clock:
    """Stands for the event that a pause waits for; no time passes."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.closes_at: int | None = None

    def wait(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        return len(self.pauses) == self.closes_at


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture(autouse=True)
def real_pauses(short_pauses, monkeypatch):
    monkeypatch.setattr(backoff, "FIRST_DELAY", 0.1)


def asking(retries: int, clock: _Clock) -> Backoff:
    made = Backoff(retries)
    made.closed = clock
    return made


def failing(*errors: ServerError):
    """A question that fails so, then is answered with how often it was asked."""
    left = list(errors)

    def ask() -> int:
        if left:
            raise left.pop(0)
        return len(errors) + 1

    return ask


def busy(seconds: float = 0.0) -> ServerError:
    return error_for_status(503, "busy", seconds)


def test_an_answer_is_not_waited_for(clock):
    assert asking(4, clock).call(failing()) == 1
    assert clock.pauses == []


def test_pauses_double_up_to_ten_seconds_and_vary(clock):
    assert asking(12, clock).call(failing(*[busy()] * 12)) == 13
    longest = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10, 10, 10]
    shares = [pause / most for pause, most in zip(clock.pauses, longest, strict=True)]
    assert all(0.5 <= share <= 1 for share in shares)
    assert len(set(shares)) == 12


def test_the_last_error_is_raised_when_all_tries_are_used(clock):
    errors = [busy(), busy(), error_for_status(429, "the third")]
    with pytest.raises(ServerError, match="the third"):
        asking(2, clock).call(failing(*errors))
    assert len(clock.pauses) == 2


def test_what_will_not_pass_is_raised_at_once(clock):
    with pytest.raises(ServerError, match="no such model"):
        asking(4, clock).call(failing(error_for_status(404, "no such model")))
    assert clock.pauses == []


def test_a_server_is_left_alone_for_as_long_as_it_asks(clock):
    assert asking(4, clock).call(failing(busy(7.0))) == 2
    assert 7.05 <= clock.pauses[0] <= 7.1


def test_a_server_that_asks_for_an_hour_is_not_waited_for(clock):
    with pytest.raises(ServerError, match="busy"):
        asking(4, clock).call(failing(busy(3600.0)))
    assert clock.pauses == []


def test_closing_ends_a_pause_with_the_error(clock):
    clock.closes_at = 2
    with pytest.raises(ServerError, match="busy"):
        asking(4, clock).call(failing(*[busy()] * 4))
    assert len(clock.pauses) == 2


def test_very_many_tries_do_not_overflow(clock):
    assert asking(2000, clock).call(failing(*[busy()] * 2000)) == 2001
    assert max(clock.pauses) <= 10
