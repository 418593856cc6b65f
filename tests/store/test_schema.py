"""Tables, views and triggers from declarations, added to databases with any earlier content."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sfmc_mock.store.database import Database
from sfmc_mock.store.schema import Column, Schema, Table, install

VIEW = 'CREATE VIEW api_Thing AS SELECT t.id AS rowkey, t.name AS "Name" FROM thing t'
NAME = Column("name", any_case=True)


@pytest.fixture
def db() -> Iterator[Database]:
    found = Database()
    yield found
    found.close()


def schema(*columns: Column, view: str = VIEW) -> Schema:
    return Schema((Table("thing", columns),), {"api_Thing": view}, {})


def test_a_table_with_its_view_is_added(db: Database) -> None:
    install(db, schema(NAME))

    db.insert("thing", {"name": "Ada"})
    assert db.rows('SELECT "Name" FROM api_Thing WHERE "Name" = ?', ("ADA",)) == [("Ada",)]


def test_a_column_is_added_with_its_default_in_rows_that_are_there(db: Database) -> None:
    install(db, schema(NAME))
    db.insert("thing", {"name": "Ada"})

    install(db, schema(NAME, Column("is_new", "INTEGER", default=1), Column("note")))

    assert db.dictionaries("SELECT * FROM thing") == [
        {"id": 1, "name": "Ada", "is_new": 1, "note": None}
    ]


def test_a_column_that_is_called_otherwise_keeps_its_values(db: Database) -> None:
    install(db, schema(NAME))
    db.insert("thing", {"name": "Ada"})

    renamed = Column("title", any_case=True, was="name")
    install(db, schema(renamed, view=VIEW.replace("t.name", "t.title")))

    assert db.dictionaries("SELECT * FROM thing") == [{"id": 1, "title": "Ada"}]
    assert db.rows('SELECT "Name" FROM api_Thing') == [("Ada",)]


def test_a_database_that_has_the_schema_is_left_alone(db: Database) -> None:
    install(db, schema(NAME))
    before = db.tools.conn.total_changes
    db.run("DROP VIEW api_Thing")

    install(db, schema(NAME))

    assert not db.tools["api_Thing"].exists()
    assert db.tools.conn.total_changes == before


def test_nothing_is_left_of_a_schema_that_cannot_be(db: Database) -> None:
    wrong = Schema((Table("thing", (NAME,), ("CREATE INDEX wrong ON thing (absent)",)),), {}, {})

    with pytest.raises(Exception, match="absent"):
        install(db, wrong)

    assert not db.tools["thing"].exists()
