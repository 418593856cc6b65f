"""Values of any class with all of its fields set."""

from __future__ import annotations

from sfmc_mock.wire.catalogue import Field, catalogue
from sfmc_mock.wire.struct import Struct

_SAMPLES = {
    "boolean": True,
    "byte": -7,
    "dateTime": "2026-01-02T03:04:05",
    "double": "1.5",
    "int": 7,
    "integer": 7,
    "long": 2**40,
    "short": 7,
}


def filled(type_name: str, depth: int) -> Struct:
    """Return a value of a class with all fields set, nested classes down to a depth."""
    fields = catalogue().complex_types[type_name].wire_fields()
    # Elements with any name are left out: their name is not known.
    named = [each for each in fields if each.type != "any"]
    return Struct(type_name, {each.name: _sample(each, depth) for each in named})


def _sample(each: Field, depth: int) -> object:
    known = catalogue()
    value: object
    if each.type in known.simple_types:
        value = (known.simple_types[each.type].values or ("some text",))[-1]
    elif each.type in known.complex_types:
        value = filled(each.type, depth - 1) if depth else Struct(each.type)
    else:
        value = _SAMPLES.get(each.type, "some & <text>")
    return [value, value] if each.repeats else value
