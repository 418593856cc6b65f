"""Schedules: actions of objects that the account does at scheduled times, one schedule for each action.

Scheduling an action again replaces its schedule (assumed). Times before the moment of scheduling are skipped, and do
not count as occurrences (assumed; the service takes such a start: recorded).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sfmc_mock.account.account import Account, DueAction
from sfmc_mock.account.recurrence import Recurrence
from sfmc_mock.clock import TICK, stored
from sfmc_mock.store.database import Row

SCHEDULED = "scheduled"
"""The scheduled action of an object whose schedule has come to a time."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The action that a schedule starts, and its object by type and ObjectID.

    `number` is that of the job prepared for the next time, 0 without one.
    """

    object_type: str
    object_id: str
    action: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Starter:
    """The handler of the schedules of an object type.

    `start` does the scheduled action. `prepare` is called with the next time as soon as it is known, and returns the
    number of a job for it, which `start` gets at that time.
    """

    start: Callable[[Account, Scheduled], None]
    prepare: Callable[[Account, Scheduled, datetime], int] | None = None


def plan_schedule(
    account: Account, wanted: Scheduled, when: Recurrence, starter: Starter
) -> Row | None:
    """Schedule an action, and return the schedule; None, without scheduling it, when it has no time in the future."""
    cancel_schedule(account, wanted.object_type, wanted.object_id, wanted.action)
    first = when.next_after(account.now())
    if first is None:
        return None
    number = account.db.insert(
        "schedule",
        {
            "object_type": wanted.object_type,
            "object_id": wanted.object_id,
            "action": wanted.action,
            "recurrence": json.dumps(when.plain()),
            "created_at": account.now_text(),
        },
    )
    _plan(account, number, wanted, first, 0, starter)
    return account.db.find("schedule", id=number)


def cancel_schedule(
    account: Account, object_type: str, object_id: str, action: str | None = None
) -> list[Row]:
    """Remove the schedules of an object, or that of one action; return them."""
    equals: dict[str, object] = {"object_type": object_type, "object_id": object_id}
    if action is not None:
        equals["action"] = action
    rows = account.db.find_all("schedule", "id", **equals)
    account.db.delete("schedule", **equals)
    return rows


def starting(starters: Mapping[str, Starter]) -> DueAction:
    """Return the handler of all scheduled actions, from the starters by object type."""

    def run(account: Account, payload: dict[str, object]) -> None:
        row = account.db.find("schedule", id=payload["schedule"])
        # Another time: the action was scheduled again, or the schedule was removed.
        if row is None or row["next_at"] != account.now_text():
            return
        starter, done = starters[row["object_type"]], _scheduled(row)
        starter.start(account, done)
        if account.db.count("schedule", id=row["id"]):
            _go_on(account, row, done, starter)

    def failed(account: Account, payload: dict[str, object], said: str) -> str:
        row = account.db.find("schedule", id=payload["schedule"])
        if row is None:
            return f"schedule {payload['schedule']}"
        # Without what would have been prepared for the next time: that may be what failed.
        _go_on(account, row, _scheduled(row), Starter(lambda account, of: None))
        return f"{row['action']} of {row['object_type']} {row['object_id']}"

    return DueAction(run, failed)


def _scheduled(row: Row) -> Scheduled:
    return Scheduled(row["object_type"], row["object_id"], row["action"], row["prepared"])


def _go_on(account: Account, row: Row, done: Scheduled, starter: Starter) -> None:
    runs = row["runs"] + 1
    when = Recurrence.of(json.loads(row["recurrence"]))
    following = when.next_after(account.now() + TICK, runs) if when.kind else None
    if following is None:
        account.db.delete("schedule", id=row["id"])
    else:
        _plan(account, row["id"], done, following, runs, starter)


def _plan(
    account: Account, number: object, of: Scheduled, at: datetime, runs: int, starter: Starter
) -> None:
    prepared = starter.prepare(account, of, at) if starter.prepare else 0
    columns = {"next_at": stored(at), "runs": runs, "prepared": prepared}
    account.db.update("schedule", columns, id=number)
    account.plan_due(at, SCHEDULED, {"schedule": number})
