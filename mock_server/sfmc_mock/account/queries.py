"""Queries: SQL on the account's data extensions and data views, whose rows go into a data extension.

A query reads one state of the account, and writes all its rows or none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sfmc_mock.account import data_extension_rows, data_extensions
from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import Counts, definition_of
from sfmc_mock.account.data_extension_fields import (
    CellRefused,
    Field,
    StoredValue,
    default_of,
    stored_value,
)
from sfmc_mock.account.data_extensions import DataExtension
from sfmc_mock.clock import SERVER_OFFSET, stored
from sfmc_mock.limits import QUERY_ROWS, QUERY_SECONDS
from sfmc_mock.store import data_extension_tables
from sfmc_mock.store.business_unit_databases import copy_table
from sfmc_mock.store.data_extension_tables import CREATED, KEY, MODIFIED
from sfmc_mock.store.data_views import DATA_VIEWS, OF_ENTERPRISE, ColumnKind, QuerySource
from sfmc_mock.store.database import Row, quoted
from sfmc_mock.store.read_only_query import QueryFailed, run_query
from sfmc_mock.store.tsql.conversions import ConversionFailed, date_text
from sfmc_mock.store.tsql.dates import add_to_date

UPDATE_TYPES = ("Overwrite", "Update", "Append")

# How far back the data views of tracking go (documented).
_MONTHS = -6

_KINDS: dict[str, ColumnKind] = {
    "Number": "number",
    "Decimal": "decimal",
    "Boolean": "flag",
    "Date": "date",
}


@dataclass(frozen=True, slots=True)
class _Target:
    """The target of a query: the fields of the columns, in their order."""

    extension: DataExtension
    update_type: str
    fields: tuple[Field, ...]


def check_query(account: Account, text: str, target_id: int | None, update_type: str) -> None:
    """Raise `QueryFailed` for a query that could not run; no row is read."""
    names, *_ = _select(account, text)
    _target(account, target_id, update_type, names)


def run_query_definition(account: Account, task: Row) -> Counts:
    """Run the query of a task, and write its rows. Raises `ActivityFailed` and `QueryFailed`."""
    definition = definition_of(account, "query_definition", task)
    names, rows, dates = _select(account, definition["query_text"], task)
    target = _target(
        account, definition["data_extension_target_id"], definition["target_update_type"], names
    )
    _write(account, target, rows, [name.lower() in dates for name in names])
    return Counts(len(rows), len(rows), destination_id=target.extension.object_id)


# Reading.


def _select(
    account: Account, text: str, task: Row | None = None
) -> tuple[list[str], list[tuple[Any, ...]], frozenset[str]]:
    """Return the names of the columns, the rows, and which columns hold dates. Raises `QueryFailed`.

    Without a task, no row is read.
    """
    # sqlglot takes a fifth of a second to load: it is loaded when a query is used.
    from sfmc_mock.account.query_translation import translate

    translated = translate(text, lambda name: find_source(account, name))
    now = account.now()
    numbers = count()
    owner = "check" if task is None else str(task["id"])
    names, rows = run_query(
        account.db,
        translated.sql,
        {
            "now": account.now_text(),
            "utc_now": stored(now - SERVER_OFFSET),
            "since": add_to_date("month", _MONTHS, account.now_text()),
        },
        tables=translated.tables,
        functions={
            "tsql_newid": (0, lambda: account.ids.guid("newid", owner, next(numbers)).upper())
        },
        seconds=QUERY_SECONDS,
        most_rows=0 if task is None else QUERY_ROWS,
    )
    return names, rows, translated.dates


def find_source(account: Account, name: str) -> QuerySource | None:
    """Return the source that a query names: a data extension or a data view.

    `ENT.` before the name of a data extension means the enterprise of a business unit, which is the account itself
    where it stands alone (assumed to be allowed).
    """
    if name.upper().startswith(OF_ENTERPRISE):
        name = name[len(OF_ENTERPRISE) :]
        if account.enterprise is not None and name.lower() not in DATA_VIEWS:
            return _shared_source(account, account.enterprise, name)
    view = DATA_VIEWS.get(name.lower())
    if view is not None:
        return view
    extension = data_extensions.find(account, name=name)
    if extension is None:
        return None
    return _source_of(extension, extension.table)


def _shared_source(unit: Account, enterprise: Account, name: str) -> QuerySource | None:
    """Return a data extension that an enterprise shares, copied into the unit's database for the query."""
    extension = data_extensions.find(enterprise, name=name)
    if extension is None or not data_extensions.is_shared(enterprise, extension):
        return None
    copy = f"shared {extension.table}"
    copy_table(enterprise.db, unit.db, extension.table, copy)
    return _source_of(extension, copy)


def _source_of(extension: DataExtension, table: str) -> QuerySource:
    kinds: dict[str, ColumnKind] = {
        field.name: _KINDS.get(field.field_type, "text") for field in extension.fields
    }
    shown = [f"{field.column.compared} AS {quoted(field.name)}" for field in extension.fields]
    own: dict[str, ColumnKind] = {KEY: "number", CREATED: "date", MODIFIED: "date"}
    kinds |= own
    shown += map(quoted, own)
    sql = f"SELECT {', '.join(shown)} FROM {quoted(table)}"  # noqa: S608 - names are quoted
    return QuerySource(sql, kinds, frozenset({table}))


# Writing.


def _target(
    account: Account, target_id: int | None, update_type: str, names: Sequence[str]
) -> _Target:
    """Return the target of rows with these columns. Raises `QueryFailed` when the columns do not fit it.

    Texts are assumed.
    """
    extension = data_extensions.find_by_id(account, target_id)
    if extension is None:
        raise QueryFailed("The target data extension does not exist.")
    fields: list[Field] = []
    for name in names:
        field = extension.by_key.get(name.casefold())
        if field is None:
            raise QueryFailed(f"The target data extension {extension.name} has no field '{name}'.")
        fields.append(field)
    if update_type == "Update" and not extension.primary_key:
        raise QueryFailed(
            f"The target data extension {extension.name} has no primary key: its rows cannot be updated."
        )
    for field in extension.fields:
        is_needed = field.is_primary_key if update_type == "Update" else field.must_be_given
        if is_needed and field not in fields:
            raise _no_value(extension, field)
    return _Target(extension, update_type, tuple(fields))


def _no_value(extension: DataExtension, field: Field) -> QueryFailed:
    return QueryFailed(
        f"The query gives no value for the required field '{field.name}' of {extension.name}."
    )


def _write(
    account: Account, target: _Target, rows: Sequence[Sequence[Any]], are_dates: Sequence[bool]
) -> None:
    readers = [
        _reader(field, is_date) for field, is_date in zip(target.fields, are_dates, strict=True)
    ]
    now = account.now_text()
    is_update = target.update_type == "Update"
    # Of a row that is there, what the query does not give stays.
    filled = [
        field
        for field in target.extension.fields
        if field.default_value and field not in target.fields and not is_update
    ]
    rest = (*(default_of(account, field) for field in filled), now, now)
    values = [
        (*(read(value) for read, value in zip(readers, row, strict=True)), *rest) for row in rows
    ]
    if target.update_type == "Overwrite":
        data_extension_rows.clear(account, target.extension)
    columns = [*(field.name for field in (*target.fields, *filled)), CREATED, MODIFIED]
    if is_update:
        _check_new_rows(account, target, values)
    if not data_extension_tables.add_rows(
        account.db, target.extension.table, columns, values, replace=is_update
    ):
        raise QueryFailed(data_extension_rows.duplicate_key(account, target.extension))


def _check_new_rows(account: Account, target: _Target, values: Sequence[Sequence[Any]]) -> None:
    """Raise `QueryFailed` for a row that is new, if the query does not give all required columns."""
    required = (field for field in target.extension.fields if field.is_required)
    missing = next((field for field in required if field not in target.fields), None)
    if missing is None:
        return
    keys = [(target.fields.index(field), field.column) for field in target.extension.primary_key]
    for row in values:
        key = {column: row[at] for at, column in keys}
        if data_extension_tables.find_row(account.db, target.extension.table, key) is None:
            raise _no_value(target.extension, missing)


def _reader(field: Field, is_date: bool) -> Callable[[Any], StoredValue]:
    """Return a function from a value of a query to one of a field. It raises `QueryFailed`."""

    def read(value: Any) -> StoredValue:
        try:
            text = None if value is None else _text(field, value, is_date)
            return stored_value(field, text)
        except (CellRefused, ConversionFailed) as refused:
            raise QueryFailed(str(refused)) from None
        except OverflowError:
            # SQL Server's words for it.
            raise QueryFailed(
                f"Arithmetic overflow error converting expression to the type of column [{field.name}]."
            ) from None

    return read


def _text(field: Field, value: Any, is_date: bool) -> str:
    if field.field_type == "Decimal" and isinstance(value, int | float):
        return f"{value:.{field.scale or 0}f}"
    if field.field_type == "Number" and isinstance(value, float):
        return str(int(value))
    if is_date and field.field_type != "Date":
        return date_text(str(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def data_view_hint(name: str) -> str:
    """Return the text for a warning about a data view that a Retrieve asks for; empty for other names."""
    if name.casefold() not in DATA_VIEWS:
        return ""
    instead = _SHOWN_BY.get(name.casefold(), "")
    retrieve = f", or retrieve {instead}" if instead else ""
    return f"{name} is a data view, which only queries read. Use a QueryDefinition{retrieve}."


_SHOWN_BY = {
    "_sent": "SentEvent",
    "_open": "OpenEvent",
    "_click": "ClickEvent",
    "_bounce": "BounceEvent",
    "_unsubscribe": "UnsubEvent",
    "_subscribers": "Subscriber",
    "_listsubscribers": "ListSubscriber",
    "_job": "Send",
}
