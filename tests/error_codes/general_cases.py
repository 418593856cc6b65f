"""Conditions of the error codes of operations, LogUnsubEvent, save actions and rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.error_codes.calls import (
    ASSUMED,
    DOCUMENTED,
    TO_ADA,
    Case,
    Provoke,
    act,
    ada,
    after,
    bob,
    create,
    news,
    row_of,
    sender_profile,
    unsubscribe,
    write,
)
from tests.support.messages import struct

from sfmc_mock.account.asynchronous import Request, enqueue
from sfmc_mock.accounts import Accounts
from sfmc_mock.auth import Callers
from sfmc_mock.chaos.effects import FAULTS, Effect
from sfmc_mock.declarations.call import Call
from sfmc_mock.envelope import Credentials
from sfmc_mock.errors import LoginFailed, Refused, ServerTrouble
from sfmc_mock.operations.callbacks import check_addresses
from sfmc_mock.wire.struct import Struct

_FAULTS = {"maintenance": 9, "authorization": 11, "database": 13, "rate-limit": 17}


def _fault(name: str) -> Provoke:
    """Make a call that a chaos rule answers with a fault."""

    def provoke(call: Call) -> int:
        fault = Effect(fault=FAULTS[name]).soap_fault(call.account.mid)
        return fault.detail_code if isinstance(fault, ServerTrouble) else 0

    return provoke


def _log_in(_: Call) -> int:
    """Call with a wrong password."""
    accounts = Accounts()
    try:
        Callers(accounts).authenticate(Credentials(username="mock-user", password="wrong"))
    except LoginFailed:
        return 12
    finally:
        accounts.close()
    return 0


def _refused(check: Callable[[Call], object]) -> Provoke:
    """Make a call that is refused before its objects are read."""

    def provoke(call: Call) -> int:
        try:
            check(call)
        except Refused as refused:
            return refused.error_code
        return 0

    return provoke


def _conversation(**said: Any) -> Provoke:
    request = Request(
        request_id="r",
        operation="Create",
        summary="",
        caller="",
        scopes=None,
        message="",
        responses="",
        **said,
    )
    return _refused(lambda call: enqueue(call.account, request))


def _answer_to(address: str) -> Provoke:
    options = struct(
        "CreateOptions", SendResponseTo=[{"ResponseType": "HTTPPost", "ResponseAddress": address}]
    )
    return _refused(lambda call: check_addresses(call, options))


CASES: tuple[Case, ...] = (
    *(
        Case(code, f"a chaos rule with the fault `{name}`", DOCUMENTED, _fault(name))
        for name, code in _FAULTS.items()
    ),
    Case(
        1,
        "a CustomerKey, or a name that must be free, that is taken",
        DOCUMENTED,
        after(sender_profile(CustomerKey="a"), then=sender_profile(CustomerKey="a")),
    ),
    Case(
        2,
        "a refusal for which no code of its own is documented",
        ASSUMED,
        create("GlobalUnsubscribeCategory", Name=" "),
    ),
    Case(12, "wrong credentials; the fault Login Failed bears no number", DOCUMENTED, _log_in),
    Case(
        212,
        "a ConversationID of more than 100 characters",
        ASSUMED,
        _conversation(conversation_id="c" * 101, sequence_code=1, calls_in_conversation=1),
    ),
    Case(
        227,
        "a SendResponseTo that is neither https nor on this machine",
        DOCUMENTED,
        _answer_to("http://mock.test/"),
    ),
    # 1 to 99
    Case(
        3,
        "UpdateOptions with an Action that is none",
        DOCUMENTED,
        write("Update", struct("List", ID=1), Action="paint"),
    ),
    Case(5, "an operation that the object does not take", DOCUMENTED, create("Link")),
    Case(6, "a nil object in a batch", DOCUMENTED, write("Create", None)),
    Case(
        8,
        "Configure of an object that it does not know",
        ASSUMED,
        act("Configure", "Create", struct("List")),
    ),
    # 100 to 199
    Case(
        100,
        "Perform of an object without actions",
        DOCUMENTED,
        act("Perform", "start", struct("List")),
    ),
    Case(
        105,
        "Perform of a type that the service has not",
        ASSUMED,
        act("Perform", "start", Struct("Nonsense")),
    ),
    Case(
        106,
        "Perform of a class that only stands within others",
        ASSUMED,
        act("Perform", "start", Struct("ScheduleDefinition")),
    ),
    Case(
        140,
        "Schedule of an object without a schedule",
        DOCUMENTED,
        act("Schedule", "start", struct("List")),
    ),
    # 400 to 499
    Case(
        400,
        "LogUnsubEvent for a job that did not send to the subscriber",
        DOCUMENTED,
        after(ada, then=unsubscribe(SubscriberKey="ada", JobID="1")),
    ),
    Case(402, "LogUnsubEvent without a known parameter", DOCUMENTED, unsubscribe(Colour="red")),
    Case(403, "LogUnsubEvent without an identity", DOCUMENTED, unsubscribe(JobID="1")),
    Case(
        404,
        "LogUnsubEvent by the address alone, where subscribers have keys",
        DOCUMENTED,
        after(ada, then=unsubscribe(EmailAddress="ada@mock.test")),
    ),
    Case(
        405,
        "LogUnsubEvent with the SubscriberID of another subscriber",
        DOCUMENTED,
        after(ada, then=unsubscribe(SubscriberID="1", SubscriberKey="ada")),
    ),
    Case(
        406,
        "LogUnsubEvent with the SubscriberKey of another subscriber",
        DOCUMENTED,
        after(
            bob,
            then=lambda call: unsubscribe(SubscriberID=str(ada(call)), SubscriberKey="bob")(call),
        ),
    ),
    Case(
        407,
        "LogUnsubEvent with the address of another subscriber",
        DOCUMENTED,
        after(ada, then=unsubscribe(SubscriberKey="ada", EmailAddress="bob@mock.test")),
    ),
    Case(
        408,
        "SubscriberList without a Subscriber",
        ASSUMED,
        after(news, then=create("SubscriberList", List={"CustomerKey": "news"})),
    ),
    Case(
        409,
        "SubscriberList without a List",
        ASSUMED,
        after(ada, then=create("SubscriberList", Subscriber=TO_ADA)),
    ),
    # SaveOptions
    Case(
        68000,
        "a Create with a SaveAction that it does not do",
        DOCUMENTED,
        write(
            "Create",
            struct("List"),
            SaveOptions={"SaveOption": [{"PropertyName": "*", "SaveAction": "Delete"}]},
        ),
    ),
    Case(
        68001,
        "an Update with a SaveAction that it does not do",
        DOCUMENTED,
        write(
            "Update",
            struct("List"),
            SaveOptions={"SaveOption": [{"PropertyName": "*", "SaveAction": "Delete"}]},
        ),
    ),
    # Rows
    Case(70000, "a value that is not of its field's type", DOCUMENTED, row_of(Count="many")),
    Case(70001, "no value for a field that is required", DOCUMENTED, row_of(Total="")),
    Case(70002, "a value that is longer than its field", DOCUMENTED, row_of(Code="ABC")),
    Case(
        70003,
        "a data extension that is not there",
        DOCUMENTED,
        create(
            "DataExtensionObject",
            CustomerKey="nobody's",
            Properties={"Property": [{"Name": "A", "Value": "1"}]},
        ),
    ),
    Case(
        70004,
        "a primary key without a value",
        DOCUMENTED,
        row_of(Number=""),
    ),
)
