"""Tables of rows: created and changed with sqlite-utils, and compared without regard to case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.page_sql import page_sql

from sfmc_mock.store import data_extension_tables
from sfmc_mock.store.conditions import comparison
from sfmc_mock.store.data_extension_tables import Column
from sfmc_mock.store.database import Database
from sfmc_mock.store.page_queries import Selection

NAME, SIZE, PRICE = Column("Name", "text"), Column("Size", "integer"), Column("Price", "decimal")


@pytest.fixture
def db() -> Iterator[Database]:
    """A database with the table `t`, unique by Name, and a row in it."""
    found = Database()
    data_extension_tables.create_table(found, "t", [NAME, SIZE, PRICE])
    data_extension_tables.create_index(found, "t_key", "t", [NAME], unique=True)
    data_extension_tables.add_row(found, "t", {"Name": "Ada", "Size": 1, "Price": "9.50"})
    yield found
    found.close()


def index_columns(db: Database) -> list[list[str]]:
    return [index.columns for index in db.tools.table("t").indexes]


def test_row_values_are_compared_without_case(db: Database) -> None:
    assert data_extension_tables.find_row(db, "t", {NAME: "aDA", SIZE: 1}) == 1
    assert data_extension_tables.find_row(db, "t", {NAME: "ada", SIZE: 2}) is None


def test_a_key_in_another_case_is_the_same_key(db: Database) -> None:
    added = data_extension_tables.add_row(db, "t", {"Name": "ADA"})

    assert not added
    assert len(db.find_all("t", data_extension_tables.KEY)) == 1


def test_a_row_cannot_take_the_key_of_another(db: Database) -> None:
    data_extension_tables.add_row(db, "t", {"Name": "Bea"})

    assert not data_extension_tables.change_row(db, "t", 2, {"Name": "ada"})
    assert data_extension_tables.change_row(db, "t", 1, {"Name": "ada"})


def test_a_renamed_column_keeps_its_index_and_how_it_compares(db: Database) -> None:
    data_extension_tables.rename_columns(db, "t", {"Name": 'New "name"'})

    assert index_columns(db) == [['New "name"']]
    assert not data_extension_tables.add_row(db, "t", {'New "name"': "ADA"})


def test_a_dropped_column_takes_its_indexes_along(db: Database) -> None:
    data_extension_tables.create_index(db, "t_flow", "t", [SIZE, NAME])

    data_extension_tables.drop_column(db, "t", "Name")

    assert index_columns(db) == []
    assert set(db.find_all("t", data_extension_tables.KEY)[0]) == {
        *data_extension_tables.OWN_COLUMNS,
        "Size",
        "Price",
    }


def test_a_change_of_the_table_can_be_rolled_back(db: Database) -> None:
    def change_and_fail() -> None:
        with db.atomic():
            data_extension_tables.add_column(db, "t", Column("More", "text"))
            data_extension_tables.rename_columns(db, "t", {"Size": "Length"})
            data_extension_tables.drop_column(db, "t", "Price")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()

    assert set(db.find_all("t", data_extension_tables.KEY)[0]) == {
        *data_extension_tables.OWN_COLUMNS,
        "Name",
        "Size",
        "Price",
    }


def test_decimals_are_compared_as_numbers(db: Database) -> None:
    data_extension_tables.add_row(db, "t", {"Name": "Bea", "Price": "10.00"})

    dearer = comparison("Price", "greaterThan", (9.75,), {"Price": PRICE.compared})

    sql, bound = page_sql(Selection("t", ("Name",), dearer, data_extension_tables.KEY), 0, 9)

    assert db.rows(sql, bound) == [("Bea", 2)]
