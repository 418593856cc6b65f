"""Actions that an account performs at scheduled times."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sfmc_mock.account import Account
from sfmc_mock.account.due_actions import STARTERS
from sfmc_mock.account.recurrence import Recurrence
from sfmc_mock.account.schedules import Scheduled, Starter, cancel_schedule, plan_schedule
from sfmc_mock.store.database import Row

OF = Scheduled("Errand", "an-id", "start")


class Errands:
    """A scheduled action that records when it was prepared, for which time, and when it ran."""

    def __init__(self) -> None:
        self.prepared: list[str] = []
        self.done: list[tuple[str, int]] = []
        self.failing = ""
        self.starter = Starter(self.start, self.prepare)

    def start(self, account: Account, of: Scheduled) -> None:
        if f"{account.now():%d %H:%M}" == self.failing:
            raise LookupError("no errand")
        self.done.append((f"{account.now():%d %H:%M}", of.number))

    def prepare(self, account: Account, of: Scheduled, at: datetime) -> int:
        self.prepared.append(f"{at:%d %H:%M}")
        return len(self.prepared)


@pytest.fixture
def errands(monkeypatch: pytest.MonkeyPatch) -> Errands:
    made = Errands()
    monkeypatch.setitem(STARTERS, "Errand", made.starter)
    return made


def plan(account: Account, errands: Errands, hour: int = 14, **how: object) -> Row | None:
    recurrence = Recurrence(f"2026-01-01T{hour:02}:00:00", **how)  # type: ignore[arg-type]
    return plan_schedule(account, OF, recurrence, errands.starter)


def advance(account: Account, **duration: float) -> None:
    account.change_clock(lambda clock: clock.advance(timedelta(**duration)))


def test_it_is_done_at_each_time_and_prepared_before(account: Account, errands: Errands) -> None:
    plan(account, errands, kind="Hourly", occurrences=3)

    advance(account, hours=1)
    before = list(errands.done)
    advance(account, days=1)

    assert before == []
    assert errands.done == [("01 14:00", 1), ("01 15:00", 2), ("01 16:00", 3)]
    assert errands.prepared == ["01 14:00", "01 15:00", "01 16:00"]
    assert account.db.count("schedule") == 0


def test_it_goes_on_after_a_time_at_which_it_failed(account: Account, errands: Errands) -> None:
    plan(account, errands, kind="Hourly", occurrences=4)
    errands.failing = "01 15:00"

    advance(account, days=1)

    assert errands.done == [("01 14:00", 1), ("01 16:00", 0), ("01 17:00", 3)]
    (warning,) = account.take_warnings()
    assert warning.startswith("scheduled of start of Errand an-id, due at 2026-01-01T15:00:00")
    assert [repr(each) for each in account.problems] == ["LookupError('no errand')"]
    account.problems.clear()
    assert account.db.count("schedule") == account.db.count("due") == 0


def test_a_new_schedule_of_the_action_replaces_the_one_before(
    account: Account, errands: Errands
) -> None:
    plan(account, errands)
    plan(account, errands, hour=15)

    advance(account, days=1)

    assert errands.done == [("01 15:00", 2)]


def test_a_removed_schedule_is_not_carried_out(account: Account, errands: Errands) -> None:
    plan(account, errands, kind="Daily")

    taken = cancel_schedule(account, "Errand", "an-id")
    advance(account, days=3)

    assert [each["action"] for each in taken] == ["start"]
    assert errands.done == []


def test_a_time_that_is_past_is_not_made_up_for(account: Account, errands: Errands) -> None:
    planned = plan(account, errands, hour=11)
    recurring = plan(account, errands, hour=11, kind="Hourly", occurrences=2)
    advance(account, days=1)

    assert planned is None
    assert recurring is not None
    assert errands.done == [("01 12:00", 1), ("01 13:00", 2)]
