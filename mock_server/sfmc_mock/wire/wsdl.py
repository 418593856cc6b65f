"""The WSDL that the emulator serves: the same service as the vendor's, at the emulator's own address.

spyne writes it from the models: types, fields, occurrence, enumerations, messages, port type, binding and service.
The features that spyne lacks are added afterwards, from the catalogue:

* a type without a name stands inside its element (spyne knows named types only);
* `abstract`; and `choice` at its place among the fields (spyne puts choices last, and has no optional ones);
* top-level elements are the catalogue's (spyne makes one for every type), and types stand in its order;
* messages have the vendor's names (`createRequest` carries the element `CreateRequest`);
* the fault's namespace is imported, which no operation mentions.

Importing this module does not load spyne: the first call of `wsdl()` does, and takes about 0.3 s.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from threading import Lock
from urllib.parse import quote
from xml.sax.saxutils import escape

from lxml import etree

from sfmc_mock.wire.catalogue import ComplexType, catalogue

FAULT_NAMESPACE = "urn:fault.partner.exacttarget.com"

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_ELEMENT = f"{_XSD}element"

# Placeholders, in the text that is built once, for values that differ between servers.
_ADDRESS = "urn:address"
_FAULT_SCHEMA = "urn:fault-schema"

_building = Lock()

# Facts of the vendor's schema for a fault's detail (wsdl).
_FAULT_XSD = f"""\
<?xml version="1.0" encoding="utf-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:fault="{FAULT_NAMESPACE}"
    targetNamespace="{FAULT_NAMESPACE}" elementFormDefault="qualified">
  <xs:element name="apifault" type="fault:APIFault"/>
  <xs:complexType name="APIFault">
    <xs:sequence>
      <xs:element name="Code" type="xs:int"/>
      <xs:element name="Message" type="xs:string"/>
      <xs:element name="LogID" type="xs:long" minOccurs="0"/>
      <xs:element name="Params" minOccurs="0">
        <xs:complexType>
          <xs:sequence>
            <xs:element name="Param" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
          </xs:sequence>
        </xs:complexType>
      </xs:element>
    </xs:sequence>
  </xs:complexType>
</xs:schema>
"""


def wsdl(address: str, fault_schema: str) -> bytes:
    """Return the WSDL of a service at the URL `address`.

    `fault_schema` is the URL of `fault_xsd()`: clients fetch it while they load the WSDL. Characters that a URL cannot
    contain are percent-encoded, so both may come from a request.
    """
    with _building:
        text = _text()
    text = text.replace(_attribute(_ADDRESS), _attribute(address))
    return text.replace(_attribute(_FAULT_SCHEMA), _attribute(fault_schema))


def fault_xsd() -> bytes:
    """Return the schema of a fault's detail: code, message, perhaps the number of a log entry and parameters."""
    return _FAULT_XSD.encode()


def _attribute(url: str) -> bytes:
    legal = quote(url, safe=":/?#[]@!$&()*+,;=%", errors="replace")
    return f'"{escape(legal)}"'.encode()


@cache
def _text() -> bytes:
    # Loading spyne would take half of the time budget for the start of `serve`.
    from sfmc_mock.wire.models import description

    root = description(_ADDRESS)
    schema = next(root.iter(f"{_XSD}schema"))
    _arrange_schema(schema)
    fault_schema = {"namespace": FAULT_NAMESPACE, "schemaLocation": _FAULT_SCHEMA}
    schema.insert(0, etree.Element(f"{_XSD}import", fault_schema))
    _name_messages(root)
    del root.attrib["name"]
    root.extend(root.findall(f"{_WSDL}service"))
    etree.cleanup_namespaces(root, keep_ns_prefixes=["tns", "xs"])
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _arrange_schema(schema: etree._Element) -> None:
    known = catalogue()
    made = _by_name(schema.findall(_ELEMENT))
    elements = [made[name] for name in known.elements]
    types = _by_name(schema.iterchildren(f"{_XSD}simpleType", f"{_XSD}complexType"))
    for described in known.published_types():
        if described.abstract:
            types[described.name].set("abstract", "true")
        _mark_choice(types[described.name], described)
    for node in [*types.values(), *elements]:
        _fold_nameless_types(node, types)
    schema[:] = [
        *(types[name] for name in known.simple_types),
        *(types[described.name] for described in known.named_types()),
        *elements,
    ]


def _by_name(nodes: Iterable[etree._Element]) -> dict[str, etree._Element]:
    return {node.get("name", ""): node for node in nodes}


def _mark_choice(node: etree._Element, described: ComplexType) -> None:
    """Put the fields that exclude one another into a choice; no type has more than one."""
    names = {field.name for field in described.fields if field.choice}
    members = [element for element in node.iter(_ELEMENT) if element.get("name") in names]
    if not members:
        return
    choice = etree.Element(f"{_XSD}choice")
    members[0].addprevious(choice)
    for member in members:
        if member.get("minOccurs") == "0":
            del member.attrib["minOccurs"]
            choice.set("minOccurs", "0")
        choice.append(member)


def _fold_nameless_types(node: etree._Element, types: dict[str, etree._Element]) -> None:
    """Move types without a name in the vendor's schema into their only element."""
    for element in node.iter(_ELEMENT):
        described = catalogue().complex_types.get(element.get("type", "").removeprefix("tns:"))
        if described is not None and described.anonymous:
            del element.attrib["type"]
            del types[described.name].attrib["name"]
            element.append(types[described.name])


def _name_messages(root: etree._Element) -> None:
    for message in root.iter(f"{_WSDL}message"):
        message.set("name", _message_name(message.get("name", "")))
    for operation in root.iterfind(f"{_WSDL}portType/{_WSDL}operation"):
        # spyne lists the element there, where WSDL wants parts.
        del operation.attrib["parameterOrder"]
    for use in root.iter(f"{_WSDL}input", f"{_WSDL}output"):
        # A name is optional, and spyne's is not the one that would be taken without.
        del use.attrib["name"]
        element = use.get("message", "").removeprefix("tns:")
        if element:
            use.set("message", f"tns:{_message_name(element)}")


def _message_name(element: str) -> str:
    """Return the name of the message that carries an element.

    >>> _message_name("SystemStatusRequestMsg")
    'systemStatusRequest'
    """
    return element[0].lower() + element[1:].removesuffix("Msg")
