"""Imports: rows of files in the FTP folder, into a data extension or a list.

What counts as successful, duplicated and restricted is assumed: rows that came in; rows whose key came before in the
same import, of which the first one counts; rows that the update type leaves out.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from sfmc_mock.account import data_extensions
from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import ActivityFailed, Counts, definition_of
from sfmc_mock.account.data_extension_imports import import_rows
from sfmc_mock.account.ftp_folder import EXPORT, FtpRefused, dated_name
from sfmc_mock.account.import_sources import ImportPlan, RowErrors
from sfmc_mock.account.list_imports import import_subscribers
from sfmc_mock.store.database import Row

TABLE = "import_definition"


def run_import(account: Account, task: Row) -> Counts:
    """Import what the definition of a task says. Raises `ActivityFailed`: nothing was imported then.

    Rows that cannot be taken are listed in a file of the FTP folder's `export`.
    """
    definition = definition_of(account, TABLE, task)
    errors = RowErrors()
    try:
        counts = _imported(account, task, definition, errors)
    except ActivityFailed as failed:
        raise ActivityFailed(
            str(failed) + _told(account, task, errors),
            replace(_destination(account, definition), errors=max(errors.count, 1)),
        ) from None
    except FtpRefused as refused:
        raise ActivityFailed(str(refused)) from None
    _told(account, task, errors)
    where = _destination(account, definition)
    return replace(
        counts, destination_id=where.destination_id, destination_type=where.destination_type
    )


def _imported(account: Account, task: Row, definition: Row, errors: RowErrors) -> Counts:
    plan = ImportPlan.of(definition)
    run = account.db.find("automation_instance", id=task["automation_instance_id"])
    trigger = "" if run is None else run["file_name"]
    plan = replace(plan, file_spec=dated_name(plan.file_spec, account.now(), trigger))
    extension = data_extensions.find_by_id(account, definition["data_extension_id"])
    wanted = account.db.find("list", id=definition["list_id"])
    if extension is not None:
        counts, files = import_rows(account, extension, plan, errors)
    elif wanted is not None:
        counts, files = import_subscribers(account, wanted, plan, errors)
    else:
        raise ActivityFailed("The destination of the import does not exist any more.")
    if plan.deletes_files:
        for name in files:
            account.files.remove(name)
    return counts


def _destination(account: Account, definition: Row) -> Counts:
    """Return counts of nothing that name where rows go."""
    extension = data_extensions.find_by_id(account, definition["data_extension_id"])
    if extension is not None:
        return Counts(destination_id=extension.object_id, destination_type="DataExtension")
    return Counts(destination_id=str(definition["list_id"] or ""), destination_type="List")


def _told(account: Account, task: Row, errors: RowErrors) -> str:
    """Write the file of rows that were not taken, if there are any, and return where it is."""
    if not errors.told:
        return ""
    name = f"{EXPORT}/import-{task['id']}-errors.csv"
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("Row", "Error"))
    rows.writerows(errors.told)
    try:
        account.files.write(name, text.getvalue().encode("utf-8", "replace"))
    except FtpRefused as refused:
        return f" The file of errors was not written: {refused}"
    return f" See {name} in the FTP folder."
