"""Create, change and delete rows of data extensions by their primary key; and plan the rows that sends log.

Codes are documented (70000 to 70004, 71003 to 71005); texts are assumed, unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_fields import (
    INVALID_VALUE,
    CellRefused,
    Field,
    StoredValue,
    default_of,
    lenient_reader,
    stored_value,
)
from sfmc_mock.account.data_extensions import DataExtension, send_log
from sfmc_mock.errors import CellError, RowRefused
from sfmc_mock.store import data_extension_tables
from sfmc_mock.store.data_extension_tables import CREATED, KEY, MODIFIED
from sfmc_mock.store.writes import Insert

NULL_OR_EMPTY, MISSING, DUPLICATE, KEY_ERROR = 70004, 71003, 71004, 71005
"""Codes: a key without a value, a required field that is missing, a field that comes twice, trouble with the key."""

Cells: TypeAlias = Sequence[tuple[str, str | None]]
"""Values of a row as callers give them: names and texts, None for nil."""

_Values: TypeAlias = dict[str, StoredValue]


def insert(account: Account, extension: DataExtension, values: Cells) -> None:
    """Make a row. Raises `RowRefused`: nothing was written then."""
    reading = _Reading(extension)
    read = reading.values(values)
    reading.check_complete(read)
    reading.finish()
    for field in extension.fields:
        if field.name not in read and field.default_value:
            read[field.name] = default_of(account, field)
    now = account.now_text()
    if not data_extension_tables.add_row(
        account.db, extension.table, {**read, CREATED: now, MODIFIED: now}
    ):
        raise _key_taken(account, extension, read)


def update(account: Account, extension: DataExtension, keys: Cells, values: Cells) -> None:
    """Change the row with the primary key that stands in `keys`, or else among the values. Raises `RowRefused`."""
    number, read = _located(account, extension, keys, values)
    if number is None:
        raise _no_such_row(extension)
    _change(account, extension, number, read)


def upsert(account: Account, extension: DataExtension, keys: Cells, values: Cells) -> None:
    """Change the row with that primary key if there is one, make it if not. Raises `RowRefused`."""
    number, read = _located(account, extension, keys, values)
    if number is not None:
        _change(account, extension, number, read)
        return
    known = {name.strip().casefold() for name, _ in values}
    own = [key for key in keys if key[0].strip().casefold() not in known]
    insert(account, extension, [*own, *values])


def delete(account: Account, extension: DataExtension, keys: Cells, values: Cells = ()) -> None:
    """Delete the row with the primary key that stands in `keys`, or else among the values. Raises `RowRefused`."""
    number, _ = _located(account, extension, keys, values)
    if number is None:
        raise _no_such_row(extension)
    account.db.delete(extension.table, **{KEY: number})


def clear(account: Account, extension: DataExtension) -> int:
    """Delete all rows and return how many there were."""
    return account.db.delete(extension.table)


class _Reading:
    """Reads one row, and collects everything that is wrong with it."""

    def __init__(self, extension: DataExtension) -> None:
        self._extension = extension
        self._key_errors: list[CellError] = []
        self._value_errors: list[CellError] = []

    def values(self, cells: Cells) -> _Values:
        """Return the values of the columns, by the columns' names."""
        read: _Values = {}
        for name, text in cells:
            field = self._field(name)
            if field is None:
                self._value(name, INVALID_VALUE, f"Invalid column name '{name}'.")
            elif field.name in read:
                self._value(name, DUPLICATE, f"The column [{field.name}] is given more than once.")
            else:
                read[field.name] = self._cell(field, text)
        return read

    def key(self, cells: Cells) -> _Values:
        """Return the values of the primary key's columns, which must all be there."""
        for name, _ in cells:
            if not self.is_key(name):
                # Text: seen live on the REST twin of this call.
                self._key(name, KEY_ERROR, f"Primary key '{name}' does not exist.")
        read = self.values([cell for cell in cells if self.is_key(cell[0])])
        for field in self._extension.primary_key:
            if field.name not in read:
                self._no_key(field)
        return read

    def check_complete(self, read: Mapping[str, StoredValue]) -> None:
        """Note the required fields that a new row says nothing about."""
        for field in self._extension.fields:
            if field.name in read or not field.must_be_given:
                continue
            if field.is_primary_key:
                self._no_key(field)
            else:
                text = f"The value for column [{field.name}] is required."
                self._value(field.name, MISSING, text)

    def finish(self) -> None:
        """Raise `RowRefused` if anything was wrong."""
        errors = [*self._key_errors, *self._value_errors]
        if not errors:
            return
        codes = {error.code for error in errors}
        raise RowRefused(
            codes.pop() if len(codes) == 1 else INVALID_VALUE,
            # Text: seen live on the REST twin of this call, as is the form of the details.
            f"Unable to save rows for data extension ID {self._extension.object_id}",
            details="; ".join(f"{error.name}: {error.text}" for error in errors),
            key_errors=self._key_errors,
            value_errors=self._value_errors,
        )

    def is_key(self, name: str) -> bool:
        """Say whether a column of the primary key is called so."""
        field = self._field(name)
        return field is not None and field.is_primary_key

    def _field(self, name: str) -> Field | None:
        return self._extension.by_key.get(name.strip().casefold())

    def _cell(self, field: Field, text: str | None) -> StoredValue:
        if field.is_primary_key and not (text or "").strip():
            self._no_key(field)
            return None
        try:
            return stored_value(field, text)
        except CellRefused as refused:
            note = self._key if field.is_primary_key else self._value
            note(field.name, refused.code, str(refused))
            return None

    def _no_key(self, field: Field) -> None:
        text = f"The value for column [{field.name}] is null or empty."
        self._key(field.name, NULL_OR_EMPTY, text)

    def _key(self, name: str, code: int, text: str) -> None:
        self._key_errors.append(CellError(name, code, text))

    def _value(self, name: str, code: int, text: str) -> None:
        self._value_errors.append(CellError(name, code, text))


def _located(
    account: Account, extension: DataExtension, keys: Cells, values: Cells
) -> tuple[int | None, _Values]:
    """Return the number of the row with the primary key, None without one, and the values of its columns."""
    if not extension.primary_key:
        raise RowRefused(
            KEY_ERROR,
            f"The data extension {extension.name} has no primary key: its rows can only be added, "
            "or cleared all at once.",
        )
    reading = _Reading(extension)
    of_key = [pair for pair in values if reading.is_key(pair[0])]
    key = reading.key(keys or of_key)
    read = reading.values(values if keys else [pair for pair in values if pair not in of_key])
    reading.finish()
    columns = {field.column: key[field.name] for field in extension.primary_key}
    return data_extension_tables.find_row(account.db, extension.table, columns), read


def _change(account: Account, extension: DataExtension, number: int, read: _Values) -> None:
    changes = {**read, MODIFIED: account.now_text()}
    if not data_extension_tables.change_row(account.db, extension.table, number, changes):
        raise _key_taken(account, extension, read)


def _key_taken(account: Account, extension: DataExtension, read: _Values) -> RowRefused:
    shown = ", ".join(str(read.get(field.name, "")) for field in extension.primary_key)
    return _key_refused(
        extension, f"{duplicate_key(account, extension)} The duplicate key value is ({shown})."
    )


def duplicate_key(account: Account, extension: DataExtension) -> str:
    """Return the error for a primary key that another row has (its beginning: seen live, the rest: SQL Server's)."""
    return (
        f"Violation of PRIMARY KEY constraint 'PK_{extension.object_id}'. Cannot insert duplicate key in object "
        f"'C{account.mid}.{extension.name}'."
    )


def _no_such_row(extension: DataExtension) -> RowRefused:
    return _key_refused(
        extension, f"The data extension {extension.name} has no row with this primary key."
    )


def _key_refused(extension: DataExtension, text: str) -> RowRefused:
    errors = [CellError(field.name, KEY_ERROR, text) for field in extension.primary_key]
    return RowRefused(KEY_ERROR, text, key_errors=errors)


# The send log.


@dataclass(frozen=True, slots=True)
class LogPlan:
    """How rows are added to the send log: the statement, columns by their names in folded case, those with defaults."""

    insert: Insert
    columns: Mapping[str, LogColumn]
    defaults: tuple[tuple[int, Field], ...]


class LogColumn(NamedTuple):
    """A column of the send log: its place in a row, the greatest length of a text, and the reader of other values.

    Without a `limit` every value is given to the reader.
    """

    place: int
    limit: int | None
    read: Callable[[object], StoredValue]

    def put(self, value: object, values: list[StoredValue]) -> None:
        """Put a value that is there into a row."""
        place, limit, read = self
        values[place] = value[:limit] if limit is not None and type(value) is str else read(value)


def log_plan(account: Account) -> LogPlan | None:
    """Return the plan for the account's send log as it is defined now, None without a send log."""
    log = send_log(account)
    if log is None:
        return None
    fields = tuple(enumerate(log.fields))
    return LogPlan(
        data_extension_tables.appending(log.table, [field.name for field in log.fields]),
        {field.key: _log_column(place, field) for place, field in fields},
        tuple((place, field) for place, field in fields if field.default_value),
    )


def _log_column(place: int, field: Field) -> LogColumn:
    return LogColumn(place, field.max_length if field.limits_text else None, lenient_reader(field))
