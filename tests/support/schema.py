"""A WSDL as plain data, in the format of the reference's `wsdl-types.json`, and access to the reference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from sfmc_mock.wire.catalogue import PRIMITIVES, Field, catalogue

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
_XSD = "{http://www.w3.org/2001/XMLSchema}"


@dataclass(frozen=True)
class Description:
    """The content of a WSDL, always with the prefixes `tns` and `xsd`."""

    operations: list[dict[str, Any]]
    messages: dict[str, list[dict[str, str]]]
    elements: dict[str, dict[str, Any]]
    simple_types: dict[str, dict[str, Any]]
    complex_types: dict[str, dict[str, Any]]


def reference(name: str) -> Path:
    """Return a file of the reference, or skip the test if it is absent."""
    path = Path(__file__).parents[3] / "shared" / "reference" / name
    if not path.exists():
        pytest.skip(f"needs ../shared/reference/{name}, which is not here")
    return path


def expected() -> Description:
    """Return the content of the reference, or skip the test if it is absent."""
    noted = json.loads(reference("wsdl-types.json").read_text(encoding="utf-8"))
    return Description(
        operations=[_without(each, "doc") for each in noted["operations"]],
        messages=noted["messages"],
        elements={name: _noted(each) for name, each in noted["elements"].items()},
        simple_types={
            name: {
                "base": each["base"],
                "enumeration": each["enumeration"],
                "pattern": each.get("pattern", []),
            }
            for name, each in noted["simpleTypes"].items()
        },
        complex_types={name: _noted_type(each) for name, each in noted["complexTypes"].items()},
    )


def _noted_type(each: dict[str, Any]) -> dict[str, Any]:
    return {
        "base": each["base"],
        "abstract": each.get("abstract", False),
        "fields": [_noted(field) for field in each["fields"]],
    }


def _noted(node: dict[str, Any]) -> dict[str, Any]:
    """Return a field or element without its comment, and with `choice` as a flag instead of a number."""
    made = _without(node, "doc")
    if "choice" in made:
        made["choice"] = True
    if "fields" in made:
        made["fields"] = [_noted(each) for each in made["fields"]]
    return made


def _without(node: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in node.items() if name != key}


def of_catalogue() -> Description:
    """Return the content of the catalogue; names of messages and binding, which it lacks, are added here."""
    schema = catalogue()
    elements = {
        each.name: {"input": each.request, "output": each.response}
        for each in schema.operations.values()
    }
    used = {
        name: {way: {"message": _message(used), "element": used} for way, used in each.items()}
        for name, each in elements.items()
    }
    return Description(
        operations=[
            {"name": name, "soapAction": name, "binding": "SoapBinding", "faults": [], **each}
            for name, each in used.items()
        ],
        messages={
            use["message"]: [{"part": "parameters", "element": use["element"]}]
            for each in used.values()
            for use in each.values()
        },
        elements={name: _type_of_catalogue(each) for name, each in schema.elements.items()},
        simple_types={
            each.name: {
                "base": "xsd:string",
                "enumeration": list(each.values),
                "pattern": [each.pattern] if each.pattern else [],
            }
            for each in schema.simple_types.values()
        },
        complex_types={
            each.name: {
                "base": each.base and each.base.name,
                "abstract": each.abstract,
                "fields": [_field_of_catalogue(field) for field in each.fields],
            }
            for each in schema.named_types()
        },
    )


def _message(element: str) -> str:
    return element[:1].lower() + element[1:].replace("Msg", "")


def _field_of_catalogue(field: Field) -> dict[str, Any]:
    made = {
        "name": field.name,
        # A member of a choice is exact; it is the choice that may be optional.
        "min": 1 if field.choice else field.lowest,
        "max": "unbounded" if field.highest is None else field.highest,
        "nillable": field.nillable,
        **_type_of_catalogue(field.type),
    }
    if field.choice:
        made["choice"] = True
    if field.default is not None:
        made["default"] = field.default
    return made


def _type_of_catalogue(name: str) -> dict[str, Any]:
    if name in PRIMITIVES:
        return {"type": f"xsd:{name}"}
    found = catalogue().complex_types.get(name)
    if found is not None and found.anonymous:
        return {"type": "(inline)", "fields": [_field_of_catalogue(each) for each in found.fields]}
    return {"type": f"tns:{name}"}


def described(wsdl: bytes) -> Description:
    """Return the content of a WSDL."""
    root = etree.fromstring(wsdl)
    schema = next(root.iter(f"{_XSD}schema"))
    messages = {_name(each): _parts(each) for each in root.iterfind(f"{_WSDL}message")}
    return Description(
        operations=[
            _operation(root, each, messages)
            for each in root.iterfind(f"{_WSDL}portType/{_WSDL}operation")
        ],
        messages=messages,
        elements={_name(each): _typed(each) for each in schema.iterfind(f"{_XSD}element")},
        simple_types={_name(each): _simple(each) for each in schema.iterfind(f"{_XSD}simpleType")},
        complex_types={
            _name(each): _complex(each) for each in schema.iterfind(f"{_XSD}complexType")
        },
    )


def _name(node: etree._Element) -> str:
    return node.get("name", "")


def _parts(message: etree._Element) -> list[dict[str, str]]:
    return [{"part": _name(each), "element": _local(each, "element")} for each in message]


def _local(node: etree._Element, attribute: str) -> str:
    return node.get(attribute, "").rpartition(":")[2]


def _operation(
    root: etree._Element, node: etree._Element, messages: dict[str, list[dict[str, str]]]
) -> dict[str, Any]:
    name = _name(node)
    (binding,) = root.iterfind(f"{_WSDL}binding")
    (bound,) = binding.iterfind(f"{_WSDL}operation[@name='{name}']")
    (soap,) = bound.iterfind(f"{_SOAP}operation")
    made: dict[str, Any] = {
        "name": name,
        "soapAction": soap.get("soapAction"),
        "binding": _name(binding),
        "faults": [],
    }
    for direction in ("input", "output"):
        (use,) = node.iterfind(f"{_WSDL}{direction}")
        message = _local(use, "message")
        made[direction] = {"message": message, "element": messages[message][0]["element"]}
    return made


def _simple(node: etree._Element) -> dict[str, Any]:
    (restriction,) = node.iterfind(f"{_XSD}restriction")
    return {
        "base": _type(restriction, "base"),
        "enumeration": [each.get("value") for each in restriction.iterfind(f"{_XSD}enumeration")],
        "pattern": [each.get("value") for each in restriction.iterfind(f"{_XSD}pattern")],
    }


def _complex(node: etree._Element) -> dict[str, Any]:
    extension = node.find(f"{_XSD}complexContent/{_XSD}extension")
    return {
        "base": None if extension is None else _local(extension, "base"),
        "abstract": node.get("abstract") == "true",
        "fields": list(_fields(node if extension is None else extension)),
    }


def _typed(element: etree._Element) -> dict[str, Any]:
    inline = element.find(f"{_XSD}complexType")
    if inline is None:
        return {"type": _type(element, "type")}
    return {"type": "(inline)", "fields": list(_fields(inline))}


def _fields(owner: etree._Element) -> Iterator[dict[str, Any]]:
    for node in owner.iterfind(f"{_XSD}sequence/*"):
        if node.tag == f"{_XSD}choice":
            for member in node:
                yield _field(member) | {"choice": True}
        elif node.tag == f"{_XSD}any":
            yield _field(node) | {"name": "(any)", "type": "xsd:any"}
        else:
            yield _field(node)


def _field(node: etree._Element) -> dict[str, Any]:
    highest = node.get("maxOccurs", "1")
    made = {
        "name": _name(node),
        "min": int(node.get("minOccurs", "1")),
        "max": highest if highest == "unbounded" else int(highest),
        "nillable": node.get("nillable") == "true",
        **_typed(node),
    }
    if "default" in node.attrib:
        made["default"] = node.get("default")
    return made


def _type(node: etree._Element, attribute: str) -> str:
    prefix, _, name = node.get(attribute, "").rpartition(":")
    space = node.nsmap.get(prefix or None)
    return f"{'xsd' if space == _XSD[1:-1] else 'tns'}:{name}"
