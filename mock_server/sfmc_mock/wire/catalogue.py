"""The service's schema as data: operations, elements, complex types and simple types.

It is read once from `catalogue.txt`, which explains its own form. All code that uses types derives from it: the
reader's plans, the writer's orders, Describe, and the spyne models behind the served WSDL.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

NAMESPACE = "http://exacttarget.com/wsdl/partnerAPI"

PRIMITIVES = frozenset(
    {
        "any",
        "base64Binary",
        "boolean",
        "byte",
        "dateTime",
        "double",
        "int",
        "integer",
        "long",
        "short",
        "string",
        "time",
    }
)

_OCCURS: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}


@dataclass(frozen=True, slots=True)
class Field:
    """One element of a complex type.

    `type` names a primitive of XML Schema (`PRIMITIVES`) or a type of the catalogue; for an anonymous type it is
    the path of the field (`DataExtension.Fields`), under which the catalogue holds it. `highest` is None where the
    element may repeat without bound.
    """

    name: str
    type: str
    lowest: int
    highest: int | None
    nillable: bool = False
    choice: bool = False
    default: str | None = None

    @property
    def repeats(self) -> bool:
        return self.highest is None


@dataclass(frozen=True, slots=True)
class SimpleType:
    """A string with one of `values`, or of the form `pattern`."""

    name: str
    values: tuple[str, ...] = ()
    pattern: str | None = None


@dataclass(slots=True)
class ComplexType:
    """A class of the service: its own fields, and those of its bases."""

    name: str
    base: ComplexType | None = None
    abstract: bool = False
    anonymous: bool = False
    fields: list[Field] = field(default_factory=list)
    beyond: list[Field] = field(default_factory=list)
    last: list[Field] = field(default_factory=list)
    published: bool = True
    """Whether the WSDL has the type."""

    def derives_from(self, name: str) -> bool:
        """Say whether the type is the named one, or derives from it."""
        return self.name == name or (self.base is not None and self.base.derives_from(name))

    def schema_fields(self) -> list[Field]:
        """Return all fields of the WSDL in its order, inherited ones first."""
        inherited = self.base.schema_fields() if self.base else []
        return inherited + self.fields

    def wire_fields(self) -> list[Field]:
        """Return all fields in the order of the wire, with those that the WSDL lacks."""
        inherited = self.base.wire_fields() if self.base else []
        return inherited + self.beyond + self.fields + self.last


@dataclass(frozen=True, slots=True)
class OperationNames:
    """An operation with the elements that its messages carry; its SOAPAction is its name."""

    name: str
    request: str
    response: str


@dataclass(slots=True)
class Catalogue:
    """The whole schema. `complex_types` also holds the anonymous types, under the path of their field."""

    operations: dict[str, OperationNames] = field(default_factory=dict)
    simple_types: dict[str, SimpleType] = field(default_factory=dict)
    complex_types: dict[str, ComplexType] = field(default_factory=dict)
    elements: dict[str, str] = field(default_factory=dict)
    """Top-level element → name of its type; a message's type is anonymous and called like the element."""

    def named_types(self) -> list[ComplexType]:
        """Return the types that the WSDL names, in its order."""
        return [kind for kind in self.published_types() if not kind.anonymous]

    def published_types(self) -> list[ComplexType]:
        """Return all types of the WSDL, the anonymous ones included."""
        return [kind for kind in self.complex_types.values() if kind.published]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue, read at the first call."""
    text = files("sfmc_mock.wire").joinpath("catalogue.txt").read_text(encoding="utf-8")
    return _read(text)


def _read(text: str) -> Catalogue:
    schema = Catalogue()
    types, bases = schema.complex_types, dict[str, str]()
    published = True
    # The types whose fields are being read, one for each level of indentation, with their lists of fields.
    open_types: list[tuple[str, list[Field]]] = []
    for line in text.splitlines():
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if line.startswith(" "):
            del open_types[(len(line) - len(line.lstrip())) // 2 :]
            owner, fields = open_types[-1]
            made = _field(owner, words)
            fields.append(made)
            if made.type == f"{owner}.{made.name}":
                types[made.type] = ComplexType(made.type, anonymous=True, published=published)
                open_types.append((made.type, types[made.type].fields))
            continue
        name, published = words[1], words[0] != "beyond"
        match words:
            case "operation", _, request, response:
                schema.operations[name] = OperationNames(name, request, response)
            case "enum", _, *values:
                schema.simple_types[name] = SimpleType(name, values=tuple(values))
            case "pattern", _, pattern:
                schema.simple_types[name] = SimpleType(name, pattern=pattern)
            case "beyond", _:
                open_types = [(name, types[name].beyond)]
            case "beyond", _, "last":
                open_types = [(name, types[name].last)]
            case "element", _:
                schema.elements[name] = name
                opened = ComplexType(name, anonymous=True)
                types.setdefault(name, opened)
                open_types = [(name, opened.fields)]
            case _, _, *rest:
                types[name] = ComplexType(name, abstract="abstract" in rest, published=published)
                open_types = [(name, types[name].fields)]
                if rest[:1] == ["<"]:
                    bases[name] = rest[1]
    for name, base in bases.items():
        types[name].base = types[base]
    return schema


def _field(owner: str, words: list[str]) -> Field:
    name, type_name, *marks = words
    lowest, highest = _OCCURS.get(type_name[-1], (1, 1))
    if type_name[-1] in _OCCURS:
        type_name = type_name[:-1]
    default = next((mark.removeprefix("default=") for mark in marks if "=" in mark), None)
    return Field(
        name,
        f"{owner}.{name}" if type_name == "{}" else type_name,
        lowest,
        highest,
        nillable="nil" in marks,
        choice="choice" in marks,
        default=default,
    )
