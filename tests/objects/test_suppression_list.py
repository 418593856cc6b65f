"""Suppression lists: definitions with their contexts, addresses, and their effect on sends."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import fields, retrieve, status, struct, write_objects
from tests.support.sending import (
    explained,
    make_definition,
    make_list,
    make_subscriber,
    outcomes,
    send,
)

from sfmc_mock.account import Account
from sfmc_mock.account.sends import Recipient
from sfmc_mock.account.subscribers import join_list
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.seeds import dump, load, parse_seed
from sfmc_mock.store.database import Database
from sfmc_mock.wire.struct import Struct

ADA = "ada@mail.example"
EVERYWHERE = {"Context": "BusinessUnit"}


def suppress(call: Call, *contexts: dict[str, Any], **more: Any) -> Struct:
    """Create a suppression list with ada on it."""
    made = struct(
        "SuppressionListDefinition",
        CustomerKey="complainers",
        Name="Complainers",
        Contexts={"Context": list(contexts)},
        **more,
    )
    answer = write_objects(call, "Create", made)
    if status(answer)[0] == "OK":
        write_objects(call, "Create", entry(ADA))
    return answer


def entry(address: str, **more: str) -> Struct:
    values = {"Email Address": address, **more}
    pairs = [{"Name": name, "Value": value} for name, value in values.items()]
    return struct("SuppressionListData", CustomerKey="complainers", Properties={"Property": pairs})


def is_sent(account: Account, classification: str = "Default Commercial") -> bool:
    key = f"{classification} {account.db.count('send')}"
    make_definition(account, key, classification=classification)
    explanation = explained(account, send(account, Recipient("ada", ADA), key=key))
    if explanation.outcome != "sent":
        assert explanation.code == 27
        assert "Complainers" in explanation.why
    return explanation.outcome == "sent"


def test_suppressed_addresses_are_compared_without_case(call: Call) -> None:
    suppress(call, EVERYWHERE)
    make_definition(call.account)

    send(call.account, Recipient("ada", ADA.upper()), Recipient("bob", "bob@mail.example"))

    assert outcomes(call.account) == [("not sent", 27), ("sent", None)]
    (event,) = fields(retrieve(call, "NotSentEvent", ["SubscriberKey"]))
    assert event["SubscriberKey"] == "ada"
    (counted,) = fields(retrieve(call, "TriggeredSendSummary", ["Sent", "NotSentDueToError"]))
    assert counted == {"Sent": "1", "NotSentDueToError": "1"}


@pytest.mark.parametrize(
    ("context", "commercial", "transactional"),
    [
        ({"Context": "Enterprise"}, False, True),
        ({"Context": "Global", "AppliesToAllSends": True}, False, False),
        ({"Context": "BusinessUnit", "SendClassificationType": "Operational"}, True, False),
        (
            {
                "Context": "SendClassification",
                "SendClassification": {"CustomerKey": "Default Transactional"},
            },
            True,
            False,
        ),
        ({"Context": "SenderProfile", "SenderProfile": {"CustomerKey": "Default"}}, False, False),
        ({"Context": "Send"}, True, True),
    ],
)
def test_a_context_says_to_which_sends_a_list_applies(
    call: Call, context: dict[str, Any], commercial: bool, transactional: bool
) -> None:
    suppress(call, context)

    assert is_sent(call.account) is commercial
    assert is_sent(call.account, "Default Transactional") is transactional


def test_a_send_to_a_list_leaves_out_who_is_suppressed(call: Call) -> None:
    suppress(call, EVERYWHERE)
    number = make_list(call.account, "news")
    for key in ("ada", "bob"):
        join_list(call.account, make_subscriber(call.account, key), number)
    definition = struct(
        "EmailSendDefinition",
        CustomerKey="weekly",
        Name="Weekly",
        SendClassification={"CustomerKey": "Default Commercial"},
        Email={"CustomerKey": "send-logging-example"},
        SendDefinitionList=[
            {
                "List": {"ID": number},
                "SendDefinitionListType": "SourceList",
                "DataSourceTypeID": "List",
            }
        ],
    )
    write_objects(call, "Create", definition)
    wrapper = Struct(
        "PerformRequestMsg.Definitions",
        {"Definition": [struct("EmailSendDefinition", CustomerKey="weekly")]},
    )

    OPERATIONS["Perform"](
        call, Struct("PerformRequestMsg", {"Action": "start", "Definitions": wrapper})
    )
    call.account.settle()

    sent = fields(retrieve(call, "SentEvent", ["SubscriberKey"]))
    not_sent = fields(retrieve(call, "NotSentEvent", ["SubscriberKey"]))
    assert (sent, not_sent) == ([{"SubscriberKey": "bob"}], [{"SubscriberKey": "ada"}])


def test_a_list_without_contexts_suppresses_nothing_and_says_so(call: Call) -> None:
    made = struct("SuppressionListDefinition", CustomerKey="complainers", Name="Complainers")
    write_objects(call, "Create", made)
    warned = list(call.warnings)
    write_objects(call, "Create", entry(ADA))

    assert is_sent(call.account)
    assert any("suppresses nothing" in each for each in warned)


def test_an_address_that_is_taken_off_is_sent_to_again(call: Call) -> None:
    suppress(call, EVERYWHERE)
    assert not is_sent(call.account)

    answer = write_objects(call, "Delete", entry(ADA))

    assert status(answer)[0] == "OK"
    assert is_sent(call.account)


def test_an_update_replaces_the_contexts(call: Call) -> None:
    suppress(call, EVERYWHERE)

    changed = struct(
        "SuppressionListDefinition",
        CustomerKey="complainers",
        Contexts={"Context": [{"Context": "Enterprise", "AppliesToAllSends": True}]},
    )
    write_objects(call, "Update", changed)

    asked = ["Context", "AppliesToAllSends", "Definition.CustomerKey"]
    assert fields(retrieve(call, "SuppressionListContext", asked)) == [
        {
            "Context": "Enterprise",
            "AppliesToAllSends": "true",
            "Definition.CustomerKey": "complainers",
        }
    ]
    assert not is_sent(call.account, "Default Transactional")


@pytest.mark.parametrize(
    ("context", "refusal"),
    [
        ({}, (2, "SuppressionListContext: Context is required.")),
        (
            {"Context": "SenderProfile"},
            (2, "SuppressionListContext: a context SenderProfile needs a SenderProfile."),
        ),
        (
            {"Context": "SendClassification", "SendClassification": {"CustomerKey": "nobody's"}},
            (24100, "SC_SendClassificationNot Found"),
        ),
        (
            {"Context": "SenderProfile", "SenderProfile": {"CustomerKey": "nobody's"}},
            (40100, "SP_Sender Profile Not Found"),
        ),
    ],
)
def test_a_context_that_cannot_be_leaves_no_list(
    call: Call, context: dict[str, Any], refusal: tuple[int, str]
) -> None:
    answer = suppress(call, context)

    assert status(answer) == ("Error", refusal[1], refusal[0])
    assert call.account.db.count("suppression_list_definition") == 0


def test_addresses_are_added_once_changed_and_counted(call: Call) -> None:
    suppress(call, EVERYWHERE, Fields={"Field": [{"Name": "Reason"}]})

    again = write_objects(call, "Create", entry(ADA))
    changed = write_objects(call, "Update", entry(ADA, Reason="complaint"))
    unknown = write_objects(call, "Update", entry("bob@mail.example"))
    added = write_objects(call, "Update", entry("bob@mail.example"), save="UpdateAdd")

    assert status(again)[0] == status(unknown)[0] == "Error"
    assert status(changed)[0] == status(added)[0] == "OK"
    rows = call.account.db.find_all("suppression_list_data")
    assert [row["properties"] for row in rows] == ['{"Reason": "complaint"}', "{}"]
    (found,) = fields(retrieve(call, "SuppressionListDefinition", ["SubscriberCount"]))
    assert found == {"SubscriberCount": "2"}


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (entry("no address"), (12000, "InvalidEmailAddress")),
        (struct("SuppressionListData", CustomerKey="complainers"), (12000, "InvalidEmailAddress")),
        (
            struct("SuppressionListData", CustomerKey="nobody's"),
            (2, "SuppressionListDefinition not found."),
        ),
        (
            entry("bob@mail.example", Colour="red"),
            (
                2,
                "SuppressionListData: the suppression list has no field 'Colour'. Add it to its Fields.",
            ),
        ),
    ],
)
def test_data_that_does_not_fit_is_refused(
    call: Call, sent: Struct, refusal: tuple[int, str]
) -> None:
    suppress(call, EVERYWHERE)

    answer = write_objects(call, "Create", sent)

    assert status(answer) == ("Error", refusal[1], refusal[0])


def test_an_export_keeps_addresses_and_contexts(call: Call) -> None:
    suppress(call, EVERYWHERE, Fields={"Field": [{"Name": "Reason"}]})
    write_objects(call, "Update", entry(ADA, Reason="complaint"))

    copy = Account(Database(), due_actions=DUE_ACTIONS)
    load(copy, parse_seed(dump(call.account)))

    assert not is_sent(copy)
    (row,) = copy.db.find_all("suppression_list_data")
    assert row["properties"] == '{"Reason": "complaint"}'
    copy.db.close()
