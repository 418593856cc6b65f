"""Scheduled actions of an account as its clock advances: each runs in order, at its own time."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest
from tests.support.sending import (
    advance,
    event_types,
    happen,
    make_definition,
    make_subscriber,
    send,
    status_of,
    taken_back,
)

from sfmc_mock.account import Account
from sfmc_mock.account.account import DueAction
from sfmc_mock.account.retrieve_continuations import (
    CONTINUATION_LIFE,
    Continuation,
    find_continuation,
    store_continuation,
)
from sfmc_mock.account.tokens import find_token, issue_token
from sfmc_mock.errors import SetupError, StorageFailed
from sfmc_mock.store.database import Database

NOON = datetime(2026, 1, 1, 12)


def sqlite_error(code: int) -> sqlite3.OperationalError:
    problem = sqlite3.OperationalError("as SQLite says it")
    problem.sqlite_errorcode = code
    return problem


class Noting:
    """An account that only records the actions that fall due, with the account's time during each."""

    def __init__(self, db: Database) -> None:
        self.done: list[tuple[str, str]] = []
        self.breaking: dict[str, Exception] = {}
        action = DueAction(self._note, lambda account, payload, said: f"the {payload['what']}")
        self.account = Account(db, due_actions={"a": action, "b": action})
        self.account.change_clock(lambda clock: clock.freeze())
        self.start = self.account.now()

    def _note(self, account: Account, payload: dict[str, object]) -> None:
        what = str(payload["what"])
        account.change_setting("last", what)
        if what in self.breaking:
            raise self.breaking[what]
        self.done.append((what, str(account.now() - self.start)))

    def plan(self, what: str, kind: str = "a", **after: float) -> None:
        self.account.plan_due(self.start + timedelta(**after), kind, {"what": what})


@pytest.fixture
def noting() -> Iterator[Noting]:
    db = Database()
    yield Noting(db)
    db.close()


def test_due_actions_run_in_the_order_of_their_times(noting: Noting) -> None:
    noting.plan("third", hours=3)
    noting.plan("first", hours=1)
    noting.plan("later", hours=9)
    noting.plan("second", hours=2)

    advance(noting.account, hours=4)

    assert noting.done == [("first", "1:00:00"), ("second", "2:00:00"), ("third", "3:00:00")]


def test_actions_of_the_same_time_run_in_a_fixed_order(noting: Noting) -> None:
    for what, kind in [("2", "b"), ("2", "a"), ("1", "b"), ("1", "a")]:
        noting.plan(kind + what, kind, hours=1)

    advance(noting.account, hours=1)

    assert [what for what, _ in noting.done] == ["a1", "a2", "b1", "b2"]


@pytest.mark.parametrize(
    "failure",
    [
        StorageFailed("the disk is full"),
        OSError(errno.ENOSPC, "No space left on device"),
        sqlite_error(sqlite3.SQLITE_FULL),
        sqlite_error(sqlite3.SQLITE_BUSY),
    ],
    ids=repr,
)
def test_a_failure_of_the_storage_leaves_everything_undone(
    noting: Noting, failure: Exception
) -> None:
    noting.plan("first", hours=1)
    noting.plan("second", hours=2)
    noting.breaking["second"] = failure

    for _ in range(2):
        with pytest.raises(type(failure)):
            advance(noting.account, hours=3)

    assert noting.account.now() == noting.start
    assert (noting.account.problems, noting.account.take_warnings()) == ([], [])
    noting.breaking.clear()
    noting.done.clear()
    advance(noting.account, hours=3)
    assert noting.done == [("first", "1:00:00"), ("second", "2:00:00")]


def test_an_action_that_fails_is_left_out_alone(noting: Noting) -> None:
    account = noting.account
    for hours, what in enumerate(("first", "second", "third"), 1):
        noting.plan(what, hours=hours)
    noting.breaking["second"] = RuntimeError("broken")

    advance(account, hours=2)

    assert account.setting("last") == "first"
    (problem,) = account.problems
    assert "in _note" in "".join(problem.__notes__)
    assert account.take_warnings() == [
        f"a of the second, due at {account.now_text()}, was left out. The emulator failed: RuntimeError: broken"
    ]
    advance(account, hours=2)
    assert noting.done == [("first", "1:00:00"), ("third", "3:00:00")]
    assert (len(account.problems), account.take_warnings()) == (1, [])


def test_actions_without_a_handler_are_left_out(noting: Noting) -> None:
    noting.plan("first", "of another version", hours=1)
    noting.plan("second", hours=2)

    advance(noting.account, hours=3)

    assert noting.done == [("second", "2:00:00")]
    (warning,) = noting.account.take_warnings()
    assert warning.startswith("of another version of what first, due at ")


def test_only_the_last_failures_are_kept(noting: Noting) -> None:
    for number in range(150):
        noting.plan(str(number), seconds=number)
        noting.breaking[str(number)] = RuntimeError(str(number))

    advance(noting.account, hours=1)

    assert [str(each) for each in noting.account.problems][-1] == "149"
    assert (len(noting.account.problems), noting.account.problems.dropped) == (100, 50)
    assert noting.account.take_warnings()[-1] == "50 more warnings of this call are not kept"


def test_an_action_undone_with_a_failing_call_is_done_by_the_next(noting: Noting) -> None:
    noting.plan("first", hours=1)
    account = noting.account
    account.clock.shown += timedelta(hours=2)

    with taken_back(account):
        account.settle()
    noting.done.clear()

    account.settle()

    assert noting.done == [("first", "1:00:00")]


def test_only_the_thread_that_does_what_is_due_sees_its_time(noting: Noting) -> None:
    seen = []
    account = noting.account

    with account.at(noting.start - timedelta(days=1)):
        other = threading.Thread(target=lambda: seen.append(account.now()))
        other.start()
        other.join()
        mine = account.now()

    assert seen == [noting.start]
    assert mine == noting.start - timedelta(days=1)
    assert account.now() == noting.start


def test_a_refused_change_leaves_the_clock_as_it_was(account: Account) -> None:
    with pytest.raises(SetupError, match="only goes forward"):
        account.change_clock(lambda clock: clock.set(NOON - timedelta(days=1)))

    assert account.now() == NOON
    assert not account.clock.running


def test_the_clock_is_kept_with_the_account(account: Account) -> None:
    advance(account, days=2)

    reopened = Account(Database(content=account.db.content()))

    assert reopened.now() == NOON + timedelta(days=2)
    reopened.db.close()


@pytest.mark.parametrize(
    ("span", "seen"),
    [
        ({"hours": 1, "minutes": 59}, ["Sent"]),
        ({"hours": 2}, ["Sent", "DeliveredEvent", "Open", "Click"]),
    ],
)
def test_events_can_be_seen_from_their_time_on(
    account: Account, span: dict[str, float], seen: list[str]
) -> None:
    make_definition(account)
    send(account, "ada+open+click+after-2h@mock.test")

    advance(account, **span)

    assert event_types(account) == seen


def test_changes_by_an_event_have_its_time(account: Account) -> None:
    make_definition(account)
    send(account, "ada+masterunsub+after-2h@mock.test")

    advance(account, days=3)

    row = account.db.find("subscriber", subscriber_key="ada+masterunsub+after-2h@mock.test")
    assert row is not None
    assert row["unsubscribed_at"] == row["modified_at"] == "2026-01-01T14:00:00.000"


def test_effects_happen_in_the_order_of_their_events(account: Account) -> None:
    """A bounce at one and an open at two make Active; the other way round it would be Bounced."""
    make_definition(account)
    make_subscriber(account, "ada")
    opened = send(account, "ada")
    bounced = send(account, "ada")
    happen(account, "open", opened, after=timedelta(hours=2))
    happen(account, "hardbounce", bounced, after=timedelta(hours=1))

    advance(account, minutes=90)
    between = status_of(account, "ada")
    advance(account, days=1)

    assert (between, status_of(account, "ada")) == ("Bounced", "Active")


@pytest.mark.parametrize(("minutes", "is_good"), [(19, True), (21, False)])
def test_tokens_expire_on_the_clock(account: Account, minutes: int, is_good: bool) -> None:
    token, _ = issue_token(account, "mock-client-id")

    advance(account, minutes=minutes)

    found = find_token(account, token)
    assert found is not None
    assert (found.expires_at > account.now()) is is_good


@pytest.mark.parametrize(("late", "is_there"), [(False, True), (True, False)])
def test_a_retrieve_can_be_continued_for_a_while_on_the_clock(
    account: Account, late: bool, is_there: bool
) -> None:
    store_continuation(account, "r", Continuation("r", "List", None, ("ID",), None, 1, 1))

    advance(account, seconds=CONTINUATION_LIFE.total_seconds() + late)

    assert (find_continuation(account, "r") is not None) is is_there


def _store(account: Account, name: str, times: int) -> None:
    for number in range(times):
        request_id = f"{name}-{number}"
        continuation = Continuation(request_id, "List", None, ("ID",), None, 1, 1)
        store_continuation(account, request_id, continuation)


def test_results_of_abandoned_retrieves_are_dropped(account: Account) -> None:
    _store(account, "early", 15)
    advance(account, seconds=CONTINUATION_LIFE.total_seconds() + 1)

    _store(account, "late", 2)

    assert account.db.count("continuation") == 2


def test_a_page_costs_no_more_after_many_pages(account: Account) -> None:
    def steps(name: str) -> int:
        counted = count()
        account.db.connection.set_progress_handler(lambda: next(counted) * 0, 10)
        _store(account, name, 1)
        account.db.connection.set_progress_handler(None, 0)
        return next(counted)

    _store(account, "few", 20)
    after_few = steps("a")
    _store(account, "many", 500)

    assert steps("b") <= 1.3 * after_few


def test_the_same_call_at_the_same_time_gets_the_same_id_only_once(account: Account) -> None:
    ids = [account.note_request(b"call")[1][0] for _ in range(3)]

    assert len(set(ids)) == 3


def test_request_ids_begin_again_after_going_back(account: Account) -> None:
    content = account.db.content()
    before = [account.note_request(b"call")[1][0] for _ in range(3)]

    account.db.replace_content(content)
    account.forget_memory()

    assert [account.note_request(b"call")[1][0] for _ in range(3)] == before
