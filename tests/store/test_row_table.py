"""Tables of rows: made and changed by sqlite-utils, compared without regard to case all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.page_sql import page_sql

from sfmc_mock.store import row_table
from sfmc_mock.store.conditions import Selection, comparison
from sfmc_mock.store.database import Database
from sfmc_mock.store.row_table import Column

NAME, SIZE, PRICE = Column("Name", "text"), Column("Size", "integer"), Column("Price", "decimal")


@pytest.fixture
def db() -> Iterator[Database]:
    """A database with the table `t`, unique by Name, and a row in it."""
    found = Database()
    row_table.create_table(found, "t", [NAME, SIZE, PRICE])
    row_table.create_index(found, "t_key", "t", [NAME], unique=True)
    row_table.add_row(found, "t", {"Name": "Ada", "Size": 1, "Price": "9.50"})
    yield found
    found.close()


def index_columns(db: Database) -> list[list[str]]:
    return [index.columns for index in db.tools.table("t").indexes]


def test_row_values_are_compared_without_case(db: Database) -> None:
    assert row_table.find_row(db, "t", {NAME: "aDA", SIZE: 1}) == 1
    assert row_table.find_row(db, "t", {NAME: "ada", SIZE: 2}) is None


def test_a_key_in_another_case_is_the_same_key(db: Database) -> None:
    added = row_table.add_row(db, "t", {"Name": "ADA"})

    assert not added
    assert len(db.find_all("t", row_table.KEY)) == 1


def test_a_row_cannot_take_the_key_of_another(db: Database) -> None:
    row_table.add_row(db, "t", {"Name": "Bea"})

    assert not row_table.change_row(db, "t", 2, {"Name": "ada"})
    assert row_table.change_row(db, "t", 1, {"Name": "ada"})


def test_a_renamed_column_keeps_its_index_and_how_it_compares(db: Database) -> None:
    row_table.rename_columns(db, "t", {"Name": 'New "name"'})

    assert index_columns(db) == [['New "name"']]
    assert not row_table.add_row(db, "t", {'New "name"': "ADA"})


def test_a_dropped_column_takes_its_indexes_along(db: Database) -> None:
    row_table.create_index(db, "t_flow", "t", [SIZE, NAME])

    row_table.drop_column(db, "t", "Name")

    assert index_columns(db) == []
    assert set(db.find_all("t", row_table.KEY)[0]) == {*row_table.OWN_COLUMNS, "Size", "Price"}


def test_a_change_of_the_table_can_be_rolled_back(db: Database) -> None:
    def change_and_fail() -> None:
        with db.atomic():
            row_table.add_column(db, "t", Column("More", "text"))
            row_table.rename_columns(db, "t", {"Size": "Length"})
            row_table.drop_column(db, "t", "Price")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()

    assert set(db.find_all("t", row_table.KEY)[0]) == {
        *row_table.OWN_COLUMNS,
        "Name",
        "Size",
        "Price",
    }


def test_decimals_are_compared_as_numbers(db: Database) -> None:
    row_table.add_row(db, "t", {"Name": "Bea", "Price": "10.00"})

    dearer = comparison("Price", "greaterThan", (9.75,), {"Price": PRICE.compared})

    sql, bound = page_sql(Selection("t", ("Name",), dearer, row_table.KEY), 0, 9)

    assert db.rows(sql, bound) == [("Bea", 2)]
