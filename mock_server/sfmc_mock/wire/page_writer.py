"""Write rows as text, by functions that are generated for their cells.

A page of 2,500 rows costs function calls per row when it goes through objects, and a string format when it does not.
So for each template a function is generated whose body is one f-string per row. Each column of a page is checked once
for cells that are null, empty or need escaping.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.clock import us_text
from sfmc_mock.wire.json_parts import part_from_json
from sfmc_mock.wire.writing import escape, special, write

Row = Sequence[object]


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


def _filter_text(stored: str | None) -> str:
    """Return a filter, stored as `part_as_json` makes it, as the element DataFilter."""
    return "" if stored is None else _part_text(stored, "DataFilter", "FilterPart")


def _part_text(stored: str, name: str, declared: str) -> str:
    """Return a nested value, stored as `part_as_json` makes it, as an element of a declared type."""
    return write(part_from_json(json.loads(stored)), name, declared)


def _parts_text(stored: str | None) -> str:
    """Return parts, stored as a JSON list of what `part_as_json` returns, as elements with the names of their classes.

    A class that only one element uses is called after it: `AccountUser.Roles`. A part may give the name of its
    `element` instead.
    """
    parts = [] if stored is None else json.loads(stored)
    named = [(each.pop("element", None) or each["type"].rpartition(".")[2], each) for each in parts]
    return "".join(write(part_from_json(each), name) for name, each in named)


# Kinds of cells whose text is a whole element, or several.
_WHOLE = {"attributes": _attributes_text, "data_filter": _filter_text, "parts": _parts_text}


def can_be_written(kind: str, stored: str) -> bool:
    """Say whether a stored cell of a kind of parts has the form of `part_as_json`."""
    try:
        if kind == "part":
            _part_text(stored, "Part", "APIObject")
        elif kind in ("parts", "data_filter"):
            _WHOLE[kind](stored)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return False
    return True


@dataclass(slots=True)
class Template:
    """The text of a row: pieces that are written as they are, cells, and groups of these."""

    cells: int
    pieces: list[str | _Column | _Group] = field(default_factory=list)
    columns: list[_Column] = field(default_factory=list)
    outer: list[list[str | _Column | _Group]] = field(default_factory=list)

    def literal(self, text: str) -> None:
        self.pieces.append(text)

    def cell(self, name: str, index: int, kind: str, *, missing: str, declared: str = "") -> None:
        column = _Column(name, index, kind, missing, declared)
        self.columns.append(column)
        self.pieces.append(column)

    def open_group(self, indexes: list[int]) -> None:
        """Begin a nested value that is left out when all its columns are null."""
        group = _Group(tuple(indexes), [])
        self.pieces.append(group)
        self.outer.append(self.pieces)
        self.pieces = group.pieces

    def close_group(self) -> None:
        self.pieces = self.outer.pop()


class PageWriter:
    """Writes rows as text. Columns of a row beyond the cells are ignored.

    The cells at the places `shared` have one number in all rows of a page, and no column.
    """

    def __init__(self, template: Template, shared: tuple[int, ...] = ()) -> None:
        self._template = template
        self._shared = shared
        places = [place for place in range(template.cells) if place not in shared]
        self._places = places
        self._columns = [
            (places.index(each.index), each) for each in template.columns if each.index in places
        ]
        self._writers: dict[tuple[int, tuple[bool, ...]], Callable[..., list[str]]] = {}
        self._sharing: dict[tuple[int, ...], PageWriter] = {}
        # The writers that check each value, by the number of columns of a row.
        self._careful: dict[int, Callable[..., list[str]]] = {}

    def sharing(self, shared: tuple[int, ...]) -> PageWriter:
        """Return a writer of rows without the columns of these cells."""
        if not shared:
            return self
        writer = self._sharing.get(shared)
        if writer is None:
            writer = PageWriter(self._template, shared)
            put_bounded(self._sharing, shared, writer, _MOST_WRITERS)
        return writer

    def __call__(self, rows: Sequence[Row], values: Sequence[object] = ()) -> str:
        """Return the text of rows; `values` are those of the shared cells, in order."""
        return "".join(self.pieces(rows, values))

    def pieces(self, rows: Sequence[Row], values: Sequence[object] = ()) -> list[str]:
        """Return the text of rows in pieces, so that large texts are not copied."""
        if not rows:
            return []
        given = tuple(map(str, values)) if values else ()
        width = len(rows[0])
        if len(rows) < _FEW and (writer := self._careful.get(width)) is not None:
            return writer(rows, *given)
        if len(rows) >= _FEW:
            by_column = list(zip(*rows, strict=True))
            simple = tuple([each.is_simple(by_column[place]) for place, each in self._columns])
            with suppress(TypeError, IndexError):
                # An invalid date raises here: checking before takes longer.
                return self._writer(width, simple)(rows, *given)
        writer = self._careful[width] = self._writer(width, ())
        return writer(rows, *given)

    def _writer(self, width: int, simple: tuple[bool, ...]) -> Callable[..., list[str]]:
        writer = self._writers.get((width, simple))
        if writer is not None:
            return writer
        known = {each.index for each in self._template.columns if each.index in self._shared}
        if simple:
            known.update(
                each.index for (_, each), is_ in zip(self._columns, simple, strict=True) if is_
            )
        # Naming all columns takes half the time of ignoring the rest.
        rest = [f"r{number}" for number in range(width - len(self._places))]
        names = [*(f"v{place}" for place in self._places), *rest]
        writer = _Code(known, self._shared).writer(self._template.pieces, names)
        return put_bounded(self._writers, (width, simple), writer, _MOST_WRITERS)


# Up to so many rows are written without checking their columns first.
_FEW = 8

# The greatest number of writers kept for one question: nearly all pages of 2,500 rows use the same.
_MOST_WRITERS = 32


@dataclass(slots=True)
class _Code:
    """The code of a writer for rows whose cells are simple in the columns `simple`, and the same in those `shared`.

    Every name in it is one of this module; texts from outside are only values of constants.
    """

    simple: set[int]
    shared: tuple[int, ...]
    constants: dict[str, object] = field(default_factory=lambda: {**_SCOPE})

    def writer(
        self, pieces: Sequence[str | _Column | _Group], columns: list[str]
    ) -> Callable[..., list[str]]:
        """Return what writes rows whose columns are called so; it takes the values of the shared cells, too.

        What rows begin and end with is the same in all of them.
        """
        start, end = 0, len(pieces)
        while start < end and self.is_same(pieces[start]):
            start += 1
        while start < end and self.is_same(pieces[end - 1]):
            end -= 1
        head, row, tail = (
            self.expression(part) for part in (pieces[:start], pieces[start:end], pieces[end:])
        )
        writer: Callable[..., list[str]] = eval(
            f"lambda {', '.join(['rows', *(f'v{place}' for place in self.shared)])}: "
            f"joined({head}, {tail}, [{row} for {','.join(columns)}, in rows])",
            self.constants,
        )
        return writer

    def is_same(self, piece: str | _Column | _Group) -> bool:
        """Say whether a piece is the same in all rows."""
        return isinstance(piece, str) or (isinstance(piece, _Column) and piece.index in self.shared)

    def expression(self, pieces: Sequence[str | _Column | _Group]) -> str:
        """Return the f-string of the pieces' text."""
        parts: list[str] = []
        for piece in pieces:
            if isinstance(piece, str):
                is_plain = _PLAIN.fullmatch(piece) is not None
                parts.append(piece if is_plain else f"{{{self.constant(piece)}}}")
            elif isinstance(piece, _Group):
                parts.append(f"{{{self.group(piece)}}}")
            elif piece.index in self.simple and piece.kind not in (*_WHOLE, "part"):
                parts.append(f"<{piece.name}>{{{piece.shown_simply}}}</{piece.name}>")
            else:
                parts.append(f"{{{self.careful(piece)}}}")
        return f"f'{''.join(parts)}'"

    def group(self, group: _Group) -> str:
        absent = " and ".join(f"v{index} is None" for index in group.indexes)
        arguments = ", ".join(f"v{index}" for index in group.indexes)
        # A function, because an f-string within an f-string needs other quotes before Python 3.12.
        function = eval(f"lambda {arguments}: {self.expression(group.pieces)}", self.constants)
        return f"{self.constant('')} if {absent} else {self.constant(function)}({arguments})"

    def careful(self, column: _Column) -> str:
        """Return the expression of a cell that may be null or empty, or have characters that XML does not allow."""
        value = f"v{column.index}"
        if column.kind in _WHOLE:
            return f"{column.kind}({value})"
        if column.kind == "part":
            named = f"{self.constant(column.name)}, {self.constant(column.declared)}"
            return (
                f"({self.constant(column.missing)} if {value} is None else part({value}, {named}))"
            )
        opening, closing = self.constant(f"<{column.name}>"), self.constant(f"</{column.name}>")
        if column.is_text:
            empty = self.constant(f"<{column.name} />")
            shown = f"({opening}+escape({value})+{closing} if {value} else {empty})"
        elif column.kind == "number":
            shown = f"{opening}+str({value})+{closing}"
        else:
            shown = f"{opening}+{column.shown}+{closing}"
        return f"{self.constant(column.missing)} if {value} is None else {shown}"

    def constant(self, value: object) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name


@dataclass(frozen=True, slots=True)
class _Column:
    """A cell of each row; `missing` is written for one without a value; `declared` is the type of a nested value."""

    name: str
    index: int
    kind: str
    missing: str
    declared: str = ""

    @property
    def is_text(self) -> bool:
        return self.kind not in _SHOWN and self.kind not in _WHOLE

    @property
    def shown_simply(self) -> str:
        """The expression of a value of a simple column."""
        if self.kind != "date":
            return self.shown
        value = f"v{self.index}"
        whole_second = f'{value}[:19] if {value}[19:] == ".000" else {self.shown}'
        return f'{value} if {value}[-1] != "0" else {whole_second}'

    @property
    def shown(self) -> str:
        """The expression of a value."""
        return _SHOWN.get(self.kind, "{}").format(f"v{self.index}")

    def is_simple(self, values: Sequence[object]) -> bool:
        """Say whether no value of a page is null, or a text that is empty or needs escaping.

        Dates are checked when they are written.
        """
        if self.is_text:
            return _are_clean(values)
        return self.kind == "date" or None not in values


@dataclass(frozen=True, slots=True)
class _Group:
    """The pieces of a nested value, which is left out when the columns `indexes` are null."""

    indexes: tuple[int, ...]
    pieces: list[str | _Column | _Group]


# Expressions for kinds whose values are not written as they are stored, by the name of their column.
_SHOWN = {
    "number": "{}",
    "decimal": "{}",
    "flag": "(T if {} else F)",
    "Flag": "(TT if {} else FF)",
    "date": "dates[{}]",
    "us_date": "us_date({})",
}

# As many as two columns of a page have; all writers share them.
_MOST_DATES = 5_000


class _Dates(dict[str, str]):
    """Written forms of times, by their stored forms: a page has few different times, or known ones."""

    def __missing__(self, stored: str) -> str:
        return put_bounded(self, stored, date_text(stored), _MOST_DATES)


def _joined(head: str, tail: str, rows: list[str]) -> list[str]:
    """Return the texts of rows, with their common beginning and end, in pieces."""
    if len(rows) == 1:
        return [f"{head}{rows[0]}{tail}"]
    return [head, (tail + head).join(rows), tail]


_SCOPE: dict[str, object] = {
    "joined": _joined,
    "dates": _Dates(),
    **_WHOLE,
    "part": _part_text,
    "us_date": us_text,
    "escape": escape,
    "T": "true",
    "F": "false",
    "TT": "True",
    "FF": "False",
}

# Texts that an f-string of single quotes can contain as they are.
_PLAIN = re.compile(r"[A-Za-z0-9_<>/ =\":.-]*", re.ASCII)


_SPECIAL_BYTES = bytes(code for code in range(128) if special(chr(code)))


def _are_clean(texts: Sequence[object]) -> bool:
    """Say whether all texts need no escaping: one check of all costs less than a check of each."""
    if not all(texts):
        return False
    text = "".join(texts)  # type: ignore[arg-type]
    if not text.isascii():
        return special(text) is None
    encoded = text.encode()
    return len(encoded.translate(None, _SPECIAL_BYTES)) == len(encoded)
