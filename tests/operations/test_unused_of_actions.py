"""Parts of a Delete, Perform, Schedule or Configure without effect get a warning."""

from __future__ import annotations

import pytest
from tests.support.messages import struct
from tests.support.soap_app import SoapApp

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS
from sfmc_mock.operations.unused_elements import warn_of_unused_elements

WRAPPERS = {
    "Configure": ("Configurations", "Configuration"),
    "Perform": ("Definitions", "Definition"),
    "Schedule": ("Interactions", "Interaction"),
}


def ask(app: SoapApp, operation: str, object_type: str, content: str) -> tuple[str, ...]:
    """Return the warnings of a call with one object."""
    if operation == "Delete":
        app.call("Delete", f'<Objects xsi:type="{object_type}">{content}</Objects>')
    else:
        outer, inner = WRAPPERS[operation]
        held = f'<{inner} xsi:type="{object_type}">{content}</{inner}>'
        action = "create" if operation == "Configure" else "start"
        app.call(operation, f"<Action>{action}</Action><{outer}>{held}</{outer}>")
    return tuple(app.warnings)


@pytest.mark.parametrize(
    ("operation", "object_type", "content", "expected"),
    [
        (
            "Delete",
            "List",
            "<ID>1</ID><ListName>News</ListName><Description>d</Description>",
            "ListName, Description of a List have no effect on its Delete: what counts is what names it",
        ),
        (
            "Perform",
            "QueryDefinition",
            "<CustomerKey>q</CustomerKey><QueryText>SELECT 1</QueryText>",
            "QueryText of a QueryDefinition has no effect on its Perform: what counts is what names it",
        ),
        (
            "Schedule",
            "EmailSendDefinition",
            "<CustomerKey>news</CustomerKey><EmailSubject>now</EmailSubject>",
            "EmailSubject of an EmailSendDefinition has no effect on its Schedule: what counts is what names it",
        ),
        (
            "Configure",
            "PropertyDefinition",
            "<Name>Colour</Name><PropertyType>string</PropertyType><PartnerMap>m</PartnerMap>",
            "PartnerMap of a PropertyDefinition has no effect on its Configure in the emulator, and is not kept; "
            "what has one is listed with PropertyDefinition on the coverage page",
        ),
    ],
)
def test_an_element_without_effect_is_a_warning(
    app: SoapApp, operation: str, object_type: str, content: str, expected: str
) -> None:
    assert expected in ask(app, operation, object_type, content)


@pytest.mark.parametrize(
    ("operation", "object_type", "content"),
    [
        ("Delete", "Subscriber", "<SubscriberKey>ada</SubscriberKey>"),
        ("Delete", "DataExtension", "<Name>d</Name><Fields><Field><Name>f</Name></Field></Fields>"),
        (
            "Configure",
            "PropertyDefinition",
            "<Name>Size</Name><PicklistItems><PicklistItem><Value>s</Value></PicklistItem></PicklistItems>",
        ),
        ("Delete", "List", '<ID>1</ID><ModifiedDate xsi:nil="true"/><Description/>'),
    ],
)
def test_elements_with_an_effect_or_without_content_are_no_warning(
    app: SoapApp, operation: str, object_type: str, content: str
) -> None:
    assert not [each for each in ask(app, operation, object_type, content) if "no effect" in each]


@pytest.mark.parametrize("operation", ["Delete", "Perform", "Schedule"])
def test_identities_are_never_warnings(call: Call, operation: str) -> None:
    named = [
        (handler, name)
        for handler in HANDLERS.values()
        if isinstance(handler, StoredObject) and handler.takes(operation)
        for name in handler.identities
    ]
    for handler, name in named:
        warn_of_unused_elements(call, operation, handler, struct(handler.object_type, {name: "x"}))

    assert named
    assert call.warnings == []


@pytest.mark.parametrize("option", ["Perform", "Configure", "Schedule", "Delete"])
def test_an_option_without_effect_is_a_warning(app: SoapApp, option: str) -> None:
    saved = "<Options><Priority>3</Priority></Options>"

    app.call(option, saved)

    assert (
        f"the option Priority of this {option} has no effect in the emulator, though the service has it"
        in app.warnings
    )
