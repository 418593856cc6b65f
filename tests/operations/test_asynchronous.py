"""Asynchronous requests: their answer, the time of their processing, and their results."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from tests.support.soap_app import PARTNER, SoapApp, simple

from sfmc_mock.account.asynchronous import requests
from sfmc_mock.account.explanations import explain
from sfmc_mock.accounts import Accounts
from sfmc_mock.control.clock_handle import ClockHandle
from sfmc_mock.errors import SetupError
from sfmc_mock.settings import Settings

NOON = 'extends = "default"\n[account]\nclock = "2026-01-01T12:00:00"\n'


def subscriber(key: str) -> str:
    return (
        f'<Objects xsi:type="Subscriber"><SubscriberKey>{key}</SubscriberKey>'
        f"<EmailAddress>{key}@mock.test</EmailAddress></Objects>"
    )


ADA, BOB = subscriber("ada"), subscriber("bob")
NO_ADDRESS = '<Objects xsi:type="Subscriber"><SubscriberKey>x</SubscriberKey></Objects>'


def options(**given: object) -> str:
    said = {"RequestType": "Asynchronous", **given}
    inner = "".join(
        f"<{name}>{value}</{name}>" for name, value in said.items() if value is not None
    )
    return f"<Options>{inner}</Options>"


def later(app: SoapApp, duration: str = "1m") -> None:
    ClockHandle(app.account).advance(duration)


def subscribers(app: SoapApp) -> list[str]:
    return app.retrieve("Subscriber", ["SubscriberKey"]).texts("Results", "SubscriberKey")


def create(app: SoapApp, content: str = ADA, **given: object) -> str:
    """Return the RequestID of a queued Create."""
    answer = app.call("Create", options(**given) + content)
    assert answer.text("Results", "StatusMessage") == "Queued"
    return answer.request_id


def refusal(app: SoapApp, **given: object) -> int:
    answer = app.call("Create", options(**given) + ADA)
    assert answer.overall == "Error"
    return int(answer.text("Results", "ErrorCode"))


def part(app: SoapApp, sequence: int, calls: int, content: str = ADA) -> None:
    create(app, content, ConversationID="c", SequenceCode=sequence, CallsInConversation=calls)


def wrong_part(app: SoapApp, sequence: int, calls: int) -> int:
    return refusal(app, ConversationID="c", SequenceCode=sequence, CallsInConversation=calls)


def statuses(app: SoapApp) -> list[tuple[str, int | None]]:
    return [(each.status, each.error_code) for each in requests(app.account)]


# The answer.


def test_the_answer_says_queued_with_both_identifiers(app: SoapApp) -> None:
    answer = app.call("Create", options(ConversationID="c1") + ADA)

    assert answer.overall == "OK"
    assert answer.text("Results", "StatusMessage") == "Queued"
    assert answer.text("Results", "RequestID") == answer.request_id
    assert answer.text("Results", "ConversationID") == "c1"
    assert app.warnings == ()


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete"])
def test_each_operation_has_results_of_its_own_class(app: SoapApp, operation: str) -> None:
    answer = app.call(operation, options() + ADA)

    assert answer.message.tag == f"{PARTNER}{operation}Response"
    assert answer.texts("Results", "StatusMessage") == ["Queued"]


def test_perform_has_its_result_in_a_wrapper(app: SoapApp) -> None:
    answer = app.call(
        "Perform",
        f'{options()}<Action>start</Action><Definitions><Definition xsi:type="QueryDefinition"/></Definitions>',
    )

    assert answer.texts("Results", "Result", "StatusMessage") == ["Queued"]


@pytest.mark.parametrize("operation", ["Configure", "Schedule"])
def test_operations_that_cannot_be_queued_are_refused(app: SoapApp, operation: str) -> None:
    answer = app.call(
        operation,
        f'{options()}<Action>Create</Action><Configurations><Configuration xsi:type="PropertyDefinition">'
        "<Name>Colour</Name></Configuration></Configurations>",
    )

    assert answer.overall == "UnsupportedAsyncOperation"
    assert "Colour" not in app.content()


# When it is done.


def test_it_is_done_with_the_next_call_where_events_do_not_lag(app: SoapApp) -> None:
    create(app)

    assert subscribers(app) == ["ada"]


@pytest.mark.parametrize(("priority", "wait"), [("High", "0s"), ("Medium", "60s"), ("Low", "5m")])
def test_each_queue_has_its_turn_where_events_lag(app: SoapApp, priority: str, wait: str) -> None:
    app.account.change_setting("lag", "realistic")
    create(app, QueuePriority=priority)
    before = ClockHandle(app.account)
    if wait != "0s":
        before.advance("59s" if wait == "60s" else "4m59s")
        assert subscribers(app) == []
    before.advance("1s")

    assert subscribers(app) == ["ada"]


def test_a_scheduled_request_waits_for_its_time(app: SoapApp) -> None:
    create(app, ScheduledTime="2026-01-01T19:00:00Z")
    later(app, "59m")
    before = subscribers(app)
    later(app, "1m")

    assert (before, subscribers(app)) == ([], ["ada"])


def test_requests_of_one_time_are_done_by_priority_then_in_order(app: SoapApp) -> None:
    for key, priority in (
        ("low", "Low"),
        ("first", "Medium"),
        ("second", "Medium"),
        ("high", "High"),
    ):
        create(app, subscriber(key), QueuePriority=priority, ScheduledTime="2026-01-01T13:00:00")
    later(app, "2h")

    rows = app.account.db.rows("SELECT request_number FROM async_result ORDER BY id")
    summaries = {row["id"]: row["summary"] for row in app.account.db.find_all("async_request")}
    assert [summaries[number] for (number,) in rows] == [
        "Subscriber high",
        "Subscriber first",
        "Subscriber second",
        "Subscriber low",
    ]


def test_a_request_that_expired_before_its_time_is_not_done(app: SoapApp) -> None:
    create(app, ScheduledTime="2026-01-01T13:00:00", RequestExpirationTime="2026-01-01T12:30:00")
    later(app, "2h")

    assert (subscribers(app), statuses(app)) == ([], [("Error", 203)])


def test_a_queued_request_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    accounts = Accounts()
    first = SoapApp(accounts, accounts.open(path, NOON), Settings())
    create(first, ScheduledTime="2026-01-01T13:00:00")
    accounts.close()
    accounts = Accounts()
    second = SoapApp(accounts, accounts.open(path), Settings())
    later(second, "2h")

    assert subscribers(second) == ["ada"]
    accounts.close()


def test_a_finished_request_holds_no_password(app: SoapApp) -> None:
    create(
        app,
        '<Objects xsi:type="AccountUser"><UserID>eve</UserID><Name>Eve</Name><Email>eve@mock.test</Email>'
        "<Password>s3cret-word</Password></Objects>",
    )
    waiting = app.content()
    app.retrieve("AccountUser", ["UserID"])

    assert "s3cret-word" in waiting
    assert "s3cret-word" not in app.content()


def test_a_later_refusal_is_no_error_of_the_queueing_call(app: SoapApp) -> None:
    create(app, NO_ADDRESS)
    subscribers(app)

    assert statuses(app) == [("Error", 12000)]


# Results.


def test_results_are_reported_by_three_objects(app: SoapApp) -> None:
    named = ADA.replace(
        "<SubscriberKey>", "<CorrelationID>about ada</CorrelationID><SubscriberKey>"
    )
    request = create(app, named + NO_ADDRESS, ConversationID="c1")
    later(app)
    by_request = simple("RequestID", "equals", request)

    message = app.retrieve(
        "ResultMessage",
        ["ConversationID", "OverallStatusCode", "ErrorCode", "RequestType", "ResultDetailXML"],
        by_request,
    )
    items = app.retrieve(
        "ResultItem",
        ["OrdinalID", "StatusCode", "RequestObjectType", "CorrelationID"],
        simple("ConversationID", "equals", "c1"),
    )
    state = app.retrieve("AsyncRequestResult", ["Status", "CallStatus", "CompleteDate"], by_request)

    assert message.text("Results", "OverallStatusCode") == "Has Errors"
    assert message.text("Results", "RequestType") == "Asynchronous"
    assert message.text("Results", "ErrorCode") == "12000"
    detail = etree.fromstring(message.text("Results", "ResultDetailXML"))
    assert [each.findtext(f"{PARTNER}StatusCode") for each in detail] == ["OK", "Error"]
    assert items.texts("Results", "StatusCode") == ["OK", "Error"]
    assert items.texts("Results", "RequestObjectType") == ["Subscriber", "Subscriber"]
    assert items.texts("Results", "CorrelationID") == ["about ada"]
    assert state.text("Results", "Status") == "Error"
    assert state.text("Results", "CompleteDate") == "2026-01-01T12:00:00"


def test_before_it_is_done_only_its_state_is_reported(app: SoapApp) -> None:
    create(app, ScheduledTime="2026-01-01T13:00:00")

    assert app.retrieve("AsyncRequestResult", ["Status"]).texts("Results", "Status") == ["Queued"]
    assert app.retrieve("ResultMessage", ["RequestID"]).results == []
    assert app.retrieve("ResultItem", ["StatusCode"]).results == []


def test_results_are_kept_for_a_month(app: SoapApp) -> None:
    create(app)
    later(app, "61d")
    create(app, BOB)

    assert [each.summary for each in requests(app.account)] == ["Subscriber bob"]


# Conversations.


def test_parts_are_done_in_the_order_of_their_sequence_codes(app: SoapApp) -> None:
    update = ADA.replace("ada@mock.test", "ada@other.test")
    app.call("Update", options(ConversationID="c", SequenceCode=2, CallsInConversation=2) + update)
    before = subscribers(app)
    part(app, 1, 2)
    later(app)

    assert before == []
    found = app.retrieve("Subscriber", ["EmailAddress"])
    assert found.texts("Results", "EmailAddress") == ["ada@other.test"]


def test_a_part_that_fails_ends_the_conversation(app: SoapApp) -> None:
    part(app, 1, 3)
    part(app, 2, 3, NO_ADDRESS)
    part(app, 3, 3, BOB)
    later(app)

    assert subscribers(app) == ["ada"]
    assert statuses(app) == [("Complete", None), ("Error", 12000), ("Error", 213)]


def test_a_conversation_ends_when_its_next_part_is_five_minutes_late(app: SoapApp) -> None:
    part(app, 1, 2)
    later(app, "5m")
    part(app, 2, 2, BOB)
    later(app)

    assert sorted(subscribers(app)) == ["ada", "bob"]
    create(app, ADA, ConversationID="d", SequenceCode=1, CallsInConversation=2)
    later(app, "5m1s")
    assert statuses(app)[-1] == ("Error", 203)
    assert refusal(app, ConversationID="d", SequenceCode=2, CallsInConversation=2) == 203


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"SequenceCode": 1, "CallsInConversation": 1}, 207),
        ({"ConversationID": "c", "SequenceCode": 1}, 208),
        ({"ConversationID": "c", "CallsInConversation": 1}, 202),
        ({"ConversationID": "c", "SequenceCode": 1, "CallsInConversation": 0}, 206),
        ({"ConversationID": "c", "SequenceCode": 2, "CallsInConversation": 1}, 205),
        ({"ConversationID": "c", "SequenceCode": 0, "CallsInConversation": 1}, 205),
        ({"ConversationID": "c", "RequestType": None}, 209),
        ({"ScheduledTime": "2026-02-01T12:00:00"}, 226),
    ],
)
def test_incomplete_options_are_refused(app: SoapApp, given: dict[str, object], code: int) -> None:
    assert refusal(app, **given) == code
    assert statuses(app) == []


def test_parts_that_disagree_on_their_number_end_the_conversation(app: SoapApp) -> None:
    part(app, 1, 2)

    assert wrong_part(app, 2, 3) == 200
    assert wrong_part(app, 2, 2) == 213
    assert statuses(app) == [("Error", 213)]


def test_a_part_that_comes_again_ends_the_conversation(app: SoapApp) -> None:
    part(app, 1, 2)

    assert wrong_part(app, 1, 2) == 214
    assert wrong_part(app, 2, 2) == 213


def test_a_conversation_that_is_whole_takes_no_more_parts(app: SoapApp) -> None:
    app.account.change_setting("lag", "realistic")
    part(app, 1, 1)

    assert wrong_part(app, 1, 1) == 215


def test_a_conversation_is_used_once(app: SoapApp) -> None:
    create(app, ConversationID="c")
    later(app)

    assert refusal(app, ConversationID="c") == 211
    assert wrong_part(app, 1, 1) == 211


# Triggered sends are checked before they are queued.


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (
            "<TriggeredSendDefinition><CustomerKey>none</CustomerKey></TriggeredSendDefinition>",
            18002,
        ),
        ("<TriggeredSendDefinition/>", 18002),
    ],
)
def test_a_triggered_send_that_names_no_definition_is_not_queued(
    app: SoapApp, content: str, code: int
) -> None:
    answer = app.call(
        "Create",
        f'{options()}<Objects xsi:type="TriggeredSend">{content}<Subscribers><SubscriberKey>a</SubscriberKey>'
        "<EmailAddress>a@mock.test</EmailAddress></Subscribers></Objects>",
    )

    assert answer.text("Results", "ErrorCode") == str(code)
    assert statuses(app) == []


# Taking back.


@pytest.mark.parametrize(
    ("object_type", "name"),
    [("ScheduledRequest", "RequestID"), ("ScheduledConversation", "ConversationID")],
)
def test_a_waiting_request_can_be_taken_back_once(
    app: SoapApp, object_type: str, name: str
) -> None:
    request = create(app, ConversationID="c", ScheduledTime="2026-01-01T13:00:00")
    named = request if name == "RequestID" else "c"
    delete = f'<Objects xsi:type="{object_type}"><{name}>{named}</{name}></Objects>'
    answer = app.call("Delete", delete)
    later(app, "2h")

    assert answer.text("Results", "StatusMessage") == "Deleted"
    assert subscribers(app) == []
    assert [status for status, _ in statuses(app)] == ["Deleted"]


def test_a_finished_or_unknown_request_cannot_be_taken_back(app: SoapApp) -> None:
    create(app, ConversationID="c")
    later(app)
    delete = (
        '<Objects xsi:type="ScheduledConversation"><ConversationID>{}</ConversationID></Objects>'
    )
    done = app.call("Delete", delete.format("c"))
    unknown = app.call("Delete", delete.format("d"))

    assert done.text("Results", "ErrorCode") == "222"
    assert unknown.text("Results", "ErrorCode") == "220"


def test_a_failure_of_the_emulator_does_not_stop_the_account(
    app: SoapApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("broken")

    monkeypatch.setattr("sfmc_mock.objects.subscriber.SubscriberHandler.create", fail)
    create(app)
    subscribers(app)

    assert statuses(app) == [("Error", 204)]
    assert requests(app.account)[0].warnings == ("the emulator failed: KeyError: 'broken'",)
    assert [repr(each) for each in app.accounts.problems] == ["KeyError('broken')"]
    app.accounts.problems.clear()


@pytest.mark.parametrize("option", ["QueuePriority", "ScheduledTime"])
def test_an_option_for_later_is_a_warning_without_asynchronous(app: SoapApp, option: str) -> None:
    value = {"QueuePriority": "High", "ScheduledTime": "2026-01-01T13:00:00"}[option]
    app.call("Create", options(RequestType=None, **{option: value}) + ADA)

    assert app.warnings == (f"the option {option} has no effect without RequestType Asynchronous",)


def test_a_retrieve_is_done_at_once(app: SoapApp) -> None:
    app.retrieve("Subscriber", ["SubscriberKey"], rest=options())

    (found,) = app.warnings
    assert found.startswith("RequestType Asynchronous has no effect: the Retrieve was done at once")


def test_an_explanation_of_nothing_tells_of_what_waits(app: SoapApp) -> None:
    create(app, ScheduledTime="2026-01-01T13:00:00")

    with pytest.raises(SetupError, match="1 asynchronous request waits: see `sfmc-mock queue`"):
        explain(app.account, subscriber="ada")


def test_the_journal_says_that_a_call_was_asynchronous(app: SoapApp) -> None:
    create(app)

    assert [*app.wsgi.journal][-1].summary == "ada (asynchronous)"
