"""Write a `Struct` as XML text, in the service's order and with its rules for missing values.

The rules (recorded, and inferred from one serialiser behind all captures): fields in the order of the WSDL, inherited
ones first; a single nillable text or class is always written, nil when it has no value (`PartnerKey`, `ObjectID`); a
required number, flag or enumeration is always written, with .NET's default; other fields without a value are left out;
an empty text is `<Name />`; a value whose class differs from the declared one carries `xsi:type`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.wire.catalogue import PRIMITIVES, Field, catalogue
from sfmc_mock.wire.struct import Struct

# Characters that XML text cannot contain as they are: markup, and those that XML 1.0 does not allow.
_SPECIAL = re.compile("[&<>\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REPLACEMENTS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

special = _SPECIAL.search


def escape(text: str) -> str:
    """Return the text as XML content; characters that XML cannot carry are dropped."""
    if special(text) is None:
        return text
    return _SPECIAL.sub(lambda found: _REPLACEMENTS.get(found.group(), ""), text)


def scalar_text(value: object) -> str:
    """Return a scalar as the service writes it, escaped."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return escape(value) if isinstance(value, str) else str(value)


class Rendered:
    """Finished XML text in pieces: a page of results, written straight from rows."""

    __slots__ = ("texts",)

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    declared: str
    if_missing: str
    """The text for a field without a value: empty, a nil element, or .NET's default."""
    opening: str
    closing: str
    empty: str
    nil: str


def write(value: Struct, tag: str, declared: str | None = None) -> str:
    """Return the value as an element `tag`; `declared` is its class in the schema."""
    out: list[str] = []
    _write(value, tag, value.type if declared is None else declared, out)
    return "".join(out)


_MANY = 100
_BLOCK = 2_000


class _Pieces(list[str]):
    """The text of an answer; long lists are written in blocks, and emptied."""

    long_lists: tuple[list[Any], ...] = ()

    def block(self, start: int) -> Rendered:
        """Join the pieces from an index on."""
        text = "".join(self[start:])
        self[start:] = [text]
        return Rendered([text])


def write_pieces(value: Struct) -> list[str]:
    """Return the children of the value's element in pieces, without the element itself.

    Long lists in the value are empty afterwards, so that a large answer is not in memory twice.
    """
    out = _Pieces()
    _write_fields(value, out)
    for each in out.long_lists:
        each.clear()
    return out


def _write_many(given: list[object], step: _Step, out: _Pieces) -> None:
    blocks: list[object] = []
    start = len(out)
    for place, each in enumerate(given):
        given[place] = None
        _write_value(each, step, out)
        if len(out) - start >= _BLOCK:
            blocks.append(out.block(start))
            start += 1
    if len(out) > start:
        blocks.append(out.block(start))
    # The same list may be in the answer again.
    given[:] = blocks
    out.long_lists += (given,)


def _write(value: Struct, tag: str, declared: str, out: list[str]) -> None:
    opening = f"<{tag}>" if value.type == declared else f'<{tag} xsi:type="{value.type}">'
    out.append(opening)
    before = len(out)
    _write_fields(value, out)
    if len(out) == before:
        out[-1] = opening[:-1] + " />"
    else:
        out.append(f"</{tag}>")


def _write_fields(value: Struct, out: list[str]) -> None:
    values = value.values
    for name, opening, closing, step in _shapes.get((value.type, *values)) or _shape(value):
        if step is None:
            out.append(opening)
            continue
        given = values[name]
        kind = type(given)
        if kind is str and given:
            out.append(f"{opening}{escape(given)}{closing}")  # type: ignore[arg-type]
        elif kind is int:
            out.append(f"{opening}{given}{closing}")
        elif isinstance(given, list):
            if len(given) > _MANY and isinstance(out, _Pieces):
                _write_many(given, step, out)
                continue
            for each in given:
                _write_value(each, step, out)
        else:
            _write_value(given, step, out)


def _write_value(value: object, step: _Step, out: list[str]) -> None:
    if type(value) is Rendered:
        out += value.texts
        if len(value.texts) > _MANY and isinstance(out, _Pieces):
            out.long_lists += (value.texts,)
    elif isinstance(value, Struct):
        _write(value, step.name, step.declared, out)
    elif value is None:
        out.append(step.nil)
    elif value == "":
        out.append(step.empty)
    else:
        out.append(step.opening + scalar_text(value) + step.closing)


# Name, start tag and end tag of a given field, with its step; without a step, the text for missing fields.
_Part = tuple[str, str, str, _Step | None]

# The steps for a class with these fields.
_shapes: dict[tuple[str, ...], tuple[_Part, ...]] = {}
_MOST_SHAPES = 2_000


def _shape(value: Struct) -> tuple[_Part, ...]:
    plan = _plans.get(value.type) or _compile(value.type)
    found: list[_Part] = []
    missing = ""
    for step in plan:
        if step.name not in value.values:
            missing += step.if_missing
            continue
        if missing:
            found.append(("", missing, "", None))
            missing = ""
        found.append((step.name, step.opening, step.closing, step))
    if missing:
        found.append(("", missing, "", None))
    shape = tuple(found)
    return put_bounded(_shapes, (value.type, *value.values), shape, _MOST_SHAPES)


_plans: dict[str, tuple[_Step, ...]] = {}


def _compile(type_name: str) -> tuple[_Step, ...]:
    steps = tuple(_step(each) for each in catalogue().complex_types[type_name].wire_fields())
    _plans[type_name] = steps
    return steps


def _step(each: Field) -> _Step:
    nil = f'<{each.name} xsi:nil="true" />'
    return _Step(
        each.name,
        each.type,
        missing_text(each),
        f"<{each.name}>",
        f"</{each.name}>",
        f"<{each.name} />",
        nil if each.nillable else "",
    )


def missing_text(each: Field) -> str:
    """Return the service's text for a field without a value."""
    if each.repeats or each.choice:
        return ""
    is_text_or_class = each.type == "string" or each.type in catalogue().complex_types
    if each.nillable:
        return f'<{each.name} xsi:nil="true" />' if is_text_or_class else ""
    if each.lowest == 0 or is_text_or_class:
        return ""
    default = _net_default(each)
    return f"<{each.name}>{default}</{each.name}>"


def _net_default(each: Field) -> str:
    simple = catalogue().simple_types.get(each.type)
    if simple is not None:
        return simple.values[0] if simple.values else ""
    assert each.type in PRIMITIVES
    return {"boolean": "false", "dateTime": "0001-01-01T00:00:00"}.get(each.type, "0")
