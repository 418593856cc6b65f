"""Polling: interval, timeout, and errors that count as "nothing yet"."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from sfmc_client import (
    Awaited,
    CertificateRejected,
    ConfigurationError,
    ConnectionLost,
    NotInTime,
    Polling,
    RetrieveFailed,
    ServiceUnavailable,
)

OPEN = Awaited(what="OpenEvent", unique_id="42")


class Hands:
    """A clock that advances when `sleep` is called."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def polling(self, **options: float) -> Polling:
        return Polling(sleep=self.slept.append, clock=lambda: sum(self.slept), **options)


def after(looks: int, trouble: Exception | None = None) -> Callable[[], str | None]:
    """Return a poll that first returns nothing, or fails, and finally finds something."""
    seen = iter([*[trouble] * looks, "it"])

    def look() -> str | None:
        found = next(seen)
        if isinstance(found, Exception):
            raise found
        return found

    return look


def test_a_value_that_is_there_needs_no_sleep() -> None:
    hands = Hands()

    assert hands.polling().until(after(0), OPEN) == "it"
    assert hands.slept == []


def test_delays_grow_up_to_the_longest() -> None:
    hands = Hands()

    hands.polling(first_delay=1, growth=2, longest_delay=5).until(after(5), OPEN)

    assert hands.slept == [1, 2, 4, 5, 5]


def test_the_last_look_is_when_the_time_is_up() -> None:
    """An event that becomes visible at the last moment is found."""
    hands = Hands()

    with pytest.raises(NotInTime):
        hands.polling(first_delay=4, growth=2).until(after(100), OPEN, timeout=10)

    assert hands.slept == [4, 6]


def test_every_delay_is_longer_than_the_one_before_by_default() -> None:
    hands = Hands()

    hands.polling().until(after(5), OPEN)

    assert all(earlier < later for earlier, later in pairwise(hands.slept))


def test_a_call_s_own_timeout_wins() -> None:
    hands = Hands()

    with pytest.raises(NotInTime, match=r"within 3 s.*timeout="):
        hands.polling(timeout=60).until(after(100), OPEN, timeout=3)


@pytest.mark.parametrize("trouble", [ConnectionLost("gone"), ServiceUnavailable("Rate Limited")])
def test_trouble_on_the_way_is_nothing_seen_yet(trouble: Exception) -> None:
    hands = Hands()

    assert hands.polling().until(after(2, trouble), OPEN) == "it"


def test_trouble_until_the_end_is_what_is_raised() -> None:
    hands = Hands()

    with pytest.raises(ConnectionLost, match="gone"):
        hands.polling().until(after(100, ConnectionLost("gone")), OPEN, timeout=10)


@pytest.mark.parametrize("error", [CertificateRejected("no"), RetrieveFailed("no", status="no")])
def test_permanent_errors_are_raised_at_once(error: Exception) -> None:
    hands = Hands()

    with pytest.raises(type(error)):
        hands.polling().until(after(2, error), OPEN)

    assert hands.slept == []


@pytest.mark.parametrize("wrong", [{"first_delay": 0}, {"growth": 0.5}, {"longest_delay": -1}])
def test_delays_that_lead_nowhere_are_refused(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="delays above 0"):
        Polling(**wrong)
