"""Accounts and seed files of earlier versions keep all of their content in this version.

`fixtures/accounts/VERSION` has a seed file with every key of that version, an account made from it and then called, as
SQL, the Retrieve results of each API object, and the exports of both.
"""

from __future__ import annotations

import json
import sqlite3
import tomllib
from pathlib import Path

import pytest

from sfmc_mock.accounts import Accounts
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import HANDLERS
from sfmc_mock.seeds import dump
from sfmc_mock.store.account_file import APPLICATION_ID

VERSIONS = sorted(Path(__file__).parents[2].joinpath("fixtures", "accounts").iterdir())
pytestmark = pytest.mark.parametrize("version", VERSIONS, ids=lambda folder: folder.name)


def account_file(version: Path, path: Path) -> Path:
    """Write the account of a version to a file, as that version left it."""
    connection = sqlite3.connect(path)
    connection.executescript(version.joinpath("account.sql").read_text(encoding="utf-8"))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.close()
    return path


def tables(path: Path) -> dict[str, list[dict[str, object]]]:
    """Return the rows of an account's tables, without internal counters."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    found = {
        name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2')]  # noqa: S608
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        if not name.startswith(("_sqlite", "sqlite_")) and name != "counter"
    }
    connection.close()
    return found


def test_an_account_opens_with_every_row(version: Path, tmp_path: Path) -> None:
    path = account_file(version, tmp_path / "account.db")
    before = tables(path)

    accounts = Accounts()
    accounts.open(path)
    accounts.close()

    after = tables(path)
    for table, rows in before.items():
        shown = [
            {name: row[name] for name in old} for old, row in zip(rows, after[table], strict=True)
        ]
        assert shown == rows, table


def test_an_account_is_retrieved_as_before(version: Path, tmp_path: Path) -> None:
    accounts = Accounts()
    account = accounts.open(account_file(version, tmp_path / "account.db"))
    call = Call(account)
    expected = json.loads(version.joinpath("retrieved.json").read_text(encoding="utf-8"))

    found = {}
    for object_type, rows in expected.items():
        source = HANDLERS[object_type].source(call, "orders")
        assert source is not None
        columns = ", ".join(f'"{column}"' for column in rows[0])
        found[object_type] = account.db.dictionaries(
            f'SELECT {columns} FROM "{source.view}" ORDER BY "{source.rowkey}", 1, 2'  # noqa: S608
        )

    accounts.close()
    assert found == expected


def test_an_account_is_exported_as_before(version: Path, tmp_path: Path) -> None:
    accounts = Accounts()
    exported = dump(accounts.open(account_file(version, tmp_path / "account.db")))
    accounts.close()

    expected = version.joinpath("account.export.toml").read_text(encoding="utf-8")
    assert tomllib.loads(exported) == tomllib.loads(expected)


def test_a_seed_file_is_loaded_and_exported_as_before(version: Path) -> None:
    accounts = Accounts()
    exported = dump(accounts.open(seed=version / "seed.toml"))
    accounts.close()

    expected = version.joinpath("seed.export.toml").read_text(encoding="utf-8")
    assert tomllib.loads(exported) == tomllib.loads(expected)
