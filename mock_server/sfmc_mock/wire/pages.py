"""Pages of a Retrieve: XML text written straight from database rows, without an object per row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.page_writer import PageWriter, Template
from sfmc_mock.wire.writing import escape, missing_text


@dataclass(frozen=True, slots=True)
class Cell:
    """One requested property of a result: its path, and the kind of its column.

    `path` is the property's name, dotted for nested values. `kind` is `text`, `number`, `flag` (0 or 1), `date`
    (ISO with milliseconds, written without trailing zeros: recorded) or `part` (a nested value as JSON, as
    `part_as_json` makes it). `partner` properties have no element in the class and come back as PartnerProperties,
    flags as `True`/`False` (recorded).

    Rows of data extensions also have `Flag` (0 or 1, written `True`/`False`), `us_date` (stored like `date`, written
    like `5/9/2024 12:00:00 AM`) and `decimal` (the digits as a text).
    """

    path: str
    kind: str = "text"
    partner: bool = False


@lru_cache(maxsize=512)
def page_writer(type_name: str, cells: tuple[Cell, ...], shown_as: str = "") -> PageWriter:
    """Return a writer of rows, whose columns are the cells in order, as `Results` of the class.

    `shown_as` is the name of the class in the answer, where the schema does not have that name.
    """
    template = Template(len(cells))
    template.literal(f'<Results xsi:type="{shown_as or type_name}">')
    _fields(template, type_name, [(cell, i, cell.path) for i, cell in enumerate(cells)])
    template.literal("</Results>")
    return PageWriter(template)


def row_page_writer(
    names: tuple[str, ...],
    kinds: tuple[str, ...],
    class_name: str = "DataExtensionObject",
    object_type: str = "DataExtensionObject",
    outside: tuple[str, ...] = (),
) -> PageWriter:
    """Return a writer of rows of a data extension; `names` are the names of the columns in the answer.

    `class_name` and `object_type` are those of other rows that consist of names and values; `outside` names columns
    that are elements of the object itself.

    A column without a value is an empty Value (assumed: SDKs expect the Name to be there).
    """
    make = _row_page_writer
    if len(names) <= _WIDE:
        make = _narrow_writer
    elif len(names) <= _WIDEST:
        make = _wide_writer
    return make(names, kinds, class_name, object_type, outside)


def _row_page_writer(
    names: tuple[str, ...],
    kinds: tuple[str, ...],
    class_name: str,
    object_type: str,
    outside: tuple[str, ...],
) -> PageWriter:
    template = Template(len(names))
    template.literal(f'<Results xsi:type="{class_name}">')
    columns = list(enumerate(zip(names, kinds, strict=True)))
    own = [(Cell(name, kind), index, name) for index, (name, kind) in columns if name in outside]
    _fields(template, "APIObject", own)
    template.literal(f"<Type>{object_type}</Type><Properties>")
    for index, (name, kind) in columns:
        if name in outside:
            continue
        template.literal(f"<Property><Name>{escape(name)}</Name>")
        template.cell("Value", index, kind, missing="<Value />")
        template.literal("</Property>")
    template.literal("</Properties></Results>")
    return PageWriter(template)


# A writer of 1,000 columns takes megabytes, and callers can ask for columns in any order.
_WIDE, _WIDEST = 200, 1_500
_narrow_writer = lru_cache(maxsize=512)(_row_page_writer)
_wide_writer = lru_cache(maxsize=8)(_row_page_writer)


def _fields(template: Template, type_name: str, wanted: list[tuple[Cell, int, str]]) -> None:
    """Write the fields of a class in their order: the requested ones from the row, the others as the class requires."""
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
                template.literal(f"<PartnerProperties><Name>{escape(path)}</Name>")
                kind = "Flag" if cell.kind == "flag" else cell.kind
                template.cell("Value", index, kind, missing="<Value />")
                template.literal("</PartnerProperties>")
        elif each.name in nested:
            group = nested[each.name]
            template.open_group([index for _, index, _ in group])
            template.literal(f"<{each.name}>")
            _fields(template, each.type, group)
            template.literal(f"</{each.name}>")
            template.close_group()
        elif each.name in direct:
            cell, index = direct[each.name]
            missing = missing_text(each)
            template.cell(each.name, index, cell.kind, missing=missing, declared=each.type)
        else:
            template.literal(missing_text(each))
