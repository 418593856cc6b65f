"""Ignored elements: each gets a warning with its place and the alternative."""

from __future__ import annotations

import pytest
from lxml import etree

from sfmc_mock.diagnostics import MAX_WARNINGS, CallWarnings
from sfmc_mock.wire.catalogue import NAMESPACE
from sfmc_mock.wire.reading import XSI, Leniency, read


def warnings_of(objects: str) -> CallWarnings:
    """Return the warnings of reading a CreateRequest."""
    leniency = Leniency()
    document = f'<CreateRequest xmlns="{NAMESPACE}" xmlns:xsi="{XSI}">{objects}</CreateRequest>'
    read(etree.fromstring(document), "CreateRequest", leniency)
    return leniency.warnings


@pytest.mark.parametrize("type_name", ["an Email", "an SMSTriggeredSend", "a UserAccess", "a List"])
def test_a_type_has_the_article_that_it_is_read_with(type_name: str) -> None:
    warnings = warnings_of(
        f'<Objects xsi:type="{type_name.split()[1]}"><Nothing>1</Nothing></Objects>'
    )

    assert f": {type_name} has no such element." in warnings[0]


def subscriber(content: str) -> str:
    return f'<Objects xsi:type="Subscriber">{content}</Objects>'


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        (
            subscriber("<ListID>7</ListID>"),
            "ListID in CreateRequest/Objects was ignored, as by the service: a Subscriber has no such element. "
            "Nearest: Lists/ID.",
        ),
        (
            subscriber("<emailaddress>a@mock.test</emailaddress>"),
            "emailaddress in CreateRequest/Objects was ignored, as by the service: a Subscriber has no such "
            "element. Write it as EmailAddress.",
        ),
        (
            subscriber("<Value>Ada</Value>"),
            "Value in CreateRequest/Objects was ignored, as by the service: a Subscriber has no such element. "
            "It can stand further in: Attributes/Value.",
        ),
        (
            subscriber("<Favourite>blue</Favourite>"),
            "Favourite in CreateRequest/Objects was ignored, as by the service: a Subscriber has no such element. "
            "A profile attribute goes into Attributes, as Name and Value.",
        ),
        (
            subscriber('<EmailAddress xmlns="">a@mock.test</EmailAddress>'),
            "EmailAddress in CreateRequest/Objects was ignored, as by the service: it is in no namespace, not in "
            f"{NAMESPACE}. Declare that namespace for it.",
        ),
        (
            '<Objects xsi:type="DataExtension"><Fields><Field/></Fields><Fields><Field/></Fields></Objects>',
            "Fields in CreateRequest/Objects came more than once: the first was read, the others were ignored, as "
            "by the service. Put every Field into one Fields.",
        ),
        (
            subscriber("<EmailAddress>a</EmailAddress><EmailAddress>b</EmailAddress>"),
            "EmailAddress in CreateRequest/Objects came more than once: the first was read, the others were ignored, "
            "as by the service. Give it once.",
        ),
        (
            subscriber("<EmailAddress>a<b>c</b></EmailAddress>"),
            "b in CreateRequest/Objects/EmailAddress was ignored, as by the service: EmailAddress holds a text "
            "alone. Take it out.",
        ),
        (
            '<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition>w</TriggeredSendDefinition></Objects>',
            "A text in TriggeredSendDefinition was ignored, as by the service: TriggeredSendDefinition holds "
            "elements. Put it into one of them: CustomerKey.",
        ),
        (
            subscriber("<Owner><Client/> me</Owner>"),
            "A text in Owner was ignored, as by the service: Owner holds elements. Put it into one of them: "
            "Client.",
        ),
        (
            subscriber('<ObjectID xsi:nil="true">7</ObjectID>'),
            "A text in ObjectID was ignored, as by the service: ObjectID is nil. Take xsi:nil away.",
        ),
        (
            subscriber('<Owner nil="true"/>'),
            "The attribute nil of Owner in CreateRequest/Objects was ignored, as by the service, which reads "
            "elements. Write it as xsi:nil.",
        ),
        (
            subscriber('<Attributes Name="Age"/>'),
            "The attribute Name of Attributes in CreateRequest/Objects was ignored, as by the service, which "
            "reads elements. Write it as an element.",
        ),
        (
            subscriber('<Owner xsi:nil="true"><Client/></Owner>'),
            "Client in CreateRequest/Objects/Owner was ignored, as by the service: Owner is nil. Take it out.",
        ),
    ],
)
def test_ignored_elements_are_warnings(objects: str, expected: str) -> None:
    assert warnings_of(objects) == [expected]


def test_elements_that_are_read_are_no_warnings() -> None:
    content = """
        <EmailAddress xsi:type="x">a</EmailAddress>
        <ObjectID xsi:nil="true"> </ObjectID><Attributes/><Attributes> </Attributes>
    """

    assert warnings_of(subscriber(content)) == []


def test_the_same_element_is_reported_once() -> None:
    assert len(warnings_of(subscriber("<X/><X/>") + subscriber("<X/>"))) == 1


def test_a_flood_of_unknown_elements_is_counted() -> None:
    count = MAX_WARNINGS + 50

    found = warnings_of(subscriber("".join(f"<X{n}/>" for n in range(count))))

    assert len(found) == MAX_WARNINGS + 1
    assert found[-1] == "50 more warnings of this call are not kept"


def test_names_of_any_length_and_depth_are_cut() -> None:
    deep = "<ParentFolder>" * 200 + f"<{'n' * 50_000}/>" + "</ParentFolder>" * 200

    (found,) = warnings_of(f'<Objects xsi:type="DataFolder">{deep}</Objects>')

    assert len(found) < 1_000
