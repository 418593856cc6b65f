"""Acknowledged calls are on disk: waiting calls share one flush, and a failed flush acknowledges none."""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from sfmc_mock.account import Account
from sfmc_mock.errors import SetupError, StorageFailed
from sfmc_mock.store import durability, opening
from sfmc_mock.store.connection import AccountConnection
from sfmc_mock.store.database import Database


class Disk:
    """A replacement of the flush of a file: counts, waits while `held`, fails while `broken`."""

    def __init__(self) -> None:
        self.flushes = 0
        self.began = threading.Event()
        self.held = threading.Event()
        self.held.set()
        self.broken = False

    def flush(self, file: int) -> None:
        self.flushes += 1
        self.began.set()
        assert self.held.wait(60)
        if self.broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    found = Disk()
    monkeypatch.setattr(durability, "flush_file", found.flush)
    return found


@pytest.fixture
def db(tmp_path: Path, disk: Disk) -> Iterator[Database]:
    """A file whose flushes are counted after its creation."""
    found = Database(tmp_path / "account.db")
    disk.flushes = 0
    disk.began.clear()
    yield found
    found.close()


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Counts the threads that have committed and wait for the disk."""
    found = threading.Semaphore(0)
    wait = durability.GroupCommit.wait

    def counted(self: durability.GroupCommit, number: int) -> None:
        found.release()
        wait(self, number)

    monkeypatch.setattr(durability.GroupCommit, "wait", counted)
    return found


def add(db: Database, name: str) -> None:
    with db.atomic():
        db.put("setting", {"name": name, "value": ""})


def names(db: Database) -> set[str]:
    return {str(row["name"]) for row in db.find_all("setting")}


def test_a_change_is_flushed_before_it_is_acknowledged(db: Database, disk: Disk) -> None:
    add(db, "one")

    assert disk.flushes == 1


def test_a_change_without_a_transaction_is_flushed_too(db: Database, disk: Disk) -> None:
    db.put("setting", {"name": "one", "value": ""})

    assert disk.flushes == 1


def test_reading_and_nested_changes_flush_nothing_of_their_own(db: Database, disk: Disk) -> None:
    with db.lock, db.atomic():
        add(db, "one")
        add(db, "two")
    names(db)

    assert disk.flushes == 1


def test_one_flush_serves_all_that_wait(
    db: Database, disk: Disk, waiting: threading.Semaphore
) -> None:
    disk.held.clear()
    with ThreadPoolExecutor(16) as pool:
        first = pool.submit(add, db, "first")
        assert disk.began.wait(60)
        others = [pool.submit(add, db, f"other {number}") for number in range(15)]
        for _ in range(16):
            assert waiting.acquire(timeout=60)
        disk.held.set()
        for each in (first, *others):
            each.result(10)

    assert disk.flushes == 2


def test_only_durable_changes_are_visible(db: Database, disk: Disk) -> None:
    order: list[str] = []
    inside = threading.Event()

    def read() -> None:
        with db.lock:
            assert names(db) == {"one"}
            inside.set()
        order.append("read")

    disk.held.clear()
    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(add, db, "one")
        assert disk.began.wait(60)
        reading = pool.submit(read)
        assert inside.wait(60)
        order.append("flushed")
        disk.held.set()
        writing.result(10)
        reading.result(10)

    assert order == ["flushed", "read"]


def test_a_failed_flush_fails_all_that_wait_and_all_that_come(
    db: Database, disk: Disk, waiting: threading.Semaphore
) -> None:
    disk.held.clear()
    disk.broken = True
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(add, db, "one")]
        assert disk.began.wait(60)
        calls.append(pool.submit(add, db, "two"))
        for _ in range(2):
            assert waiting.acquire(timeout=60)
        disk.held.set()
        failures = [each.exception(10) for each in calls]

    assert all(isinstance(each, StorageFailed) for each in failures)
    assert "cannot be flushed to disk (Input/output error)" in str(failures[0])
    disk.broken = False
    with pytest.raises(StorageFailed, match="restart the server"):
        names(db)


def test_a_flush_that_is_interrupted_is_done_by_the_next_one(
    db: Database, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(file: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(durability, "flush_file", interrupt)
        with pytest.raises(KeyboardInterrupt):
            add(db, "one")

    add(db, "two")

    assert disk.flushes == 1
    assert names(db) == {"one", "two"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such VFS")
def test_where_there_is_no_log_each_commit_is_flushed(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(path: str) -> AccountConnection:
        # Without shared memory, as on a network drive.
        uri = f"{Path(path).absolute().as_uri()}?vfs=unix-dotfile"
        return sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, factory=AccountConnection
        )

    monkeypatch.setattr(opening, "connect", connect)
    db = Database(tmp_path / "account.db")
    add(db, "one")
    found = db.rows("PRAGMA journal_mode"), db.rows("PRAGMA synchronous")
    db.close()

    assert found == ([("delete",)], [(3,)])
    assert disk.flushes == 0


@pytest.mark.parametrize("wanted", ["process", "none"])
def test_less_durability_flushes_nothing(tmp_path: Path, disk: Disk, wanted: str) -> None:
    db = Database(tmp_path / "account.db", durability=wanted)
    add(db, "one")
    db.close()

    assert disk.flushes == 0


def test_an_unknown_durability_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="Choose power, process or none"):
        Database(tmp_path / "account.db", durability="powr")


def test_a_commit_that_fails_leaves_nothing(account: Account) -> None:
    db = account.db

    def fail() -> None:
        with db.atomic():
            add(db, "one")
            db.run("PRAGMA defer_foreign_keys = ON")
            db.put("list_subscriber", dangling(db))

    with pytest.raises(sqlite3.IntegrityError):
        fail()

    assert "one" not in names(db)
    add(db, "two")
    assert "two" in names(db)


def dangling(db: Database) -> dict[str, object]:
    """Add a member of a list that does not exist."""
    columns = db.dictionaries("PRAGMA table_info(list_subscriber)")
    return {str(each["name"]): 999 for each in columns if each["notnull"] or each["pk"]}


def test_a_clock_whose_change_is_not_committed_stays_as_it_was(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = account.now()

    def refuse() -> None:
        account.db.run("PRAGMA defer_foreign_keys = ON")
        account.db.put("list_subscriber", dangling(account.db))

    monkeypatch.setattr(account, "settle", refuse)
    with pytest.raises(sqlite3.IntegrityError):
        account.change_clock(lambda clock: clock.advance(timedelta(hours=1)))

    assert account.now() == before


def test_a_full_file_refuses_one_transaction_and_takes_the_next(db: Database) -> None:
    pages = db.rows("PRAGMA page_count")[0][0]
    db.run(f"PRAGMA max_page_count = {pages}")

    def overflow() -> None:
        with db.atomic():
            add(db, "small")
            db.put("setting", {"name": "large", "value": "x" * 100_000})

    with pytest.raises(StorageFailed, match="the disk is full"):
        overflow()

    assert names(db) == set()
    add(db, "small")
    assert names(db) == {"small"}
