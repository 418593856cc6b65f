"""Deferred rows: stored in the file's log, visible to every reader, and never lost."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sfmc_mock.errors import SetupError, StorageFailed
from sfmc_mock.store import deferred_writes, timers
from sfmc_mock.store.connection import AccountConnection
from sfmc_mock.store.database import Database
from sfmc_mock.store.writes import Change, Combined, Derived, Insert

SETTING = Insert("setting", ("name", "value"))
IGNORING = Insert("setting", ("name", "value"), or_ignore=True)
SEND = Insert("send", ("id", "definition_id", "definition_key", "requested_at", "status"))
STATUS = Change("send", ("status",))
FIELDS = ("name", "value")
DUE = Insert("due", ("due_at", "kind", "payload"))
BOTH = Combined(
    Derived.of(SETTING, FIELDS, {}),
    Derived.of(
        DUE, FIELDS, *({"kind": kind, "payload": "{}"} for kind in "xy"), called={"due_at": "name"}
    ),
)
FIND = "SELECT value FROM setting WHERE name = ?"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    found = Database(path, durability="process")
    yield found
    found.close()


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Defer rows however often they are needed, and however slow the machine is."""
    over = threading.Event()
    monkeypatch.setattr(deferred_writes, "WORTHWHILE", 0)
    monkeypatch.setattr(deferred_writes, "pause", lambda seconds: over.wait(60))
    yield
    over.set()


def put(db: Database, *names: str, write: Insert = SETTING, value: str = "1") -> None:
    with db.atomic(), db.deferring(1):
        db.add(write, [(name, value) for name in names], *names)


def in_file(path: Path) -> tuple[int, list[str]]:
    """Return what another program finds: the number of deferred calls, and the names in the table."""
    with closing(sqlite3.connect(path)) as other:
        (waiting,) = other.execute("SELECT count(*) FROM deferred_write").fetchone()
        rows = other.execute("SELECT name FROM setting ORDER BY rowid").fetchall()
    return waiting, [name for (name,) in rows]


def copied(path: Path, folder: Path) -> Path:
    """Copy an open file with its log, as a killed process leaves them."""
    folder.mkdir(exist_ok=True)
    for each in path.parent.glob(f"{path.name}*"):
        if not each.name.endswith("-shm"):
            shutil.copyfile(each, folder / each.name)
    return folder / path.name


def test_rows_wait_in_the_log_of_the_file(db: Database, path: Path) -> None:
    put(db, "a", "b")
    put(db, "c")

    assert in_file(path) == (2, [])


def of_both(db: Database) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the rows of the tables that `BOTH` writes."""
    return db.rows("SELECT name, value FROM setting"), db.rows("SELECT due_at, kind FROM due")


def test_rows_of_several_tables_are_made_of_what_waits(
    db: Database, path: Path, tmp_path: Path
) -> None:
    with db.atomic(), db.deferring(1):
        db.add(BOTH, [("a", "1"), ("b", "2")], "a", "b")
    left = copied(path, tmp_path / "left")

    with closing(Database(left)) as again:
        found = of_both(db), of_both(again)
    settings, due = [("a", "1"), ("b", "2")], [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
    assert found == ((settings, due), (settings, due))


def test_rows_of_several_tables_are_the_same_without_waiting(db: Database) -> None:
    db.add(BOTH, [("a", "1")])

    assert of_both(db) == ([("a", "1")], [("a", "x"), ("a", "y")])


def test_rows_of_many_people_do_not_wait(db: Database, path: Path) -> None:
    with db.atomic(), db.deferring(deferred_writes.FEW + 1):
        db.add(SETTING, [("a", "1")], "a")

    assert in_file(path) == (0, ["a"])


def test_rows_in_memory_do_not_wait() -> None:
    with closing(Database()) as db:
        put(db, "a")

        assert db.connection.before_use is None
        assert db.count("setting") == 1


def back_up(connection: sqlite3.Connection) -> None:
    """Copy a database into memory."""
    with closing(sqlite3.connect(":memory:")) as copy:
        connection.backup(copy)


USES: dict[str, Callable[[AccountConnection], object]] = {
    "execute": lambda connection: connection.execute("SELECT 1"),
    "executemany": lambda connection: connection.executemany(
        "DELETE FROM due WHERE id = ?", [(1,)]
    ),
    "executescript": lambda connection: connection.executescript("SELECT 1"),
    "cursor": lambda connection: connection.cursor(),
    "iterdump": lambda connection: list(connection.iterdump()),
    "serialize": lambda connection: connection.serialize(),
    "blobopen": lambda connection: connection.blobopen("send", "status", 1).close(),
    "backup": back_up,
}


@pytest.mark.parametrize("use", USES)
def test_whatever_is_done_with_the_connection_finds_nothing_waiting(
    db: Database, path: Path, use: str
) -> None:
    db.run(SEND.sql, (1, 1, "k", "", "Accepted"))
    put(db, "a")

    USES[use](db.connection)

    assert in_file(path) == (0, ["a"])


def test_every_method_that_reads_rows_is_among_these() -> None:
    """Fails if a later Python adds one."""
    others = {
        *("close", "commit", "create_aggregate", "create_collation", "create_function"),
        *(
            "create_window_function",
            "deserialize",
            "enable_load_extension",
            "getconfig",
            "getlimit",
        ),
        *("interrupt", "load_extension", "rollback", "set_authorizer", "set_progress_handler"),
        *("set_trace_callback", "setconfig", "setlimit"),
    }
    methods = {
        name
        for name in dir(sqlite3.Connection)
        if not name.startswith("_") and callable(getattr(sqlite3.Connection, name))
    }

    assert {name for name in methods - others if not name[0].isupper()} == USES.keys()


def test_a_look_up_by_another_name_leaves_them_waiting(db: Database, path: Path) -> None:
    put(db, "a")

    with db.lock:
        found = db.look_up(FIND, ("b",), "b")

    assert found == []
    assert in_file(path) == (1, [])


def test_a_look_up_by_their_name_finds_them(db: Database, path: Path) -> None:
    put(db, "a", value="7")

    with db.lock:
        found = db.look_up(FIND, ("a",), "a")

    assert found == [("7",)]
    assert in_file(path) == (0, ["a"])


def test_rows_of_one_table_keep_their_order(db: Database) -> None:
    for number in range(6):
        # Two forms of statement in turn.
        put(db, f"n{number}", write=SETTING if number % 2 else IGNORING)

    assert [row["name"] for row in db.find_all("setting")] == [f"n{number}" for number in range(6)]


def test_rows_passed_over_at_once_are_passed_over_later(db: Database) -> None:
    put(db, "a", write=IGNORING, value="1")
    put(db, "a", "b", write=IGNORING, value="2")

    assert db.rows("SELECT name, value FROM setting") == [("a", "1"), ("b", "2")]


def test_of_changes_of_a_row_the_last_one_counts(db: Database) -> None:
    db.run(SEND.sql, (1, 1, "k", "", "Accepted"))
    for status in ("Queued", "Refused"):
        with db.atomic(), db.deferring(1):
            db.add(STATUS, [(status, 1)], ("send",))

    assert db.rows("SELECT status FROM send") == [("Refused",)]


def test_referred_rows_are_written_first(db: Database) -> None:
    owner = Insert("message_owner", ("send_id", "ordinal", "from_name", "from_address"))
    db.run(SEND.sql, (1, 1, "k", "", "Accepted"))
    with db.atomic(), db.deferring(1):
        db.add(owner, [(1, 0, "", "")])
    with db.atomic(), db.deferring(1):
        db.add(SEND, [(2, 1, "k", "", "Accepted")])
        db.add(owner, [(2, 0, "", "")])

    assert db.count("message_owner") == 2


def test_so_many_calls_wait_at_most(
    db: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deferred_writes, "MOST_CALLS", 3)
    for number in range(7):
        put(db, f"n{number}")

    assert in_file(path) == (1, [f"n{number}" for number in range(6)])


def test_so_much_waits_at_most(db: Database, path: Path) -> None:
    put(db, "small")
    put(db, "large", value="x" * deferred_writes.MOST_CHARACTERS)

    assert in_file(path) == (0, ["small", "large"])


def test_where_little_waits_whenever_it_is_needed_the_next_ones_do_not(
    db: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deferred_writes, "WORTHWHILE", 3)
    waited = []
    for number in range(20):
        put(db, f"n{number}")
        waited.append(in_file(path)[0])
        db.count("setting")

    # Then 2, 4, 8 calls that do not.
    assert [number for number, each in enumerate(waited) if each] == [0, 3, 8, 17]


def test_where_more_waits_the_next_ones_do(
    db: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deferred_writes, "WORTHWHILE", 3)
    waited = []
    for number in range(12):
        put(db, f"n{number}")
        waited.append(in_file(path)[0])
        if number % 4 == 3:
            db.count("setting")

    assert waited == [1, 2, 3, 4] * 3


def test_texts_that_sqlite_compares_otherwise_do_not_wait(db: Database, path: Path) -> None:
    put(db, "a\0b")

    assert in_file(path) == (0, ["a\0b"])


def test_values_come_as_they_were(db: Database) -> None:
    values = ["", "é€😀", '"\\\n\t', "1", "x" * 5_000, str(2**70)]
    put(db, *values)

    assert [row["name"] for row in db.find_all("setting")] == values


def test_text_that_is_none_is_refused_at_once(db: Database, path: Path) -> None:
    put(db, "a")

    with pytest.raises(UnicodeEncodeError):
        put(db, "\ud800")

    put(db, "b")
    assert in_file(path) == (2, [])
    assert db.count("setting") == 2


def test_a_while_without_another_call_ends_it(
    db: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(deferred_writes, "pause", lambda seconds: gate.wait(60))
    put(db, "a")
    (thread,) = [each for each in threading.enumerate() if each.name == f"fold {path}"]
    before = in_file(path)

    gate.set()
    thread.join(60)

    assert (before, in_file(path)) == ((1, []), (0, ["a"]))


def test_closing_writes_what_waits(path: Path) -> None:
    db = Database(path, durability="process")
    put(db, "a")

    db.close()

    assert in_file(path) == (0, ["a"])


# Transactions that are undone.


def test_a_call_that_raises_leaves_nothing_waiting(db: Database) -> None:
    put(db, "a")
    with suppress(ValueError), db.atomic(), db.deferring(1):
        db.add(SETTING, [("b", "1")], "b")
        raise ValueError

    with db.lock:
        assert db.look_up(FIND, ("b",), "b") == []
    assert [row["name"] for row in db.find_all("setting")] == ["a"]


def undone(db: Database, *names: str, read: bool = False) -> None:
    """Write settings, and roll back a transaction after them; with `read`, something reads in between."""
    with suppress(ValueError), db.atomic():
        with db.deferring(1):
            db.add(SETTING, [(name, "1") for name in names], *names)
        if read:
            db.count("setting")
        raise ValueError


@pytest.mark.parametrize("read", [False, True])
def test_a_transaction_that_is_undone_takes_its_rows_back(db: Database, *, read: bool) -> None:
    put(db, "a")
    undone(db, "b", read=read)
    put(db, "c")

    assert [row["name"] for row in db.find_all("setting")] == ["a", "c"]


@pytest.mark.parametrize("read", [False, True])
def test_so_does_a_step(db: Database, *, read: bool) -> None:
    put(db, "a")
    with db.atomic():
        step = db.savepoint()
        for name in ("b", "c"):
            with suppress(ValueError), step:
                with db.deferring(1):
                    db.add(SETTING, [(name, "1")], name)
                if read:
                    db.count("setting")
                if name == "b":
                    raise ValueError
        step.release()

    assert [row["name"] for row in db.find_all("setting")] == ["a", "c"]


def test_a_step_that_wrote_nothing_leaves_them_waiting(db: Database, path: Path) -> None:
    put(db, "a")
    with db.atomic():
        step = db.savepoint()
        with suppress(ValueError), step:
            raise ValueError
    put(db, "b")

    assert in_file(path) == (2, [])


def send(db: Database) -> int:
    """Add a send with the next number, and return the number."""
    highest = "SELECT COALESCE(max(id), 0) FROM send"
    number: int = db.look_up_row(highest, (), ("send",))[0] + 1
    db.add_row(SEND, (number, 1, "k", "", "Accepted"), ("send",), (number,))
    return number


def test_what_is_remembered_outlives_a_step_that_wrote_nothing(db: Database, path: Path) -> None:
    with db.atomic():
        step = db.savepoint()
        numbers = []
        for refused in (False, True, False):
            with suppress(ValueError), step:
                if refused:
                    raise ValueError
                with db.deferring(1):
                    numbers.append(send(db))
        step.release()

    assert numbers == [1, 2]
    assert in_file(path) == (2, [])


@pytest.mark.parametrize("within", [False, True])
def test_memory_of_rows_is_forgotten_with_them(db: Database, *, within: bool) -> None:
    with db.atomic(), db.deferring(1):
        numbers = [send(db)]
    with suppress(ValueError), db.atomic():
        with db.deferring(1):
            numbers.append(send(db))
            if within:
                raise ValueError
        raise ValueError
    with db.atomic(), db.deferring(1):
        numbers.append(send(db))

    assert numbers == [1, 2, 2]
    assert [row["id"] for row in db.find_all("send")] == [1, 2]


def test_a_value_that_was_read_before_is_not_older_than_rows_that_wait(db: Database) -> None:
    with db.atomic():
        times = [timers.next_time(db)]
        with db.deferring(1):
            timers.plan(db, "2024-01-01 00:00:00", "kind", {})
        with suppress(ValueError), db.deferring(1):
            raise ValueError
        times.append(timers.next_time(db))

    assert times == [None, "2024-01-01 00:00:00"]


# Other ends of a process.


def test_a_process_that_is_killed_leaves_them_in_the_file(
    db: Database, path: Path, tmp_path: Path
) -> None:
    put(db, "a")
    put(db, "b", write=IGNORING)
    put(db, "c")
    left = copied(path, tmp_path / "left")

    with closing(Database(left)) as again:
        assert [row["name"] for row in again.find_all("setting")] == ["a", "b", "c"]
    assert in_file(left) == (0, ["a", "b", "c"])


def test_a_file_that_is_only_read_shows_them_and_stays(
    db: Database, path: Path, tmp_path: Path
) -> None:
    put(db, "a")
    left = copied(path, tmp_path / "left")

    with closing(Database(left, read_only=True)) as reader:
        assert [row["name"] for row in reader.find_all("setting")] == ["a"]
    assert in_file(left) == (1, [])


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "7",
        '[[["insert","nothing",["a"],false]],[[0,[["1"]]]]]',
        '[[["insert","setting",["name","value"],false]],[[1,[["a","1"]]]]]',
        '[[["insert","setting",["name","value"],false]],[[0,[["a"]]]]]',
        '[[["insert","setting",["name","value"],false]],[[0,[["a",null]]]]]',
        '[[["insert",7,["name","value"],false]],[[0,[["a","1"]]]]]',
        '[[["combined",[[["insert","setting",["name","value"],false],[[0,9]],[]]]]],[[0,[["a","1"]]]]]',
        '[[["combined",[[["insert","setting",["name","value"],false],[[]],[]]]]],[[0,[["a","1"]]]]]',
        '[[["combined",7]],[[0,[["a","1"]]]]]',
    ],
)
def test_a_damaged_log_is_reported(path: Path, content: str) -> None:
    Database(path).close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO deferred_write VALUES (1, ?)", (content,))

    with pytest.raises(SetupError, match=r"is damaged .* Put a copy"):
        Database(path)

    assert in_file(path) == (1, [])


def test_a_fold_that_finds_the_disk_full_loses_nothing(db: Database, path: Path) -> None:
    for number in range(100):
        put(db, f"n{number}", value="x" * 500)
    (pages,) = db.connection.control("PRAGMA page_count")
    db.connection.control(f"PRAGMA max_page_count = {pages[0]}")

    with pytest.raises(StorageFailed, match="the disk is full"):
        db.count("setting")

    assert in_file(path) == (100, [])
    db.connection.control("PRAGMA max_page_count = 1000000")
    assert db.count("setting") == 100


def test_a_fold_that_finds_it_full_within_a_call_undoes_the_call(db: Database) -> None:
    for number in range(100):
        put(db, f"n{number}", value="x" * 500)
    (pages,) = db.connection.control("PRAGMA page_count")
    db.connection.control(f"PRAGMA max_page_count = {pages[0]}")

    def call() -> None:
        with db.atomic(), db.deferring(1):
            db.add(SETTING, [("more", "1")], "more")
            db.count("setting")

    with pytest.raises(StorageFailed, match="the disk is full"):
        call()

    db.connection.control("PRAGMA max_page_count = 1000000")
    assert db.count("setting") == 100


def test_another_content_takes_their_place(db: Database, path: Path) -> None:
    content = db.content()
    put(db, "a")

    db.replace_content(content)

    put(db, "b")
    assert [row["name"] for row in db.find_all("setting")] == ["b"]
    assert in_file(path) == (0, ["b"])
