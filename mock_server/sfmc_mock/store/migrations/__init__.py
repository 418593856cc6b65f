"""The numbered SQL files beside this one: the tables that no API object declares. A released one never changes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

TABLE = Migrations.migrations_table
"""The table that lists the migrations that ran."""


def apply(tools: Database) -> None:
    """Bring an account's database up to date."""
    _migrations().apply(tools)


@cache
def scripts() -> dict[str, str]:
    """Return the files by their names, in order."""
    entries = sorted(files(__name__).iterdir(), key=lambda entry: entry.name)
    return {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8")
        for entry in entries
        if entry.name.endswith(".sql")
    }


@cache
def _migrations() -> Migrations:
    found = Migrations("sfmc_mock")
    for name, script in scripts().items():
        _register(found, name, script)
    return found


def _register(found: Migrations, name: str, script: str) -> None:
    @found(name=name)
    def apply(tools: Database) -> None:
        # executescript() would commit the transaction that this runs in.
        for statement in script.split(";\n"):
            if statement.strip():
                tools.execute(statement)
