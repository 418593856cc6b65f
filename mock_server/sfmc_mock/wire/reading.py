"""Read XML into a `Struct`, by plans compiled from the catalogue.

The rules are those of the service's .NET reader as far as known (grades in brackets): fields in any order (documented
samples), unknown elements ignored (seen live), the first of a repeated single field (how XmlSerializer reads; assumed
here), any prefix or none on `xsi:type` (seen live), white space in nil elements (documented sample); other content of a
nil element is ignored (how XmlSerializer reads).

`scalars.py` has the rules for texts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from lxml import etree

from sfmc_mock.errors import RequestUnreadable
from sfmc_mock.wire.catalogue import NAMESPACE, catalogue
from sfmc_mock.wire.scalars import SCALARS, Scalar, enumeration, string
from sfmc_mock.wire.scalars import Leniency as Leniency
from sfmc_mock.wire.struct import Struct

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"

_XSI_TYPE = f"{{{XSI}}}type"
_XSI_NIL = f"{{{XSI}}}nil"
_YES = ("true", "1")
_MOST_NAMESPACES = 200


class _FieldPlan(NamedTuple):
    name: str
    type: str
    repeats: bool
    scalar: Scalar | None
    is_object: bool


def read(element: etree._Element, type_name: str, leniency: Leniency) -> Struct:
    """Return the value of `type_name` that the element holds.

    Raises `RequestUnreadable` for an unknown `xsi:type`, for scalars that do not parse, and for too many items of one
    element, `TooManyObjects` for too many API objects.
    """
    plan = _plans.get(type_name) or _compile(type_name)
    values: dict[str, object] = {}
    if is_told(element.text):
        leniency.unread.text(etree.QName(element).localname, type_name)
    for child in element:
        if is_told(child.tail):
            leniency.unread.text(etree.QName(element).localname, type_name)
        step = plan.get(child.tag)
        if step is None:
            leniency.unread.unknown(child, type_name)
            continue
        name, declared, repeats, scalar, is_object = step
        if is_object:
            leniency.count_object()
        if not repeats and name in values:
            leniency.unread.repeated(child, type_name)
            continue
        value: object
        # Most elements have no attributes, and asking for one of them takes three times as long.
        has_attributes = child.keys()
        if has_attributes:
            leniency.note_attributes(child, has_attributes)
        if has_attributes and child.get(_XSI_NIL) in _YES:
            value = None
            _warn_of_content(child, name, leniency)
        elif scalar is not None:
            text = (child.text if not len(child) else _text_alone(child, leniency)) or ""
            value = text if scalar is string else scalar(text, name, leniency)
            if value is None:
                if repeats:
                    values.setdefault(name, [])
                continue
        else:
            actual = _actual_type(child, declared) if has_attributes else declared
            value = read(child, actual, leniency)
        if not repeats:
            values[name] = value
            continue
        items = values.get(name)
        if items is None:
            values[name] = [value]
            continue
        assert isinstance(items, list)
        items.append(value)
        if len(items) > leniency.limits.items and scalar is None and not is_object:
            raise RequestUnreadable(
                f"There are more than {leniency.limits.items:,} {name} elements in one {type_name}, the most that are "
                "taken."
            )
    return Struct(type_name, values)


class ValueStep(NamedTuple):
    """One value of a message: nil unless it has a place or the plan of a nested value."""

    name: str
    repeats: bool
    place: str | int | None = None
    """The number of the value, or a constant text."""
    scalar: Scalar | None = None
    """The function that reads the text; None for a text that is taken as it is."""
    inner: ValuePlan | None = None


@dataclass(frozen=True, slots=True)
class ValuePlan:
    """The plan by which the values of a message with known markup become its `Struct`.

    `unread` are the numbers of values in the place of elements, or in a nil element, each with the name of the element
    and its type (empty for nil).
    """

    type: str
    steps: tuple[ValueStep, ...]
    unread: tuple[tuple[int, str, str], ...]


def plan_values(
    element: etree._Element, type_name: str, place_of: Callable[[str], str | int]
) -> ValuePlan | None:
    """Return the plan of a message whose values are marked; `place_of` tells a mark from a text of the markup.

    None where the message has ignored elements: each such request gets its warnings from `read`.
    """
    plan = _plans.get(type_name) or _compile(type_name)
    steps: list[ValueStep] = []
    once: set[str] = set()
    texts = (element.text, *(child.tail for child in element))
    between = [(text or "", element, type_name) for text in texts]
    for child in element:
        step = plan.get(child.tag)
        if step is None or step.name in once:
            return None
        if not step.repeats:
            once.add(step.name)
        is_nil = child.get(_XSI_NIL) in _YES
        if len(child) and (is_nil or step.scalar is not None):
            return None
        if not all(str(name).startswith("{") for name in child.attrib):
            return None
        if is_nil:
            between.append((child.text or "", child, ""))
            steps.append(ValueStep(step.name, step.repeats))
        elif step.scalar is not None:
            place = place_of(child.text or "")
            scalar = None if step.scalar is string else step.scalar
            steps.append(ValueStep(step.name, step.repeats, place, scalar))
        else:
            inner = plan_values(child, _actual_type(child, step.type), place_of)
            if inner is None:
                return None
            steps.append(ValueStep(step.name, step.repeats, inner=inner))
    unread: list[tuple[int, str, str]] = []
    for text, holder, held in between:
        place = place_of(text)
        if isinstance(place, int):
            unread.append((place, etree.QName(holder).localname, held))
        elif is_told(place):
            return None
    return ValuePlan(type_name, tuple(steps), tuple(unread))


def _actual_type(element: etree._Element, declared: str) -> str:
    """Return the type that `xsi:type` names, else the declared one."""
    given = element.get(_XSI_TYPE)
    if given is None:
        return declared
    prefix, colon, name = given.strip().rpartition(":")
    namespace = _namespace(element, prefix if colon else None)
    if namespace == XSD:
        # SOAP::Lite adds types of XML Schema; on a class they mean nothing.
        return declared
    kind = catalogue().complex_types.get(name)
    if (
        kind is None
        or kind.anonymous
        or (namespace != NAMESPACE and (colon or namespace is not None))
        or not _derives(name, declared)
    ):
        tag = etree.QName(element)
        raise RequestUnreadable(
            f"The specified type was not recognized: name='{name}', namespace='{namespace or NAMESPACE}', "
            f"at <{tag.localname} xmlns='{tag.namespace or ''}'>."
        )
    return name


def _namespace(element: etree._Element, prefix: str | None) -> str | None:
    """Return the namespace that a prefix has at an element."""
    if prefix == element.prefix:
        namespace, closed, _ = element.tag.rpartition("}")
        return namespace[1:] if closed else None
    in_scope = element.nsmap
    if len(in_scope) > _MOST_NAMESPACES:
        # Each lookup goes through all of them.
        raise RequestUnreadable(
            f"More than {_MOST_NAMESPACES} namespaces are declared around <{etree.QName(element).localname}>."
        )
    return in_scope.get(prefix)


@cache
def _derives(name: str, declared: str) -> bool:
    """Say whether a class of the catalogue is another or derives from it."""
    return catalogue().complex_types[name].derives_from(declared)


def is_told(text: str | None) -> bool:
    """Say whether a text is more than white space."""
    return text is not None and text != "" and not text.isspace()


def _warn_of_content(element: etree._Element, name: str, leniency: Leniency) -> None:
    """Note what stands in a nil element, which is ignored."""
    if len(element):
        leniency.unread.content(element[0], "is nil")
    elif is_told(element.text):
        leniency.unread.text(name, "")


def _text_alone(element: etree._Element, leniency: Leniency) -> str:
    """Return the text of an element without the elements in it, which are ignored."""
    leniency.unread.content(element[0], "holds a text alone")
    return (element.text or "") + "".join(child.tail or "" for child in element)


_plans: dict[str, dict[object, _FieldPlan]] = {}


def _compile(type_name: str) -> dict[object, _FieldPlan]:
    known = catalogue()
    plan: dict[object, _FieldPlan] = {}
    for field in known.complex_types[type_name].wire_fields():
        scalar: Scalar | None = None
        if field.type in SCALARS:
            scalar = SCALARS[field.type]
        elif field.type in known.simple_types:
            simple = known.simple_types[field.type]
            scalar = enumeration(simple.name, simple.values) if simple.values else string
        plan[f"{{{NAMESPACE}}}{field.name}"] = _FieldPlan(
            field.name, field.type, field.repeats, scalar, _is_object(field.type)
        )
    # Another thread may have compiled the same plan: equal, so either may win.
    _plans[type_name] = plan
    return plan


def _is_object(type_name: str) -> bool:
    kind = catalogue().complex_types.get(type_name)
    return kind is not None and kind.derives_from("APIObject")
