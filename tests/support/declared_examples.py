"""Objects made from the `example` of their declarations."""

from __future__ import annotations

from typing import Any

from tests.support.messages import struct

from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.wire.struct import Struct

# Objects with another unique property, which their declaration does not name.
_UNIQUE = {
    **dict.fromkeys(("DataExtension", "DataFolder", "ImportDefinition"), "Name"),
    "SMSSharedKeyword": "SharedKeyword",
}


def key_property(thing: StoredObject) -> str:
    """The property by which callers name an object."""
    return "CustomerKey" if "CustomerKey" in thing.identities else "SubscriberKey"


def unique_property(thing: StoredObject) -> str | None:
    """The property besides the key that must be unique, or None."""
    taken = (field.name for field in thing.checked if field.taken)
    return _UNIQUE.get(thing.object_type) or next(taken, None)


def example(thing: StoredObject, **changes: Any) -> Struct:
    return struct(thing.object_type, {**thing.example, **changes})


def named(thing: StoredObject, key: str = "", **more: Any) -> Struct:
    """The object with only its key, by default that of the example."""
    name = key_property(thing)
    return struct(thing.object_type, {name: key or thing.example[name], **more})


def another(thing: StoredObject, key: str) -> Struct:
    """The example with another key, and another name if that must be unique."""
    changes = {key_property(thing): key}
    if name := unique_property(thing):
        changes[name] = key
    return example(thing, **changes)
