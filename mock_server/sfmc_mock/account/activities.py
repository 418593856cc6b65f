"""Activities: jobs that run by themselves once they are started, and the rows that AsyncActivityStatus shows of them.

An activity runs when the account's clock reaches its time: at once, or some seconds after the start in an account whose
events lag (assumed: the service queues it for some time that no source states). It does its work in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TypeAlias

from sfmc_mock.account.account import Account, DueAction
from sfmc_mock.account.ftp_folder import FtpRefused
from sfmc_mock.account.simulation_settings import lag
from sfmc_mock.errors import SfmcMockError
from sfmc_mock.store.database import Row
from sfmc_mock.store.read_only_query import QueryFailed

ACTIVITY_RUN = "activity run"

QUEUED, COMPLETE, FAILED, STOPPED = "Queued", "Complete", "FatalError", "Stopped"
"""The statuses of an activity (sdk; that of one that was stopped: assumed)."""

_QUEUED_FOR = timedelta(seconds=30)


class ActivityFailed(SfmcMockError):
    """An activity could not do its work; the text says why."""

    def __init__(self, text: str, counts: Counts | None = None) -> None:
        super().__init__(text)
        self.counts = counts


@dataclass(frozen=True, slots=True)
class Counts:
    """The result of an activity: rows taken, and reasons for rows not taken; `destination_id` names their target."""

    processed: int = 0
    total: int = 0
    duplicates: int = 0
    restricted: int = 0
    errors: int = 0
    destination_id: str = ""
    destination_type: str = ""


Run: TypeAlias = "Callable[[Account, Row], Counts]"
"""Does the work of an activity, a row of `async_activity`. Raises `ActivityFailed`, `FtpRefused` or `QueryFailed`."""

RunOf: TypeAlias = "Callable[[str], Run | None]"
"""Returns the function that runs activities of a type, None for a type that is unknown."""

Finished: TypeAlias = "Callable[[Account, Row], None]"
"""Called with the row of each activity of an automation that has run."""


def start_activity(
    account: Account, object_type: str, definition: Row, *, run: int | None = None, step: int = 0
) -> tuple[int, str]:
    """Queue an activity, and return its TaskID and the ObjectID of its instance.

    `run` and `step` (from 1) are its place in an automation: the numbers of the run, and of the step.
    """
    number = account.ids.fresh_number(
        lambda drawn: account.db.count("async_activity", id=drawn) > 0,
        "async_activity",
        definition["object_id"],
        earlier=account.db.count("async_activity", object_id=definition["object_id"]),
    )
    instance = account.ids.guid("async_activity", number)
    account.db.insert(
        "async_activity",
        {
            "id": number,
            "type": object_type,
            "action": "Start",
            "definition_id": definition["id"],
            "object_id": definition["object_id"],
            "customer_key": definition["customer_key"],
            "name": definition["name"],
            "instance_id": instance,
            "status": QUEUED,
            "created_at": account.now_text(),
            "automation_instance_id": run,
            "step": step,
        },
    )
    waits = timedelta(0) if lag(account).is_instant else _QUEUED_FOR
    account.plan_due(account.now() + waits, ACTIVITY_RUN, {"task_id": number})
    return number, instance


def running(run_of: RunOf, finished: Finished) -> DueAction:
    """Return the handler that runs an activity at its time, and stores its result."""

    def run(account: Account, payload: dict[str, object]) -> None:
        task = account.db.find("async_activity", id=payload["task_id"])
        # One that was stopped meanwhile does not run.
        if task is not None and task["status"] == QUEUED:
            note(account, task, _outcome(account, task, run_of(task["type"])))

    def failed(account: Account, payload: dict[str, object], said: str) -> str:
        task = account.db.find("async_activity", id=payload["task_id"])
        if task is None:
            return f"task {payload['task_id']}"
        note(account, task, _failure(said[:_LONGEST_FAULT]))
        return f"{task['type']} {task['customer_key']}"

    def note(account: Account, task: Row, outcome: Mapping[str, object]) -> None:
        done = {"started_at": account.now_text(), "completed_at": account.now_text()}
        account.db.update("async_activity", {**done, **outcome}, id=task["id"])
        if task["automation_instance_id"] is not None:
            finished(account, task)

    return DueAction(run, failed)


_LONGEST_FAULT = 500


def _outcome(account: Account, task: Row, run: Run | None) -> dict[str, object]:
    try:
        if run is None:
            raise ActivityFailed(f"Nothing runs a {task['type']}.")
        with account.db.atomic():
            counts = run(account, task)
        return {"status": COMPLETE, **asdict(counts)}
    except ActivityFailed as failed:
        return _failure(str(failed), failed.counts)
    except (FtpRefused, QueryFailed) as failed:
        return _failure(str(failed))


def _failure(said: str, counts: Counts | None = None) -> dict[str, object]:
    return {"status": FAILED, "error": said, **asdict(counts or Counts(errors=1))}


def definition_of(account: Account, table: str, task: Row) -> Row:
    """Return the definition of an activity. Raises `ActivityFailed` when it was deleted meanwhile."""
    row = account.db.find(table, id=task["definition_id"])
    if row is None:
        raise ActivityFailed("The definition was deleted before it ran.")
    return row
