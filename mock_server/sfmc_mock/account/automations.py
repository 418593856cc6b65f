"""Automations: steps of activities that run in order, started by hand, by a schedule, or by a file.

The activities of a step run together; the next step begins when all are done, and none begins behind one that failed
(documented).
"""

from __future__ import annotations

import json
from fnmatch import fnmatch
from typing import Any

from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import FAILED, QUEUED, STOPPED, start_activity
from sfmc_mock.account.ftp_folder import IMPORT, file_named
from sfmc_mock.account.schedules import Scheduled
from sfmc_mock.store.database import Row

TABLE = "automation"

# AutomationStatus: the names are the schema's, the numbers assumed.
ERROR, READY, RUNNING, PAUSED, STOPPED_STATUS, SCHEDULED, AWAITING_TRIGGER = -1, 2, 3, 4, 5, 6, 7

STATUS = (
    f"CASE WHEN t.status IN ({ERROR}, {READY}, {STOPPED_STATUS}) THEN CASE "  # noqa: S608 - constants
    "WHEN EXISTS (SELECT 1 FROM schedule s WHERE s.object_type = 'Automation' AND s.object_id = t.object_id) "
    f"THEN {SCHEDULED} WHEN EXISTS (SELECT 1 FROM file_trigger f WHERE f.is_active AND "
    f"lower(f.file_trigger_program_id) = t.object_id) THEN {AWAITING_TRIGGER} ELSE t.status END ELSE t.status END"
)
"""SQL for the status of the automation `t`: that of its run, else what it waits for (assumed)."""


def start_automation(account: Account, automation: Row, *, file_name: str = "") -> None:
    """Begin a run of an automation with its first step."""
    now = account.now_text()
    count = account.db.count("automation_instance", automation_id=automation["id"])
    number = account.db.insert(
        "automation_instance",
        {
            "object_id": account.object_id("automation_instance", automation["object_id"], count),
            "automation_id": automation["id"],
            "status": RUNNING,
            "steps": automation["steps"],
            "file_name": file_name,
            "started_at": now,
            "changed_at": now,
        },
    )
    run = account.db.find("automation_instance", id=number)
    assert run is not None
    changes = {"status": RUNNING, "last_run_time": now, "last_run_instance_id": run["object_id"]}
    account.db.update(TABLE, changes, id=automation["id"])
    _begin_step(account, run, 1)


def is_running(account: Account, automation: Row) -> bool:
    """Say whether a run of the automation is not over."""
    return bool(_open_runs(account, automation))


def _open_runs(account: Account, automation: Row) -> list[Row]:
    runs = account.db.find_all("automation_instance", automation_id=automation["id"])
    return [run for run in runs if run["status"] in (RUNNING, PAUSED)]


def stop_automation(account: Account, automation: Row) -> bool:
    """Stop the run of an automation; its waiting activities do not run. Return whether there was a run."""
    runs = _open_runs(account, automation)
    for run in runs:
        account.db.update(
            "async_activity",
            {"status": STOPPED, "completed_at": account.now_text()},
            automation_instance_id=run["id"],
            status=QUEUED,
        )
        _end(account, run, STOPPED_STATUS, "Stopped")
    return bool(runs)


def pause_automation(account: Account, automation: Row) -> bool:
    """Pause the run of an automation; return whether there is one. Activities that wait still run (assumed)."""
    return _turn(account, automation, RUNNING, PAUSED)


def resume_automation(account: Account, automation: Row) -> bool:
    """Continue the paused run of an automation; return whether there is one."""
    is_resumed = _turn(account, automation, PAUSED, RUNNING)
    for run in _open_runs(account, automation):
        _go_on(account, run)
    return is_resumed


def _turn(account: Account, automation: Row, before: int, after: int) -> bool:
    runs = [run for run in _open_runs(account, automation) if run["status"] == before]
    for run in runs:
        changes = {"status": after, "changed_at": account.now_text()}
        account.db.update("automation_instance", changes, id=run["id"])
        account.db.update(TABLE, {"status": after}, id=automation["id"])
    return bool(runs)


def activity_finished(account: Account, task: Row) -> None:
    """Continue the run that an activity belongs to, when its step is done."""
    run = account.db.find("automation_instance", id=task["automation_instance_id"])
    if run is not None and run["status"] == RUNNING:
        _go_on(account, run)


def _go_on(account: Account, run: Row) -> None:
    of_step = account.db.find_all(
        "async_activity", automation_instance_id=run["id"], step=run["step"]
    )
    if any(task["status"] == QUEUED for task in of_step):
        return
    failed = next((task for task in of_step if task["status"] == FAILED), None)
    if failed is not None:
        _end(account, run, ERROR, f"Step {run['step']}, {failed['name']}: {failed['error']}")
    else:
        _begin_step(account, run, run["step"] + 1)


def _begin_step(account: Account, run: Row, step: int) -> None:
    steps: list[list[dict[str, Any]]] = json.loads(run["steps"])
    if step > len(steps):
        _end(account, run, READY, "Completed")
        return
    account.db.update(
        "automation_instance", {"step": step, "changed_at": account.now_text()}, id=run["id"]
    )
    for each in steps[step - 1]:
        definition = account.db.find(each["table"], object_id=each["object_id"])
        if definition is None:
            _end(account, run, ERROR, f"Step {step}: the {each['type']} was deleted.")
            return
        start_activity(account, each["type"], definition, run=run["id"], step=step)


def _end(account: Account, run: Row, status: int, message: str) -> None:
    now = account.now_text()
    changes = {"status": status, "status_message": message, "changed_at": now, "completed_at": now}
    account.db.update("automation_instance", changes, id=run["id"])
    account.db.update(TABLE, {"status": status}, id=run["automation_id"])


# Schedules and file triggers.


def start_scheduled(account: Account, done: Scheduled) -> None:
    """Start an automation at a scheduled time, unless it is running (assumed)."""
    automation = account.db.find(TABLE, object_id=done.object_id)
    if automation is not None and not is_running(account, automation):
        start_automation(account, automation)


def file_arrived(account: Account, name: str) -> None:
    """Start the automations whose active triggers name the file: a pattern with `*` and `?`, in `import` or elsewhere.

    One that runs already is left out, and its trigger says so (assumed).
    """
    for trigger in account.db.find_all("file_trigger", "id", is_active=1):
        if fnmatch(name.strip("/").casefold(), _pattern(account, trigger)):
            run_trigger(account, trigger, name)


def newest_file(account: Account, trigger: Row) -> str | None:
    """Return the name of the newest file that matches a trigger, None when there is none."""
    wanted = _pattern(account, trigger)
    fitting = [file for file in account.files.files() if fnmatch(file.name.casefold(), wanted)]
    return max(fitting, key=lambda file: file.modified).name if fitting else None


def run_trigger(account: Account, trigger: Row, name: str) -> None:
    """Start the automation of a trigger for a file, and store the result with the trigger."""
    automation = account.db.find(
        TABLE, object_id=(trigger["file_trigger_program_id"] or "").lower()
    )
    if automation is None:
        status, message = "Error", "The automation does not exist."
    elif is_running(account, automation):
        status, message = "Skipped", "The automation runs already."
    else:
        start_automation(account, automation, file_name=name)
        status, message = "Complete", f"Started for {name}."
    account.db.update(
        "file_trigger",
        {"last_pull_date": account.now_text(), "status": status, "status_message": message},
        id=trigger["id"],
    )


def _pattern(account: Account, trigger: Row) -> str:
    return file_named(IMPORT, trigger["file_name"] or "", account.now()).casefold()
