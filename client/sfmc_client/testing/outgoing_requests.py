"""Outgoing requests, parsed from the bytes that are sent.

A request is refused as unreadable if another reader could understand it differently: a property given twice, an element
of another namespace, a second body, text between elements, a name in another case.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfmc_client.envelope import (
    OPERATIONS,
    PARTNER,
    SOAP_11,
    WSA,
    XSD,
    XSI,
    Operation,
    read_answer,
    xml_parser,
)
from sfmc_client.errors import SfmcError
from sfmc_client.exchanges import Request, Response
from sfmc_client.models import APIObject

if TYPE_CHECKING:
    from lxml import etree

# Elements of calls that write which the schema allows to be repeated (wsdl).
_REPEATED = frozenset(
    {
        *("Attributes", "Configuration", "Field", "Key", "Lists", "Objects", "Parameters"),
        *("Property", "Requests", "SaveOption", "Subscribers"),
    }
)

# Names whose case is checked: the service ignores a name in the wrong case, a more lenient reader would not.
_NAMES = {
    name.casefold(): name
    for name in (
        *_REPEATED,
        *("Action", "BccEmail", "CCEmail", "Client", "ClientID", "Configurations", "CustomerKey"),
        *("EmailAddress", "Fields", "ID", "Keys", "List", "ListName", "Name", "ObjectID"),
        *("Options", "PartnerKey", "PartnerProperties", "Properties", "RequestType"),
        *("SaveAction", "SaveOptions", "SendSourceDataExtension", "Status", "SubscriberKey"),
        *("TestEmailAddr", "TriggeredSendDefinition", "TriggeredSendStatus", "Value"),
    )
}


class Unreadable(Exception):
    """A request is malformed or ambiguous; the text says why."""


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """An outgoing call, read from its envelope."""

    operation: Operation
    content: APIObject

    @property
    def objects(self) -> list[APIObject]:
        """The objects that it writes."""
        is_configure = self.operation.name == "Configure"
        return self.content.objects("Configurations.Configuration" if is_configure else "Objects")

    @property
    def verb(self) -> str:
        """Create, Update or Delete, also for the action of a Configure; else the name of the operation."""
        if self.operation.name == "Configure":
            return (self.content.text("Action") or "").capitalize()
        return self.operation.name

    @property
    def save_actions(self) -> list[str]:
        """The SaveActions of its options."""
        options = self.content.objects("Options.SaveOptions.SaveOption")
        return [option.text("SaveAction") or "" for option in options]


def read_call(request: Request) -> OutgoingCall | None:
    """Return the call that a request makes, `None` if it asks for a token. Raises `Unreadable`."""
    actions = [value for name, value in request.headers.items() if name.lower() == "soapaction"]
    if not actions and _asks_for_token(request.body):
        return None
    operation = OPERATIONS.get(actions[0].strip('"')) if len(actions) == 1 else None
    if operation is None:
        raise Unreadable("its SOAPAction is not an operation of the service")
    # The message is read as if it were an answer with the message's name.
    asked = Operation(operation.name, operation.message, operation.message)
    try:
        content = read_answer(
            Response(status=200, headers={}, body=request.body), asked, url=request.url
        )
    except SfmcError:
        raise Unreadable(f"its body is not the element {operation.message}") from None
    if not operation.repeatable:
        _check_envelope(request.body, operation)
    return OutgoingCall(operation, content)


def nested_objects(content: APIObject) -> Iterator[tuple[str, APIObject]]:
    """Yield every object inside another, at any depth, with the name of its property."""
    for name in content:
        for value in content.objects(name):
            yield name, value
            yield from nested_objects(value)


def _asks_for_token(body: bytes) -> bool:
    try:
        document = json.loads(body)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("grant_type") == "client_credentials"


def _check_envelope(body: bytes, operation: Operation) -> None:
    from lxml import etree

    root = etree.fromstring(body, xml_parser())
    parts = [str(child.tag) for child in root]
    if parts not in ([f"{{{SOAP_11}}}Header", f"{{{SOAP_11}}}Body"], [f"{{{SOAP_11}}}Body"]):
        raise Unreadable("its envelope must have one Body, and at most one Header before it")
    if len(root[-1]) != 1:
        raise Unreadable("its body has more than one message")
    actions = {(element.text or "").strip() for element in root.iter(f"{{{WSA}}}Action")}
    if actions - {operation.name}:
        raise Unreadable("its SOAPAction and its wsa:Action name two operations")
    _check_element(root[-1][0])


def _check_element(element: etree._Element) -> None:
    for part in element.iter():
        name = _local_name(part)
        _check_attributes(part, name)
        children = [_local_name(child) for child in part]
        texts = [part.text if children else None, *(child.tail for child in part)]
        if any((text or "").strip() for text in texts):
            raise Unreadable(f"{name} has text between its elements")
        for child, count in Counter(children).items():
            if count > 1 and child not in _REPEATED:
                raise Unreadable(f"{child} is given {count} times in {name}: give it once")
        known = _NAMES.get(name.casefold(), name)
        if known != name:
            raise Unreadable(f"{name} must be written {known}")


def _local_name(element: etree._Element) -> str:
    """Return the name of an element. Raises `Unreadable` if it is not in the service's namespace."""
    namespace, _, name = str(element.tag).rpartition("}")
    if namespace != f"{{{PARTNER}":
        raise Unreadable(f"{name} is not in the service's namespace")
    return name


def _check_attributes(element: etree._Element, name: str) -> None:
    for attribute, value in element.attrib.items():
        if attribute == f"{{{XSI}}}nil":
            is_filled = len(element) or (element.text or "").strip()
            if value not in {"true", "1", "false", "0"} or (value in {"true", "1"} and is_filled):
                raise Unreadable(f"{name} has xsi:nil and is not empty")
        elif attribute == f"{{{XSI}}}type":
            prefix, colon, _ = str(value).rpartition(":")
            if element.nsmap.get(prefix if colon else None) not in {PARTNER, XSD}:
                raise Unreadable(f"the xsi:type of {name} is not in the service's namespace")
        else:
            raise Unreadable(f"{name} has the attribute {attribute!s}, which is not supported")
