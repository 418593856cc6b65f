"""Parse recorded messages safely."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sfmc_client.envelope import SOAP_11, SOAP_12, xml_parser

if TYPE_CHECKING:
    from lxml import etree

# The service sends no deeper messages, and Python's stack is limited.
DEEPEST: Final = 100


class Reason(StrEnum):
    """The reason, in a recording, why a body is missing; it has nothing of the message's content."""

    NOT_SOAP = "it is no SOAP envelope"
    NOT_XML = "it is no well-formed XML"
    NOT_JSON = "it is no JSON"
    NOT_A_FORM = "it is no form"
    NOT_TEXT = "it is no text in UTF-8"
    NOTHING_KNOWN = "it is neither SOAP nor JSON"
    WITH_A_DTD = "it carries a DTD"
    TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"


class Unreadable(ValueError):
    """A message cannot be scrubbed; the error's text is the reason, for a message one of `Reason`."""


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
    """Return the root of a SOAP envelope, None for anything else."""
    try:
        return read_soap(raw)
    except Unreadable:
        return None


def text_in(raw: bytes) -> str:
    """Return a body as text. Raises `Unreadable` if it is not text."""
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
    """Return the text of the first element with a name; empty if there is none."""
    return next(
        (leaf_text(element) for element in root.iter(f"{{*}}{name}") if leaf_text(element)), ""
    )
