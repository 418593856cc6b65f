"""File triggers: a file that arrives in the FTP folder starts an automation."""

from __future__ import annotations

from fnmatch import fnmatch

from sfmc_mock.account.account import Account
from sfmc_mock.account.automations import TABLE, is_running, start_automation
from sfmc_mock.account.ftp_folder import IMPORT, dated_name


def file_arrived(account: Account, name: str) -> None:
    """Start the automations whose active triggers name the file: a pattern with `*` and `?`, in `import` or elsewhere.

    One that runs already is left out, and its trigger says so (assumed).
    """
    for trigger in account.db.find_all("file_trigger", "id", is_active=1):
        pattern = dated_name(str(trigger["file_name"] or ""), account.now()).strip("/")
        wanted = pattern if "/" in pattern else f"{IMPORT}/{pattern}"
        if not pattern or not fnmatch(name.strip("/").casefold(), wanted.casefold()):
            continue
        automation = account.db.find(
            TABLE, object_id=str(trigger["file_trigger_program_id"] or "").lower()
        )
        status, message = "Error", "The automation was deleted."
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
