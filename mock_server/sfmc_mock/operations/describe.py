"""Describe: what properties an API object has."""

from __future__ import annotations

from functools import cache

from sfmc_mock.declarations.handler import Call, Handler
from sfmc_mock.declarations.properties import Property
from sfmc_mock.errors import TooManyObjects
from sfmc_mock.objects import handler_for
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
    """Return the definition of each object asked for; an unknown one is passed over (seen live).

    Raises `TooManyObjects` for more of them than the schema has classes.
    """
    requests = message.wrapped("DescribeRequests", "ObjectDefinitionRequest")
    if len(requests) > _MOST_DEFINITIONS:
        raise TooManyObjects
    definitions = [
        _definition(call, handler)
        for request in requests
        if (handler := handler_for(request.text("ObjectType") or "")) is not None
    ]
    return Struct(
        "DefinitionResponseMsg",
        {"ObjectDefinition": definitions, "RequestID": call.request_id},
    )


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
    known = {each.name: each for each in handler.properties}
    retrievable = [_property(handler, each) for each in handler.properties if each.retrievable]
    base = catalogue().complex_types["APIObject"]
    # Some objects have no class of their own.
    kind = catalogue().complex_types.get(handler.object_type, base)
    inherited = base.wire_fields()
    names = {each.name for each in inherited}
    own = [
        each
        for each in kind.wire_fields()
        if each.name not in names and not each.name.startswith("IsPlatform")
    ]
    others = [
        _field(each, known.get(each.name))
        for each in (*own, *inherited)
        if each.name not in known or not known[each.name].retrievable
    ]
    if "IsPlatformObject" not in known:
        others.append(_field(Field("IsPlatformObject", "boolean", 0, 1), None))
    return (*retrievable, *others)


def _property(handler: Handler, each: Property) -> Struct:
    values: dict[str, object] = {
        "Name": each.name,
        "DataType": _type_at(handler.object_type, each),
        "IsUpdatable": each.updatable,
        "IsRetrievable": True,
    }
    if each.max_length is not None:
        values["MaxLength"] = each.max_length
    values["IsRequired"] = each.required
    return Struct("PropertyDefinition", values)


def _field(each: Field, known: Property | None) -> Struct:
    return Struct(
        "PropertyDefinition",
        {
            "Name": each.name,
            "DataType": _net_name(each),
            "IsUpdatable": known.updatable if known else True,
            "IsRetrievable": False,
        },
    )


_NAMES_OF_KINDS = {
    "number": "Int32",
    "flag": "Boolean",
    "date": "DateTime",
    "us_date": "DateTime",
}


def _type_at(object_type: str, each: Property) -> str:
    """Return the .NET type at the end of a dotted name; by its kind where the class has no such field."""
    current = object_type
    found: Field | None = None
    for name in each.name.split("."):
        kind = catalogue().complex_types.get(current)
        fields = kind.wire_fields() if kind else []
        found = next((field for field in fields if field.name == name), None)
        if found is None:
            return _NAMES_OF_KINDS.get(each.kind, "String")
        current = found.type
    return _net_name(found) if found else "String"


def _net_name(each: Field) -> str:
    kind = catalogue().complex_types.get(each.type)
    if kind is not None and kind.anonymous and len(kind.fields) == 1 and kind.fields[0].repeats:
        # A wrapper around repeated items is an array in .NET.
        return _NET_NAMES.get(kind.fields[0].type, kind.fields[0].type) + "[]"
    name = _NET_NAMES.get(each.type, each.type)
    return name + "[]" if each.repeats else name
