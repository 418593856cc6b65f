"""Imports: rows of files in the FTP folder, into a data extension or a list.

Rows of a data extension are checked one by one, and written by a few statements. The meaning of the counts is assumed:
successful are the rows that were imported; duplicated those whose key an earlier row of the import has; restricted
those that the update type leaves out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from sfmc_mock.account import data_extension_rows, data_extensions
from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import ActivityFailed, Counts, definition_of
from sfmc_mock.account.data_extension_fields import (
    CellRefused,
    Field,
    StoredValue,
    default_of,
    stored_value,
)
from sfmc_mock.account.data_extensions import DataExtension
from sfmc_mock.account.ftp_folder import EXPORT, FtpRefused
from sfmc_mock.account.import_sources import ImportedFiles, ImportPlan, RowErrors
from sfmc_mock.account.list_imports import ListImport
from sfmc_mock.store.database import Row
from sfmc_mock.store.import_staging import staged_rows

TABLE = "import_definition"

_DAY_FIRST = re.compile(r"\A\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(.*)", re.ASCII | re.DOTALL)


def run_import(account: Account, task: Row) -> Counts:
    """Run the import of a task: import every valid row, or none if the import fails.

    Invalid rows are listed in a file of the FTP folder's `export`. Raises `ActivityFailed`, and `FtpRefused` for a
    file that cannot be read.
    """
    definition = definition_of(account, TABLE, task)
    extension = data_extensions.find_by_id(account, definition["data_extension_id"])
    destination: dict[str, Any] = {
        "destination_id": extension.object_id if extension else str(definition["list_id"] or ""),
        "destination_type": "DataExtension" if extension else "List",
    }
    errors = RowErrors()
    try:
        counts = _imported(account, task, definition, extension, errors)
    except ActivityFailed as failed:
        where = _list_errors(account, task, errors)
        counts = Counts(errors=max(errors.count, 1), **destination)
        raise ActivityFailed(f"{failed}{where}", counts) from None
    _list_errors(account, task, errors)
    return replace(counts, **destination)


def _imported(
    account: Account, task: Row, definition: Row, extension: DataExtension | None, errors: RowErrors
) -> Counts:
    run = account.db.find("automation_instance", id=task["automation_instance_id"])
    plan = ImportPlan(account, definition, "" if run is None else run["file_name"])
    wanted = account.db.find("list", id=definition["list_id"])
    if extension is not None:
        counts, files = _import_rows(account, extension, plan, errors)
    elif wanted is not None:
        work = ListImport(account, wanted, plan, errors)
        counts, files = work.run(), work.files
    else:
        raise ActivityFailed("The destination of the import does not exist any more.")
    if plan.deletes_files:
        for name in files.names:
            account.files.remove(name)
    return counts


def _list_errors(account: Account, task: Row, errors: RowErrors) -> str:
    """Write the file of rows that were not taken, if there are any, and return its name."""
    if not errors.listed:
        return ""
    name = f"{EXPORT}/import-{task['id']}-errors.csv"
    text = io.StringIO()
    csv.writer(text).writerows([("Row", "Error"), *errors.listed])
    try:
        account.files.write(name, text.getvalue().encode("utf-8", "replace"))
    except FtpRefused as refused:
        return f" The file of errors was not written: {refused}"
    return f" See {name} in the FTP folder."


# Into a data extension.


def _import_rows(
    account: Account, extension: DataExtension, plan: ImportPlan, errors: RowErrors
) -> tuple[Counts, ImportedFiles]:
    names = {field.key: field.name for field in extension.fields}
    files = ImportedFiles(
        account, plan, errors, lambda name: names.get(name.casefold()), list(names.values())
    )
    fields = [extension.by_key[name.casefold()] for name in files.columns]
    _check_complete(extension, fields, plan)
    if plan.update_type == "Overwrite":
        data_extension_rows.clear(account, extension)
    columns = [field.column for field in fields]
    key = [field.column for field in extension.primary_key]
    now = account.now_text()
    filled = [
        (field.name, default_of(account, field))
        for field in extension.fields
        if field.default_value and field not in fields
    ]
    with staged_rows(account.db, extension.table, columns, key) as staged:
        staged.add(_checked(account, files, fields, plan))
        duplicates = staged.drop_repeated()
        done = staged.write(now, filled)
    return files.counts(done, duplicates), files


def _check_complete(extension: DataExtension, fields: list[Field], plan: ImportPlan) -> None:
    """Refuse files that lack a required column."""
    changes = plan.update_type in ("UpdateButDoNotAdd", "ColumnBased")
    if changes and not extension.primary_key:
        raise ActivityFailed(
            f"The data extension {extension.name} has no primary key: its rows can only be added, or overwritten."
        )
    for field in extension.fields:
        is_needed = field.is_primary_key or (plan.adds and field.must_be_given)
        if is_needed and field not in fields:
            raise ActivityFailed(f"The file has no column for the required field '{field.name}'.")


def _checked(
    account: Account, files: ImportedFiles, fields: list[Field], plan: ImportPlan
) -> Iterator[list[object]]:
    readers = [_reader(account, field, plan) for field in fields]
    numbers = count(1)
    for row in files.rows():
        if not row.actions:
            continue
        try:
            values = [read(text) for read, text in zip(readers, row.texts, strict=True)]
        except CellRefused as refused:
            files.refuse(row.where, str(refused))
            continue
        yield [next(numbers), row.actions, *values]


def _reader(
    account: Account, field: Field, plan: ImportPlan
) -> Callable[[str | None], StoredValue]:
    """Return a function from a text of a file to a value of a field; an empty text gives the field's default."""
    default = default_of(account, field)
    is_date = field.field_type == "Date" and plan.day_first

    def read(text: str | None) -> StoredValue:
        if not text:
            if default is not None:
                return default
            if field.is_primary_key:
                raise CellRefused(0, f"The value for column [{field.name}] is null or empty.")
            return stored_value(field, text)
        # Dates that begin with the day become those that begin with the month.
        return stored_value(field, _DAY_FIRST.sub(r"\2/\1/\3\4", text) if is_date else text)

    return read
