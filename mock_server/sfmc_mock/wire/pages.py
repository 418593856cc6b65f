"""Pages of a Retrieve: XML text written straight from database rows, without an object per row.

A page of 2,500 rows costs a function call per row when it goes through objects, and a string format when it does not.
So for each (class, properties) a small function is generated once, whose body is one f-string per row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sfmc_mock.clock import us_text
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.writing import escape, missing_text, special

Row = Sequence[object]
PageWriter = Callable[[Iterable[Row]], str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One requested property of a result: where it goes, and how its column is stored.

    `path` is the property's name, dotted for nested values. `kind` is `text`, `number`, `flag` (0 or 1) or `date`
    (ISO with milliseconds, written without trailing zeros: recorded). `partner` properties have no element in the
    class and come back as PartnerProperties, flags as `True`/`False` (recorded).

    Rows of data extensions also have `Flag` (0 or 1, written `True`/`False`), `us_date` (stored like `date`, written
    like `5/9/2024 12:00:00 AM`) and `decimal` (the digits as a text).
    """

    path: str
    kind: str = "text"
    partner: bool = False


def date_text(stored: str) -> str:
    """Return a stored time (`2016-07-22T11:52:19.600`) as the service writes it (`2016-07-22T11:52:19.6`)."""
    return stored.rstrip("0").rstrip(".") if "." in stored else stored


def _attributes_text(stored: str) -> str:
    """Return a subscriber's profile attributes, stored as JSON pairs, as repeated elements."""
    return "".join(
        f"<Attributes><Name>{escape(name)}</Name>"
        + (f"<Value>{escape(str(value))}</Value>" if value else "<Value />")
        + "</Attributes>"
        for name, value in json.loads(stored)
    )


@lru_cache(maxsize=512)
def page_writer(type_name: str, cells: tuple[Cell, ...]) -> PageWriter:
    """Return a function that writes rows, whose columns are the cells in order, as `Results` of the class."""
    source = _Source()
    source.literal(f'<Results xsi:type="{type_name}">')
    _fields(source, type_name, [(cell, i, cell.path) for i, cell in enumerate(cells)])
    source.literal("</Results>")
    return source.compile()


@lru_cache(maxsize=512)
def row_page_writer(names: tuple[str, ...], kinds: tuple[str, ...]) -> PageWriter:
    """Return a function that writes rows of a data extension; the columns are called `names` in the answer.

    A column without a value is an empty Value (assumed: SDKs expect the Name to be there).
    """
    source = _Source()
    source.literal(
        '<Results xsi:type="DataExtensionObject"><PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" />'
        "<Type>DataExtensionObject</Type><Properties>"
    )
    for index, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        source.literal(f"<Property><Name>{escape(name)}</Name>")
        source.cell("Value", index, kind, missing="<Value />")
        source.literal("</Property>")
    source.literal("</Properties></Results>")
    return source.compile()


def _fields(source: _Source, type_name: str, wanted: list[tuple[Cell, int, str]]) -> None:
    """Write the fields of a class in their order: those wanted from the row, the others as the class demands."""
    nested: dict[str, list[tuple[Cell, int, str]]] = {}
    direct: dict[str, tuple[Cell, int]] = {}
    partner: list[tuple[Cell, int, str]] = []
    for cell, index, path in wanted:
        head, dot, rest = path.partition(".")
        if cell.partner:
            partner.append((cell, index, path))
        elif dot:
            nested.setdefault(head, []).append((cell, index, rest))
        else:
            direct[head] = (cell, index)
    for each in catalogue().complex_types[type_name].wire_fields():
        if each.name == "PartnerProperties" and partner:
            for cell, index, path in partner:
                source.literal(f"<PartnerProperties><Name>{escape(path)}</Name>")
                kind = "Flag" if cell.kind == "flag" else cell.kind
                source.cell("Value", index, kind, missing="<Value />")
                source.literal("</PartnerProperties>")
        elif each.name in nested:
            group = nested[each.name]
            source.open_group([index for _, index, _ in group])
            source.literal(f"<{each.name}>")
            _fields(source, each.type, group)
            source.literal(f"</{each.name}>")
            source.close_group()
        elif each.name in direct:
            cell, index = direct[each.name]
            source.cell(each.name, index, cell.kind, missing=missing_text(each))
        else:
            source.literal(missing_text(each))


@dataclass(slots=True)
class _Source:
    """The f-string of a page writer while it is being put together; texts are constants named c0, c1 …"""

    parts: list[str] = field(default_factory=list)
    constants: dict[str, object] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    groups: list[tuple[list[str], list[int]]] = field(default_factory=list)

    def literal(self, text: str) -> None:
        self.pending.append(text)

    def cell(self, name: str, index: int, kind: str, *, missing: str) -> None:
        self._flush()
        value, opening, closing = f"r[{index}]", self._constant(f"<{name}>"), ""
        closing = self._constant(f"</{name}>")
        otherwise = self._constant(missing)
        empty = self._constant(f"<{name} />")
        if kind == "number":
            shown = f"{opening}+str({value})+{closing}"
        elif kind == "decimal":
            shown = f"{opening}+{value}+{closing}"
        elif kind == "flag":
            shown = f"{opening}+(T if {value} else F)+{closing}"
        elif kind == "Flag":
            shown = f"{opening}+(TT if {value} else FF)+{closing}"
        elif kind == "attributes":
            self.parts.append(f"{{attributes({value})}}")
            return
        elif kind == "date":
            shown = f"{opening}+date({value})+{closing}"
        elif kind == "us_date":
            shown = f"{opening}+us_date({value})+{closing}"
        else:
            shown = (
                f"({opening}+({value} if special({value}) is None else escape({value}))+{closing}"
                f" if {value} else {empty})"
            )
        self.parts.append(f"{{{otherwise} if {value} is None else {shown}}}")

    def open_group(self, indexes: list[int]) -> None:
        """Begin a nested value that is left out when all its columns are null."""
        self._flush()
        self.groups.append((self.parts, indexes))
        self.parts = []

    def close_group(self) -> None:
        self._flush()
        inner, (outer, indexes) = self.parts, self.groups.pop()
        name = self._constant(_function(inner, self.constants))
        absent = " and ".join(f"r[{index}] is None" for index in indexes)
        outer.append(f"{{c0 if {absent} else {name}(r)}}")
        self.parts = outer

    def compile(self) -> PageWriter:
        self._flush()
        row_text = _function(self.parts, self.constants)
        return lambda rows: "".join(map(row_text, rows))

    def _flush(self) -> None:
        if not self.constants:
            self._constant("")
        text = "".join(self.pending)
        self.pending.clear()
        if text:
            self.parts.append(f"{{{self._constant(text)}}}")

    def _constant(self, value: object) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name


def _function(parts: list[str], constants: dict[str, object]) -> Callable[[Row], str]:
    # Every name in the expression is ours (cN, r[N]); texts from outside are only ever values of constants.
    scope: dict[str, object] = {
        **constants,
        "attributes": _attributes_text,
        "date": date_text,
        "us_date": us_text,
        "escape": escape,
        "special": special,
        "T": "true",
        "F": "false",
        "TT": "True",
        "FF": "False",
    }
    made: Callable[[Row], str] = eval(f"lambda r: f'{''.join(parts)}'", scope)
    return made
