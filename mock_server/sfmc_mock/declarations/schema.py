"""The tables, views and triggers of declared objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sfmc_mock.declarations.properties import Property, Reference, snake
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.store.database import quoted
from sfmc_mock.store.schema import Column, Schema, Table

_TYPES = {"number": "INTEGER", "flag": "INTEGER"}

# What the service keeps to the minute, it rounds.
_TO_THE_MINUTE = "strftime('%Y-%m-%dT%H:%M:00.000', {}, '+30 seconds')"


def schema_of(objects: Iterable[StoredObject]) -> Schema:
    """Return what an account's database has for the objects."""
    stored = tuple(objects)
    tables = {each.object_type: each.table for each in stored}
    return Schema(
        tables=tuple(_table(each, tables) for each in stored),
        views={each.view: view_sql(each, tables) for each in stored if each.view is not None},
        triggers={
            name: sql for each in stored if each.sends_depend_on_it for name, sql in _triggers(each)
        },
    )


def _table(owner: StoredObject, tables: dict[str, str]) -> Table:
    columns = [_column(owner, each) for each in owner.kept if each.column not in ("id", *_DATES)]
    columns += [_reference(each, tables) for each in owner.references]
    columns += [Column(name, default="") for name in _DATES if owner.dated]
    return Table(owner.table, tuple(columns), owner.statements)


_DATES = ("created_at", "modified_at")


def _column(owner: StoredObject, each: Property) -> Column:
    default = int(each.default) if isinstance(each.default, bool) else each.default
    named = each.name in ("CustomerKey", "Name")
    return Column(
        each.column,
        _TYPES.get(each.kind, "TEXT"),
        default,
        any_case=each.any_case or named,
        # What was deleted and stays to be read does not keep its key from being used again.
        unique=each.unique
        or (named and each.name == "CustomerKey" and owner.deleted_status is None),
    )


def _reference(each: Reference, tables: dict[str, str]) -> Column:
    if each.stores != "id":
        return Column(each.kept_in)
    return Column(each.kept_in, "INTEGER", refers=tables[each.to] if each.foreign_key else "")


def _triggers(owner: StoredObject) -> Iterator[tuple[str, str]]:
    """Yield what gives another version to what is kept in memory of sends (`sfmc_mock.account.metadata_cache`)."""
    for event in ("insert", "update", "delete"):
        name = f"terms_{owner.table}_{event}"
        yield (
            name,
            f"CREATE TRIGGER {quoted(name)} AFTER {event.upper()} ON {quoted(owner.table)} "  # noqa: S608 - quoted
            "BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END",
        )


def view_sql(owner: StoredObject, tables: dict[str, str]) -> str:
    """Return the view that Retrieve reads of an object: its properties, and `rowkey` for paging."""
    shown = ["t.id AS rowkey"]
    joins: list[str] = []
    for each in owner.declared:
        if isinstance(each, Reference):
            shown += _shown(each)
            joins += _joins(each, tables)
        elif each.name and (each.retrievable or each.name in owner.always_shown):
            shown.append(f"{_expression(owner, each)} AS {quoted(each.name)}")
    source = " ".join([f"{quoted(owner.table)} t", *joins])
    return f"CREATE VIEW {quoted(str(owner.view))} AS SELECT {', '.join(shown)} FROM {source}"  # noqa: S608


def _expression(owner: StoredObject, each: Property) -> str:
    column = each.sql or (f"t.{quoted(each.column)}" if each.column else "NULL")
    is_rounded = owner.dates_to_the_minute and each.column in _DATES
    return _TO_THE_MINUTE.format(column) if is_rounded else column


def _shown(reference: Reference) -> Iterator[str]:
    for each in reference.shows:
        assert isinstance(each, Property)
        column = f"{quoted(reference.name)}.{quoted(_part_column(each))}"
        if _is_own(reference, each):
            column = f"t.{quoted(reference.kept_in)}"
        yield f"{column} AS {quoted(each.name)}"


def _joins(reference: Reference, tables: dict[str, str]) -> Iterator[str]:
    parts = [each for each in reference.shows if isinstance(each, Property)]
    if all(_is_own(reference, each) for each in parts):
        return
    number = f"t.{quoted(reference.kept_in)}"
    if reference.otherwise:
        number = f"COALESCE({number}, {quoted(reference.otherwise)}.{quoted(reference.kept_in)})"
    name = quoted(reference.name)
    yield f"LEFT JOIN {quoted(tables[reference.to])} {name} ON {name}.{quoted(reference.stores)} = {number}"


def _is_own(reference: Reference, part: Property) -> bool:
    """Say whether the object's own row has the value."""
    return not reference.otherwise and _part_column(part) == reference.stores


def _part_column(part: Property) -> str:
    return part.column or snake(part.name.rpartition(".")[2])
