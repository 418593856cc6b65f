"""The facts of a SOAP call that rules can match: its objects and their recipients."""

from __future__ import annotations

from collections.abc import Sequence

from sfmc_mock.wire.struct import Struct

_WRAPPERS = {
    "Configurations": "Configuration",
    "Definitions": "Definition",
    "Interactions": "Interaction",
}


def objects_of(message: Struct) -> list[tuple[str, Sequence[str]]]:
    """Return type and recipients of each object that a message names, in their order.

    The rows of a data extension are `DataExtensionObject[key]`, as a Retrieve writes it.
    """
    request = message.part("RetrieveRequest")
    if request is not None:
        return [(request.text("ObjectType") or "", ())]
    if "DescribeRequests" in message:
        wanted = message.wrapped("DescribeRequests", "ObjectDefinitionRequest")
        return [(part.text("ObjectType") or "", ()) for part in wanted]
    sent = message.values.get("Objects")
    if not isinstance(sent, list):
        wrapped = (message.wrapped(wrapper, inner) for wrapper, inner in _WRAPPERS.items())
        sent = next(filter(None, wrapped), [])
    return [_facts(item) if isinstance(item, Struct) else ("", ()) for item in sent]


def _facts(item: Struct) -> tuple[str, Sequence[str]]:
    if item.type == "DataExtensionObject":
        return f"DataExtensionObject[{item.text('CustomerKey') or ''}]", ()
    if item.type == "TriggeredSend":
        return item.type, [name for part in item.parts("Subscribers") for name in _names(part)]
    return item.type, _names(item) if item.type == "Subscriber" else ()


def _names(subscriber: Struct) -> list[str]:
    texts = (subscriber.text("EmailAddress"), subscriber.text("SubscriberKey"))
    return [name for name in texts if name]
