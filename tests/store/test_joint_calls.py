"""Simultaneous calls of an account share a transaction; each is only acknowledged once it is on disk."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sfmc_mock.errors import StorageFailed
from sfmc_mock.store import durability
from sfmc_mock.store.connection import AccountConnection
from sfmc_mock.store.database import Database
from sfmc_mock.store.locking import DatabaseLock, JointHold
from sfmc_mock.store.writes import Insert

CALLS = 8


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    found = Database(tmp_path / "a.db")
    yield found
    found.close()


def waiting(db: Database) -> dict[int, None]:
    assert isinstance(db.lock, DatabaseLock)
    return db.lock._waiting


def note(db: Database, name: str) -> None:
    with db.atomic(db.joint()):
        db.put("setting", {"name": name, "value": "1"})


def names(db: Database) -> set[str]:
    return {str(row[0]) for row in db.rows("SELECT name FROM setting WHERE value = '1'")}


def together(
    db: Database, call: Callable[[str], None], count: int = CALLS
) -> dict[str, Exception | None]:
    """Make calls that all wait for the lock before the first begins; return the exception of each."""
    outcomes: dict[str, Exception | None] = {}

    def run(name: str) -> None:
        try:
            call(name)
            outcomes[name] = None
        except Exception as problem:
            outcomes[name] = problem

    threads = [threading.Thread(target=run, args=(f"n{number}",)) for number in range(count)]
    with db.lock:
        for thread in threads:
            thread.start()
        while len(waiting(db)) < count:
            threading.Event().wait(0.001)
    for thread in threads:
        thread.join(60)
    return outcomes


def commits(db: Database) -> list[str]:
    made: list[str] = []
    db.connection.set_trace_callback(lambda sql: made.append(sql) if sql == "COMMIT" else None)
    return made


def test_calls_that_wait_share_a_commit(db: Database) -> None:
    made = commits(db)

    outcomes = together(db, lambda name: note(db, name))

    assert set(outcomes.values()) == {None}
    assert names(db) == set(outcomes)
    assert len(made) == 1


def test_a_call_alone_has_its_own(db: Database) -> None:
    made = commits(db)

    note(db, "alone")

    assert len(made) == 1
    assert not db.connection.in_transaction


def test_a_call_that_fails_takes_back_its_own_part_alone(db: Database) -> None:
    def call(name: str) -> None:
        with db.atomic(db.joint()):
            db.put("setting", {"name": name, "value": "1"})
            if name == "n3":
                raise ValueError(name)

    outcomes = together(db, call)

    assert isinstance(outcomes.pop("n3"), ValueError)
    assert set(outcomes.values()) == {None}
    assert names(db) == set(outcomes)


def test_a_failed_commit_is_acknowledged_to_no_call(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.lock, "_connection", _Full(db.connection))

    outcomes = together(db, lambda name: note(db, name))

    assert {type(each) for each in outcomes.values()} == {StorageFailed}
    assert names(db) == set()


def test_what_waits_of_a_round_that_is_lost_is_nowhere(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defer(name: str) -> None:
        with db.atomic(db.joint()), db.deferring(1):
            db.add(Insert("setting", ("name", "value")), [(name, "1")], name)

    defer("before")
    with monkeypatch.context() as full:
        full.setattr(db.lock, "_connection", _Full(db.connection))
        outcomes = together(db, defer)
    defer("later")

    assert {type(outcome) for outcome in outcomes.values()} == {StorageFailed}
    assert names(db) == {"before", "later"}


def test_after_that_calls_go_on(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as full:
        full.setattr(db.lock, "_connection", _Full(db.connection))
        together(db, lambda name: note(db, name))

    note(db, "later")

    assert names(db) == {"later"}


def test_a_rollback_of_sqlites_own_is_reported_to_all_of_the_round(db: Database) -> None:
    def call(name: str) -> None:
        with db.atomic(db.joint()):
            db.put("setting", {"name": name, "value": "1"})
            if len(seen) == 3:
                db.connection.execute("ROLLBACK")
                raise sqlite3.OperationalError("disk I/O error")
            seen.append(name)

    seen: list[str] = []
    outcomes = together(db, call, 4)

    assert None not in outcomes.values()
    assert names(db) == set()


def test_a_call_that_goes_on_after_a_rollback_of_sqlites_own_saves_no_round(db: Database) -> None:
    first = noted(db, "a", is_more=True)
    second = db.joint(lambda: True)

    with pytest.raises(StorageFailed, match="could not keep"), second:  # noqa: PT012 - what is in it comes first
        db.connection.control("ROLLBACK")
        with db.atomic():
            db.put("setting", {"name": "b", "value": "1"})

    assert first.flush is not None
    with pytest.raises(StorageFailed, match="could not keep"):
        first.flush()


def test_a_transaction_that_cannot_be_ended_blocks_no_call(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(db.lock, "_connection", _Full(db.connection, refused=("COMMIT", "ROLLBACK")))
        outcomes = together(db, lambda name: note(db, name))
        with pytest.raises(StorageFailed, match="restart the server"):
            note(db, "later")

    assert [type(each) for each in outcomes.values()] == [StorageFailed] * CALLS


def test_a_round_counts_as_committed_when_it_is_known_to_be_lost(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = db._file_lock
    assert lock is not None
    commits = lock._commits
    assert commits is not None
    before, lose = commits.committed, commits.lose
    counted: list[int] = []

    def look(*said: object) -> None:
        counted.append(commits.committed)
        lose(*said)  # type: ignore[arg-type]

    monkeypatch.setattr(commits, "lose", look)
    monkeypatch.setattr(lock, "_connection", _Full(db.connection))
    noted(db, "a", is_more=True)
    with pytest.raises(StorageFailed):
        noted(db, "b", is_more=False)

    # Callers that look earlier keep waiting.
    assert counted == [before]


def test_a_lock_is_left_whatever_its_holder_is_asked(db: Database) -> None:
    def more() -> bool:
        if asked:
            raise RuntimeError("asked too often")
        asked.append(1)
        return True

    asked: list[int] = []
    with pytest.raises(RuntimeError), db.atomic(db.joint(more)):
        db.put("setting", {"name": "a", "value": "1"})

    thread = threading.Thread(target=note, args=(db, "b"))
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
    assert names(db) == {"a", "b"}


def test_who_takes_the_lock_otherwise_finds_no_transaction(db: Database) -> None:
    open_ones: list[bool] = []

    def call(name: str) -> None:
        if name == "n3":
            # Waits like a call, so that one before it leaves its transaction open.
            waiting(db)[0] = None
            with db.lock:
                del waiting(db)[0]
                open_ones.append(db.connection.in_transaction)
            return
        note(db, name)

    with db.lock:
        thread = threading.Thread(target=call, args=("n3",))
        thread.start()
        while not waiting(db):
            threading.Event().wait(0.001)
        first = threading.Thread(target=call, args=("n1",))
        first.start()
    thread.join(60)
    first.join(60)

    assert open_ones == [False]
    assert names(db) == {"n1"}


class _Full:
    """A connection whose commits fail because the disk is full."""

    def __init__(
        self, connection: AccountConnection, refused: tuple[str, ...] = ("COMMIT",)
    ) -> None:
        self._connection = connection
        self._refused = refused

    def control(self, sql: str) -> None:
        if sql in self._refused:
            problem = sqlite3.OperationalError("database or disk is full")
            problem.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise problem
        self._connection.control(sql)

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


# Calls that one thread makes one after the other before it acknowledges any of them.


def noted(db: Database, name: str, *, is_more: bool) -> JointHold:
    hold = db.joint(lambda: is_more)
    assert isinstance(hold, JointHold)
    with db.atomic(hold):
        db.put("setting", {"name": name, "value": "1"})
    return hold


def test_calls_of_one_thread_share_a_commit_and_a_flush(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(durability, "flush_file", flushed.append)
    made = commits(db)

    holds = [noted(db, name, is_more=name != "c") for name in "abc"]
    assert flushed == []
    for hold in holds:
        assert hold.flush is not None
        hold.flush()

    assert names(db) == set("abc")
    assert (len(made), len(flushed)) == (1, 1)


def test_a_transaction_of_one_call_is_committed_before_it_is_acknowledged(
    db: Database,
) -> None:
    hold = noted(db, "a", is_more=True)
    assert hold.flush is not None

    hold.flush()

    assert not db.connection.in_transaction
    assert names(db) == {"a"}


def test_a_read_of_what_is_on_disk_has_nothing_to_wait_for(db: Database) -> None:
    note(db, "a")
    hold = db.joint(lambda: False)
    assert isinstance(hold, JointHold)

    with db.reading(hold):
        assert names(db) == {"a"}

    assert hold.flush is None


def test_what_cannot_be_flushed_is_acknowledged_to_no_call_of_the_thread(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(durability, "flush_file", refuse)
    holds = [noted(db, name, is_more=name == "a") for name in "ab"]

    for hold in holds:
        assert hold.flush is not None
        with pytest.raises(StorageFailed, match="cannot be flushed"):
            hold.flush()
