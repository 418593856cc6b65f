"""A clock that advances over many scheduled actions: other calls are answered meanwhile, and it stops in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest

from sfmc_mock.account import Account, clock_steps
from sfmc_mock.account.account import DueAction
from sfmc_mock.account.clock_steps import lead_clock
from sfmc_mock.clock import Clock
from sfmc_mock.errors import SetupError, StorageFailed
from sfmc_mock.store.database import Database

NOON = datetime(2026, 1, 1, 12)
MINUTE = timedelta(minutes=1)


class EachMinute:
    """An account with a scheduled action each minute."""

    def __init__(self, db: Database) -> None:
        self.done: list[datetime] = []
        self.full_at: datetime | None = None
        self.account = Account(db, due_actions={"a": DueAction(self._do, lambda *_: "it")})
        self.account.change_clock(stand_at(NOON))
        self.account.plan_due(NOON + MINUTE, "a", {})

    def _do(self, account: Account, payload: dict[str, object]) -> None:
        if account.now() == self.full_at:
            raise StorageFailed("the disk is full")
        self.done.append(account.now())
        account.plan_due(account.now() + MINUTE, "a", {})

    def go(self, **span: float) -> None:
        lead_clock(self.account, lambda clock: clock.advance(timedelta(**span)))


def stand_at(moment: datetime) -> Callable[[Clock], None]:
    def change(clock: Clock) -> None:
        clock.running, clock.shown = False, moment

    return change


@pytest.fixture
def busy() -> Iterator[EachMinute]:
    db = Database()
    yield EachMinute(db)
    db.close()


def test_everything_is_done_at_its_time_and_once(busy: EachMinute) -> None:
    busy.go(hours=5, minutes=30)

    assert busy.done == [NOON + number * MINUTE for number in range(1, 331)]
    assert busy.account.now() == NOON + timedelta(hours=5, minutes=30)


def test_other_calls_run_while_a_clock_advances(
    busy: EachMinute, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[datetime, int]] = []

    def look() -> None:
        with busy.account.db.lock:
            seen.append((busy.account.now(), len(busy.done)))

    def let_another_look(seconds: float) -> None:
        other = threading.Thread(target=look)
        other.start()
        other.join(60)

    monkeypatch.setattr(clock_steps, "_LONG", -1)
    monkeypatch.setattr(clock_steps, "pause", let_another_look)
    busy.go(hours=3)

    assert seen == [(NOON + 61 * MINUTE, 61), (NOON + 122 * MINUTE, 122)]
    assert len(busy.done) == 180


def test_a_clock_that_is_on_its_way_for_too_long_stays_where_it_is(
    busy: EachMinute, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(clock_steps, "steady_time", count(0, 12).__next__)
        with pytest.raises(SetupError) as refused:
            busy.go(days=1)

    assert str(refused.value) == (
        "The clock has got to 2026-01-01T14:02:00 in 50 seconds: much falls due on the way. "
        "Set it to 2026-01-02T12:00:00 to go on, or schedule less."
    )
    assert busy.account.now() == NOON + 122 * MINUTE
    lead_clock(busy.account, lambda clock: clock.set(NOON + timedelta(days=1)))
    assert len(busy.done) == 24 * 60


def test_a_failure_of_the_storage_keeps_what_was_done_before(busy: EachMinute) -> None:
    busy.full_at = NOON + 90 * MINUTE

    with pytest.raises(StorageFailed):
        busy.go(hours=3)

    assert busy.account.now() == NOON + 61 * MINUTE
    busy.full_at = None
    busy.done.clear()
    lead_clock(busy.account, lambda clock: clock.set(NOON + timedelta(hours=3)))
    assert busy.done == [NOON + number * MINUTE for number in range(62, 181)]


def test_a_clock_that_runs_runs_on_from_there(busy: EachMinute) -> None:
    lead_clock(busy.account, lambda clock: clock.run())
    busy.go(hours=3)

    assert busy.account.clock.running
    assert timedelta(hours=3) <= busy.account.now() - NOON < timedelta(hours=3, minutes=1)
    assert len(busy.done) == 180


def test_two_advances_of_a_clock_run_one_after_the_other(busy: EachMinute) -> None:
    threads = [threading.Thread(target=busy.go, kwargs={"hours": 3}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert busy.account.now() == NOON + timedelta(hours=6)
    assert len(busy.done) == 360
