"""The tables, views and triggers of declared objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sfmc_mock.declarations.declared_object import DATES, DeclaredObject
from sfmc_mock.declarations.properties import Property, Reference, snake
from sfmc_mock.store.database import quoted
from sfmc_mock.store.schema import Column, Schema, Table

_TYPES = {"number": "INTEGER", "flag": "INTEGER"}

# What the service keeps to the minute, it rounds.
_TO_THE_MINUTE = "strftime('%Y-%m-%dT%H:%M:00.000', {}, '+30 seconds')"


def schema_of(objects: Iterable[DeclaredObject]) -> Schema:
    """Return the schema of an account's database for the objects."""
    stored = tuple(objects)
    tables = {owner.object_type: owner.table for owner in stored}
    return Schema(
        tables=tuple(_table(owner, tables) for owner in stored if owner.table),
        views={owner.view: view_sql(owner, tables) for owner in stored if owner.view is not None},
        triggers={
            name: sql
            for owner in stored
            if owner.sends_depend_on_it
            for name, sql in _triggers(owner)
        },
    )


def _table(owner: DeclaredObject, tables: dict[str, str]) -> Table:
    columns = [_column(owner, field) for field in owner.kept if field.column not in ("id", *DATES)]
    columns += [_reference(field, tables) for field in owner.references]
    columns += [Column(name, default="") for name in DATES if owner.dated]
    return Table(owner.table, tuple(columns), owner.statements)


def _column(owner: DeclaredObject, field: Property) -> Column:
    default = int(field.default) if isinstance(field.default, bool) else field.default
    # What was deleted and stays to be read does not keep its key from being used again.
    is_own_key = field.name == "CustomerKey" and owner.deleted_status is None
    return Column(
        field.column,
        _TYPES.get(field.kind, "TEXT"),
        default,
        any_case=field.any_case or field.name in ("CustomerKey", "Name"),
        unique=is_own_key if field.unique is None else field.unique,
        was=field.was,
    )


def _reference(field: Reference, tables: dict[str, str]) -> Column:
    if field.stores != "id":
        return Column(field.kept_in)
    refers = tables[field.to] if field.foreign_key else ""
    return Column(field.kept_in, "INTEGER", refers=refers, cascades=field.cascades)


def _triggers(owner: DeclaredObject) -> Iterator[tuple[str, str]]:
    """Yield the triggers that empty the caches of sends (`Account.cached`) by a new version."""
    for event in ("insert", "update", "delete"):
        name = f"terms_{owner.table}_{event}"
        yield (
            name,
            f"CREATE TRIGGER {quoted(name)} AFTER {event.upper()} ON {quoted(owner.table)} "  # noqa: S608 - quoted
            "BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END",
        )


def view_sql(owner: DeclaredObject, tables: dict[str, str]) -> str:
    """Return the SQL of the view that a Retrieve of an object reads: its properties, and `rowkey` for paging."""
    if owner.selects:
        return f"CREATE VIEW {quoted(str(owner.view))} AS {owner.selects}"
    shown = [f"{owner.rowkey} AS rowkey"]
    if owner.ordered_by:
        shown.append(f"{owner.ordered_by} AS sortkey")
    joins: list[str] = []
    for field in owner.declared:
        if isinstance(field, Reference):
            shown += _shown(field)
            joins += _joins(field, tables)
        elif field.name and (field.retrievable or field.name in owner.always_shown):
            shown.append(f"{_expression(owner, field)} AS {quoted(field.name)}")
    source = " ".join([owner.reads_from or f"{quoted(owner.table)} t", *joins])
    return f"CREATE VIEW {quoted(str(owner.view))} AS SELECT {', '.join(shown)} FROM {source}"  # noqa: S608


def _expression(owner: DeclaredObject, field: Property) -> str:
    column = field.sql or (f"t.{quoted(field.column)}" if field.column else "NULL")
    is_rounded = owner.dates_to_the_minute and field.column in DATES
    return _TO_THE_MINUTE.format(column) if is_rounded else column


def _shown(reference: Reference) -> Iterator[str]:
    for field in reference.shows:
        assert isinstance(field, Property)
        column = f"{quoted(reference.name)}.{quoted(_part_column(field))}"
        if _is_own(reference, field):
            column = f"t.{quoted(reference.kept_in)}"
        yield f"{column} AS {quoted(field.name)}"


def _joins(reference: Reference, tables: dict[str, str]) -> Iterator[str]:
    parts = [field for field in reference.shows if isinstance(field, Property)]
    if all(_is_own(reference, field) for field in parts):
        return
    number = f"t.{quoted(reference.kept_in)}"
    name = quoted(reference.name)
    yield f"LEFT JOIN {quoted(tables[reference.to])} {name} ON {name}.{quoted(reference.stores)} = {number}"


def _is_own(reference: Reference, part: Property) -> bool:
    """Say whether the object's own row has the value."""
    return _part_column(part) == reference.stores


def _part_column(part: Property) -> str:
    return part.column or snake(part.name.rpartition(".")[2])
