"""Compare a recorded answer with the emulator's, in structure and values, with references resolved.

In a scrubbed answer, references replace the tenant's own values. The first occurrence of a reference is bound to the
emulator's value in its place; later occurrences must have the same value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sfmc_client.envelope import XSI
from sfmc_conformance.drift import Drift
from sfmc_conformance.messages import Unreadable, leaf_text, local_name, read_soap
from sfmc_conformance.references import GUID, REFERENCE

if TYPE_CHECKING:
    from lxml import etree

_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:(?P<time>[T ]\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?)?(?P<zone>Z|[+-]\d\d:\d\d)?"
)

_US_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{4}(?P<time> \d{1,2}:\d\d:\d\d [AP]M)?(?P<zone>)")

# The number of rows up to which comparing each with each is fast.
_MOST_ROWS: Final = 100

# The forms of values that an unbound reference can stand for.
_FORMS: Final = (
    (re.compile(r"person-"), r"[^@\s]+@[^@\s]+"),
    (re.compile(r"(?i:facade00-)"), GUID.pattern),
    (re.compile(r"97\d"), r"-?\d+(?:\.\d+)?"),
    (re.compile(r"host-"), r"[\w.:\[\]-]+"),
)

# Elements that may occur several times anywhere; paths give their number.
_ALWAYS_COUNTED: Final = frozenset({"Results", "Result"})


class Bindings:
    """The emulator's values for the references of a recording."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self.sent: set[str] = set()
        """References that went out as they are, so an echo of one is that one."""

    def __getitem__(self, reference: str) -> str | None:
        value = self._values.get(_plain(reference))
        if value is None:
            return reference if _plain(reference) in self.sent else None
        return value.upper() if reference.startswith("FACADE") else value

    def copy(self) -> Bindings:
        """Return a copy of the bindings, for `restore`."""
        other = Bindings()
        other.restore(self)
        return other

    def restore(self, other: Bindings) -> None:
        """Discard the bindings made since a copy."""
        self._values, self.sent = dict(other._values), set(other.sent)

    def bind(self, reference: str, value: str) -> None:
        """Bind a reference to a value."""
        self._values[_plain(reference)] = value

    def fill(self, text: str, written: Callable[[str], str] = str) -> str:
        """Return a request with references replaced by the emulator's values, each formatted by `written`.

        Unbound references stay.
        """

        def value(match: re.Match[str]) -> str:
            bound = self._values.get(_plain(match[0]))
            if bound is None:
                self.sent.add(_plain(match[0]))
                return match[0]
            return written(bound)

        return REFERENCE.sub(value, text)

    def shown(self, text: str) -> str:
        """Return a recorded text with its bound references replaced by the emulator's values."""
        return REFERENCE.sub(lambda match: self[match[0]] or match[0], text)


def _plain(reference: str) -> str:
    return reference.lower()


@dataclass(slots=True)
class Comparison:
    """Compares the answers to one call; `drift` collects the differences.

    `request` is the scrubbed request: a date in the answer that repeats one of the request must be equal; any other
    date is the emulator's own.
    """

    exchange: str
    call: str
    bindings: Bindings
    request: str = ""
    drift: list[Drift] = field(default_factory=list)

    def status(self, recorded: int | None, emulator: int) -> None:
        """Compare the HTTP status."""
        if recorded != emulator:
            self._note("HTTP", "status", str(recorded), str(emulator))

    def content_type(self, recorded: str, emulator: str) -> None:
        """Compare the content types, if one was recorded."""
        if recorded and _content_type(recorded) != _content_type(emulator):
            self._note("HTTP", "content type", recorded, emulator)

    def body(self, kind: str, recorded: bytes, emulator: bytes) -> None:
        """Compare the bodies; `kind` is the recorded one's: `xml`, `json` or `txt`."""
        if kind == "xml":
            self._soap(recorded, emulator)
        elif kind == "json":
            self._json(recorded, emulator)
        elif kind:
            self._text("body", recorded.decode(), emulator.decode(errors="replace"))

    # SOAP.

    def _soap(self, recorded: bytes, emulator: bytes) -> None:
        theirs = read_soap(recorded)
        try:
            ours = read_soap(emulator)
        except Unreadable as unreadable:
            self._note("body", "body", "a SOAP envelope", str(unreadable))
            return
        if theirs.tag != ours.tag:
            self._note("Envelope", "type", _space(theirs), _space(ours))
        elif _namespaces(theirs) != _namespaces(ours):
            self._note("Envelope", "namespaces", _namespaces(theirs), _namespaces(ours))
        self._prefixes("Envelope", theirs, ours)
        self._children("", theirs, ours, transparent=True)

    def _children(
        self, path: str, theirs: etree._Element, ours: etree._Element, *, transparent: bool = False
    ) -> None:
        pairs = _Pairs.of(theirs, ours, self.bindings)
        for name, child in pairs.missing:
            self._note(_joined(path, name), "missing", _summary(child), "")
        for name, child in pairs.additional:
            self._note(_joined(path, name), "additional", "", _summary(child))
        if pairs.out_of_order:
            self._note(path or "Envelope", "order", *pairs.orders)
        rows = [pair for pair in pairs.both if not path and local_name(pair[1]) == "Results"]
        reordered = self._reordered(rows)
        for name, one, other in pairs.both:
            # Paths begin with the message in the body.
            if transparent and local_name(one) == "Body":
                self._message(one, other)
            else:
                self._element(_joined(path, name), one, reordered.get(name, other))

    def _reordered(
        self, rows: Sequence[tuple[str, etree._Element, etree._Element]]
    ) -> dict[str, etree._Element]:
        """Return the matching rows if they are in another order; the service promises none."""
        if not 1 < len(rows) <= _MOST_ROWS or self._agrees(rows):
            return {}
        before = self.bindings.copy()
        left = [other for _, _, other in rows]
        found: dict[str, etree._Element] = {}
        for name, one, _ in rows:
            match = next((each for each in left if self._agrees([(name, one, each)])), None)
            if match is None:
                self.bindings.restore(before)
                return {}
            left.remove(match)
            found[name] = match
            self._element(name, one, match)
        shown = [
            next(name for name, _, own in rows if own is element) for element in found.values()
        ]
        self._note("Results", "order", ", ".join(found), ", ".join(shown))
        return found

    def _agrees(self, rows: Sequence[tuple[str, etree._Element, etree._Element]]) -> bool:
        """Whether the rows of each pair are equal; binds no reference and records no difference."""
        drift, before = self.drift, self.bindings.copy()
        self.drift = []
        for name, one, other in rows:
            self._element(name, one, other)
        agrees = not self.drift
        self.drift = drift
        self.bindings.restore(before)
        return agrees

    def _message(self, theirs: etree._Element, ours: etree._Element) -> None:
        self._prefixes("Body", theirs, ours)
        one, other = (next(iter(body), None) for body in (theirs, ours))
        if one is None or other is None or one.tag != other.tag:
            shown = ["nothing" if each is None else local_name(each) for each in (one, other)]
            if shown[0] != shown[1]:
                self._note("Body", "type", *shown)
            return
        fault = local_name(one) == "Fault"
        self._element("Fault" if fault else "", one, other)

    def _element(self, path: str, theirs: etree._Element, ours: etree._Element) -> None:
        self._prefixes(path, theirs, ours)
        nil = self._attributes(path, theirs, ours)
        if len(theirs) or len(ours):
            self._children(path, theirs, ours)
        elif not nil:
            self._leaf(path, theirs, ours)

    def _leaf(self, path: str, theirs: etree._Element, ours: etree._Element) -> None:
        recorded, emulator = map(leaf_text, (theirs, ours))
        if local_name(theirs) == "faultcode":
            # Prefixes may differ; the namespaces that they stand for must be equal.
            recorded, emulator = _qualified(theirs, recorded), _qualified(ours, emulator)
        self._text(path, recorded, emulator)

    def _attributes(self, path: str, theirs: etree._Element, ours: etree._Element) -> bool:
        """Compare the attributes; return whether one element is nil and the other is not."""
        one, other = _attributes(theirs), _attributes(ours)
        nil = f"{{{XSI}}}nil"
        are_nil = [each.pop(nil, "false") in {"true", "1"} for each in (one, other)]
        if are_nil[0] != are_nil[1]:
            texts = [
                "nil" if is_nil else _summary(each)
                for is_nil, each in zip(are_nil, (theirs, ours), strict=True)
            ]
            self._note(path, "nil", *texts)
        kinds = [each.pop(f"{{{XSI}}}type", "") for each in (one, other)]
        if kinds[0] != kinds[1]:
            self._note(path, "type", *kinds)
        for name in {**one, **other}:
            at = f"{path}/@{name.rpartition('}')[2]}"
            if name not in one or name not in other:
                self._note(at, "attribute", one.get(name, ""), other.get(name, ""))
            else:
                self._text(at, one[name], other[name])
        return are_nil[0] != are_nil[1]

    def _prefixes(self, path: str, theirs: etree._Element, ours: etree._Element) -> None:
        if theirs.prefix != ours.prefix:
            self._note(path or "message", "prefix", theirs.prefix or "none", ours.prefix or "none")

    # JSON.

    def _json(self, recorded: bytes, emulator: bytes) -> None:
        try:
            ours = json.loads(emulator)
        except ValueError:
            self._note("body", "body", "JSON", "no JSON")
            return
        self._value("", json.loads(recorded), ours)

    def _value(self, path: str, theirs: Any, ours: Any) -> None:
        if isinstance(theirs, dict) and isinstance(ours, dict):
            for name in {**theirs, **ours}:
                at = _joined(path, name)
                if name not in ours:
                    self._note(at, "missing", json.dumps(theirs[name]))
                elif name not in theirs:
                    self._note(at, "additional", "", _shape(ours[name]))
                else:
                    self._value(at, theirs[name], ours[name])
        elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
            for number, (one, other) in enumerate(zip(theirs, ours, strict=True)):
                self._value(f"{path}[{number}]", one, other)
        elif isinstance(theirs, str) and isinstance(ours, str):
            self._text(path, theirs, ours)
        elif isinstance(theirs, bool) or isinstance(ours, bool) or not _are_numbers(theirs, ours):
            if theirs != ours:
                self._note(path, "text", json.dumps(theirs), _shape(ours))
        else:
            self._text(path, str(theirs), str(ours))

    # Values.

    def _text(self, path: str, recorded: str, emulator: str) -> None:
        if self._agree(recorded, emulator):
            return
        self._note(path, "text", self.bindings.shown(recorded), emulator)

    def _agree(self, recorded: str, emulator: str) -> bool:
        """Whether two values are equal; binds references that are not bound yet."""
        for form in (_DATE, _US_DATE):
            date, own = form.fullmatch(recorded), form.fullmatch(emulator)
            if date and own and recorded not in self.request:
                return _date_form(date) == _date_form(own)
        if REFERENCE.search(recorded) is None:
            return recorded == emulator
        pattern, groups = self._pattern(recorded)
        match = re.fullmatch(pattern, emulator, re.DOTALL | re.IGNORECASE)
        if match is None:
            return False
        for reference, group in groups.items():
            self.bindings.bind(reference, match[group])
        return True

    def _pattern(self, recorded: str) -> tuple[str, dict[str, int]]:
        """Return the pattern of the accepted values for a recorded text, and the unbound reference of each group."""
        parts: list[str] = []
        groups: dict[str, int] = {}
        end = 0
        for match in REFERENCE.finditer(recorded):
            parts.append(f"(?-i:{re.escape(recorded[end : match.start()])})")
            reference, end = match[0], match.end()
            bound = self.bindings[reference]
            if bound is not None:
                parts.append(re.escape(bound))
            elif reference in groups:
                parts.append(rf"\{groups[reference]}")
            else:
                groups[reference] = len(groups) + 1
                parts.append(f"({_form(reference)})")
        parts.append(f"(?-i:{re.escape(recorded[end:])})")
        return "".join(parts), groups

    def _note(self, path: str, kind: str, recorded: str = "", emulator: str = "") -> None:
        self.drift.append(
            Drift(
                exchange=self.exchange,
                call=self.call,
                path=path or "message",
                kind=kind,
                recorded=recorded,
                emulator=emulator,
            )
        )


@dataclass(slots=True)
class _Pairs:
    """The children of two elements in pairs; a child without a counterpart is missing or additional."""

    both: list[tuple[str, etree._Element, etree._Element]]
    missing: list[tuple[str, etree._Element]]
    additional: list[tuple[str, etree._Element]]
    orders: tuple[str, str]

    @property
    def out_of_order(self) -> bool:
        return self.orders[0] != self.orders[1]

    @classmethod
    def of(cls, theirs: etree._Element, ours: etree._Element, bindings: Bindings) -> _Pairs:
        theirs_named, ours_named = (_named(each, bindings) for each in (theirs, ours))
        named = {
            tag
            for tag in theirs_named.keys() & ours_named.keys()
            if max(theirs_named[tag], ours_named[tag]) > 1
        }
        one = dict(_keyed(theirs, named, bindings))
        other = dict(_keyed(ours, named, bindings))
        counted = {tag for tag, number in (*one, *other) if number != 0}
        names = {key: _name(key, key[0] in counted) for key in (*one, *other)}
        return cls(
            both=[(names[key], one[key], other[key]) for key in one if key in other],
            missing=[(names[key], child) for key, child in one.items() if key not in other],
            additional=[(names[key], child) for key, child in other.items() if key not in one],
            orders=(
                ", ".join(names[key] for key in one if key in other),
                ", ".join(names[key] for key in other if key in one),
            ),
        )


_Key = tuple[str, "int | str"]


def _keyed(
    parent: etree._Element, named: set[str], bindings: Bindings
) -> Iterator[tuple[_Key, etree._Element]]:
    """Yield the children with their keys: for some tags a name, for the others a number."""
    counts: dict[str, int] = {}
    for child in parent:
        tag = str(child.tag)
        number: int | str = counts.get(tag, 0)
        counts[tag] = counts.get(tag, 0) + 1
        if tag in named:
            number = bindings.shown(_own_name(child) or "")
        yield (tag, number), child


def _named(parent: etree._Element, bindings: Bindings) -> dict[str, int]:
    """Return the number of children by tag, for tags whose children all have a known name."""
    names: dict[str, list[str]] = {}
    for child in parent:
        name = _own_name(child) or ""
        unbound = any(bindings[reference] is None for reference in REFERENCE.findall(name))
        names.setdefault(str(child.tag), []).append("" if unbound else bindings.shown(name))
    return {
        tag: len(known)
        for tag, known in names.items()
        if "" not in known and len(set(known)) == len(known)
    }


def _own_name(element: etree._Element) -> str | None:
    for child in element:
        if local_name(child) == "Name" and not len(child):
            return leaf_text(child)
    return None


def _name(key: _Key, counted: bool) -> str:
    tag, number = key[0].rpartition("}")[2], key[1]
    return f"{tag}[{number}]" if counted or tag in _ALWAYS_COUNTED else tag


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def _space(element: etree._Element) -> str:
    return str(element.tag)[1:].rpartition("}")[0]


def _namespaces(root: etree._Element) -> str:
    return ", ".join(f"{prefix}={uri}" for prefix, uri in root.nsmap.items())


def _qualified(element: etree._Element, text: str) -> str:
    prefix, colon, name = text.rpartition(":")
    return f"{{{element.nsmap.get(prefix, prefix)}}}{name}" if colon else text


def _joined(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _summary(element: etree._Element) -> str:
    if len(element):
        return f"<{local_name(element)}> with {len(element)} elements"
    return leaf_text(element) or f"<{local_name(element)} />"


def _shape(value: Any) -> str:
    return json.dumps(value) if not isinstance(value, str) else "a text"


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, (int, float, str)) for value in values)


def _content_type(value: str) -> tuple[str, str]:
    kind, _, parameters = value.partition(";")
    match = re.search(r"charset=\"?([\w-]+)", parameters, re.IGNORECASE)
    return kind.strip().lower(), match[1].lower() if match else ""


def _date_form(match: re.Match[str]) -> tuple[str, str]:
    zone = match["zone"] or ""
    return re.sub(r"\d", "0", match["time"] or ""), zone if zone in {"", "Z"} else "offset"


def _form(reference: str) -> str:
    for start, form in _FORMS:
        if start.match(reference):
            return form
    return r".+?"
