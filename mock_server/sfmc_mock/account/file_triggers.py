"""File triggers: a file that arrives in the FTP folder starts an automation."""

from __future__ import annotations

from fnmatch import fnmatch

from sfmc_mock.account.account import Account
from sfmc_mock.account.automations import TABLE, is_running, start_automation
from sfmc_mock.account.ftp_folder import IMPORT, file_named
from sfmc_mock.store.database import Row


def file_arrived(account: Account, name: str) -> None:
    """Start the automations whose active triggers name the file: a pattern with `*` and `?`, in `import` or elsewhere.

    One that runs already is left out, and its trigger says so (assumed).
    """
    for trigger in account.db.find_all("file_trigger", "id", is_active=1):
        wanted = _pattern(account, trigger)
        if fnmatch(name.strip("/").casefold(), wanted.casefold()):
            pull(account, trigger, name)


def newest_file(account: Account, trigger: Row) -> str | None:
    """Return the name of the newest file that fits a trigger, None when there is none."""
    wanted = _pattern(account, trigger).casefold()
    fitting = [file for file in account.files.files() if fnmatch(file.name.casefold(), wanted)]
    return max(fitting, key=lambda file: file.modified).name if fitting else None


def pull(account: Account, trigger: Row, name: str) -> None:
    """Start the automation of a trigger for a file, and note with the trigger what came of it."""
    wanted = (trigger["file_trigger_program_id"] or "").lower()
    automation = account.db.find(TABLE, object_id=wanted)
    status, message = "Error", "There is no such automation."
    if automation is not None and is_running(account, automation):
        status, message = "Skipped", "The automation runs already."
    elif automation is not None:
        start_automation(account, automation, file_name=name)
        status, message = "Complete", f"Started for {name}."
    account.db.update(
        "file_trigger",
        {"last_pull_date": account.now_text(), "status": status, "status_message": message},
        id=trigger["id"],
    )


def _pattern(account: Account, trigger: Row) -> str:
    return file_named(IMPORT, trigger["file_name"] or "", account.now())
