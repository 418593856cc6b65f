"""Run one SELECT on an account's database: it may only read certain tables, within limits of time and rows."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sfmc_mock.clock import steady_time
from sfmc_mock.errors import SfmcMockError
from sfmc_mock.store.database import Database
from sfmc_mock.store.tsql import AGGREGATES, FUNCTIONS, TAKE_NULL
from sfmc_mock.store.tsql.conversions import ConversionFailed, Functions

# After how many steps of SQLite's machine the time is looked at: a millisecond or less.
_STEPS = 10_000

# Rows of an index that are looked at to learn how large it is.
_LOOKED_AT = 200

# Longer texts, which a function can make of short ones, end a query.
_LONGEST_TEXT = 16_000_000

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
# Functions of SQLite that reach outside, or that say something about this machine.
_FORBIDDEN_FUNCTIONS = {"load_extension", "readfile", "writefile", "edit", "random", "randomblob"}


# SQLite's errors, and SQL Server's for the same.
_ERRORS = (
    (r"no such column: (?:.*\.)?(.+)", "Invalid column name '{}'."),
    (r"ambiguous column name: (.+)", "Ambiguous column name '{}'."),
    (r"no such function: (.+)", "'{}' is not a recognized built-in function name."),
    (r"(string or blob) too big", "A text of the query is longer than the emulator lets it be."),
    (r'near "(.+)": syntax error', "Incorrect syntax near '{}'."),
)


class QueryFailed(SfmcMockError):
    """A query cannot run, or took too much; the text says why."""


@dataclass(slots=True)
class _Guard:
    """The limits of a query: the tables that it may read, and the time at which it ends."""

    tables: Collection[str]
    until: float
    problem: str = ""

    def authorize(self, action: int, first: str | None, second: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_READ:
            is_allowed = not first or first in self.tables
        elif action == sqlite3.SQLITE_FUNCTION:
            is_allowed = (second or "").lower() not in _FORBIDDEN_FUNCTIONS
        else:
            is_allowed = action in _ALLOWED
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY

    def interrupts(self) -> int:
        if steady_time() < self.until:
            return 0
        self.problem = "The query ran longer than the emulator lets it."
        return 1

    def noting(self, function: Callable[..., Any], *, takes_null: bool) -> Callable[..., Any]:
        """Return a function that keeps its error text in `problem`; it returns NULL for NULL, unless it takes NULL."""

        def call(*arguments: Any) -> Any:
            if not takes_null and None in arguments:
                return None
            try:
                return function(*arguments)
            except ConversionFailed as failed:
                self.problem = str(failed)
                raise
            except (ArithmeticError, TypeError, ValueError) as failed:
                self.problem = f"A function cannot take its argument: {failed}"
                raise

        return call


def run_query(
    db: Database,
    sql: str,
    bound: Mapping[str, object],
    *,
    tables: Collection[str],
    functions: Functions,
    seconds: float,
    most_rows: int,
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the names of the columns, and all rows. Raises `QueryFailed`.

    With `most_rows` 0 the query is only checked, not run. `functions` are additional SQL functions, which depend on
    more than their arguments.
    """
    guard = _Guard(tables, steady_time() + seconds)
    with db.lock, _guarded(db, guard, {**FUNCTIONS, **functions}) as connection:
        try:
            if not most_rows:
                cursor = connection.execute(f"SELECT * FROM ({sql}) LIMIT 0", bound)  # noqa: S608 - a whole query
                return [column[0] for column in cursor.description], []
            cursor = connection.execute(sql, bound)
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchmany(most_rows + 1)
            cursor.close()
        except (sqlite3.Error, OverflowError, MemoryError) as failed:
            raise QueryFailed(guard.problem or _in_words_of_the_service(str(failed))) from None
    if len(rows) > most_rows:
        raise QueryFailed(
            f"The query has more than {most_rows:,} rows, which is the emulator's limit."
        )
    return names, rows


def _in_words_of_the_service(text: str) -> str:
    for pattern, words in _ERRORS:
        match = re.fullmatch(pattern, text)
        if match:
            return words.format(match[1])
    return text


@contextmanager
def _guarded(db: Database, guard: _Guard, functions: Functions) -> Iterator[sqlite3.Connection]:
    connection = db.connection
    for name, (arity, function) in functions.items():
        # What gives the same for the same is reckoned once where it does not depend on the row.
        is_pure = name in FUNCTIONS
        call = guard.noting(function, takes_null=name in TAKE_NULL)
        connection.create_function(name, arity, call, deterministic=is_pure)
    for name, aggregate in AGGREGATES.items():
        connection.create_aggregate(name, -1, aggregate)
    # Its table is made when it is named first, which the authorizer would not let it be.
    connection.execute("SELECT 1 FROM json_each('[]')").close()
    with _sizes_known(connection):
        connection.set_authorizer(guard.authorize)
        connection.set_progress_handler(guard.interrupts, _STEPS)
        longest = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_TEXT)
        try:
            yield connection
        finally:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
            connection.set_progress_handler(None, 0)
            connection.set_authorizer(None)


@contextmanager
def _sizes_known(connection: sqlite3.Connection) -> Iterator[None]:
    """Let SQLite count the rows of tables, to choose the order of joins; the statistics are removed afterwards.

    They would change the plans of all other statements, too.
    """
    connection.execute("SAVEPOINT sizes")
    try:
        connection.execute(f"PRAGMA analysis_limit = {_LOOKED_AT}")
        connection.execute("ANALYZE")
        yield
    finally:
        # SQLite may have rolled back on its own; another ROLLBACK would mask the cause.
        if connection.in_transaction:
            connection.execute("ROLLBACK TO sizes")
            connection.execute("RELEASE sizes")
