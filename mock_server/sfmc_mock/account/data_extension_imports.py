"""Rows of files into a data extension: checked one by one, put there by a few statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count

from sfmc_mock.account import data_extension_rows
from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import ActivityFailed, Counts
from sfmc_mock.account.data_extension_fields import Field
from sfmc_mock.account.data_extension_values import (
    CellRefused,
    StoredValue,
    default_of,
    stored_value,
)
from sfmc_mock.account.data_extensions import DataExtension
from sfmc_mock.account.import_sources import ImportedFiles, ImportPlan, RowErrors
from sfmc_mock.store.import_staging import staged_rows

_DAY_FIRST = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(.*)", re.ASCII | re.DOTALL)


def import_rows(
    account: Account, extension: DataExtension, plan: ImportPlan, errors: RowErrors
) -> tuple[Counts, list[str]]:
    """Import rows, and return what came of them with the files read. Raises `ActivityFailed`."""
    files = ImportedFiles(
        account, plan, errors, _names_of(extension), [field.name for field in extension.fields]
    )
    fields = [extension.by_key[name.casefold()] for name in files.names]
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
    return (
        Counts(
            processed=done,
            total=files.total,
            duplicates=duplicates,
            errors=errors.count,
            restricted=files.total - errors.count - duplicates - done,
        ),
        files.files,
    )


def _names_of(extension: DataExtension) -> Callable[[str], str | None]:
    def known(name: str) -> str | None:
        field = extension.by_key.get(name.casefold())
        return None if field is None else field.name

    return known


def _check_complete(extension: DataExtension, fields: list[Field], plan: ImportPlan) -> None:
    """Refuse files that lack a column without which no row can be taken."""
    changes = plan.update_type in ("UpdateButDoNotAdd", "ColumnBased")
    if changes and not extension.primary_key:
        raise ActivityFailed(
            f"The data extension {extension.name} has no primary key: its rows can only be added, or overwritten."
        )
    for field in extension.fields:
        is_needed = field.is_primary_key or (
            plan.adds and field.is_required and not field.default_value
        )
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
    """Return what makes a text of a file a value of a field; an empty one is the default, where there is one."""
    default = default_of(account, field)
    is_date = field.field_type == "Date" and plan.day_first

    def read(text: str | None) -> StoredValue:
        if not text:
            if default is not None:
                return default
            if field.is_primary_key:
                raise CellRefused(0, f"The value for column [{field.name}] is null or empty.")
            return stored_value(field, text)
        return stored_value(field, _month_first(text) if is_date else text)

    return read


def _month_first(text: str) -> str:
    """Return a date that begins with the day in the order that begins with the year."""
    match = _DAY_FIRST.fullmatch(text)
    if match is None:
        return text
    day, month, year, rest = match.groups()
    return f"{month}/{day}/{year}{rest}"
