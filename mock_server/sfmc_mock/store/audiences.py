"""The recipients of send jobs: members of lists and rows of data extensions, read a page at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sfmc_mock.store.data_extension_tables import KEY, Column
from sfmc_mock.store.database import Database, quoted

PAGE = 2_000
"""How many recipients are read, decided on and written together."""

_MEMBERS = (
    "SELECT m.id, s.subscriber_key, s.email_address FROM list_subscriber m JOIN subscriber s ON s.id = m.subscriber_id "
    "WHERE m.list_id = ? AND m.id > ?{more} ORDER BY m.id LIMIT ?"
)
_EVERYBODY = (
    "SELECT s.id, s.subscriber_key, s.email_address FROM subscriber s "
    "WHERE s.id > ?{more} ORDER BY s.id LIMIT ?"
)

SUBSCRIBER_COLUMNS = {
    "SubscriberKey": ("s.subscriber_key", "text"),
    "EmailAddress": ("s.email_address", "text"),
    "Status": ("s.status", "text"),
    "ID": ("s.id", "number"),
    "CreatedDate": ("s.created_at", "date"),
    "UnsubscribedDate": ("s.unsubscribed_at", "date"),
}
"""What members of a list can be narrowed by beside their attributes: SQL and kind, by the property."""


def attribute_sql(name: str, *, is_number: bool) -> str:
    """Return the SQL of a profile attribute of a subscriber."""
    path = '$."' + name.replace('"', "") + '"'
    value = "json_extract(s.attributes, '" + path.replace("'", "''") + "')"
    return f"CAST({value} AS REAL)" if is_number else f"{value} COLLATE NOCASE"


def members(
    db: Database, list_id: int | None, where: str = "", bound: Sequence[Any] = ()
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield pages of key and address: of the members of a list, or of all subscribers.

    `where` is a condition on the subscriber `s`, whose values are `bound`.
    """
    of_list: tuple[Any, ...] = () if list_id is None else (list_id,)
    sql = (_EVERYBODY if list_id is None else _MEMBERS).format(
        more=f" AND ({where})" if where else ""
    )
    after = -1
    while rows := db.rows(sql, (*of_list, after, *bound, PAGE)):
        yield [row[1:] for row in rows]
        after = rows[-1][0]


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


def count_members(db: Database, list_id: int | None) -> int:
    """Return how many subscribers are on a list, or in the account where no list is given."""
    if list_id is None:
        return db.count("subscriber")
    return db.count("list_subscriber", list_id=list_id)


def values_among(db: Database, table: str, column: Column, values: Sequence[str]) -> set[str]:
    """Return those of `values` that a column of a data extension contains."""
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
