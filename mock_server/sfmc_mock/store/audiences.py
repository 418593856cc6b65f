"""Whom sends go to that name no subscribers: members of lists and rows of data extensions, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sfmc_mock.store.database import Database, quoted
from sfmc_mock.store.row_table import KEY, Column

PAGE = 2_000
"""How many recipients are read, decided on and written together."""

_MEMBERS = (
    "SELECT m.id, s.subscriber_key, s.email_address FROM list_subscriber m JOIN subscriber s ON s.id = m.subscriber_id "
    "WHERE m.list_id = :list AND m.id > :after ORDER BY m.id LIMIT :page"
)
_EVERYBODY = "SELECT id, subscriber_key, email_address FROM subscriber WHERE id > :after ORDER BY id LIMIT :page"


def members(db: Database, list_id: int | None) -> Iterator[list[tuple[Any, ...]]]:
    """Yield pages of key and address: of the members of a list, or of all subscribers."""
    sql = _EVERYBODY if list_id is None else _MEMBERS
    return _pages(db, sql, {"list": list_id} if list_id is not None else {})


def rows_of(
    db: Database, table: str, columns: Sequence[str], where: str = "", bound: Sequence[Any] = ()
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield pages of the rows of a data extension: their columns, in the order of the rows.

    `where` is a condition whose values are `bound`.
    """
    names = ", ".join(map(quoted, (KEY, *columns)))
    terms = f"({where}) AND " if where else ""
    sql = (
        f"SELECT {names} FROM {quoted(table)} WHERE {terms}{quoted(KEY)} > ? "  # noqa: S608 - names are quoted
        f"ORDER BY {quoted(KEY)} LIMIT ?"
    )
    after = -1
    while rows := db.rows(sql, (*bound, after, PAGE)):
        yield [row[1:] for row in rows]
        after = rows[-1][0]


def _pages(db: Database, sql: str, bound: dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    after = -1
    while rows := db.rows(sql, {**bound, "after": after, "page": PAGE}):
        yield [row[1:] for row in rows]
        after = rows[-1][0]


def count_members(db: Database, list_id: int | None) -> int:
    """Return how many subscribers are on a list, or are there at all."""
    if list_id is None:
        return db.count("subscriber")
    return db.count("list_subscriber", list_id=list_id)


def on_list(db: Database, list_id: int, subscribers: Sequence[int]) -> set[int]:
    """Return those of the subscribers (IDs) who are on a list, whatever their status there."""
    sql = (
        "SELECT m.subscriber_id FROM json_each(?) s "
        "CROSS JOIN list_subscriber m ON m.subscriber_id = s.value AND m.list_id = ?"
    )
    return {row[0] for row in db.rows(sql, (json.dumps(subscribers), list_id))}


def values_among(db: Database, table: str, column: Column, values: Sequence[str]) -> set[str]:
    """Return those of the values that a column of a data extension holds."""
    sql = (
        f"SELECT v.value FROM json_each(?) v WHERE EXISTS "  # noqa: S608 - names are quoted
        f"(SELECT 1 FROM {quoted(table)} WHERE {column.keyed} = v.value)"
    )
    return {str(row[0]) for row in db.rows(sql, (json.dumps(values),))}


def distinct_values(db: Database, table: str, column: str) -> list[str]:
    """Return the values of a column of a data extension, each once."""
    sql = f"SELECT DISTINCT {quoted(column)} FROM {quoted(table)}"  # noqa: S608 - names are quoted
    return [str(row[0]) for row in db.rows(sql) if row[0] is not None]


def keys_of(db: Database, numbers: Sequence[int]) -> dict[int, str]:
    """Return the SubscriberKeys of subscribers, by their IDs."""
    sql = "SELECT s.id, s.subscriber_key FROM json_each(?) n JOIN subscriber s ON s.id = n.value"
    return dict(db.rows(sql, (json.dumps(numbers),)))
