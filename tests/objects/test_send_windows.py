"""Restrictions of an email send definition: send window, limit and exclusion filter."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import (
    act_on,
    fields,
    result_of,
    retrieve,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.sending import (
    advance,
    events,
    give_status,
    make_attribute,
    make_list,
    make_subscriber,
    messages,
)

from sfmc_mock.account.subscribers import join_list
from sfmc_mock.declarations.call import Call

NEWS = struct("EmailSendDefinition", CustomerKey="news")
READERS = ("ada", "bob", "cyd", "dan", "eve")


@pytest.fixture
def call(call: Call) -> Call:
    """A call on an account with a list of five readers, and a definition that sends to it; it is noon."""
    number = make_list(call.account, "News")
    for key in READERS:
        join_list(call.account, make_subscriber(call.account, key), number)
    source = {
        "List": {"ID": number},
        "SendDefinitionListType": "SourceList",
        "DataSourceTypeID": "List",
    }
    made = struct(
        "EmailSendDefinition",
        CustomerKey="news",
        Name="News",
        SendClassification={"CustomerKey": "Default Commercial"},
        Email={"CustomerKey": "send-logging-example"},
        SendDefinitionList=[source],
    )
    assert status(write_objects(call, "Create", made))[0] == "OK"
    return call


def limit(call: Call, **said: Any) -> None:
    """Change the definition."""
    sent = struct("EmailSendDefinition", {"CustomerKey": "news", **said})
    assert status(write_objects(call, "Update", sent)) == (
        "OK",
        "EmailSendDefinition updated",
        0,
    )


def start(call: Call, action: str = "start") -> int:
    result = result_of(act_on(call, "Perform", action, NEWS))
    assert result.text("StatusCode") == "OK"
    return int(result.text_at("Task.ID") or 0)


def sent(call: Call) -> list[tuple[object, str]]:
    """Return the recipients with the day and hour of their messages."""
    call.account.settle()
    return [
        (event["subscriber_key"], str(event["happens_at"])[8:16])
        for event in events(call.account)
        if event["type"] == "Sent"
    ]


def job(call: Call, number: int, *names: str) -> dict[str, str]:
    (found,) = fields(retrieve(call, "Send", names, simple("ID", "equals", str(number))))
    return found


@pytest.mark.parametrize(
    ("opens", "closes", "first"),
    [
        ("09:00:00", "17:00:00", "01T12:00"),
        ("14:00:00", "17:00:00", "01T14:00"),
        ("08:00:00", "12:00:00", "02T08:00"),
        ("22:00", "06:00", "01T22:00"),
        ("11:00:00", "06:00:00", "01T12:00"),
        ("20:30:00Z", "23:00:00Z", "01T14:30"),
        ("2024-05-01T13:00:00", None, "01T13:00"),
        (None, "11:00:00", "02T00:00"),
    ],
)
def test_messages_leave_while_the_send_window_is_open(
    call: Call, opens: str | None, closes: str | None, first: str
) -> None:
    limit(call, SendWindowOpen=opens, SendWindowClose=closes)

    start(call)
    advance(call.account, days=2)

    assert sent(call) == [(key, first) for key in READERS]


def test_a_job_that_waits_says_so_and_can_be_canceled(call: Call) -> None:
    limit(call, SendWindowOpen="14:00:00", SendWindowClose="17:00:00", SendLimit=3)

    number = start(call)

    assert call.warnings == [
        f"the send window is shut: job {number} is sent from 2026-01-01T14:00:00.000 on"
    ]
    assert job(call, number, "Status", "SendDate", "SendLimit", "SendWindowOpen") == {
        "Status": "Scheduled",
        "SendDate": "2026-01-01T14:00:00",
        "SendLimit": "3",
        "SendWindowOpen": "14:00:00",
    }
    act_on(call, "Perform", "cancel", struct("Send", ID=number))
    advance(call.account, days=2)
    assert sent(call) == []


def test_messages_above_the_limit_leave_in_the_next_windows(call: Call) -> None:
    give_status(call.account, "bob", "Unsubscribed")
    limit(call, SendWindowOpen="10:00:00", SendWindowClose="16:00:00", SendLimit=2)

    number = start(call)
    at_once = job(call, number, "Status", "NumberSent")
    advance(call.account, days=3)

    assert at_once == {"Status": "Scheduled", "NumberSent": "2"}
    assert sent(call) == [
        *(("ada", "01T12:00"), ("cyd", "01T12:00")),
        *(("dan", "02T10:00"), ("eve", "02T10:00")),
    ]
    # Bob, who is unsubscribed, takes no place, and is decided on once.
    assert [row["subscriber_key"] for row in messages(call.account)].count("bob") == 1
    assert job(call, number, "Status", "NumberSent", "NumberExcluded", "Duplicates") == {
        **{"Status": "Complete", "NumberSent": "4", "NumberExcluded": "1", "Duplicates": "0"},
    }


def test_a_job_between_two_windows_can_be_paused(call: Call) -> None:
    limit(call, SendWindowOpen="10:00:00", SendWindowClose="16:00:00", SendLimit=4)
    number = start(call)

    act_on(call, "Perform", "pause", struct("Send", ID=number))
    advance(call.account, days=2)
    act_on(call, "Perform", "resume", struct("Send", ID=number))

    assert sent(call)[4:] == [("eve", "03T12:00")]


def test_who_joins_or_leaves_between_two_windows_is_sent_to_or_not(call: Call) -> None:
    limit(call, SendWindowOpen="10:00:00", SendWindowClose="16:00:00", SendLimit=3)
    start(call)
    (news,) = call.account.db.find_all("list", name="News")
    join_list(call.account, make_subscriber(call.account, "aaa"), news["id"])
    give_status(call.account, "eve", "Unsubscribed")

    advance(call.account, days=1)

    assert {key for key, _ in sent(call)} == {"aaa", "ada", "bob", "cyd", "dan"}


def test_a_deleted_window_limits_nothing(call: Call) -> None:
    limit(call, SendWindowOpen="14:00:00", SendWindowClose="17:00:00", SendLimit=2)
    limit(call, SendWindowDelete=True)

    start(call)

    assert len(sent(call)) == 5
    asked = ["SendWindowOpen", "SendWindowClose", "SendLimit"]
    (found,) = fields(retrieve(call, "EmailSendDefinition", asked))
    assert found["SendLimit"] == "2"
    assert "SendWindowOpen" not in found


def test_a_limit_without_a_window_is_a_warning(call: Call) -> None:
    limit(call, SendLimit=2)

    assert call.warnings == [
        "SendLimit of an EmailSendDefinition has no effect without a send window: it is the number of messages in one. "
        "Give SendWindowOpen or SendWindowClose"
    ]
    start(call)
    assert len(sent(call)) == 5


def test_an_exclusion_filter_leaves_out_whom_it_is_true_of(call: Call) -> None:
    make_attribute(call.account, "City")
    bob = struct("Subscriber", SubscriberKey="bob", Attributes=[{"Name": "City", "Value": "Bonn"}])
    write_objects(call, "Update", bob)
    limit(call, ExclusionFilter='[City] == "bonn" OR _subscriberkey == "eve"')

    number = start(call)

    assert not call.warnings
    assert [key for key, _ in sent(call)] == ["ada", "cyd", "dan"]
    assert job(call, number, "NumberExcluded") == {"NumberExcluded": "2"}
    bob_row = next(row for row in messages(call.account) if row["subscriber_key"] == "bob")
    assert '[City] == \\"bonn\\"' in bob_row["decision"]


def test_an_exclusion_filter_looks_rows_up(call: Call) -> None:
    blocked = struct(
        "DataExtension",
        CustomerKey="blocked",
        Name="Blocked",
        Fields={"Field": [{"Name": "Who", "FieldType": "Text"}]},
    )
    row = {"Property": [{"Name": "Who", "Value": "CYD"}]}
    write_objects(call, "Create", blocked)
    write_objects(
        call, "Create", struct("DataExtensionObject", CustomerKey="blocked", Properties=row)
    )
    limit(call, ExclusionFilter='RowCount(LookupRows("Blocked", "Who", _subscriberkey)) > 0')

    start(call)

    assert [key for key, _ in sent(call)] == ["ada", "bob", "dan", "eve"]


def test_an_exclusion_filter_that_is_not_evaluated_is_a_warning(call: Call) -> None:
    limit(call, ExclusionFilter="HTTPGet('http://mock.test') == 1")

    (warning,) = call.warnings
    assert warning.startswith(
        "ExclusionFilter of an EmailSendDefinition excludes no recipient: HTTPGet is none of the functions that are "
    )
    start(call)
    assert len(sent(call)) == 5


def test_a_start_tells_of_a_filter_of_a_seed_file_that_is_not_evaluated(call: Call) -> None:
    call.account.db.update(
        "email_send_definition", {"exclusion_filter": "HTTPGet('x') == 1"}, customer_key="news"
    )

    start(call)

    (warning,) = call.warnings
    assert warning.startswith(
        "ExclusionFilter of an EmailSendDefinition excludes no recipient: HTTPGet"
    )


def test_a_test_send_has_no_limits(call: Call) -> None:
    limit(
        call,
        ExclusionFilter="1 == 1",
        SendWindowOpen="14:00:00",
        SendLimit=1,
        TestEmailAddr="tester@mock.test",
    )

    start(call, "test")

    assert [key for key, _ in sent(call)] == ["tester@mock.test"]


def test_a_scheduled_start_waits_for_the_window(call: Call) -> None:
    limit(call, SendWindowOpen="14:00:00", SendWindowClose="17:00:00")
    schedule = {
        "Recurrence": {
            "xsi:type": "DailyRecurrence",
            "DailyRecurrencePatternType": "Interval",
            "DayInterval": 1,
        },
        "RecurrenceType": "Daily",
        "RecurrenceRangeType": "EndAfter",
        "StartDateTime": "2026-01-02T09:00:00",
        "Occurrences": 1,
    }

    act_on(call, "Schedule", "start", NEWS, schedule=schedule)
    advance(call.account, days=3)

    assert sent(call) == [(key, "02T14:00") for key in READERS]


def test_a_limit_below_zero_is_a_warning(call: Call) -> None:
    limit(call, SendWindowOpen="10:00:00", SendLimit=-3)

    assert call.warnings == [
        "SendLimit -3 of an EmailSendDefinition limits nothing: give a number above 0"
    ]


def test_a_window_is_not_changed_to_close_when_it_opens(call: Call) -> None:
    limit(call, SendWindowOpen="10:00:00", SendWindowClose="16:00:00")

    sent = struct("EmailSendDefinition", CustomerKey="news", SendWindowClose="10:00")

    assert status(write_objects(call, "Update", sent))[2] == 42109
