"""API objects as tables: the rows of a Retrieve, with its properties and filters."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sfmc_mock.account.data_extensions import find_by_key_or_name
from sfmc_mock.control import AccountHandle
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.filters import find_property, read_filter
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.source import Source
from sfmc_mock.errors import NotThere, SetupError, SfmcMockError
from sfmc_mock.objects import HANDLERS
from sfmc_mock.objects.absent import nearest_types
from sfmc_mock.store.conditions import Condition, all_of, comparison
from sfmc_mock.store.data_extension_tables import OWN_COLUMNS
from sfmc_mock.store.page_queries import Selection, TooComplex, sorted_rows
from sfmc_mock.store.pages import Rows, page_rows
from sfmc_mock.wire.struct import Struct

ROWS = "DataExtensionObject"

OPERATORS = {
    "like": "contains",
    "equals": "is",
    "notEquals": "is not",
    "greaterThan": "is greater than",
    "lessThan": "is less than",
    "isNull": "is nil",
    "isNotNull": "is not nil",
}
_MOST_OFFSET = 100_000
_MOST_IN_FILE = 100_000
_AT_ONCE = 1_000

Value = object


@dataclass(frozen=True, slots=True)
class Question:
    """The rows to show: after which row, in which order, and a condition on one property."""

    after: int = 0
    sort: str = ""
    descending: bool = False
    offset: int = 0
    property: str = ""
    operator: str = "like"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A page of rows; each of `rows` is a row number with the values in the order of `names`."""

    names: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Value, ...]], ...]
    more: bool


class ObjectTable:
    """The rows of one API object; `of` names the data extension for DataExtensionObject.

    With `seconds_to_count`, the counters may only include some of the events; `is_counted` says whether they include
    all. Raises `NotThere` for an object that cannot be retrieved.
    """

    def __init__(
        self,
        handle: AccountHandle,
        object_type: str,
        of: str = "",
        *,
        seconds_to_count: float | None = None,
    ) -> None:
        handler = HANDLERS.get(object_type)
        if handler is None or not handler.is_retrieved:
            known = tuple(name for name, handler in HANDLERS.items() if handler.is_retrieved)
            near = nearest_types(object_type, known)
            meant = f"Did you mean {near}?" if near else f"There are: {', '.join(known)}."
            raise NotThere(f"There is no object type '{object_type[:80]}' to show. {meant}")
        self.object_type = object_type
        self._account = handle.account
        self._call = Call(handle.account, seconds_to_count=seconds_to_count)
        try:
            source = handler.source(self._call, of or None)
        except SfmcMockError as refused:
            raise NotThere(str(refused)) from None
        assert source is not None
        self.source: Source = source
        self.is_counted = self._call.is_counted
        self.properties = self._properties(of)
        self.names = tuple(prop.name for prop in self.properties)

    def _properties(self, of: str) -> tuple[Property, ...]:
        if self.object_type != ROWS:
            return tuple(self.source.properties.values())
        extension = find_by_key_or_name(self._account, of)
        names = [field.name for field in extension.fields] if extension else []
        known = (find_property(self._call, self.source, name) for name in (*names, *OWN_COLUMNS))
        return tuple(prop for prop in known if prop is not None)

    def page(self, question: Question, limit: int) -> Table:
        """Return a page of rows. Raises `SetupError` for a filter or an order that is not valid."""
        account = self._account
        selection = self._selection(question)
        with account.db.lock:
            account.settle()
            if question.sort:
                column = self._find(question.sort).name
                offset = min(question.offset, _MOST_OFFSET)
                rows = sorted_rows(
                    account.db,
                    selection,
                    column,
                    descending=question.descending,
                    offset=offset,
                    limit=limit + 1,
                )
            else:
                rows = self._next_rows(selection, question.after, limit + 1)
        rows, more = rows[:limit], len(rows) > limit
        shown = tuple((int(str(row[-1])), tuple(row[: len(self.names)])) for row in rows)
        return Table(self.names, shown, more)

    def _next_rows(self, selection: Selection, after: int, limit: int) -> Rows:
        try:
            return page_rows(self._account.db, selection, after, limit)
        except TooComplex:
            raise SetupError("The filter's value is too long. Shorten it.") from None

    def row(self, number: int) -> tuple[Value, ...]:
        """Return the values of a row. Raises `NotThere`."""
        page = self.page(Question(after=number - 1), 1)
        if not page.rows or page.rows[0][0] != number:
            raise NotThere(f"There is no row {number} of {self.object_type} any more.")
        return page.rows[0][1]

    def as_csv(self, question: Question) -> Iterator[bytes]:
        """Yield the rows as CSV, at most 100,000."""
        yield _csv_line(self.names)
        asked = replace(question, after=0, sort="", offset=0)
        for _ in range(_MOST_IN_FILE // _AT_ONCE):
            page = self.page(asked, _AT_ONCE)
            yield b"".join(_csv_line(values) for _, values in page.rows)
            if not page.more:
                return
            asked = replace(asked, after=page.rows[-1][0])

    def _selection(self, question: Question) -> Selection:
        own = self.source.condition(self._account.now_text())
        asked = self._filter(question)
        condition = all_of([own, asked]) if own and asked else own or asked
        return Selection(
            self.source.view,
            tuple(prop.name for prop in self.properties),
            condition,
            self.source.rowkey,
            self.source.range_index,
        )

    def _filter(self, question: Question) -> Condition | None:
        if not question.property:
            return None
        if question.operator not in OPERATORS:
            raise SetupError(f"There is no comparison '{question.operator}'.")
        known = self._find(question.property)
        if not question.value and not question.operator.startswith("is"):
            return None
        if question.operator == "like":
            # The page offers `like` for rows of data extensions, too; a Retrieve of them refuses it.
            return comparison(known.name, "like", (question.value,), self.source.expressions)
        part = Struct(
            "SimpleFilterPart",
            {
                "Property": known.name,
                "SimpleOperator": question.operator,
                "Value": [question.value],
            },
        )
        try:
            return read_filter(self._call, self.source, part)
        except ValueError:
            raise SetupError(f"'{question.value}' cannot be compared with {known.name}.") from None

    def _find(self, name: str) -> Property:
        for prop in self.properties:
            if prop.name == name:
                return prop
        raise SetupError(
            f"{self.object_type} has no property '{name}'. It has: {', '.join(self.names)}."
        )


def _csv_line(values: tuple[Value, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(
        "" if value is None else str(value) for value in values
    )
    return line.getvalue().encode("utf-8", "replace")
