"""Tracking events as Retrieve returns them: properties, filters and times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from tests.support.messages import (
    fields,
    overall_status,
    results,
    retrieve,
    shape,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.sending import (
    advance,
    happen,
    log_rows,
    make_definition,
    make_list,
    make_log,
    make_subscriber,
    messages,
    send,
)

from sfmc_mock.account import simulation_settings
from sfmc_mock.account.sends import Recipient
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects.tracking_events import TRACKING_EVENTS
from sfmc_mock.wire.struct import Struct

BASE = ["SendID", "SubscriberKey", "EventDate", "EventType", "BatchID"]
NOON = "2026-01-01T12:00:00"


def joint(operator: str, *parts: Struct) -> Struct:
    """Return a ComplexFilterPart of simple parts."""
    left, right, *more = parts
    values: dict[str, Any] = {
        "LeftOperand": left,
        "LogicalOperator": operator,
        "RightOperand": right,
    }
    if more:
        values["AdditionalOperands"] = Struct("AdditionalOperands", {"Operand": more})
    return Struct("ComplexFilterPart", values)


@pytest.fixture
def mailing(call: Call) -> Call:
    """A call on an account with an active definition `welcome`, and a subscriber `ada`."""
    make_definition(call.account)
    make_subscriber(call.account, "ada")
    return call


def seen(call: Call, object_type: str, *properties: str, **request: Any) -> list[dict[str, str]]:
    return fields(retrieve(call, object_type, properties or BASE, **request))


def dates_of_the_message(call: Call) -> dict[str, list[str]]:
    """Return the EventDates of each kind with the JobID, BatchID and SubscriberID of the only send-log row."""
    (row,) = log_rows(call.account)
    logged = {"SendID": "JobID", "BatchID": "BatchID", "SubscriberID": "SubID"}
    parts = [simple(name, "equals", str(row[column])) for name, column in logged.items()]
    kinds = [each.object_type for each in TRACKING_EVENTS if each.object_type != "TrackingEvent"]
    found = {each: seen(call, each, "EventDate", condition=joint("AND", *parts)) for each in kinds}
    return {kind: [each["EventDate"] for each in dates] for kind, dates in found.items() if dates}


def test_an_open_two_hours_later_is_seen_two_hours_later(mailing: Call) -> None:
    make_log(mailing.account)
    send(mailing.account, "ada+open+click+after-2h@mock.test")
    at_once = dates_of_the_message(mailing)

    advance(mailing.account, hours=2)

    later = {
        each: ["2026-01-01T14:00:00"] for each in ("DeliveredEvent", "OpenEvent", "ClickEvent")
    }
    assert at_once == {"SentEvent": [NOON]}
    assert dates_of_the_message(mailing) == {**at_once, **later}


def test_a_sent_event_has_the_recorded_form(mailing: Call) -> None:
    send(mailing.account, "ada")

    answer = retrieve(
        mailing,
        "SentEvent",
        [*BASE, "SubscriberID", "ListID", "TriggeredSendDefinitionObjectID", "Client.ID"],
    )

    (result,) = results(answer)
    assert shape(result) == [
        "Results",
        "Results/Client",
        "Results/Client/ID",
        "Results/PartnerKey=nil",
        "Results/PartnerProperties",
        "Results/PartnerProperties/Name",
        "Results/PartnerProperties/Value",
        "Results/PartnerProperties",
        "Results/PartnerProperties/Name",
        "Results/PartnerProperties/Value",
        "Results/ObjectID=nil",
        "Results/SendID",
        "Results/SubscriberKey",
        "Results/EventDate",
        "Results/EventType",
        "Results/TriggeredSendDefinitionObjectID",
        "Results/BatchID",
    ]


def test_properties_without_an_element_come_by_their_names(mailing: Call) -> None:
    sent = send(mailing.account, "ada")

    answer = retrieve(mailing, "SentEvent", ["SubscriberID", "ListID"])

    (message,) = messages(mailing.account, sent)
    assert pairs_of(answer) == {
        "SubscriberID": str(message["subscriber_id"]),
        "ListID": str(message["list_id"]),
    }


def pairs_of(answer: etree._Element) -> dict[str, str]:
    (result,) = results(answer)
    names = result.findall("{*}PartnerProperties/{*}Name")
    values = result.findall("{*}PartnerProperties/{*}Value")
    return {name.text or "": value.text or "" for name, value in zip(names, values, strict=True)}


@pytest.mark.parametrize(
    ("object_type", "kind", "properties", "expected"),
    [
        (
            "ClickEvent",
            "click",
            ["URL", "URLID", "URLIDLong"],
            {
                "URL": "https://www.example.com/start",
                "URLID": "40001",
                "URLIDLong": "40001",
            },
        ),
        (
            "BounceEvent",
            "softbounce",
            ["SMTPCode", "BounceCategory", "SMTPReason", "BounceType", "EventType"],
            {
                "SMTPCode": "452",
                "BounceCategory": "Soft bounce",
                "SMTPReason": "452 4.2.2 <ada@mail.example>: mailbox over quota",
                "BounceType": "immediate",
                "EventType": "SoftBounce",
            },
        ),
        (
            "BounceEvent",
            "hardbounce",
            ["BounceCategory", "EventType"],
            {"BounceCategory": "Hard bounce", "EventType": "HardBounce"},
        ),
        (
            "BounceEvent",
            "blockbounce",
            ["BounceCategory", "EventType"],
            {"BounceCategory": "Block bounce", "EventType": "OtherBounce"},
        ),
        (
            "UnsubEvent",
            "unsub",
            ["List.ID", "IsMasterUnsubscribed"],
            {"List.ID": "8421", "IsMasterUnsubscribed": "true"},
        ),
        (
            "SurveyEvent",
            "survey",
            ["Question", "Answer"],
            {"Question": "How useful was this message?", "Answer": "Very"},
        ),
        (
            "ForwardedEmailOptInEvent",
            "optin",
            ["OptInSubscriberKey"],
            {"OptInSubscriberKey": "friend-of-ada"},
        ),
        ("ForwardedEmailEvent", "forward", ["EventType"], {"EventType": "ForwardedEmail"}),
    ],
)
def test_each_kind_has_properties_of_its_own(
    mailing: Call, object_type: str, kind: str, properties: list[str], expected: dict[str, str]
) -> None:
    happen(mailing.account, kind, send(mailing.account, "ada"))

    assert seen(mailing, object_type, *properties) == [expected]


def test_an_unsubscribe_from_a_list_of_its_own_is_not_a_master_one(call: Call) -> None:
    news = make_list(call.account, "News")
    make_definition(call.account, list_id=news)
    make_subscriber(call.account, "ada")
    happen(call.account, "unsub", send(call.account, "ada"))

    found = seen(call, "UnsubEvent", "List.ID", "IsMasterUnsubscribed")

    assert found == [{"List.ID": str(news), "IsMasterUnsubscribed": "false"}]


@pytest.mark.parametrize("name", ["ID", "ObjectID", "CreatedDate", "ModifiedDate", "PartnerKey"])
@pytest.mark.parametrize("object_type", [each.object_type for each in TRACKING_EVENTS])
def test_properties_that_clients_ask_for_and_no_event_has_are_taken(
    mailing: Call, object_type: str, name: str
) -> None:
    answer = retrieve(mailing, object_type, [name])

    assert overall_status(answer) == "OK"


@pytest.mark.parametrize(
    ("object_type", "name"),
    [
        ("BounceEvent", "BounceReason"),
        ("UnsubEvent", "ListID"),
        ("UnsubEvent", "UnsubscribeType"),
        ("UnsubEvent", "OptOut"),
        ("OpenEvent", "URL"),
        ("NotSentEvent", "ErrorCode"),
    ],
)
def test_properties_that_the_live_service_rejects_are_rejected(
    mailing: Call, object_type: str, name: str
) -> None:
    answer = retrieve(mailing, object_type, [name])

    assert overall_status(answer) == (
        f"Error: The Request Property(s) {name} do not match with the fields of {object_type} retrieve"
    )


# SubscriberID, by which the documented flow filters every kind.

OTHERS = [each.object_type for each in TRACKING_EVENTS if each.object_type != "SentEvent"]


@pytest.mark.parametrize("object_type", OTHERS)
def test_every_kind_can_be_filtered_by_subscriber_id_with_a_warning(
    mailing: Call, object_type: str
) -> None:
    sent = send(mailing.account, "ada")
    (message,) = messages(mailing.account, sent)
    condition = simple("SubscriberID", "equals", str(message["subscriber_id"]))

    answer = retrieve(mailing, object_type, ["SendID"], condition)

    assert overall_status(answer) == "OK"
    assert mailing.warnings == [
        f"SubscriberID is not a property of {object_type} in the live service, which refuses it; "
        "filter by SendID, BatchID and SubscriberKey"
    ]


@pytest.mark.parametrize("object_type", OTHERS)
def test_strict_accounts_refuse_the_filter_by_subscriber_id(
    mailing: Call, object_type: str
) -> None:
    mailing.account.strict = True

    answer = retrieve(mailing, object_type, ["SendID"], simple("SubscriberID", "equals", "7"))

    assert overall_status(answer) == (
        "Error: The Filter Property 'SubscriberID' is not a retrievable property."
    )


@pytest.mark.parametrize("strict", [False, True])
def test_sent_events_are_filtered_by_subscriber_id_without_a_word(
    mailing: Call, strict: bool
) -> None:
    mailing.account.strict = strict

    answer = retrieve(mailing, "SentEvent", ["SendID"], simple("SubscriberID", "equals", "7"))

    assert overall_status(answer) == "OK"
    assert mailing.warnings == []


# Filters.


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (simple("EventDate", "greaterThan", "2026-01-01T13:00:00"), [2, 3]),
        (simple("EventDate", "greaterThanOrEqual", "2026-01-01T13:00:00"), [1, 2, 3]),
        (simple("EventDate", "lessThan", "2026-01-01T14:00:00"), [0, 1]),
        (simple("EventDate", "equals", "2026-01-01T14:00:00"), [2]),
        (simple("EventDate", "between", "2026-01-01T13:00:00", "2026-01-01T14:00:00"), [1, 2]),
        (simple("EventDate", "greaterThan", "2026-01-01T20:00:00Z"), [3]),
        (simple("EventDate", "greaterThan", "2026-01-01T21:00:00+01:00"), [3]),
        (simple("EventDate", "greaterThan", "1/1/2026 2:00:00 PM"), [3]),
        (
            simple(
                "EventDate",
                "between",
                dates=("2026-01-01T13:00:00-06:00", "2026-01-01T20:00:00Z"),
            ),
            [1, 2],
        ),
        (simple("SubscriberKey", "equals", "S2"), [2]),
        (simple("SubscriberKey", "IN", "s1", "s3"), [1, 3]),
        (simple("SubscriberKey", "like", "s"), [0, 1, 2, 3]),
        (simple("BatchID", "greaterThan", "2"), [2, 3]),
        (simple("SendID", "equals", "1"), []),
        (simple("EventType", "equals", "Sent"), [0, 1, 2, 3]),
        (
            joint(
                "OR",
                simple("SubscriberKey", "equals", "s0"),
                simple("SubscriberKey", "equals", "s3"),
            ),
            [0, 3],
        ),
    ],
)
def test_events_are_found_by_filters(call: Call, condition: Struct, found: list[int]) -> None:
    """Four sends, an hour apart, the first at noon; times without a zone are server time."""
    make_definition(call.account)
    for number in range(4):
        send(call.account, Recipient(f"s{number}", f"s{number}@mail.example"))
        advance(call.account, hours=1)

    keys = seen(call, "SentEvent", "SubscriberKey", condition=condition)

    assert keys == [{"SubscriberKey": f"s{number}"} for number in found]


def test_events_of_all_jobs_of_a_definition_are_found_by_its_object_id(mailing: Call) -> None:
    other = make_definition(mailing.account, "other")
    send(mailing.account, "ada")
    send(mailing.account, "ada", key="other")
    condition = simple("TriggeredSendDefinitionObjectID", "equals", other.object_id)

    found = seen(mailing, "SentEvent", "SendID", condition=condition)

    assert found == [{"SendID": str(other.job_id)}]


# New results since the last call.


def news(call: Call, object_type: str = "SentEvent", **more: bool) -> list[str]:
    """Return the SubscriberKeys of a RetrieveAllSinceLastBatch."""
    found = seen(call, object_type, "SubscriberKey", RetrieveAllSinceLastBatch=True, **more)
    return [each["SubscriberKey"] for each in found]


def test_an_event_is_shown_once_since_the_last_batch(mailing: Call) -> None:
    send(mailing.account, "ada")
    first = news(mailing)

    second = news(mailing)

    assert (first, second) == (["ada"], [])


def test_an_event_of_the_same_time_is_still_new(mailing: Call) -> None:
    """With a frozen clock, all times are equal."""
    send(mailing.account, "bob@mail.example")
    news(mailing)
    send(mailing.account, "ada")

    found = news(mailing)

    assert found == ["ada"]


def test_an_event_is_new_when_it_becomes_visible(mailing: Call) -> None:
    simulation_settings.choose_lag(mailing.account, "worst")
    send(mailing.account, "ada")
    early = news(mailing)
    advance(mailing.account, hours=4)

    late = news(mailing)

    assert (early, late) == ([], ["ada"])


def test_an_event_to_come_is_new_when_its_time_has_come(mailing: Call) -> None:
    sent = send(mailing.account, "ada")
    happen(mailing.account, "open", sent, after=timedelta(hours=1))
    early = news(mailing, "OpenEvent")
    advance(mailing.account, hours=1)

    late = news(mailing, "OpenEvent")

    assert (early, late) == ([], ["ada"])


def test_the_last_result_is_repeated_until_the_next(mailing: Call) -> None:
    send(mailing.account, "ada")
    news(mailing)
    send(mailing.account, "bob@mail.example")

    repeated = news(mailing, RepeatLastResult=True)

    assert repeated == ["ada"]
    assert news(mailing) == ["bob@mail.example"]


def test_each_question_has_a_bookmark_of_its_own(mailing: Call) -> None:
    send(mailing.account, "ada")
    news(mailing)

    with_filter = seen(
        mailing,
        "SentEvent",
        "SubscriberKey",
        condition=simple("SubscriberKey", "equals", "ada"),
        RetrieveAllSinceLastBatch=True,
    )

    assert with_filter == [{"SubscriberKey": "ada"}]


def test_events_can_only_be_retrieved(mailing: Call) -> None:
    answer = write_objects(mailing, "Create", struct("SentEvent", SendID=1))

    assert status(answer) == ("Error", "Cannot perform Create on objects of type SentEvent", 5)


def test_every_event_is_a_tracking_event(mailing: Call) -> None:
    send(mailing.account, "ada+open@mock.test")

    found = fields(retrieve(mailing, "TrackingEvent", ["EventType", "SubscriberKey"]))

    assert [row["EventType"] for row in found] == ["Sent", "DeliveredEvent", "Open"]
