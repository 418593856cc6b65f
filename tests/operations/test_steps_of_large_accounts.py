"""What a call costs SQLite does not grow with the account: each finds what it needs by index.

Steps of SQLite's machine are counted, in an account of some hundred subscribers and in one that is sixteen times as
large. A scan, or a sort of more than the page, takes sixteen times the steps there; a search by index a few more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tests.support.sending import advance, make_list, messages, send
from tests.support.soap_app import Answer, SoapApp, joint, simple

from sfmc_mock.account.recipients import Recipient
from sfmc_mock.accounts import Accounts
from sfmc_mock.seeds import parse_seed
from sfmc_mock.settings import Settings
from sfmc_mock.store import read_only_query

SMALL, LARGE = 250, 4_000
PAGE = 50
MOST_GROWTH = 1.3

SEED = """
[account]
clock = 2026-01-01T12:00:00
engagement = "quiet"
[[profile_attribute]]
name = "UniqueID"
[[data_extension]]
name = "SendLog"
template = "SendLog"
fields = [{name = "UniqueID", max_length = 200}]
[[data_extension]]
name = "People"
fields = [{name = "Key", max_length = 50, is_primary_key = true}]
rows = [{Key = "late-1"}, {Key = "late-2"}, {Key = "late-3"}]
[[data_extension]]
name = "Result"
fields = [{name = "Key", max_length = 50}]
[[triggered_send_definition]]
key = "many"
name = "many"
email = 3099626
status = "Active"
is_send_logging = true
[[triggered_send_definition]]
key = "few"
name = "few"
email = 3099626
status = "Active"
is_send_logging = true
"""
# But for DISTINCT, GROUP BY and LEFT JOIN with _ListSubscribers, of which SQLite reads both halves before it joins.
JOINS = {
    "sent": "SELECT p.[Key] FROM People p JOIN _Sent s ON s.SubscriberKey = p.[Key]",
    "opened lately": "SELECT p.[Key] FROM People p JOIN _Open o ON o.SubscriberKey = p.[Key] "
    "WHERE o.EventDate > DATEADD(day, -30, GETDATE())",
    "opened by one": "SELECT o.SubscriberKey AS [Key] FROM _Open o WHERE o.SubscriberKey = 'late-1'",
    "subscribers": "SELECT p.[Key] FROM People p JOIN _Subscribers s ON s.SubscriberKey = p.[Key]",
    "members": "SELECT p.[Key] FROM People p JOIN _ListSubscribers s ON s.SubscriberKey = p.[Key]",
    "members of a list": "SELECT s.SubscriberKey AS [Key] FROM _ListSubscribers s JOIN People p "
    "ON s.SubscriberKey = p.[Key] WHERE s.ListName = 'Newsletter' AND s.Status = 'Active'",
    "those who are members": "SELECT p.[Key] FROM People p WHERE EXISTS "
    "(SELECT 1 FROM _ListSubscribers s WHERE s.SubscriberKey = p.[Key] AND s.Status = 'Active')",
}
for _name, _text in JOINS.items():
    SEED += f"""
[[query_definition]]
key = "{_name}"
name = "{_name}"
query_text = "{_text}"
data_extension_target = "Result"
target_update_type = "Overwrite"
"""


@dataclass(frozen=True)
class Filled:
    """An account with so many subscribers, who all got and opened a message; three of another job came later."""

    app: SoapApp
    list_id: int
    many: int | None
    few: int | None

    def steps(self, act: Callable[[Filled], object], monkeypatch: pytest.MonkeyPatch) -> int:
        """Return how many steps SQLite's machine takes for what is done, the first time left out."""
        act(self)
        count = 0

        def counted(*_: object) -> int:
            nonlocal count
            count += 1
            return 0

        connection = self.app.account.db.connection
        # A query of a QueryDefinition has a handler of its own.
        monkeypatch.setattr(read_only_query, "_STEPS", 1)
        monkeypatch.setattr(read_only_query._Guard, "interrupts", counted)
        connection.set_progress_handler(counted, 1)
        try:
            act(self)
        finally:
            connection.set_progress_handler(None, 0)
            monkeypatch.undo()
        return count


def fill(subscribers: int) -> Filled:
    accounts = Accounts()
    account = accounts.open(seed=parse_seed(SEED))

    def to(key: str) -> Recipient:
        return Recipient(key, f"{key}+open@mock.test", {"UniqueID": f"unique-{key}"})

    many = send(account, *(to(f"early-{number}") for number in range(subscribers)), key="many")
    advance(account, days=10)
    few = send(account, *(to(f"late-{number}") for number in range(3)), key="few")
    list_id = make_list(account, "Newsletter")
    with account.db.atomic():
        account.settle()
        account.db.run(
            "INSERT INTO list_subscriber (list_id, subscriber_id, status, created_at, modified_at) "
            "SELECT ?, id, 'Active', created_at, modified_at FROM subscriber",
            (list_id,),
        )
    app = SoapApp(accounts, account, Settings(page_size=PAGE))
    jobs = [messages(account, sent)[0]["job_id"] for sent in (many, few)]
    return Filled(app, list_id, *jobs)


@pytest.fixture(scope="module")
def small() -> Filled:
    return fill(SMALL)


@pytest.fixture(scope="module")
def large() -> Filled:
    return fill(LARGE)


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
    object_type: str, names: list[str], filter_of: Callable[[Filled], str], rows: int
) -> Callable[[Filled], None]:
    return lambda of: page(of.app.retrieve(object_type, names, filter_of(of)), rows)


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


@pytest.mark.parametrize("name", JOINS)
def test_a_query_that_joins_takes_as_many_steps_in_a_large_account(
    name: str, small: Filled, large: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(of: Filled) -> None:
        started = of.app.call(
            "Perform",
            "<Action>start</Action><Definitions><Definition xsi:type='QueryDefinition'>"
            f"<CustomerKey>{name}</CustomerKey></Definition></Definitions>",
        )
        assert started.overall == "OK"
        advance(of.app.account, minutes=5)
        of.app.account.settle()
        assert of.app.retrieve("DataExtensionObject[Result]", ["Key"]).rows

    before, after = (each.steps(run, monkeypatch) for each in (small, large))

    assert after <= MOST_GROWTH * before, (before, after)
