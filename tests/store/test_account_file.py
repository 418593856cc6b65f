"""Opening an account's file: private, one process at a time, and unchanged after a refusal."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sfmc_mock.accounts import Accounts
from sfmc_mock.errors import SetupError, StorageFailed
from sfmc_mock.store import file_lock
from sfmc_mock.store.database import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with an account, which no process has open."""
    found = tmp_path / "account.db"
    db = Database(found)
    db.put("setting", {"name": "one", "value": "1"})
    db.close()
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def refusal_of(path: Path) -> str:
    """Open the file, which must be refused and left unchanged; return the reason."""
    before = contents(path.parent)
    with pytest.raises(SetupError) as refused:
        Database(path)
    assert contents(path.parent) == before
    return str(refused.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_an_account_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        db = Database(tmp_path / "account.db")
    finally:
        os.umask(before)
    db.put("setting", {"name": "one", "value": "1"})

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    db.close()

    assert set(modes) == {"account.db", "account.db-wal", "account.db-shm", "account.db-lock"}
    assert set(modes.values()) == {0o600}


def test_a_closed_account_is_one_file(path: Path) -> None:
    assert [each.name for each in path.parent.iterdir()] == ["account.db"]


@pytest.mark.parametrize("name", ["", "  ", "a\0b.db"])
def test_an_invalid_name_is_refused(name: str) -> None:
    with pytest.raises(SetupError, match="Name"):
        Database(name)


def test_a_file_that_another_program_locks_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(SetupError, match=r"account\.db is locked by another program"):
            Database(path)


def test_a_file_in_use_is_refused(path: Path) -> None:
    with closing(Database(path)), pytest.raises(SetupError, match="in use by this process already"):
        Database(path)


def test_a_link_to_a_file_in_use_is_refused(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    try:
        link.symlink_to(path)
    except OSError:
        pytest.skip("no links can be made here")

    with closing(Database(path)), pytest.raises(SetupError, match="in use by this process already"):
        Database(link)


def test_however_many_open_a_file_at_once_one_has_it(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    holders: list[int] = []
    most: list[int] = []

    def open_often(number: int) -> int:
        had = 0
        for _ in range(20):
            with suppress(SetupError), closing(Database(path, durability="none")):
                holders.append(number)
                most.append(len(holders))
                holders.remove(number)
                had += 1
        return had

    with ThreadPoolExecutor(6) as pool:
        times = list(pool.map(open_often, range(6)))

    assert sum(times) > 0
    assert set(most) == {1}


def test_a_lock_file_that_its_holder_takes_away_meanwhile_is_none(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, gone = file_lock._lock, path.with_name("account.db-lock")

    def lock_late(file: int) -> bool:
        monkeypatch.undo()
        gone.unlink()
        gone.touch()
        return lock(file)

    monkeypatch.setattr(file_lock, "_lock", lock_late)
    with closing(Database(path)):
        assert gone.exists()
        with pytest.raises(SetupError, match="in use by this process already"):
            Database(path)


@pytest.mark.parametrize("left", [b"", b"{", b'{"pid": 1, "address": "http://127.0.0.1:8025"}'])
def test_a_stale_lock_file_is_removed(path: Path, left: bytes) -> None:
    lock = path.with_name("account.db-lock")
    lock.write_bytes(left)

    Database(path).close()

    assert not lock.exists()


def test_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"Dear Ada, " * 500)

    assert "is not an SQLite database" in refusal_of(path)


def test_a_few_bytes_are_refused(path: Path) -> None:
    path.write_bytes(b"SQLite")

    assert "is not an SQLite database" in refusal_of(path)


def test_another_database_is_refused(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE letter (id)")

    assert "is a SQLite database, but no account" in refusal_of(path)


def test_a_newer_version_is_refused(path: Path) -> None:
    with closing(Database(path)) as db:
        db.insert("_sqlite_migrations", {"migration_set": "sfmc_mock", "name": "9999_flags"})

    assert "written by a newer version of sfmc-mock (9999_flags)" in refusal_of(path)


def test_damage_is_refused(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(40_000))

    assert "is damaged" in refusal_of(path)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # The text of a view, the name of a column, an index.
        (b"FROM event WHERE visible_at", b"FROM event WHERE visible_zt"),
        (b"account_time TEXT", b"account_tima TEXT"),
        (b"ON list_subscriber (list_id)", b"ON list_subscriber (list_id+"),
    ],
)
def test_a_letter_changed_in_the_schema_is_refused(path: Path, written: bytes, read: bytes) -> None:
    content = path.read_bytes()
    assert content.count(written) == 1
    path.write_bytes(content.replace(written, read))

    assert "is damaged (" in refusal_of(path)


def test_a_schema_that_another_program_changed_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    with closing(Accounts()) as accounts:
        accounts.open(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE note (text)")

    with closing(Accounts()) as accounts:
        assert accounts.open(path).db.is_sealed()


def test_a_schema_that_another_program_left_incomplete_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    with closing(Accounts()) as accounts:
        accounts.open(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE VIEW odd AS SELECT absent FROM setting")

    with (
        closing(Accounts()) as accounts,
        pytest.raises(SetupError, match=r"is damaged .*no such column: absent"),
    ):
        accounts.open(path)


def test_an_empty_file_becomes_an_account(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    path.touch()

    with closing(Database(path)) as db:
        assert db.count("setting") == 0


def skip_if_writable(path: Path) -> None:
    """Skip the test if read-only files are writable for this user or system."""
    if os.access(path, os.W_OK):
        pytest.skip("permissions keep this user from nothing")


def test_a_folder_that_cannot_be_written_is_refused(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        skip_if_writable(path.parent)
        assert "its folder takes no lock file (Permission denied)" in refusal_of(path)
        with closing(Database(path, read_only=True)) as copy:
            assert copy.count("setting") == 1
    finally:
        path.parent.chmod(0o700)


def test_a_file_that_cannot_be_written_is_refused(path: Path) -> None:
    path.chmod(0o400)
    skip_if_writable(path)

    assert "cannot be written" in refusal_of(path)


def test_a_new_file_that_cannot_be_finished_goes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(db: Database) -> None:
        db._connection.execute("PRAGMA max_page_count = 2")
        db._connection.execute("CREATE TABLE letter (text)")
        db._connection.execute("INSERT INTO letter VALUES (?)", ("x" * 10_000,))

    monkeypatch.setattr(Database, "_prepare", full)

    with pytest.raises(SetupError, match="the disk is full"):
        Database(tmp_path / "account.db")

    assert list(tmp_path.iterdir()) == []


# Read-only.


def test_a_file_in_use_can_be_read(path: Path) -> None:
    with closing(Database(path)) as db:
        db.put("setting", {"name": "two", "value": "2"})

        with closing(Database(path, read_only=True)) as copy:
            assert {row["name"] for row in copy.find_all("setting")} == {"one", "two"}


def test_changes_in_a_copy_leave_the_file_as_it_is(path: Path) -> None:
    before = contents(path.parent)

    with closing(Database(path, read_only=True)) as copy:
        copy.put("setting", {"name": "two", "value": "2"})

    assert contents(path.parent) == before


def test_a_log_that_was_left_behind_is_read_too(path: Path, tmp_path: Path) -> None:
    """After `kill -9`, acknowledged changes are in the log, not yet in the file."""
    left = tmp_path / "left"
    left.mkdir()
    with closing(Database(path)) as db:
        db.put("setting", {"name": "two", "value": "2"})
        for name in ("account.db", "account.db-wal"):
            (left / name).write_bytes((tmp_path / name).read_bytes())

    with closing(Database(left / "account.db", read_only=True)) as copy:
        assert {row["name"] for row in copy.find_all("setting")} == {"one", "two"}


def test_there_must_be_something_to_read(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="There is no "):
        Database(tmp_path / "account.db", read_only=True)

    assert list(tmp_path.iterdir()) == []


def test_a_savepoint_makes_no_file(tmp_path: Path) -> None:
    db = Database(tmp_path / "a.db")
    try:
        # 2 is MEMORY: savepoints write no file, whatever their size.
        assert db.rows("PRAGMA temp_store") == [(2,)]
    finally:
        db.close()


def test_reading_shows_one_state_of_the_file(tmp_path: Path) -> None:
    db = Database(tmp_path / "a.db")
    count = "SELECT count(*) FROM setting"
    try:
        with closing(sqlite3.connect(tmp_path / "a.db")) as other:
            with db.reading():
                before = db.rows(count)
                other.execute("INSERT INTO setting (name, value) VALUES ('colour', 'red')")
                other.commit()
                assert db.rows(count) == before
            assert db.rows(count) != before
    finally:
        db.close()


def test_reading_takes_no_transaction_for_few_rows(tmp_path: Path) -> None:
    db = Database(tmp_path / "a.db")
    issued: list[str] = []
    try:
        db.connection.set_trace_callback(issued.append)
        with db.reading():
            rows, _ = db.first_rows("SELECT 1 WHERE ? = 1", (1,), 2)
        with db.reading():
            pass
        db.connection.set_trace_callback(None)
    finally:
        db.close()

    assert rows == [(1,)]
    assert issued == ["SELECT 1 WHERE 1 = 1"]


def test_what_follows_the_first_rows_is_of_the_same_state(tmp_path: Path) -> None:
    db = Database(tmp_path / "a.db")
    names = "SELECT name FROM setting WHERE name >= ? ORDER BY name"
    try:
        for name in "abcd":
            db.insert("setting", {"name": name, "value": ""})
        with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
            with db.reading():
                rows, found = db.first_rows(names, ("a",), 2)
                other.execute("DELETE FROM setting WHERE name > 'a'")
                rows += found.fetchall()
                assert [name for (name,) in rows] == list("abcd")
                assert [name for (name,) in db.rows(names, ("b",))] == list("bcd")
            assert db.rows(names, ("a",)) == [("a",)]
    finally:
        db.close()


def test_a_change_within_reading_stays_and_what_is_read_after_it_is_one_state(
    tmp_path: Path,
) -> None:
    db = Database(tmp_path / "a.db")
    count = "SELECT count(*) FROM setting"
    try:
        with (
            closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other,
            suppress(LookupError),
            db.reading(),
        ):
            with db.atomic():
                db.insert("setting", {"name": "colour", "value": "red"})
            before = db.rows(count)
            other.execute("INSERT INTO setting (name, value) VALUES ('size', '1')")
            assert db.rows(count) == before
            raise LookupError
        assert db.find("setting", name="colour") is not None
        assert db.find("setting", name="size") is not None
    finally:
        db.close()


def test_an_error_while_reading_ends_the_transaction(tmp_path: Path) -> None:
    db = Database(tmp_path / "a.db")
    try:
        with suppress(LookupError), db.reading():
            db.insert("setting", {"name": "colour", "value": "red"})
            raise LookupError
        assert db.find("setting", name="colour") is None
        with db.atomic():
            db.insert("setting", {"name": "colour", "value": "blue"})
        assert db.find("setting", name="colour") is not None
    finally:
        db.close()


@pytest.mark.parametrize("is_whole", [True, False])
def test_internal_errors_from_damage_are_reported_as_damage(tmp_path: Path, is_whole: bool) -> None:
    """A row exists in its table, but not in its index."""
    path = tmp_path / "a.db"
    db = Database(path)
    for statement in (
        "CREATE TABLE t (a)",
        "CREATE INDEX i ON t (a)",
        "INSERT INTO t VALUES ('b')",
    ):
        db.run(statement)
    ((page,),) = db.rows("SELECT rootpage FROM sqlite_master WHERE name = 'i'")
    db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    db.run("PRAGMA cache_size = 0")
    if not is_whole:
        with path.open("r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(bytes([10, 0, 0, 0, 0, 16, 0, 0]))
    expected = AssertionError if is_whole else StorageFailed

    with pytest.raises(expected) as raised, db.lock:
        raise AssertionError("the row is not there")

    # The text depends on the version of SQLite.
    assert is_whole or re.search(r"is damaged \(.* index i\)", str(raised.value))
    db.close()
