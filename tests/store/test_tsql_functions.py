"""Functions of T-SQL with unusual arguments."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from time import thread_time
from typing import Any

import pytest

from sfmc_mock.store.database import Database
from sfmc_mock.store.read_only_query import run_query
from sfmc_mock.store.tsql import FUNCTIONS
from sfmc_mock.store.tsql.conversions import ConversionFailed, cast, date_text, try_cast
from sfmc_mock.store.tsql.dates import add_to_date, difference, part_of_date, switched
from sfmc_mock.store.tsql.numbers import divide
from sfmc_mock.store.tsql.texts import index_of_pattern, like


@pytest.mark.parametrize(
    ("text", "pattern", "matches"),
    [
        ("Ada", "a%", 1),
        ("Ada", "%d%", 1),
        ("Ada", "_da", 1),
        ("Ada", "a_", 0),
        ("Ada", "[^b]da", 1),
        ("Ada", "[a-c]d[a-c]", 1),
        ("50%", "50[%]", 1),
        ("a]b", "a]b", 1),
        ("aXbXc", "a%x%c", 1),
        ("abab", "%ab", 1),
        ("aba", "a%ba%a", 0),
        ("", "%", 1),
        ("line\nend", "line%end", 1),
        ("x", "[z-a]", 0),
    ],
)
def test_like(text: str, pattern: str, matches: int) -> None:
    assert like(text, pattern) == matches


def test_like_with_an_escape() -> None:
    assert like("50%", "50!%", "!") == 1
    assert like("505", "50!%", "!") == 0


def test_a_pattern_with_many_percent_signs_takes_no_time() -> None:
    began = thread_time()

    assert like("a" * 4_000, "%a" * 200 + "b") == 0
    assert index_of_pattern("%a" * 30 + "b%", "a" * 400) == 0

    assert thread_time() - began < 5


@pytest.mark.parametrize(
    ("pattern", "text", "place"),
    [
        ("%@%", "ada@x", 4),
        ("%[0-9]%", "ab12", 3),
        ("ada%", "adam", 1),
        ("%x", "axbx", 4),
        ("%z%", "a", 0),
        ("%aa", "aaa", 2),
    ],
)
def test_patindex(pattern: str, text: str, place: int) -> None:
    assert index_of_pattern(pattern, text) == place


def test_a_month_is_added_to_its_last_day() -> None:
    assert add_to_date("month", 1, "2026-01-31") == "2026-02-28T00:00:00.000"
    assert add_to_date("yy", -1, "2024-02-29") == "2023-02-28T00:00:00.000"


def test_boundaries_are_counted() -> None:
    assert difference("year", "2025-12-31T23:59", "2026-01-01") == 1
    assert difference("week", "2026-01-03", "2026-01-04") == 1
    assert difference("hour", "2026-01-01T10:59", "2026-01-01T11:00") == 1


def test_parts_of_a_date() -> None:
    date = "2026-01-04T05:06:07.008"
    parts = ("weekday", "week", "dayofyear", "quarter", "ms")

    assert [part_of_date(part, date) for part in parts] == [1, 2, 4, 1, 8]


def test_whole_numbers_are_divided_toward_zero() -> None:
    assert [divide(-7, 2), divide(7, -2), divide(7.0, 2)] == [-3, -3, 3.5]


@pytest.mark.parametrize(
    "arguments",
    [
        ("x", "int", None, None, None, None),
        ("٣", "int", None, None, None, None),
        ("1" * 5_000, "int", None, None, None, None),
        ("2026-13-01", "datetime", None, None, None, None),
        ("x", "decimal", 10, 2, None, None),
        ("2026-01-01T00:00:00.000", "varchar", 10, None, 999, "date"),
    ],
)
def test_an_impossible_cast_fails_or_is_null(arguments: tuple[str, ...]) -> None:
    with pytest.raises(ConversionFailed):
        cast(*arguments)

    assert try_cast(*arguments) is None


def test_dates_are_written_in_styles() -> None:
    date = "2026-01-02T03:04:05.060"
    styles = (0, 23, 103, 108, 112, 120, 121, 126)

    assert [date_text(date, style) for style in styles] == [
        "Jan  2 2026  3:04AM",
        "2026-01-02",
        "02/01/2026",
        "03:04:05",
        "20260102",
        "2026-01-02 03:04:05",
        "2026-01-02 03:04:05.060",
        "2026-01-02T03:04:05.060",
    ]


@pytest.mark.parametrize(
    ("value", "offset", "expected"),
    [
        ("2026-01-01T12:00:00.000 +01:00", "-05:30", "2026-01-01T05:30:00.000 -05:30"),
        ("2026-01-01T12:00:00.000 -06:00", "+01:00", "2026-01-01T19:00:00.000 +01:00"),
        ("2026-01-01 12:00", "+01:00", "2026-01-01T13:00:00.000 +01:00"),
    ],
)
def test_a_time_is_switched_to_another_offset(value: str, offset: str, expected: str) -> None:
    assert switched(value, offset) == expected


CALLS = {
    "tsql_plus('a', 'b')": "ab",
    "tsql_plus('1', 2)": 3,
    "tsql_plus(1.5, '2.5')": 4,
    "tsql_divide('7', 2)": 3,
    "tsql_round(2.5, 0)": 3.0,
    "tsql_round(-1250, -2)": -1300,
    "tsql_ceiling(-1.5)": -1,
    "tsql_floor('-1.5')": -2,
    "tsql_left('Ada', 2)": "Ad",
    "tsql_right('Ada', 2)": "da",
    "tsql_right('Ada', 0)": "",
    "tsql_substring('Ada', 0, 2)": "A",
    "tsql_stuff('Ada', 2, 1, NULL)": "Aa",
    "tsql_stuff('Ada', 9, 1, 'x')": None,
    "tsql_replace('Ada', 'A', 'o')": "odo",
    "tsql_replace('Ada', '', 'o')": "Ada",
    "tsql_replicate('ab', 2)": "abab",
    "tsql_replicate('ab', -1)": None,
    "tsql_len(' a ')": 2,
    "tsql_reverse(12)": "21",
    "tsql_upper('ß')": "SS",
    "tsql_ascii('A')": 65,
    "tsql_ascii('')": None,
    "tsql_charindex('D', 'Ada')": 2,
    "tsql_charindex('a', 'Ada', 2)": 3,
    "tsql_concat('a', NULL, 1.0)": "a1",
    "tsql_concat_ws('-', 'a', NULL, 2)": "a-2",
    "tsql_eomonth('2024-02-03')": "2024-02-29T00:00:00.000",
    "tsql_datefromparts(2026, 1, 2)": "2026-01-02T00:00:00.000",
    "tsql_format('2026-01-02', '%d.%m.%y')": "02.01.26",
    "tsql_datetime(1.5)": "1900-01-02T12:00:00.000",
    "tsql_datetime('20260102')": "2026-01-02T00:00:00.000",
    "tsql_cast('1.005', 'money', NULL, NULL, NULL, NULL)": 1.005,
    "tsql_cast('true', 'bit', NULL, NULL, NULL, NULL)": 1,
    "tsql_cast(1.0, 'varchar', NULL, NULL, NULL, NULL)": "1",
    "tsql_cast('2026-01-02T03:04', 'time', NULL, NULL, NULL, NULL)": "03:04:00",
    "tsql_isnumeric('1e3')": 1,
    "tsql_isnumeric('x')": 0,
    "tsql_isdate('2026-02-30')": 0,
    "tsql_isdate('1/2/2026')": 1,
    "tsql_wall_time('2026-01-01T00:00:00.000 +01:00')": "2026-01-01T00:00:00.000",
}


def values(*calls: str) -> dict[str, object]:
    """Return the results of function calls."""
    db = Database()
    names, rows = run_query(
        db, f"SELECT {', '.join(calls)}", {}, tables=(), functions={}, seconds=9, most_rows=1
    )
    db.close()
    return dict(zip(names, rows[0], strict=True))


def test_functions_give_what_those_of_sql_server_give() -> None:
    assert values(*CALLS) == CALLS


OTHER_THAN_NULL = {
    "tsql_concat": "",
    "tsql_concat_ws": "",
    "tsql_isdate": 0,
    "tsql_isnumeric": 0,
    "tsql_string_split": "[]",
}


def test_functions_give_null_for_null() -> None:
    counts = {name: max(arity, 2) if arity < 0 else arity for name, (arity, _) in FUNCTIONS.items()}
    calls = {name: f"{name}({', '.join(['NULL'] * count)})" for name, count in counts.items()}

    given = values(*calls.values())

    assert {name: given[call] for name, call in calls.items()} == {
        **dict.fromkeys(FUNCTIONS),
        **OTHER_THAN_NULL,
    }


def test_a_full_disk_is_the_reported_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(sql: str, *bound: Any) -> object:
        if sql == "ANALYZE":
            db.connection.control("ROLLBACK")
            raise sqlite3.OperationalError("database or disk is full")
        return db.connection.control(sql, *bound)

    with closing(Database()) as db:
        monkeypatch.setattr(db.connection, "execute", execute)

        with pytest.raises(sqlite3.OperationalError, match="disk is full"):
            run_query(db, "SELECT 1", {}, tables=(), functions={}, seconds=5, most_rows=1)
