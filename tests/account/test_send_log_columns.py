"""Send-log columns filled from personalization strings and AMPscript variables."""

from __future__ import annotations

import pytest
from tests.support.messages import struct, write_objects
from tests.support.sending import (
    log_rows,
    make_attribute,
    make_definition,
    make_log,
    send,
)

from sfmc_mock.account import Account
from sfmc_mock.account.data_extensions import send_log
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import HANDLERS

STRINGS = ("emailaddr", "_SubscriberKey", "subscriberid", "memberid", "_emailid", "emailname_")
ADA = "ada@mock.test"


def write(account: Account, html: str) -> None:
    """Replace the content of the definition's email."""
    row = account.db.find("email") or {}
    account.db.update("email", {"html_body": html}, id=row["id"])


@pytest.mark.parametrize("strict", [False, True])
def test_columns_called_like_personalization_strings_are_filled(
    account: Account, strict: bool
) -> None:
    account.strict = strict
    make_log(account, *STRINGS, "xtyear")
    make_definition(account)

    send(account, ADA)

    email = account.db.find("email") or {}
    subscriber = account.db.find("subscriber", subscriber_key=ADA) or {}
    (row,) = log_rows(account, *STRINGS, "xtyear")
    assert row == (
        ADA,
        ADA,
        str(subscriber["id"]),
        str(account.mid),
        str(email["id"]),
        email["name"],
        "2026",
    )


@pytest.mark.parametrize("strict", [False, True])
def test_columns_called_like_variables_are_filled(account: Account, strict: bool) -> None:
    account.strict = strict
    make_attribute(account, "Shade")
    write(account, "%%[ SET @Colour = 'red' SET @Tone = Shade SET @Sum = Add(1, 2) ]%%")
    make_log(account, "Colour", "Tone", "Sum")
    make_definition(account)

    send(account, ADA, attributes={"Shade": "dark"})

    assert log_rows(account, "Colour", "Tone", "Sum") == [("red", "dark", None)]


def test_an_attribute_of_a_call_goes_before_a_variable_of_its_name(account: Account) -> None:
    make_attribute(account, "Colour")
    write(account, "%%[ SET @Colour = 'red' ]%%")
    make_log(account, "Colour")
    make_definition(account)

    send(account, ADA, attributes={"Colour": "blue"})

    assert log_rows(account, "Colour") == ["blue"]


def test_a_log_without_such_columns_asks_for_nothing_more(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_log(account)
    make_definition(account)
    log = send_log(account)
    monkeypatch.setattr("sfmc_mock.account.send_log_columns.assignments", None)

    send(account, ADA)

    assert log is not None
    assert len(log_rows(account)) == 1


def test_a_variable_that_only_a_script_knows_is_a_warning(call: Call) -> None:
    write(call.account, "%%[ SET @Sum = Add(1, 2) ]%%")
    make_log(call.account, "Sum")
    make_definition(call.account)
    sent = struct(
        "TriggeredSend",
        {
            "TriggeredSendDefinition": {"CustomerKey": "welcome"},
            "Subscribers": [{"SubscriberKey": "ada", "EmailAddress": ADA}],
        },
    )

    write_objects(call, "Create", sent)

    (warning,) = call.warnings
    assert warning.startswith(
        "the column 'sum' of the send log is called like the AMPscript variable @sum"
    )


def test_the_additional_text_of_a_send_has_a_string_of_its_own(call: Call) -> None:
    make_log(call.account, "additionalinfo_", "_listname")
    definition = struct(
        "EmailSendDefinition",
        {
            "CustomerKey": "news",
            "Name": "news",
            "SendClassification": {"CustomerKey": "Default Commercial"},
            "Email": {"CustomerKey": "send-logging-example"},
            "TestEmailAddr": ADA,
            "Additional": "spring",
            "IsSendLogging": True,
        },
    )
    write_objects(call, "Create", definition)
    named = struct("EmailSendDefinition", {"CustomerKey": "news"})

    HANDLERS["EmailSendDefinition"].act(call, "Perform", "test", named)

    assert log_rows(call.account, "additionalinfo_", "_listname") == [("spring", "All Subscribers")]
