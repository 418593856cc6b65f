"""What a call costs SQLite does not grow with the account: each finds what it needs by index.

Steps of SQLite's machine are counted, in an account of some hundred subscribers and in one that is sixteen times as
large. A scan, or a sort of more than the page, takes sixteen times the steps there; a search by index a few more. The
slow test does the same with 100,000 subscribers on a list and a million events, which are written by SQL, and looks
into the programs that SQLite made of the statements for scans of the large tables.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.large_accounts import JOINS, PAGE, Filled, enlarge, fill, scans
from tests.support.sending import advance
from tests.support.soap_app import Answer, joint, simple

SMALL, LARGE, HUGE = 250, 4_000, 100_000
MOST_GROWTH = 1.3


@pytest.fixture(scope="module")
def small() -> Filled:
    return fill(SMALL)


@pytest.fixture(scope="module")
def large() -> Filled:
    return fill(LARGE)


@pytest.fixture(scope="module")
def huge() -> Filled:
    filled = fill(SMALL)
    enlarge(filled, HUGE)
    return filled


def test_a_scan_is_seen(small: Filled) -> None:
    """Else the slow test could not fail."""
    by_reason = "SELECT id FROM event WHERE reason = 'x'"

    found = scans(small, lambda of: of.app.account.db.rows(by_reason))

    assert found == [by_reason]


def page(answer: Answer, rows: int) -> None:
    """Fail unless an answer has so many rows: a call that finds nothing takes few steps."""
    assert answer.overall in ("OK", "MoreDataAvailable")
    assert len(answer.results) == rows


def middle_of_list(of: Filled) -> None:
    """The third page of the members of a list."""
    members = simple("ListID", "equals", str(of.list_id))
    request = of.app.retrieve("ListSubscriber", ["SubscriberKey"], members).request_id
    for _ in range(2):
        answer = of.app.resume(request)
        request = answer.request_id
    page(answer, PAGE)


def next_events(of: Filled) -> None:
    job = simple("SendID", "equals", str(of.many))
    first = of.app.retrieve("OpenEvent", ["SubscriberKey", "EventDate"], job)
    page(of.app.resume(first.request_id), PAGE)


def retrieved(
    object_type: str, names: list[str], part_from_json: Callable[[Filled], str], rows: int
) -> Callable[[Filled], None]:
    return lambda of: page(of.app.retrieve(object_type, names, part_from_json(of)), rows)


def key(value: str) -> Callable[[Filled], str]:
    return lambda of: simple("SubscriberKey", "equals", value)


def of_few(name: str = "SendID") -> Callable[[Filled], str]:
    return lambda of: simple(name, "equals", str(of.few))


def message_of(of: Filled) -> str:
    job = simple("SendID", "equals", str(of.many))
    return joint(job, "AND", simple("SubscriberKey", "equals", "early-77"))


LONG_AGO, LATELY = "2025-01-05T00:00:00", "2026-01-05T00:00:00"
SINCE_EVER = simple("EventDate", "greaterThan", LONG_AGO)
SINCE_LATELY = simple("EventDate", "greaterThan", LATELY)


def later_events(of: Filled) -> None:
    """The third page of the events since a date before all."""
    request = of.app.retrieve("OpenEvent", ["SubscriberKey"], SINCE_EVER).request_id
    for _ in range(2):
        answer = of.app.resume(request)
        request = answer.request_id
    page(answer, PAGE)


CALLS: dict[str, Callable[[Filled], None]] = {
    "first page of a list": retrieved(
        "ListSubscriber",
        ["SubscriberKey", "Status"],
        lambda of: simple("ListID", "equals", str(of.list_id)),
        PAGE,
    ),
    "third page of a list": middle_of_list,
    "lists of a subscriber": retrieved("ListSubscriber", ["ListID", "Status"], key("early-77"), 2),
    "subscriber by key": retrieved("Subscriber", ["EmailAddress"], key("early-77"), 1),
    "subscriber by address": retrieved(
        "Subscriber",
        ["SubscriberKey"],
        lambda of: simple("EmailAddress", "equals", "early-77+open@mock.test"),
        1,
    ),
    "first page of all subscribers": retrieved(
        "Subscriber", ["SubscriberKey"], lambda of: "", PAGE
    ),
    "row of the send log": retrieved(
        "DataExtensionObject[SendLog]",
        ["JobID", "SubID"],
        lambda of: simple("UniqueID", "equals", "unique-early-77"),
        1,
    ),
    "events of a job": retrieved(
        "SentEvent", ["SubscriberKey"], lambda of: simple("SendID", "equals", str(of.many)), PAGE
    ),
    "next events of a job": next_events,
    "events of a small job": retrieved("OpenEvent", ["SubscriberKey"], of_few(), 3),
    "events of a subscriber": retrieved("OpenEvent", ["SendID"], key("early-77"), 1),
    "event of a message": retrieved("SentEvent", ["EventDate"], message_of, 1),
    "few events since a date": retrieved("OpenEvent", ["SendID"], lambda of: SINCE_LATELY, 3),
    "few events between dates": retrieved(
        "OpenEvent", ["SendID"], lambda of: simple("EventDate", "between", LATELY, "2027-01-01"), 3
    ),
    "few events from a date to a date": retrieved(
        "SentEvent",
        ["SendID"],
        lambda of: joint(SINCE_LATELY, "AND", simple("EventDate", "lessThan", "2027-01-01")),
        3,
    ),
    "no events before a date": retrieved(
        "OpenEvent", ["SendID"], lambda of: simple("EventDate", "lessThan", LONG_AGO), 0
    ),
    "many events since a date": retrieved("OpenEvent", ["SendID"], lambda of: SINCE_EVER, PAGE),
    "many events before a date": retrieved(
        "OpenEvent", ["SendID"], lambda of: simple("EventDate", "lessThan", LATELY), PAGE
    ),
    "later events since a date": later_events,
    "few events of every kind since a date": retrieved(
        "TrackingEvent", ["SendID"], lambda of: SINCE_LATELY, 9
    ),
    "events of several types": retrieved("BounceEvent", ["SendID"], lambda of: "", 0),
    "events of several types since a date": retrieved(
        "BounceEvent", ["SendID"], lambda of: SINCE_LATELY, 0
    ),
    "events of a small job since a date": retrieved(
        "OpenEvent",
        ["SendID"],
        lambda of: joint(SINCE_EVER, "AND", simple("SendID", "equals", str(of.few))),
        3,
    ),
    "few events of a large job since a date": retrieved(
        "OpenEvent",
        ["SendID"],
        lambda of: joint(SINCE_LATELY, "AND", simple("SendID", "equals", str(of.many))),
        0,
    ),
    "events of a subscriber since a date": retrieved(
        "OpenEvent",
        ["SendID"],
        lambda of: joint(SINCE_EVER, "AND", simple("SubscriberKey", "equals", "early-77")),
        1,
    ),
    "counters of a send": retrieved("Send", ["ID", "NumberSent", "UniqueOpens"], of_few("ID"), 1),
    "counters of a definition": retrieved(
        "TriggeredSendSummary",
        ["Sent", "Opens", "UniqueOpens"],
        lambda of: simple("CustomerKey", "equals", "few"),
        1,
    ),
    "lists of a send": retrieved("ListSend", ["NumberSent"], of_few(), 1),
    "clicks of a send": retrieved("LinkSend", ["Link.TotalClicks"], of_few(), 2),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_takes_as_many_steps_in_a_large_account(
    name: str, small: Filled, large: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = (each.steps(CALLS[name], monkeypatch) for each in (small, large))

    assert after <= MOST_GROWTH * before, (before, after)


def test_statistics_of_a_small_account_change_nothing(
    small: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks into the file may have made them, before it grew."""
    expected = {name: small.steps(act, monkeypatch) for name, act in CALLS.items()}
    analyzed = fill(SMALL)
    analyzed.app.account.db.connection.executescript("ANALYZE; ANALYZE sqlite_schema")

    found = {name: analyzed.steps(act, monkeypatch) for name, act in CALLS.items()}

    assert {
        name: steps for name, steps in found.items() if steps > MOST_GROWTH * expected[name]
    } == {}


def run(name: str) -> Callable[[Filled], None]:
    def run_query(of: Filled) -> None:
        started = of.app.call(
            "Perform",
            "<Action>start</Action><Definitions><Definition xsi:type='QueryDefinition'>"
            f"<CustomerKey>{name}</CustomerKey></Definition></Definitions>",
        )
        assert started.overall == "OK"
        advance(of.app.account, minutes=5)
        of.app.account.settle()
        assert of.app.retrieve("DataExtensionObject[Result]", ["Key"]).rows

    return run_query


@pytest.mark.parametrize("name", JOINS)
def test_a_query_that_joins_takes_as_many_steps_in_a_large_account(
    name: str, small: Filled, large: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = (each.steps(run(name), monkeypatch) for each in (small, large))

    assert after <= MOST_GROWTH * before, (before, after)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*CALLS, *JOINS])
def test_a_call_takes_as_many_steps_with_a_million_events(
    name: str, small: Filled, huge: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = CALLS.get(name) or run(name)

    before, after = (each.steps(act, monkeypatch) for each in (small, huge))

    assert after <= MOST_GROWTH * before, (before, after)
    assert scans(huge, act) == []
