"""Counters always equal the numbers of visible events, because they are computed from them."""

from __future__ import annotations

import pytest
from tests.support.messages import fields, overall_status, retrieve, simple
from tests.support.page_sql import page_sql
from tests.support.sending import (
    advance,
    change,
    give_status,
    happen,
    make_definition,
    make_list,
    make_subscriber,
    send,
)

from sfmc_mock.account import simulation_settings
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import HANDLERS
from sfmc_mock.objects.counters import COUNTERS
from sfmc_mock.store.page_queries import Selection
from sfmc_mock.wire.struct import Struct

JOB = "10980375"


@pytest.fixture
def mailing(call: Call) -> Call:
    """A call on an account with an active definition `welcome`, and subscribers `ada` and `bob`."""
    make_definition(call.account)
    make_subscriber(call.account, "ada")
    make_subscriber(call.account, "bob")
    return call


def asked(
    call: Call, object_type: str, *properties: str, condition: Struct | None = None
) -> list[dict[str, str]]:
    return fields(retrieve(call, object_type, properties, condition))


def summary(call: Call, *properties: str) -> dict[str, str]:
    condition = simple("CustomerKey", "equals", "welcome")
    (found,) = asked(call, "TriggeredSendSummary", *properties, condition=condition)
    return found


def numbers(call: Call, object_type: str = "TriggeredSendSummary") -> dict[str, str]:
    """Return all counters other than 0 of the only object of a type."""
    handler = HANDLERS[object_type]
    names = [
        each.name
        for each in handler.properties
        if each.kind == "number" and "ID" not in each.name and each.name != "SendLimit"
    ]
    (found,) = asked(call, object_type, *names)
    return {name: value for name, value in found.items() if value != "0"}


def test_everything_is_zero_before_the_first_send(mailing: Call) -> None:
    assert numbers(mailing) == {}


def test_a_summary_is_known_by_its_definition(mailing: Call) -> None:
    row = mailing.account.db.find("triggered_send_definition") or {}

    found = summary(mailing, "ObjectID", "CustomerKey", "TriggeredSendDefinition.ObjectID")

    assert found == {
        "ObjectID": row["object_id"],
        "CustomerKey": "welcome",
        "TriggeredSendDefinition.ObjectID": row["object_id"],
    }


@pytest.mark.parametrize(
    ("kinds", "counted"),
    [
        ([], {}),
        (["open"], {"Opens": "1", "UniqueOpens": "1"}),
        (["open", "open"], {"Opens": "2", "UniqueOpens": "1"}),
        (
            ["click", "click"],
            {"Opens": "1", "UniqueOpens": "1", "Clicks": "2", "UniqueClicks": "1"},
        ),
        (["hardbounce", "softbounce", "blockbounce"], {"Bounces": "3"}),
        (["unsub"], {"OptOuts": "1"}),
        (["survey"], {"SurveyResponses": "1"}),
        (["forward"], {"FTAFRequests": "1", "FTAFEmailsSent": "1"}),
        (["optin"], {"FTAFOptIns": "1"}),
    ],
)
def test_a_summary_counts_events(mailing: Call, kinds: list[str], counted: dict[str, str]) -> None:
    sent = send(mailing.account, "ada")
    for kind in kinds:
        happen(mailing.account, kind, sent)

    assert numbers(mailing) == {"Sent": "1", **counted}


@pytest.mark.parametrize(
    ("reason", "counter"),
    [
        ("held", "NotSentDueToUndeliverable"),
        ("unsubscribed", "NotSentDueToOptOut"),
        ("listoptout", "NotSentDueToOptOut"),
        ("accountoptout", "NotSentDueToOptOut"),
        ("globalunsub", "NotSentDueToOptOut"),
        ("suppressed", "NotSentDueToError"),
        ("builderror", "NotSentDueToError"),
    ],
)
def test_a_summary_counts_subscribers_that_were_not_sent_to(
    mailing: Call, reason: str, counter: str
) -> None:
    send(mailing.account, f"ada+notsent-{reason}@mock.test")

    assert numbers(mailing) == {counter: "1"}


def test_refused_subscribers_are_not_counted(mailing: Call) -> None:
    send(mailing.account, "nobody")

    assert numbers(mailing) == {}


def test_waiting_messages_count_as_queued(mailing: Call) -> None:
    change(mailing.account, status="Inactive")
    send(mailing.account, "ada", "bob")

    waiting = numbers(mailing)
    change(mailing.account, status="Active")

    assert waiting == {"Queued": "2"}
    assert numbers(mailing) == {"Sent": "2"}


def test_a_summary_spans_the_jobs_of_its_definition(mailing: Call) -> None:
    make_definition(mailing.account, "other")
    send(mailing.account, "ada", key="other")
    send(mailing.account, "ada")
    change(mailing.account, status="Inactive", refresh=True)
    change(mailing.account, status="Active")

    send(mailing.account, "ada")

    assert summary(mailing, "Sent") == {"Sent": "2"}


@pytest.mark.parametrize("object_type", ["TriggeredSendSummary", "Send", "ListSend"])
def test_events_that_are_not_visible_yet_are_not_counted(mailing: Call, object_type: str) -> None:
    simulation_settings.choose_lag(mailing.account, "worst")
    send(mailing.account, "ada", "ada+notsent-held@mock.test", "bob+open+after-5h@mock.test")
    at_once = numbers(mailing, object_type)
    advance(mailing.account, hours=4)
    in_between = numbers(mailing, object_type)

    advance(mailing.account, hours=5)

    sent, excluded, opens = {
        "TriggeredSendSummary": ("Sent", "NotSentDueToUndeliverable", "Opens"),
    }.get(object_type, ("NumberSent", "ExistingUndeliverables", "UniqueOpens"))
    assert not {sent, excluded, opens} & at_once.keys()
    assert (in_between[sent], in_between[excluded]) == ("2", "1")
    assert opens not in in_between
    assert numbers(mailing, object_type)[opens] == "1"


# Jobs.


def test_a_job_is_a_send(mailing: Call) -> None:
    found = asked(
        mailing,
        "Send",
        "ID",
        "Email.ID",
        "EmailName",
        "Subject",
        "FromName",
        "FromAddress",
        "SendDate",
        "Status",
        "IsMultipart",
        "IsAlwaysOn",
    )

    assert found == [
        {
            "ID": JOB,
            "Email.ID": "3099626",
            "EmailName": "Send Logging Example",
            "Subject": "Welcome, %%First Name%%",
            "FromName": "Example Sender",
            "FromAddress": "sender@mock.test",
            "SendDate": "2026-01-01T12:00:00",
            "Status": "Sending",
            "IsMultipart": "false",
            "IsAlwaysOn": "true",
        }
    ]


@pytest.mark.parametrize("object_type", ["Send", "ListSend"])
def test_a_send_counts_the_outcomes_of_its_messages(mailing: Call, object_type: str) -> None:
    account = mailing.account
    make_subscriber(account, "cyd")
    give_status(account, "cyd", "Held")
    send(account, "ada", "cyd", "nobody", "x+notsent-invalidaddress@mock.test")
    happen(account, "click", send(account, "bob"))
    happen(account, "hardbounce", send(account, "bob"))
    happen(account, "unsub", send(account, "bob"))

    found = numbers(mailing, object_type)

    both = {
        "NumberSent": "4",
        "NumberDelivered": "4",
        "UniqueOpens": "1",
        "UniqueClicks": "1",
        "HardBounces": "1",
        "Unsubscribes": "1",
        "MissingAddresses": "1",
        "InvalidAddresses": "1",
        "ExistingUndeliverables": "1",
    }
    of_send = {"NumberTargeted": "6", "NumberErrored": "2", "NumberExcluded": "1"}
    assert found == (both if object_type == "ListSend" else {**both, **of_send})


def test_a_send_that_has_a_successor_is_complete(mailing: Call) -> None:
    change(mailing.account, status="Inactive", refresh=True)
    change(mailing.account, status="Active")

    found = asked(mailing, "Send", "ID", "Status")

    assert [each["Status"] for each in found] == ["Complete", "Sending"]


def test_the_address_for_copies_is_spelt_in_two_ways(call: Call) -> None:
    """The documented sample requests BCCEmail, the schema has BccEmail."""
    make_definition(call.account, bcc_email="copies@mail.example")

    answer = retrieve(call, "Send", ["BCCEmail", "BccEmail"])

    assert overall_status(answer) == "OK"
    assert fields(answer)[0]["BccEmail"] == "copies@mail.example"


def test_an_email_id_must_be_asked_for_by_its_dotted_name(mailing: Call) -> None:
    assert overall_status(retrieve(mailing, "Send", ["EmailID"])) == (
        "Error: The Request Property(s) EmailID do not match with the fields of Send retrieve"
    )


def test_a_list_send_names_its_list(call: Call) -> None:
    news = make_list(call.account, "News")
    make_definition(call.account, list_id=news)

    found = asked(call, "ListSend", "SendID", "List.ID", "List.ListName")

    assert found == [{"SendID": JOB, "List.ID": str(news), "List.ListName": "News"}]


def test_links_can_be_asked_for_by_themselves(mailing: Call) -> None:
    happen(mailing.account, "click", send(mailing.account, "ada"))

    found = asked(mailing, "Link", "ID", "URL", "TotalClicks")

    assert found == [
        {"ID": "40001", "URL": "https://www.example.com/start", "TotalClicks": "1"},
        {"ID": "40002", "URL": "https://www.example.com/help", "TotalClicks": "0"},
    ]


def test_links_count_their_clicks(mailing: Call) -> None:
    account = mailing.account
    happen(account, "click", send(account, "ada"))
    twice = send(account, "bob")
    advance(account, hours=1)
    happen(account, "click", twice)
    happen(account, "click", twice)

    found = asked(
        mailing,
        "LinkSend",
        "SendID",
        "Link.ID",
        "Link.URL",
        "Link.Alias",
        "Link.TotalClicks",
        "Link.UniqueClicks",
        "Link.LastClicked",
    )

    assert found == [
        {
            "SendID": JOB,
            "Link.ID": "40001",
            "Link.URL": "https://www.example.com/start",
            "Link.Alias": "Start",
            "Link.TotalClicks": "3",
            "Link.UniqueClicks": "2",
            "Link.LastClicked": "2026-01-01T13:00:00",
        },
        {
            "SendID": JOB,
            "Link.ID": "40002",
            "Link.URL": "https://www.example.com/help",
            "Link.Alias": "Help",
            "Link.TotalClicks": "0",
            "Link.UniqueClicks": "0",
        },
    ]


# Events of one subscriber.

RESULT = (
    "Send.ID",
    "Subscriber.SubscriberKey",
    "Subscriber.EmailAddress",
    "SentDate",
    "OpenDate",
    "ClickDate",
    "LastAction",
    "TotalClicks",
    "UniqueClicks",
)


def result_of(call: Call, key: str, *properties: str) -> list[dict[str, str]]:
    condition = simple("Subscriber.SubscriberKey", "equals", key)
    return asked(call, "SubscriberSendResult", *properties, condition=condition)


def test_a_subscriber_has_one_result_per_job_for_several_messages(
    mailing: Call,
) -> None:
    account = mailing.account
    first = send(account, "ada")
    advance(account, hours=1)
    happen(account, "click", send(account, "ada"))
    advance(account, hours=1)
    happen(account, "click", first, url="https://www.example.com/help")

    found = result_of(mailing, "ada", *RESULT)

    assert found == [
        {
            "Send.ID": JOB,
            "Subscriber.SubscriberKey": "ada",
            "Subscriber.EmailAddress": "ada@mail.example",
            "SentDate": "2026-01-01T12:00:00",
            "OpenDate": "2026-01-01T13:00:00",
            "ClickDate": "2026-01-01T14:00:00",
            "LastAction": "Click",
            "TotalClicks": "2",
            "UniqueClicks": "2",
        }
    ]


@pytest.mark.parametrize(
    ("kind", "counted"),
    [
        ("hardbounce", {"HardBounces": "1", "LastAction": "HardBounce"}),
        ("softbounce", {"SoftBounces": "1", "LastAction": "SoftBounce"}),
        ("blockbounce", {"OtherBounces": "1", "LastAction": "OtherBounce"}),
        ("unsub", {"LastAction": "Unsubscribe"}),
        ("survey", {"LastAction": "Sent"}),
    ],
)
def test_a_result_counts_bounces_and_shows_what_came_last(
    mailing: Call, kind: str, counted: dict[str, str]
) -> None:
    sent = send(mailing.account, "ada")
    advance(mailing.account, hours=1)
    happen(mailing.account, kind, sent)

    (found,) = result_of(mailing, "ada", "HardBounces", "SoftBounces", "OtherBounces", "LastAction")

    assert found == {"HardBounces": "0", "SoftBounces": "0", "OtherBounces": "0", **counted}


def test_who_was_not_sent_to_has_no_result(mailing: Call) -> None:
    send(mailing.account, "ada+notsent-held@mock.test", "nobody")

    assert asked(mailing, "SubscriberSendResult", "Send.ID") == []


def test_a_result_is_there_when_its_send_can_be_seen(mailing: Call) -> None:
    simulation_settings.choose_lag(mailing.account, "worst")
    send(mailing.account, "ada")
    early = result_of(mailing, "ada", "SentDate")

    advance(mailing.account, hours=4)

    assert (early, result_of(mailing, "ada", "SentDate")) == (
        [],
        [{"SentDate": "2026-01-01T12:00:00"}],
    )


def test_each_job_has_a_result_of_its_own(mailing: Call) -> None:
    make_definition(mailing.account, "other")
    for key in ("welcome", "other"):
        send(mailing.account, "ada", key=key)

    found = result_of(mailing, "ada", "Send.ID")

    assert found == [{"Send.ID": JOB}, {"Send.ID": str(int(JOB) + 1)}]


@pytest.mark.parametrize("object_type", ["Send", *(each.object_type for each in COUNTERS)])
def test_every_property_can_be_asked_for(mailing: Call, object_type: str) -> None:
    send(mailing.account, "ada+click@mock.test")
    handler = HANDLERS[object_type]
    names = [each.name for each in handler.properties]

    answer = retrieve(mailing, object_type, names)

    assert overall_status(answer) == "OK"
    assert fields(answer)


@pytest.mark.parametrize(
    ("object_type", "column"),
    [
        ("TriggeredSendSummary", "NotSentDueToError"),
        ("Send", "ExistingUnsubscribes"),
        ("LinkSend", "Link.TotalClicks"),
        ("SubscriberSendResult", "OpenDate"),
    ],
)
def test_events_of_a_large_job_are_counted_by_index(
    call: Call, object_type: str, column: str
) -> None:
    selection = Selection(f"api_{object_type}", (column,), None)
    sql, bound = page_sql(selection, 0, 10)

    rows = call.account.db.rows(f"EXPLAIN QUERY PLAN {sql}", bound)

    steps = [str(row[-1]) for row in rows if " event " in str(row[-1])]
    assert steps
    assert all(step.startswith("SEARCH") and "INDEX event_" in step for step in steps)


def test_messages_of_a_large_job_are_counted_without_those_that_were_sent(call: Call) -> None:
    counted = ("InvalidAddresses", "MissingAddresses", "NumberTargeted", "NumberErrored")
    sql, bound = page_sql(Selection("api_Send", counted, None), 0, 10)

    rows = call.account.db.rows(f"EXPLAIN QUERY PLAN {sql}", bound)

    plan = [str(row[-1]) for row in rows if str(row[-1]).split()[1] in ("m", "e")]
    assert len(plan) == 5
    assert all("COVERING INDEX message_job " in step for step in plan if " m " in step)
    assert [step for step in plan if " e " in step] == [
        "SEARCH e USING COVERING INDEX event_job (type=? AND job_id=?)"
    ]


def test_a_message_is_targeted_before_its_event_can_be_seen(mailing: Call) -> None:
    simulation_settings.choose_lag(mailing.account, "worst")
    send(mailing.account, "ada@mail.example")

    (found,) = asked(mailing, "Send", "NumberTargeted", "NumberSent")

    assert found == {"NumberTargeted": "1", "NumberSent": "0"}


def test_summaries_are_found_by_the_definitions_object_id(mailing: Call) -> None:
    object_id = summary(mailing, "ObjectID")["ObjectID"]

    found = asked(
        mailing,
        "TriggeredSendSummary",
        "CustomerKey",
        condition=simple("TriggeredSendDefinitionObjectID", "equals", object_id),
    )

    assert [each["CustomerKey"] for each in found] == ["welcome"]
