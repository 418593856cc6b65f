"""Describe: list the properties of API objects."""

from __future__ import annotations

from functools import cache

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import Property, field_at
from sfmc_mock.errors import TooManyObjects
from sfmc_mock.objects import handler_for, warn_of_absence, warn_of_unknown_type
from sfmc_mock.objects.absent import AbsentHandler
from sfmc_mock.wire.catalogue import Field, catalogue
from sfmc_mock.wire.struct import Struct

# What .NET calls the schema's primitives (recorded: Int32, String, DateTime, Boolean).
_NET_NAMES = {
    "boolean": "Boolean",
    "byte": "SByte",
    "dateTime": "DateTime",
    "double": "Double",
    "int": "Int32",
    "integer": "String",
    "long": "Int64",
    "short": "Int16",
    "string": "String",
    "time": "DateTime",
    "base64Binary": "Byte[]",
}


# The schema has about 250 classes; an answer is a hundred times as long as its request (assumed).
_MOST_DEFINITIONS = 500


def describe(call: Call, message: Struct) -> Struct:
    """Return the definition of each requested object; an unknown one is left out (seen live).

    Raises `TooManyObjects` for more of them than the schema has classes.
    """
    requests = message.wrapped("DescribeRequests", "ObjectDefinitionRequest")
    if len(requests) > _MOST_DEFINITIONS:
        raise TooManyObjects
    if any(request.part("Client") for request in requests):
        call.warn(
            "Client of a Describe has no effect in the emulator: definitions are those of the caller's own account"
        )
    asked = [_asked(call, request.text("ObjectType") or "") for request in requests]
    definitions = [_definition(call, handler) for handler in asked if handler is not None]
    return Struct(
        "DefinitionResponseMsg", {"ObjectDefinition": definitions, "RequestID": call.request_id}
    )


def _asked(call: Call, object_type: str) -> Handler | None:
    handler = handler_for(object_type)
    if handler is None:
        warn_of_unknown_type(call, object_type)
        return None
    warn_of_absence(call, handler, "Describe")
    is_there = not isinstance(handler, AbsentHandler) or handler.is_described
    return handler if is_there else None


def _definition(call: Call, handler: Handler) -> Struct:
    return Struct(
        "ObjectDefinition",
        {
            "ObjectType": handler.object_type,
            "Properties": [*_properties(handler)],
            **handler.describe_more(call),
        },
    )


@cache
def _properties(handler: Handler) -> tuple[Struct, ...]:
    """Return the properties in the recorded order.

    First the retrievable ones, with IsRequired; then the class's own other fields, then APIObject's.
    """
    known = {prop.name: prop for prop in handler.properties}
    retrievable = [
        _property(prop.name, _type_of(handler.object_type, prop), prop, retrievable=True)
        for prop in handler.properties
        if prop.retrievable
    ]
    base = catalogue().complex_types["APIObject"]
    # Some objects have no class of their own.
    kind = catalogue().complex_types.get(handler.object_type, base)
    inherited = base.wire_fields()
    names = {field.name for field in inherited}
    own = [
        field
        for field in kind.wire_fields()
        if field.name not in names and not field.name.startswith("IsPlatform")
    ]
    others = [
        _property(field.name, _net_name(field), known.get(field.name), retrievable=False)
        for field in (*own, *inherited)
        if field.name not in known or not known[field.name].retrievable
    ]
    if "IsPlatformObject" not in known:
        others.append(_property("IsPlatformObject", "Boolean", None, retrievable=False))
    return (*retrievable, *others)


def _property(name: str, data_type: str, known: Property | None, *, retrievable: bool) -> Struct:
    values: dict[str, object] = {
        "Name": name,
        "DataType": data_type,
        "IsUpdatable": known is None or known.updatable is not False,
        "IsRetrievable": retrievable,
    }
    if known is not None and retrievable:
        if known.max_length is not None:
            values["MaxLength"] = known.max_length
        values["IsRequired"] = known.required
    return Struct("PropertyDefinition", values)


_NAMES_OF_KINDS = {"number": "Int32", "flag": "Boolean", "date": "DateTime", "us_date": "DateTime"}


def _type_of(object_type: str, prop: Property) -> str:
    """Return a property's .NET type; by its kind if it is not a field of the class."""
    field = field_at(object_type, prop.name)
    return _net_name(field) if field is not None else _NAMES_OF_KINDS.get(prop.kind, "String")


def _net_name(field: Field) -> str:
    kind = catalogue().complex_types.get(field.type)
    if kind is not None and kind.anonymous and len(kind.fields) == 1 and kind.fields[0].repeats:
        # A wrapper around repeated items is an array in .NET.
        return _NET_NAMES.get(kind.fields[0].type, kind.fields[0].type) + "[]"
    name = _NET_NAMES.get(field.type, field.type)
    return name + "[]" if field.repeats else name
