"""When the codes of operations, LogUnsubEvent, save actions and rows are given."""

from __future__ import annotations

from tests.error_codes.calls import (
    ASSUMED,
    DOCUMENTED,
    TO_ADA,
    Case,
    act,
    ada,
    after,
    bob,
    create,
    news,
    row_of,
    unsubscribe,
    write,
)
from tests.support.messages import struct

from sfmc_mock.wire.struct import Struct

CASES: tuple[Case, ...] = (
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
        "LogUnsubEvent with the SubscriberID of somebody else",
        DOCUMENTED,
        after(ada, then=unsubscribe(SubscriberID="1", SubscriberKey="ada")),
    ),
    Case(
        406,
        "LogUnsubEvent with the SubscriberKey of somebody else",
        DOCUMENTED,
        after(
            bob,
            then=lambda call: unsubscribe(SubscriberID=str(ada(call)), SubscriberKey="bob")(call),
        ),
    ),
    Case(
        407,
        "LogUnsubEvent with the address of somebody else",
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
