"""Send: an email to lists, now or later."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import (
    act_on,
    fields,
    only_result,
    overall_status,
    result_of,
    retrieve,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.sending import (
    advance,
    make_definition,
    make_list,
    make_subscriber,
    messages,
)
from tests.support.sending import (
    send as trigger,
)

from sfmc_mock.account.subscribers import join_list
from sfmc_mock.declarations.call import Call
from sfmc_mock.wire.struct import Struct

BODY = "<p>Hi</p><a href='%%unsub_center_url%%'>bye</a> %%Member_Addr%%"
TOMORROW = "2026-01-02T09:00:00"


@pytest.fixture
def news(call: Call) -> int:
    """A list with two members, and an email `whole` with all required elements."""
    write_objects(
        call,
        "Create",
        struct(
            "Email", {"CustomerKey": "whole", "Name": "Whole", "HTMLBody": BODY, "Subject": "S"}
        ),
    )
    number = make_list(call.account, "News")
    for key in ("ada", "bob"):
        join_list(call.account, make_subscriber(call.account, key), number)
    return number


def described(number: int, **more: Any) -> Struct:
    values = {"Email": {"CustomerKey": "whole"}, "List": [{"ID": number}], **more}
    return struct("Send", values)


def create(call: Call, number: int, **more: Any) -> int:
    """Create a send, and return its ID."""
    answer = write_objects(call, "Create", described(number, **more))
    assert status(answer)[0] == "OK", status(answer)
    return only_result(answer).number("NewID") or 0


def row(call: Call, number: int, *properties: str) -> dict[str, str]:
    (found,) = fields(retrieve(call, "Send", properties, simple("ID", "equals", str(number))))
    return found


def perform(call: Call, action: str, **sent: Any) -> Struct:
    return result_of(act_on(call, "Perform", action, struct("Send", sent)))


def recipients(call: Call) -> list[str | None]:
    return [message["subscriber_key"] for message in messages(call.account)]


def test_a_send_goes_to_its_lists_at_once(call: Call, news: int) -> None:
    number = create(
        call, news, FromName="Ann", FromAddress="ann@mock.test", Subject="Now", Additional="spring"
    )

    found = row(
        call,
        number,
        *("Status", "NumberSent", "FromName", "FromAddress", "Subject", "Additional", "IsAlwaysOn"),
    )
    assert found == {
        "Status": "Complete",
        "NumberSent": "2",
        "FromName": "Ann",
        "FromAddress": "ann@mock.test",
        "Subject": "Now",
        "Additional": "spring",
        "IsAlwaysOn": "false",
    }
    assert call.warnings == []


def test_the_echo_has_the_id(call: Call, news: int) -> None:
    result = only_result(write_objects(call, "Create", described(news)))

    assert result.number("NewID") == result.at("Object.ID")


def test_the_clicks_of_a_send_are_counted_by_its_links(call: Call, news: int) -> None:
    with_link = f"{BODY}<a href='https://mock.test/a'>a</a>"
    write_objects(
        call,
        "Update",
        struct("Email", {"CustomerKey": "whole", "HTMLBody": with_link}),
    )
    number = create(call, news)

    found = fields(retrieve(call, "LinkSend", ["SendID", "Link.URL"]))

    assert {"SendID": str(number), "Link.URL": "https://mock.test/a"} in found


def test_a_send_with_a_date_to_come_waits_for_it(call: Call, news: int) -> None:
    number = create(call, news, SendDate=TOMORROW)
    before = row(call, number, "Status", "SendDate", "NumberSent", "SentDate")

    advance(call.account, days=1)

    assert before == {"Status": "Scheduled", "SendDate": TOMORROW, "NumberSent": "0"}
    assert row(call, number, "Status", "SentDate", "NumberSent") == {
        "Status": "Complete",
        "SentDate": TOMORROW,
        "NumberSent": "2",
    }


def test_a_send_whose_email_is_gone_is_canceled(call: Call, news: int) -> None:
    number = create(call, news, SendDate=TOMORROW)

    deleted = status(write_objects(call, "Delete", struct("Email", {"CustomerKey": "whole"})))
    advance(call.account, days=1)

    assert deleted[0] == "OK"
    assert row(call, number, "Status")["Status"] == "Canceled"


@pytest.mark.parametrize("when", ["9999-12-31T23:59:59.999", "0001-01-01T00:00:00"])
def test_a_send_dated_at_the_end_of_the_calendar_goes_at_once(
    call: Call, news: int, when: str
) -> None:
    number = create(call, news, SendDate=when)

    advance(call.account, days=1)

    assert row(call, number, "Status", "NumberSent") == {"Status": "Complete", "NumberSent": "2"}


def test_a_send_with_a_past_date_goes_at_once(call: Call, news: int) -> None:
    number = create(call, news, SendDate="2025-12-31T09:00:00")

    assert row(call, number, "Status")["Status"] == "Complete"


def test_a_send_can_bring_its_email_and_its_list(call: Call, news: int) -> None:
    people = [
        {"SubscriberKey": "ada", "EmailAddress": "ada@mail.example"},
        {"SubscriberKey": "cy", "EmailAddress": "cy@mail.example"},
        {"SubscriberKey": "cy", "EmailAddress": "cy@mail.example"},
    ]
    number = create(
        call,
        news,
        Email={"Name": "Fresh", "HTMLBody": BODY, "Subject": "Fresh"},
        List=[{"ListName": "Fresh people", "Subscribers": people}],
    )

    assert recipients(call) == ["ada", "cy"]
    assert row(call, number, "EmailName", "Subject") == {"EmailName": "Fresh", "Subject": "Fresh"}
    assert call.account.db.count("list", name="Fresh people") == 1


@pytest.mark.parametrize(
    ("more", "code", "text"),
    [
        ({"Email": None}, 7001, "An email ID, Partner Key, or body must be specified"),
        ({"List": []}, 7002, "A list must be specified"),
        ({"List": [{"ListName": "none"}]}, 7003, "No lists were created to send to"),
        (
            {"List": [{"ID": 999_999}]},
            7004,
            "Error creating/updating lists. List creations failed:",
        ),
        (
            {"List": [{"Subscribers": [{"SubscriberKey": "x", "EmailAddress": "x"}]}]},
            7004,
            "Error creating/updating lists. List creations failed: InvalidEmailAddress",
        ),
        ({"Email": {"PartnerKey": "none"}}, 7005, "Invalid E-mail partner key: none"),
        ({"Email": {"HTMLBody": BODY}}, 7006, "Email Creation Failed: Email Invalid"),
        ({"Email": {"ID": 999_999}}, 7007, "Unable to load email"),
        ({"Email": {"Name": "n", "HTMLBody": "%%First"}}, 7000, "Email failed validation: "),
    ],
)
def test_a_send_without_content_or_recipients_is_refused(
    call: Call, news: int, more: dict[str, Any], code: int, text: str
) -> None:
    found = status(write_objects(call, "Create", described(news, **more)))

    assert found[2] == code
    assert (found[1] or "").startswith(text)
    assert call.account.db.count("job") == 0


@pytest.mark.parametrize("strict", [False, True])
def test_an_email_without_address_and_way_out_is_refused_in_strict_mode_only(
    call: Call, news: int, strict: bool
) -> None:
    call.account.strict = strict

    found = status(
        write_objects(
            call, "Create", described(news, Email={"CustomerKey": "send-logging-example"})
        )
    )

    assert found[2] == (7000 if strict else 0)
    assert len(call.warnings) == (0 if strict else 2)


def test_a_waiting_send_can_be_changed(call: Call, news: int) -> None:
    number = create(call, news, SendDate=TOMORROW)
    other = make_list(call.account, "Other")
    join_list(call.account, make_subscriber(call.account, "cy"), other)

    answer = write_objects(
        call,
        "Update",
        struct(
            "Send",
            {
                "ID": number,
                "SendDate": "2026-01-03T09:00:00",
                "Subject": "Later",
                "List": [{"ID": other}],
            },
        ),
    )
    advance(call.account, days=1)
    before = row(call, number, "Status")["Status"]
    advance(call.account, days=1)

    assert status(answer)[0] == "OK"
    assert before == "Scheduled"
    assert row(call, number, "Status", "Subject") == {"Status": "Complete", "Subject": "Later"}
    assert recipients(call) == ["cy"]


def test_a_waiting_send_can_be_paused_resumed_and_canceled(call: Call, news: int) -> None:
    paused, canceled, resumed = (create(call, news, SendDate=TOMORROW) for _ in range(3))

    for number, action in ((paused, "pause"), (canceled, "Cancel"), (resumed, "pause")):
        result = perform(call, action, ID=number)
        assert (result.text("StatusCode"), result.text_at("Task.ID")) == ("OK", str(number))
    perform(call, "resume", ID=resumed)
    advance(call.account, days=2)
    states = [row(call, number, "Status")["Status"] for number in (paused, canceled, resumed)]
    perform(call, "resume", ID=paused)

    assert states == ["Paused", "Canceled", "Complete"]
    assert row(call, paused, "Status", "SentDate") == {
        "Status": "Complete",
        "SentDate": "2026-01-03T12:00:00",
    }


def test_a_deleted_send_is_not_sent_and_stays_to_be_read(call: Call, news: int) -> None:
    number = create(call, news, SendDate=TOMORROW)

    done = status(write_objects(call, "Delete", struct("Send", {"ID": number})))
    advance(call.account, days=2)

    assert done[0] == "OK"
    assert row(call, number, "Status")["Status"] == "Deleted"
    assert recipients(call) == []


@pytest.mark.parametrize("action", ["pause", "resume", "cancel"])
def test_a_send_that_has_left_cannot_be_stopped(call: Call, news: int, action: str) -> None:
    number = create(call, news)

    result = perform(call, action, ID=number)

    assert result.number("ErrorCode") == 2
    assert (result.text("StatusMessage") or "").startswith(
        f"Exception occurred during [Send::{action}]"
    )
    assert len(call.warnings) == 1


def test_a_send_of_a_triggered_definition_is_not_stopped_here(call: Call) -> None:
    make_definition(call.account)
    trigger(call.account, "ada@mail.example")
    (found,) = fields(retrieve(call, "Send", ["ID"]))

    result = perform(call, "pause", ID=int(found["ID"]))

    assert result.number("ErrorCode") == 2
    assert "triggered send definition" in call.warnings[0]


@pytest.mark.parametrize("sent", [{"ID": 1}, {}])
def test_a_missing_send_is_not_changed(call: Call, sent: dict[str, Any]) -> None:
    answers = [
        write_objects(call, operation, struct("Send", sent)) for operation in ("Update", "Delete")
    ]

    assert [status(answer)[2] for answer in answers] == [2, 2]


def test_without_an_id_the_action_does_not_count(call: Call, news: int) -> None:
    result = perform(call, "cancel", Email={"CustomerKey": "whole"}, List=[{"ID": news}])

    assert result.text("StatusCode") == "OK"
    assert row(call, int(result.text_at("Task.ID") or 0), "Status")["Status"] == "Complete"


def test_a_summary_shows_what_was_sent_and_of_which_kind(call: Call, news: int) -> None:
    number = create(call, news)
    make_definition(call.account, classification="Default Transactional")
    trigger(call.account, "cy@mail.example")

    found = fields(
        retrieve(
            call,
            "SendSummary",
            ["SendID", "TotalSent", "Transactional", "NonTransactional", "AccountID"],
        )
    )

    assert [
        (each["TotalSent"], each["Transactional"], each["NonTransactional"]) for each in found
    ] == [("2", "0", "2"), ("1", "1", "0")]
    assert found[0]["SendID"] == str(number)
    assert found[0]["AccountID"] == str(call.account.mid)


@pytest.mark.parametrize("strict", [False, True])
def test_an_id_and_its_date_find_nothing_of_the_live_service(
    call: Call, news: int, strict: bool
) -> None:
    number = create(call, news)
    call.account.strict = strict
    call.warnings.clear()
    condition = struct(
        "ComplexFilterPart",
        LeftOperand=simple("SentDate", "greaterThan", dates=["2020-01-01T00:00:00"]),
        LogicalOperator="AND",
        RightOperand=simple("ID", "equals", str(number)),
    )

    answer = retrieve(call, "Send", ["ID"], condition)

    assert overall_status(answer) == "OK"
    assert len(fields(answer)) == len(call.warnings) == (0 if strict else 1)
