"""Cases of error codes; each makes a call and returns the code of its last result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.support.messages import act_on, struct
from tests.support.sending import change, make_definition, make_list, make_subscriber, send

from sfmc_mock.account.folders import root_folder
from sfmc_mock.account.lists import all_subscribers
from sfmc_mock.account.subscribers import join_list
from sfmc_mock.accounts import Accounts
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.seeds import parse_seed
from sfmc_mock.wire.struct import Struct

DOCUMENTED, ASSUMED = "documented", "assumed"

Provoke = Callable[[Call], int]


class Case(NamedTuple):
    """A code, its condition, the origin of that condition, and a call that gets the code."""

    code: int
    condition: str
    origin: str
    provoke: Provoke


def _code(answer: Struct) -> int:
    """The code of the last result of an answer; 0 without one."""
    wrapper = answer.values.get("Results")
    results = wrapper.parts("Result") if isinstance(wrapper, Struct) else answer.parts("Results")
    return (results[-1].number("ErrorCode") or 0) if results else 0


def write(operation: str, *objects: Struct | None, **options: Any) -> Provoke:
    """Create, Update or Delete the objects, each in a call of its own; the last one's code counts."""

    def provoke(call: Call) -> int:
        code = 0
        for sent in objects:
            values: dict[str, Any] = {"Objects": [sent]}
            if options:
                values["Options"] = struct(f"{operation}Options", options)
            code = _code(OPERATIONS[operation](call, Struct(f"{operation}Request", values)))
        return code

    return provoke


def create(object_type: str, **values: Any) -> Provoke:
    return write("Create", struct(object_type, values))


def update(object_type: str, **values: Any) -> Provoke:
    return write("Update", struct(object_type, values))


def delete(object_type: str, **values: Any) -> Provoke:
    return write("Delete", struct(object_type, values))


def act(operation: str, action: str, *objects: Struct) -> Provoke:
    """Configure, Perform or Schedule the objects, each in a call of its own; the last one's code counts."""

    def provoke(call: Call) -> int:
        answers = [act_on(call, operation, action, sent) for sent in objects]
        return _code(answers[-1])

    return provoke


def attribute(action: str = "Create", **values: Any) -> Provoke:
    """Configure a profile attribute called Colour."""
    return act("Configure", action, struct("PropertyDefinition", {"Name": "Colour", **values}))


def unsubscribe(**parameters: str) -> Provoke:
    """Execute LogUnsubEvent."""

    def provoke(call: Call) -> int:
        pairs = [{"Name": name, "Value": value} for name, value in parameters.items()]
        request = struct("ExecuteRequest", Name="LogUnsubEvent", Parameters=pairs)
        return _code(
            OPERATIONS["Execute"](call, Struct("ExecuteRequestMsg", {"Requests": [request]}))
        )

    return provoke


def after(*steps: Callable[[Call], Any], then: Provoke) -> Provoke:
    """Run some calls before the case's own."""

    def provoke(call: Call) -> int:
        for step in steps:
            step(call)
        return then(call)

    return provoke


def lacking(feature: str) -> Callable[[Call], None]:
    """Remove a feature from the account."""
    return lambda call: call.account.change_setting("lacks", feature)


def strictly(provoke: Provoke) -> Provoke:
    """Make the call in strict mode."""

    def strict(call: Call) -> int:
        call.account.strict = True
        return provoke(call)

    return strict


def placed(object_type: str, **columns: Any) -> Callable[[Call], None]:
    """Give the account objects that only a seed file can create."""

    def place(call: Call) -> None:
        thing = HANDLERS[object_type]
        assert isinstance(thing, StoredObject)
        thing.place(call.account, {**thing.defaults(call.account, Struct(object_type)), **columns})

    return place


# Preparations of the cases.


def ada(call: Call, **said: Any) -> int:
    return make_subscriber(call.account, "ada", "ada@mock.test", **said)


def bob(call: Call) -> int:
    return make_subscriber(call.account, "bob", "bob@mock.test")


def news(call: Call, **columns: Any) -> int:
    return make_list(call.account, "news", **columns)


def on_news(status: str) -> Callable[[Call], None]:
    return lambda call: join_list(call.account, ada(call), news(call), status)


def welcome(status: str = "New") -> Callable[[Call], None]:
    def make(call: Call) -> None:
        make_definition(call.account, "welcome", status="New" if status == "Canceled" else status)
        if status == "Canceled":
            change(call.account, status=status)

    return make


def sent_to_ada(call: Call) -> None:
    ada(call)
    make_definition(call.account, "welcome")
    send(call.account, "ada")


def attribute_called(name: str, **values: Any) -> Callable[[Call], Any]:
    return act("Configure", "Create", struct("PropertyDefinition", {"Name": name, **values}))


def locked(call: Call) -> None:
    attribute()(call)
    call.account.db.update("profile_attribute", {"is_locked": 1}, name="Colour")


_ENTERPRISE = """
version = 1
[account]
mid = 7000001
[[business_unit]]
name = "Germany"
mid = 7000002
"""
FILTER = {
    "xsi:type": "SimpleFilterPart",
    "Property": "Status",
    "SimpleOperator": "equals",
    "Value": ["Active"],
}
DEFINITION = {
    "CustomerKey": "welcome",
    "Name": "Welcome",
    "SendClassification": {"CustomerKey": "Default Commercial"},
    "Email": {"ID": 3099626},
}
TO_ADA = {"SubscriberKey": "ada", "EmailAddress": "ada@mock.test"}
CHANGED = {
    "Name": (67024, "Hue"),
    "IsEditable": (67025, False),
    "IsRequired": (67026, True),
    "IsSendTime": (67027, True),
    "IsViewable": (67028, False),
    "MinValue": (67029, "1"),
    "MaxValue": (67030, "9"),
    "MinLength": (67031, 1),
    "MaxLength": (67032, 9),
    "DefaultValue": (67033, "red"),
}


def definition(**changes: Any) -> Provoke:
    """Create the definition with a changed property."""
    return create("TriggeredSendDefinition", **{**DEFINITION, **changes})


def sender_profile(**more: Any) -> Provoke:
    """Create a sender profile with an additional property."""
    return create("SenderProfile", Name="A", FromName="A", FromAddress="a@mock.test", **more)


def trigger(definition_key: str = "welcome", *subscribers: dict[str, Any]) -> Provoke:
    """Send to subscribers."""
    return create(
        "TriggeredSend",
        TriggeredSendDefinition={"CustomerKey": definition_key},
        Subscribers=list(subscribers),
    )


def partly_sent(call: Call) -> int:
    """Send to a valid and an invalid subscriber; the failure's code is a name (seen live)."""
    welcome("Active")(call)
    sent = struct(
        "TriggeredSend",
        TriggeredSendDefinition={"CustomerKey": "welcome"},
        Subscribers=[TO_ADA, {"SubscriberKey": "bob", "EmailAddress": "nobody"}],
    )
    answer = OPERATIONS["Create"](call, Struct("CreateRequest", {"Objects": [sent]}))
    (result,) = answer.parts("Results")
    (failure,) = result.parts("SubscriberFailures")
    return 18006 if failure.text("ErrorCode") == "TriggeredSendSubscriberProcessingError" else 0


def in_another_unit(_: Call) -> int:
    """Let a unit of an enterprise name its parent as owner of a subscriber."""
    accounts = Accounts(seed=parse_seed(_ENTERPRISE))
    account = accounts.open(":memory:")
    sent = struct("Subscriber", TO_ADA, Owner={"Client": {"ID": account.mid}})
    code = write("Create", sent)(Call(account.units[7000002]))
    accounts.close()
    return code


def rename_locked(name: str, value: object) -> Provoke:
    def provoke(call: Call) -> int:
        locked(call)
        (row,) = call.account.db.find_all("profile_attribute", name="Colour")
        changed = struct("PropertyDefinition", {"ID": row["id"], name: value})
        return act("Configure", "Update", changed)(call)

    return provoke


def all_subscribers_list(call: Call) -> int:
    """The ID of All Subscribers."""
    everybody = all_subscribers(call.account)
    assert everybody is not None
    return everybody.id


def root(call: Call, content_type: str) -> int:
    """The ID of the root folder of a kind of content."""
    folder = root_folder(call.account, content_type)
    assert folder is not None
    number: int = folder["id"]
    return number


def row_of(**changes: Any) -> Provoke:
    """Create a row of a data extension with a key and a short text."""
    made = struct(
        "DataExtension",
        CustomerKey="orders",
        Name="Orders",
        Fields={
            "Field": [
                {"Name": "Number", "IsPrimaryKey": True, "IsRequired": True},
                {"Name": "Code", "MaxLength": 2, "IsRequired": True},
                {"Name": "Count", "FieldType": "Number"},
                {"Name": "Total", "FieldType": "Number", "IsRequired": True},
            ]
        },
    )
    values = {"Number": "1", "Code": "A", "Total": "1", **changes}
    pairs = [{"Name": name, "Value": value} for name, value in values.items() if value is not None]
    sent = struct("DataExtensionObject", CustomerKey="orders", Properties={"Property": pairs})

    def provoke(call: Call) -> int:
        write("Create", made)(call)
        answer = OPERATIONS["Create"](call, Struct("CreateRequest", {"Objects": [sent]}))
        (result,) = answer.parts("Results")
        errors = [
            error
            for wrapper, name in (("KeyErrors", "KeyError"), ("ValueErrors", "ValueError"))
            for error in result.wrapped(wrapper, name)
        ]
        return (errors[0].number("ErrorCode") if errors else result.number("ErrorCode")) or 0

    return provoke
