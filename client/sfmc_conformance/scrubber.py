"""The scrubber: it keeps the service's own vocabulary only, and replaces all data of a tenant.

A message is parsed and rewritten from known harmless parts: elements, types, properties and values of the service's
schema, the words of its sentences, small counts. All other values, in any place and form, are replaced by references
(`references`). A message that cannot be parsed is not written at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from sfmc_client.envelope import OPERATIONS, XSI
from sfmc_client.text_safety import escape
from sfmc_conformance.messages import (
    DEEPEST,
    Reason,
    Unreadable,
    leaf_text,
    local_name,
    read_soap,
    text_in,
)
from sfmc_conformance.references import ADDRESS, GUID, NUMBER, PHONE, References
from sfmc_conformance.text_scrubber import TextScrubber
from sfmc_conformance.vocabulary import Vocabulary, is_anybodys, vocabulary

if TYPE_CHECKING:
    from lxml import etree

_COMPOUND = re.compile(
    rf"(urn:uuid:|Timestamp-|SecurityToken-|UsernameToken-|uuid-|\{{|)({GUID.pattern})(\}}|-\d|)"
)
_NUMBERED = re.compile(r"(UsernameToken-|SecurityToken-|Timestamp-)(\d{1,18})")
_OBJECT_TYPE = re.compile(r"(DataExtensionObject)\[(.*)\]", re.DOTALL)
_FIELD_KEY = re.compile(r"\[(.+)\]\.\[(.+)\]", re.DOTALL)
_SUBSTITUTION = re.compile(r"%%(.+)%%", re.DOTALL)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:([T ])(\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?"
)
_US_MOMENT = re.compile(r"\d{1,2}/\d{1,2}/\d{4}(?: \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?)?")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_LINK = re.compile(r"""href\s*=\s*(["'])(https?://.*?)\1""", re.IGNORECASE | re.DOTALL)
# A page in the form that the scrubber writes.
_PLAIN_PAGE = re.compile(r"""(text-\d{1,6})(?:<a href="[^"<>]+">link</a>)*""")

_LONGEST_COUNT = 5
_LONGEST_CODE = 6
_LONGEST_FRACTION = 3


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A message that may be written; `kind` is `xml`, `json`, `form` or `txt`."""

    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    """The context of a value: its element, key or property."""

    name: str = ""
    scope: str = ""
    personal: bool = False


class Scrubber:
    """Scrubs the messages of one recording: equal values get the same reference in all of them.

    `shift` is added to dates that the service or a filter sets, which keeps the intervals between them.
    """

    def __init__(
        self, *, shift: timedelta = timedelta(), references: References | None = None
    ) -> None:
        self.references = references or References()
        self._shift = shift
        self._words: Vocabulary = vocabulary()
        self._sentences = TextScrubber(
            self._words,
            self.references,
            self._is_one_value,
            lambda text: self._value(text, _Place()),
        )

    def message(self, raw: bytes, content_type: str = "") -> Scrubbed:
        """Return a scrubbed HTTP body. Raises `Unreadable` if it is neither SOAP, JSON, a form nor text."""
        kind = content_type.partition(";")[0].strip().lower()
        if kind == "application/x-www-form-urlencoded":
            return Scrubbed("form", self.form(raw))
        start = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if start in (b"{", b"["):
            return Scrubbed("json", self.json(raw))
        if start == b"<" or raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return Scrubbed("xml", self.soap(raw, _charset(content_type)))
        if kind == "text/plain":
            return Scrubbed("txt", self.sentence(text_in(raw)).encode())
        raise Unreadable(Reason.NOTHING_KNOWN)

    # SOAP.

    def soap(self, raw: bytes, charset: str | None = None) -> bytes:
        """Return a scrubbed SOAP envelope, on one line. Raises `Unreadable` for anything else."""
        root = read_soap(raw, charset)
        self._note_secrets(root)
        parts = ['<?xml version="1.0" encoding="utf-8"?>']
        self._element(root, {}, parts, 1)
        return "".join(parts).encode()

    def _note_secrets(self, root: etree._Element) -> None:
        """Collect the credentials of a message before anything is written, so that no sentence repeats them."""
        for element in root.iter("{*}*"):
            label = self._words.secrets.get(local_name(element).lower())
            if label is not None and not len(element) and element.text:
                self._secret(element.text.strip(), label)

    def _secret(self, text: str, label: str) -> str:
        if text in ("", "*"):
            return text
        self._sentences.secrets.add(text)
        return self.references.text(text, label)

    def _element(
        self, element: etree._Element, known: Mapping[str | None, str], parts: list[str], depth: int
    ) -> None:
        if depth > DEEPEST:
            raise Unreadable(Reason.TOO_DEEP)
        tag = self._tag(element)
        declared = _declared(element, known)
        parts.append(f"<{tag}")
        parts.extend(self._declaration(prefix, uri) for prefix, uri in declared.items())
        parts.extend(self._attributes(element))
        if len(element):
            parts.append(">")
            within = {**known, **declared}
            for child in element:
                self._element(child, within, parts, depth + 1)
            parts.append(f"</{tag}>")
            return
        text = self._leaf(element)
        parts.append(f">{escape(text)}</{tag}>" if text else " />")

    def _tag(self, element: etree._Element) -> str:
        name = local_name(element)
        if name not in self._words.elements:
            name = self.references.name_of(name, "element")
        return self._prefix(element.prefix) + name

    def _prefix(self, prefix: str | None) -> str:
        if prefix is None:
            return ""
        return f"{self._prefix_name(prefix)}:"

    def _prefix_name(self, prefix: str) -> str:
        return (
            prefix if prefix in self._words.prefixes else self.references.name_of(prefix, "prefix")
        )

    def _declaration(self, prefix: str | None, uri: str) -> str:
        name = "xmlns" if prefix is None else f"xmlns:{self._prefix_name(prefix)}"
        if uri not in self._words.namespaces and uri:
            uri = "urn:" + self.references.name_of(uri.removeprefix("urn:"), "namespace")
        return f' {name}="{uri}"'

    def _attributes(self, element: etree._Element) -> Iterator[str]:
        for tag, value in element.attrib.items():
            space, _, name = str(tag).rpartition("}")
            shown, content = self._attribute(space[1:], name, str(value), element)
            prefix = _prefix_of(element, space[1:])
            yield f' {self._prefix(prefix)}{shown}="{_quoted(content)}"'

    def _attribute(
        self, space: str, name: str, value: str, element: etree._Element
    ) -> tuple[str, str]:
        if space == XSI and name == "type":
            return name, self._qualified(value, element)
        if space == XSI and name == "nil" and value in {"true", "false", "1", "0"}:
            return name, value
        if name in {"mustUnderstand", "relay"} and value in {"0", "1", "true", "false"}:
            return name, value
        if name == "Id":
            return name, self._value(value, _Place("Id"))
        known = name in {"Type", "EncodingType", "ValueType", "actor", "role", "lang", "nil"}
        shown = name if known else self.references.name_of(name, "attribute")
        return shown, self._value(value, _Place(name))

    def _qualified(self, value: str, element: etree._Element) -> str:
        """Return a prefixed name, as in xsi:type and faultcode."""
        prefix, colon, name = value.strip().rpartition(":")
        shown = name if self._words.is_term(name) else self._value(name, _Place("type"))
        if colon and prefix in element.nsmap:
            return self._prefix(prefix) + shown
        return f"{self._prefix_name(prefix)}:{shown}" if colon else shown

    def _leaf(self, element: etree._Element) -> str:
        text = leaf_text(element)
        name = local_name(element)
        if not text:
            return ""
        if name in {"faultcode", "Value"} and _is_code(element):
            return self._qualified(text, element)
        return self._value(text, _place(element))

    # Values.

    def _value(self, text: str, place: _Place) -> str:
        """Return a value, or its replacement in this place."""
        text = text.strip()
        if not text:
            return ""
        lower = place.name.lower()
        if (label := self._words.secrets.get(lower)) is not None:
            return self._secret(text, label)
        if place.name in self._words.sentences:
            return self.sentence(text)
        if place.name == "HTMLBody":
            return self._html(text)
        if place.name in self._words.counts and _is_count(text, place.name):
            return text
        personal = place.personal or lower in self._words.personal
        if self._may_stay(text, personal):
            return text
        if place.name in self._words.moments and (moved := self._moved(text)) is not None:
            return moved
        return self._reference(text, place)

    def _html(self, text: str) -> str:
        """Return a page with only its links, so that clicks have a target."""
        links = [match[2] for match in _LINK.finditer(text)]
        shown = "".join(f'<a href="{self.references.url(link)}">link</a>' for link in links)
        plain = _PLAIN_PAGE.fullmatch(text)
        return self.references.text(plain[1] if plain else text, "text") + shown

    def _may_stay(self, text: str, personal: bool) -> bool:
        if text in self._words.addresses or is_anybodys(text):
            return True
        return not personal and self._words.is_term(text)

    def _reference(self, text: str, place: _Place) -> str:
        """Return the replacement of a value: of the same form, so that it is valid in the same place."""
        known = self.references
        if compound := _COMPOUND.fullmatch(text):
            return compound[1] + known.guid(compound[2]) + compound[3]
        if numbered := _NUMBERED.fullmatch(text):
            return numbered[1] + known.number(numbered[2], "")
        if NUMBER.fullmatch(text) and text.isascii():
            return known.number(text, place.scope)
        if ADDRESS.fullmatch(text):
            return known.address(text)
        if _URL.fullmatch(text):
            return known.url(text)
        if parts := _OBJECT_TYPE.fullmatch(text):
            return f"{parts[1]}[{self._value(parts[2], _Place('CustomerKey'))}]"
        if parts := _FIELD_KEY.fullmatch(text):
            return f"[{self._value(parts[1], _Place('CustomerKey'))}].[{self._value(parts[2], _Place('Name'))}]"
        if parts := _SUBSTITUTION.fullmatch(text):
            return f"%%{self._value(parts[1], _Place('Name'))}%%"
        if moment := _MOMENT.fullmatch(text):
            return _midnight(moment, known.moment(text))
        if _US_MOMENT.fullmatch(text):
            day = known.moment(text)
            rest = text.partition(" ")[1] and " 12:00:00 AM"
            return f"{day.month}/{day.day}/{day.year}{rest}"
        if PHONE.fullmatch(text) and text.isascii():
            return known.number(re.sub(r"\D", "", text), place.scope)
        return known.text(text, self._words.labels.get(place.name.lower(), "text"))

    def _moved(self, text: str) -> str | None:
        """Return a date of the service, shifted; None for another text."""
        match = _MOMENT.fullmatch(text)
        if match is None or match[2] is None or not text.isascii():
            return None
        try:
            moment = datetime.fromisoformat(f"{match[1]}T{match[3]}") + self._shift
        except (ValueError, OverflowError):
            return None
        seconds = "" if len(match[3]) == len("00:00") else f":{moment:%S}"
        fraction = f".{match[4][:_LONGEST_FRACTION]}" if match[4] else ""
        zone = match[5] or ""
        return f"{moment:%Y-%m-%d}{match[2]}{moment:%H:%M}{seconds}{fraction}{zone}"

    def sentence(self, text: str) -> str:
        """Return a sentence of the service with everything but its own words replaced."""
        return self._sentences.scrubbed(text)

    def _is_one_value(self, text: str) -> bool:
        return any(form.fullmatch(text) for form in (_COMPOUND, ADDRESS, _URL, _MOMENT)) or (
            self.references.known(text) is not None
        )

    # JSON and forms.

    def json(self, raw: bytes) -> bytes:
        """Return a scrubbed JSON document. Raises `Unreadable` for anything else."""
        try:
            content = json.loads(raw)
            return json.dumps(self._json(content, _Place(), 1)).encode()
        except (ValueError, RecursionError) as problem:
            if isinstance(problem, Unreadable):
                raise
        raise Unreadable(Reason.NOT_JSON)

    def _json(self, content: Any, place: _Place, depth: int) -> Any:
        if depth > DEEPEST:
            raise Unreadable(Reason.TOO_DEEP)
        if isinstance(content, dict):
            return {
                self._key(name): self._json(value, _Place(name, scope=name), depth + 1)
                for name, value in content.items()
            }
        if isinstance(content, list):
            return [self._json(value, place, depth + 1) for value in content]
        if content is None or isinstance(content, bool):
            return content
        if isinstance(content, (int, float)):
            return _number(self._value(repr(content), place))
        if place.name in {"scope", "scopes"}:
            return " ".join(self._value(word, _Place("scope")) for word in content.split())
        return self._value(content, place)

    def _key(self, name: str) -> str:
        return name if name in self._words.keys else self.references.name_of(name, "field")

    def form(self, raw: bytes) -> bytes:
        """Return a scrubbed form. Raises `Unreadable` for anything else."""
        try:
            pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, strict_parsing=bool(raw))
        except ValueError:
            raise Unreadable(Reason.NOT_A_FORM) from None
        content = [
            (self._key(name), str(self._json(value, _Place(name, scope=name), 1)))
            for name, value in pairs
        ]
        return urlencode(content).encode()

    # URL and headers.

    def url(self, url: str) -> str:
        """Return the URL of a request with its host replaced."""
        return self.references.url(url)

    def content_type(self, value: str) -> str:
        """Return the value of a Content-Type header, if it is a usual one."""
        kind, *parameters = (part.strip() for part in value.split(";"))
        shown = [kind.lower() if kind.lower() in self._words.content_types else self._opaque(kind)]
        for parameter in parameters:
            name, _, content = parameter.partition("=")
            content = content.strip("\"' ")
            if name.lower() == "charset" and content.lower() in self._words.charsets:
                shown.append(f"charset={content}")
            elif name.lower() == "action":
                shown.append(f'action="{self.action(content)}"')
        return "; ".join(shown)

    def action(self, value: str) -> str:
        """Return the value of a SOAPAction header with its quotes."""
        bare = value.strip().strip("\"'").strip()
        if not bare:
            return value if value in {"", '""'} else ""
        return value if value.strip("\"'") in OPERATIONS else self._opaque(bare)

    def _opaque(self, text: str) -> str:
        return self.references.text(text, "text") if text else ""


def _declared(element: etree._Element, known: Mapping[str | None, str]) -> dict[str | None, str]:
    """Return the namespaces that an element declares, in order."""
    here: dict[str | None, str] = dict(element.nsmap)
    if element.prefix is None:
        # The parser does not report a declaration that removes the default namespace.
        here[None] = str(element.tag)[1:].rpartition("}")[0]
    return {prefix: uri for prefix, uri in here.items() if known.get(prefix, "") != uri}


def _prefix_of(element: etree._Element, space: str) -> str | None:
    if not space:
        return None
    if space == "http://www.w3.org/XML/1998/namespace":
        return "xml"
    return next((prefix for prefix, uri in element.nsmap.items() if uri == space and prefix), None)


def _quoted(text: str) -> str:
    return escape(text).replace('"', "&quot;")


def _is_code(element: etree._Element) -> bool:
    """Whether an element is the code of a fault, of SOAP 1.1 or 1.2."""
    parent = element.getparent()
    return local_name(element) == "faultcode" or (
        parent is not None and local_name(parent) in {"Code", "Subcode"} and parent.tag[0] == "{"
    )


def _place(element: etree._Element) -> _Place:
    """Return the context of a leaf's value; for a Value, the property named beside it."""
    name, parent = local_name(element), element.getparent()
    if parent is None:
        return _Place(name)
    around = local_name(parent)
    if name in {"Value", "DateValue"}:
        beside = _beside(parent)
        last = beside.rpartition(".")[2] if beside != "ID" else f"{around}ID"
        # The value of a profile attribute or of a row is personal data, whatever its name.
        own = around in {"Attributes", "Attribute", "Property", "Key"}
        return _Place("" if own else last or name, scope=last, personal=own)
    if name == "ID":
        return _Place(name, scope=_kind(parent) + "ID")
    return _Place(name, scope=name)


def _beside(parent: etree._Element) -> str:
    for child in parent:
        if local_name(child) in {"Property", "Name"} and not len(child):
            return leaf_text(child)
    return ""


def _kind(element: etree._Element) -> str:
    kind = str(element.get(f"{{{XSI}}}type") or local_name(element)).rpartition(":")[2]
    return "DataFolder" if kind == "ParentFolder" else kind


def _is_count(text: str, name: str) -> bool:
    longest = _LONGEST_CODE if "code" in name.lower() else _LONGEST_COUNT
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= longest


def _midnight(match: re.Match[str], day: datetime) -> str:
    zone = match[5] or ""
    if match[3] is None:
        return f"{day:%Y-%m-%d}{zone}"
    seconds = "" if len(match[3]) == len("00:00") else ":00"
    return f"{day:%Y-%m-%d}{match[2]}00:00{seconds}{zone}"


def _number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def _charset(content_type: str) -> str | None:
    match = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    return match[1].lower() if match and match[1].lower() in vocabulary().charsets else None
