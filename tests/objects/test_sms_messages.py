"""Text messages and phone calls: behaviour that other objects do not have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import fields, retrieve, simple, status, struct, write_objects
from tests.support.sending import make_list, make_subscriber

from sfmc_mock.account.subscribers import join_list
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS
from sfmc_mock.wire.struct import Struct


@pytest.fixture
def call(call: Call) -> Call:
    """A call on an account with a definition, a list whose subscriptions it respects, and three subscribers."""
    number = make_list(call.account, "texts", classification="PublicationList")
    make_subscriber(call.account, "ada")
    out = make_subscriber(call.account, "bob")
    join_list(call.account, out, number, "Unsubscribed")
    make_subscriber(call.account, "cyd", status="Unsubscribed")
    definition = struct(
        "SMSTriggeredSendDefinition",
        CustomerKey="reminder",
        Name="Reminder",
        Publication={"CustomerKey": "texts"},
    )
    assert status(write_objects(call, "Create", definition))[0] == "OK"
    return call


def text_to(key: str, **changes: Any) -> Struct:
    """Return a message to a subscriber; parts given as None are left out."""
    sent = {
        "SMSTriggeredSendDefinition": {"CustomerKey": "reminder"},
        "Subscriber": {"SubscriberKey": key},
        "Message": "See you at nine",
        "Number": "(317) 555-0199",
        **changes,
    }
    return struct("SMSTriggeredSend", {name: each for name, each in sent.items() if each})


def test_a_message_is_kept_and_has_an_event(call: Call) -> None:
    answer = write_objects(call, "Create", text_to("ada"))

    assert status(answer) == ("OK", "Created SMSTriggeredSend", 0)
    (sent,) = fields(
        retrieve(
            call,
            "SMSTriggeredSend",
            ["SmsSendId", "Message", "Number", "SMSTriggeredSendDefinition.CustomerKey"],
        )
    )
    assert sent["Number"] == "3175550199"
    assert sent["SMSTriggeredSendDefinition.CustomerKey"] == "reminder"
    condition = simple("Subscriber.SubscriberKey", "equals", "ada")
    (event,) = fields(
        retrieve(call, "SMSMTEvent", ["SMSTriggeredSend.SmsSendId", "EventDate"], condition)
    )
    assert event["SMSTriggeredSend.SmsSendId"] == sent["SmsSendId"]


def test_the_text_is_that_of_the_definition_s_content_without_one(call: Call) -> None:
    write_objects(
        call, "Create", struct("ContentArea", CustomerKey="c", Name="C", Content="From content")
    )
    changed = struct(
        "SMSTriggeredSendDefinition", CustomerKey="reminder", Content={"CustomerKey": "c"}
    )
    assert status(write_objects(call, "Update", changed))[0] == "OK"

    write_objects(call, "Create", text_to("ada", Message=None))

    assert fields(retrieve(call, "SMSTriggeredSend", ["Message"])) == [{"Message": "From content"}]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (text_to("ada", SMSTriggeredSendDefinition=None), 33000),
        (text_to("ada", SMSTriggeredSendDefinition={"CustomerKey": "nobody's"}), 33001),
        (text_to("ada", SMSTriggeredSendDefinition={"Name": "Reminder"}), 33002),
        (text_to("ada", Message=None), 33003),
        (text_to("ada", Message="x" * 161), 33004),
        (text_to("ada", Message="ü" * 71), 33004),
        (
            text_to(
                "ada",
                Message="\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") * 71,
            ),
            33004,
        ),
        (text_to("ada", Message="a\x07b"), 33005),
        (text_to("ada", FromAddress="99999"), 33006),
        (text_to("ada", Subscriber=None), 33100),
        (text_to("dan", Number=None), 33101),
        (text_to("ada", Number="0049 30 1234567"), 33102),
        (text_to("bob"), 33300),
        (text_to("cyd"), 33301),
    ],
)
def test_a_message_that_cannot_leave_is_refused(call: Call, sent: Struct, code: int) -> None:
    answer = write_objects(call, "Create", sent)

    assert status(answer)[2] == code
    assert call.account.db.count("sms_triggered_send") == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SendToList": True}, 441003),
        ({"DataExtension": {"Name": "Any"}}, 441003),
        ({"ObjectID": True, "CustomerKey": "other"}, 441001),
    ],
)
def test_a_definition_that_does_not_fit_is_refused(
    call: Call, changes: dict[str, Any], code: int
) -> None:
    if changes.get("ObjectID"):
        (row,) = call.account.db.find_all("sms_triggered_send_definition")
        changes = {**changes, "ObjectID": row["object_id"]}

    sent = struct("SMSTriggeredSendDefinition", {"CustomerKey": "reminder", **changes})

    assert status(write_objects(call, "Update", sent))[2] == code


def test_a_shared_keyword_is_taken_once_and_not_blocked(call: Call) -> None:
    def keyword(name: str, code: str = "12345") -> int:
        sent = struct("SMSSharedKeyword", ShortCode=code, SharedKeyword=name)
        return status(write_objects(call, "Create", sent))[2]

    assert [keyword("SALE"), keyword("sale"), keyword("STOP"), keyword("NEWS", "none")] == [
        0,
        346003,
        346004,
        346005,
    ]


def test_a_message_leaves_from_a_short_code_of_the_account(call: Call) -> None:
    write_objects(
        call, "Create", struct("SMSSharedKeyword", ShortCode="12345", SharedKeyword="SALE")
    )

    answer = write_objects(call, "Create", text_to("ada", FromAddress="12345"))

    assert status(answer)[0] == "OK"


@pytest.mark.parametrize(
    ("left_out", "code"),
    [
        ("VoiceTriggeredSendDefinition", 32000),
        ("Subscriber", 32001),
        ("Number", 32002),
        ("Message", 32002),
        ("", 0),
    ],
)
def test_a_phone_call_needs_all_parts_and_warns_that_none_is_made(
    call: Call, left_out: str, code: int
) -> None:
    definitions = HANDLERS["VoiceTriggeredSendDefinition"]
    assert isinstance(definitions, StoredObject)
    definitions.insert(
        call, struct("VoiceTriggeredSendDefinition", CustomerKey="call", Name="Call")
    )
    parts = {
        "VoiceTriggeredSendDefinition": {"CustomerKey": "call"},
        "Subscriber": {"SubscriberKey": "ada"},
        "Message": "See you at nine",
        "Number": "3175550199",
    }
    parts.pop(left_out, None)

    answer = write_objects(call, "Create", struct("VoiceTriggeredSend", parts))

    assert status(answer)[2] == code
    assert any("no phone call" in each for each in call.warnings) is (code == 0)
