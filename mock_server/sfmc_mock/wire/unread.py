"""Ignored elements of a request: their names, their places, and the nearest names that would be read."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from lxml import etree

from sfmc_mock.diagnostics import MAX_WARNINGS, CallWarnings
from sfmc_mock.errors import with_article
from sfmc_mock.wire.catalogue import NAMESPACE, ComplexType, Field, catalogue

_LONGEST_NAME = 100
_LONGEST_PATH = 300

# Parts that every object has: what stands in them is meant for no other.
_EVERYWHERE = ("Client", "Owner", "PartnerProperties")

# The elements that a text within an object is most likely meant for.
_NAMING = ("CustomerKey", "SubscriberKey", "ID", "Name")

# Attributes that the reader looks at, in their namespace.
_XSI = ("nil", "type")


class Unread:
    """The ignored elements of one request: each kind once, at its first place, up to `MAX_WARNINGS`."""

    __slots__ = ("_kinds", "_warnings")

    def __init__(self, warnings: CallWarnings) -> None:
        self._warnings = warnings
        self._kinds: set[tuple[str, ...]] = set()

    @property
    def is_empty(self) -> bool:
        """Whether everything was read so far."""
        return not self._kinds

    def unknown(self, element: etree._Element, type_name: str) -> None:
        """Note an element that the type does not have."""
        name, namespace = _named(element)
        if not self._is_new(type_name, name, namespace):
            return
        has = f"{_shown(type_name)} has no such element"
        if namespace != NAMESPACE and _field(type_name, name) is not None:
            has = f"it is in {_namespace(namespace)}, not in {NAMESPACE}"
            near = "Declare that namespace for it."
        else:
            near = _nearest(type_name, name) if len(name) <= _LONGEST_NAME else "Take it out."
        self._warnings.append(f"{_place(element)} was ignored, as by the service: {has}. {near}")

    def repeated(self, element: etree._Element, type_name: str) -> None:
        """Note a repeated element that the type has only once."""
        name, _ = _named(element)
        if self._is_new(type_name, name, "again"):
            self._warnings.append(
                f"{_place(element)} came more than once: the first was read, the others were ignored, as by the "
                f"service. {_how_to_repeat(type_name, name)}"
            )

    def content(self, element: etree._Element, why: str) -> None:
        """Note an element within an element that takes none: a text, or a nil element."""
        parent = element.getparent()
        assert parent is not None
        name, namespace = _named(element)
        if self._is_new(f"in {_named(parent)[0]}", name, namespace):
            self._warnings.append(
                f"{_place(element)} was ignored, as by the service: {_named(parent)[0]} {why}. Take it out."
            )

    def text(self, name: str, type_name: str) -> None:
        """Note a text in an element whose type has elements; the type is empty for a nil element."""
        if not self._is_new("text", name, type_name):
            return
        why = f"{name} holds elements. Put it into one of them: {_first(type_name)}."
        if not type_name:
            why = f"{name} is nil. Take xsi:nil away."
        self._warnings.append(f"A text in {name} was ignored, as by the service: {why}")

    def attribute(self, element: etree._Element, attribute: str) -> None:
        """Note an XML attribute that is in no namespace."""
        if not self._is_new("attribute", attribute):
            return
        near = f"Write it as xsi:{attribute}." if attribute in _XSI else "Write it as an element."
        self._warnings.append(
            f"The attribute {attribute[:_LONGEST_NAME]} of {_place(element)} was ignored, as by the service, which "
            f"reads elements. {near}"
        )

    def message(self, element: etree._Element, type_name: str) -> None:
        """Note a Body that begins with a part of the message, where the message should be around it."""
        name, _ = _named(element)
        if _field(type_name, name) is not None and self._is_new("message", name):
            self._warnings.append(
                f"{name} stands in the Body by itself, and was taken for the message: a message is a {type_name}, and "
                f"{name} a part of it. Put a {type_name} around all parts."
            )

    def beside(self, element: etree._Element) -> None:
        """Note an element that follows the message in the Body."""
        name, namespace = _named(element)
        if self._is_new("beside", name, namespace):
            self._warnings.append(
                f"{name[:_LONGEST_NAME]} in the Body was ignored, as by the service: a request holds one message, "
                "the first element of the Body. Send another request for it."
            )

    def _is_new(self, *kind: str) -> bool:
        if kind in self._kinds:
            return False
        if len(self._kinds) >= MAX_WARNINGS:
            self._warnings.count_another()
            return False
        self._kinds.add(kind)
        return True


def _named(element: etree._Element) -> tuple[str, str]:
    namespace, _, name = str(element.tag).rpartition("}")
    return name, namespace[1:]


def _namespace(namespace: str) -> str:
    return f"the namespace {namespace[:_LONGEST_NAME]}" if namespace else "no namespace"


def _place(element: etree._Element) -> str:
    """Return an element's name and its path from the message on."""
    names = []
    above = element.getparent()
    while above is not None and _named(above)[0] != "Body":
        names.append(_named(above)[0][:_LONGEST_NAME])
        above = above.getparent()
    path = "/".join(reversed(names))
    shown = path if len(path) <= _LONGEST_PATH else f"…{path[-_LONGEST_PATH:]}"
    return f"{_named(element)[0][:_LONGEST_NAME]} in {shown}"


def _shown(type_name: str) -> str:
    return type_name.rpartition(".")[2] if "." in type_name else with_article(type_name)


def _field(type_name: str, name: str) -> Field | None:
    return next((field for field in _fields(type_name) if field.name == name), None)


def _fields(type_name: str) -> list[Field]:
    kind: ComplexType | None = catalogue().complex_types.get(type_name)
    return list(kind.wire_fields()) if kind is not None else []


@lru_cache(maxsize=500)
def _nearest(type_name: str, name: str) -> str:
    """Return a sentence with the element of a type that is closest to an unknown one."""
    own = [field.name for field in _fields(type_name)]
    below = [
        (inner.name, f"{outer.name}/{inner.name}")
        for outer in _fields(type_name)
        for inner in _fields(outer.type)
        if outer.name not in _EVERYWHERE
    ]
    folded = {field_name.casefold(): field_name for field_name in own}
    if name.casefold() in folded:
        return f"Write it as {folded[name.casefold()]}."
    further_in = next((path for inner, path in below if inner == name), None)
    if further_in is not None:
        return f"It can stand further in: {further_in}."
    joined = {path.replace("/", "").casefold(): path for _, path in below}
    near = get_close_matches(name.casefold(), [*folded, *joined], n=1, cutoff=0.75)
    if near:
        return f"Nearest: {folded.get(near[0]) or joined[near[0]]}."
    if "Attributes" in own:
        return "A profile attribute goes into Attributes, as Name and Value."
    return f"It has {', '.join(own[:8])}{' …' if len(own) > 8 else ''}." if own else ""


def _first(type_name: str) -> str:
    """Return the element of a type that names it, else the first."""
    own = [field.name for field in _fields(type_name)]
    return next((name for name in _NAMING if name in own), own[0] if own else "none is known")


def _how_to_repeat(type_name: str, name: str) -> str:
    field = _field(type_name, name)
    inner = _fields(field.type) if field is not None else []
    if len(inner) == 1 and inner[0].repeats:
        return f"Put every {inner[0].name} into one {name}."
    return "Give it once."
