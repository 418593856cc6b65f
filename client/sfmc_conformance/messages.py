"""Parse recorded messages safely, and read what several tools need of them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sfmc_client.envelope import SOAP_11, SOAP_12, xml_parser

if TYPE_CHECKING:
    from lxml import etree

# Deeper ones are no messages of this service, and Python's stack is finite.
DEEPEST: Final = 100


class Reason(StrEnum):
    """What stands in a recording as the reason why a body was left out: nothing of a message's content."""

    NOT_SOAP = "it is no SOAP envelope"
    NOT_XML = "it is no well-formed XML"
    NOT_JSON = "it is no JSON"
    NOT_A_FORM = "it is no form"
    NOT_TEXT = "it is no text in UTF-8"
    NOTHING_KNOWN = "it is neither SOAP nor JSON"
    WITH_A_DTD = "it carries a DTD"
    TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"


class Unreadable(ValueError):
    """A message is not of a form that can be scrubbed; its text says why, for a message by a `Reason`."""


def read_soap(raw: bytes, charset: str | None = None) -> etree._Element:
    """Return the root of a SOAP envelope. Raises `Unreadable` for anything else."""
    from lxml import etree

    parser = xml_parser(None if charset is None or b"encoding" in raw[:100] else charset)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        root = None
    if root is None:
        raise Unreadable(Reason.NOT_XML)
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise Unreadable(Reason.WITH_A_DTD)
    if root.tag not in (f"{{{SOAP_11}}}Envelope", f"{{{SOAP_12}}}Envelope"):
        raise Unreadable(Reason.NOT_SOAP)
    return root


def soap_or_none(raw: bytes) -> etree._Element | None:
    """Return the root of a SOAP envelope, `None` for anything else."""
    try:
        return read_soap(raw)
    except Unreadable:
        return None


def text_in(raw: bytes) -> str:
    """Return a body as text. Raises `Unreadable` for what is none."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Unreadable(Reason.NOT_TEXT) from None


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def leaf_text(element: etree._Element) -> str:
    """Return the text of an element, without white space around it."""
    return (element.text or "").strip()


def first_text(root: etree._Element, name: str) -> str:
    """Return the first text in an element of this name, an empty one where there is none."""
    return next(
        (leaf_text(element) for element in root.iter(f"{{*}}{name}") if leaf_text(element)), ""
    )
