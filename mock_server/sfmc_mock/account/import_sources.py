"""The sources of an import: its files, the columns that it takes of them, and the actions of each row.

Field mappings: documented. An import fails without a matching heading, and leaves out rows that are too short: assumed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import ActivityFailed, Counts
from sfmc_mock.account.delimited_text import DelimitedReader, Format, encoding_of
from sfmc_mock.account.ftp_folder import IMPORT, FtpRefused, file_named
from sfmc_mock.store.database import Row
from sfmc_mock.whole_numbers import whole_number

# What an update type lets a row do, as `store/import_staging.py` writes it.
_ACTIONS = {
    "AddAndUpdate": "au",
    "AddAndDoNotUpdate": "a",
    "UpdateButDoNotAdd": "u",
    "Merge": "au",
    "Overwrite": "a",
}
_COLUMN_ACTIONS = {
    "AddAndUpdate": "au",
    "AddButDoNotUpdate": "a",
    "UpdateButDoNotAdd": "u",
    "Delete": "d",
    "Skip": "",
}
_DELIMITERS = {"CSV": ",", "TAB": "\t"}
# Languages in which a date begins with the month or the year; in others with the day (assumed, after .NET's cultures).
_MONTH_FIRST = ("", "en", "en-us", "en-ph", "es-us")

_MOST_ERRORS_TOLD = 10_000


class ImportRow(NamedTuple):
    """A row: its place, its allowed actions, and a text for each column that is taken (None: no value)."""

    where: str
    actions: str
    texts: list[str | None]


@dataclass(slots=True)
class RowErrors:
    """The rows that were not taken, with reasons; the first ten thousand are listed one by one."""

    count: int = 0
    listed: list[tuple[str, str]] = field(default_factory=list)

    def note(self, where: str, reason: str) -> None:
        self.count += 1
        if len(self.listed) < _MOST_ERRORS_TOLD:
            self.listed.append((where, reason))


class ImportPlan:
    """The settings of an ImportDefinition for files and rows; `trigger` is the file that started its run."""

    def __init__(self, account: Account, row: Row, trigger: str) -> None:
        self.file = file_named(IMPORT, row["file_spec"] or "", account.now(), trigger)
        self.infers: bool = row["field_mapping_type"] == "InferFromColumnHeadings"
        self.has_all_fields: bool = row["field_mapping_type"] == "MapByOrdinal"
        self.field_maps = _parts(row["field_maps"], "FieldMap")
        lines = row["header_lines"]
        self.format = Format(
            delimiter=row["delimiter"] or _DELIMITERS.get(row["file_type"], ","),
            encoding=encoding_of(row["encoding_code_page"]),
            quoted=bool(row["standard_quoted_strings"]),
            header_lines=max(lines or 0, int(self.infers)),
        )
        self.update_type: str = row["update_type"]
        self.adds = self.update_type != "UpdateButDoNotAdd"
        self.allows_errors = bool(row["allow_errors"])
        self.null_text: str | None = row["null_representation"] or None
        self.line_end_text: str | None = row["end_of_line_representation"] or None
        locale = json.loads(row["date_formatting_locale"] or "{}").get("LocaleCode") or ""
        self.day_first = str(locale).lower() not in _MONTH_FIRST
        self.deletes_files = bool(row["delete_file"])
        self.control_column: str = row["control_column"] or ""
        self._control_default: str = row["control_column_default_action"] or "AddAndUpdate"
        self._control_actions = {
            str(action.get("Value") or "").casefold(): str(action.get("Action") or "Skip")
            for action in _parts(row["control_column_actions"], "ControlColumnAction")
        }

    def actions(self, control: str | None) -> str:
        """Return the actions that a row may do by the text of its control column."""
        if self.update_type != "ColumnBased":
            return _ACTIONS[self.update_type]
        chosen = self._control_actions.get((control or "").casefold(), self._control_default)
        return _COLUMN_ACTIONS[chosen]


def _parts(stored: str | None, name: str) -> list[dict[str, Any]]:
    """Return the child elements of a name from a column with an element as JSON."""
    return json.loads(stored or "{}").get(name) or []


class ImportedFiles:
    """The rows of the files of an import.

    `names` are the files, `columns` the names of their columns at the destination.
    """

    def __init__(
        self,
        account: Account,
        plan: ImportPlan,
        errors: RowErrors,
        known: Callable[[str], str | None],
        by_ordinal: Sequence[str],
    ) -> None:
        """`known` gives the destination's own spelling of a name; `by_ordinal` are its names in order.

        Raises `ActivityFailed` when the files have no column that can be taken.
        """
        self._account = account
        self._plan = plan
        self._errors = errors
        self._known = known
        self._by_ordinal = by_ordinal
        self.names = self._named_files()
        self.total = 0
        with self._reading(self.names[0]) as reader:
            columns = self._columns(reader.header)
        if not columns:
            raise ActivityFailed(
                f"No column of {self.names[0]} is called like a field of the destination: "
                + ", ".join(by_ordinal[:20])
            )
        self.columns = tuple(columns)

    def _named_files(self) -> list[str]:
        """Return the names of the files. Raises `ActivityFailed` when there is none."""
        ftp, name = self._account.files, self._plan.file
        folder, _, last = name.rpartition("/")
        try:
            if "*" in last or "?" in last:
                names = ftp.matching(folder, last)
            elif ftp.has(name):
                names = [name]
            else:
                names = []
        except FtpRefused as refused:
            raise ActivityFailed(str(refused)) from None
        if not names:
            raise ActivityFailed(f"There is no file {name} in the FTP folder {ftp.path}.")
        return names

    def rows(self) -> Iterator[ImportRow]:
        """Yield the rows, and note those that cannot be read."""
        for name in self.names:
            with self._reading(name) as reader:
                yield from self._rows_of(name, reader)

    @contextmanager
    def _reading(self, name: str) -> Iterator[DelimitedReader]:
        with (
            self._account.files.reading(name) as file,
            closing(DelimitedReader(file, self._plan.format)) as reader,
        ):
            yield reader

    def _rows_of(self, name: str, reader: DelimitedReader) -> Iterator[ImportRow]:
        plan, columns = self._plan, self._columns(reader.header)
        missing = [name for name in self.columns if name not in columns]
        if missing:
            raise ActivityFailed(f"{name} has no column for {missing[0]}.")
        indexes = [columns[name] for name in self.columns]
        control = self._control(reader.header)
        needed = max(indexes)
        prefix = f"{name}, line " if len(self.names) > 1 else "line "
        for line, cells in reader:
            self.total += 1
            if cells is None or len(cells) <= needed:
                problem = "cannot be read" if cells is None else f"has {len(cells)} columns"
                self.refuse(f"{prefix}{line}", f"The row {problem}; {needed + 1} are needed.")
                continue
            said = cells[control] if control is not None and control < len(cells) else None
            yield ImportRow(
                f"{prefix}{line}",
                plan.actions(said),
                [self._value(cells[index]) for index in indexes],
            )

    def refuse(self, where: str, reason: str) -> None:
        """Note that a row is not taken. Raises `ActivityFailed` where the import allows no error."""
        self._errors.note(where, reason)
        if not self._plan.allows_errors:
            raise ActivityFailed(f"The import allows no errors, and {where}: {reason}")

    def counts(self, done: int, duplicates: int) -> Counts:
        """Return the counts of an import: rows that are neither done, nor repeated, nor wrong were left out."""
        left = self.total - self._errors.count - duplicates - done
        return Counts(done, self.total, duplicates, left, self._errors.count)

    def _value(self, text: str) -> str | None:
        if self._plan.null_text is not None and text == self._plan.null_text:
            return None
        if self._plan.line_end_text is not None:
            return text.replace(self._plan.line_end_text, "\n")
        return text

    def _columns(self, header: Sequence[str]) -> dict[str, int]:
        """Return the index in the file of each column that is taken, by its name at the destination."""
        plan = self._plan
        columns: dict[str, int] = {}
        if plan.infers:
            for index, heading in enumerate(header):
                if (name := self._known(heading.strip())) is not None:
                    columns.setdefault(name, index)
            return columns
        if plan.has_all_fields and not plan.field_maps:
            return {name: index for index, name in enumerate(self._by_ordinal)}
        headings = _headings(header)
        for field_map in plan.field_maps:
            wanted = str(field_map.get("DestinationName") or "")
            name = self._known(wanted)
            if name is None:
                raise ActivityFailed(f"The destination has no field '{wanted}'.")
            place = _index(field_map, headings)
            if place is None:
                raise ActivityFailed(
                    f"The file has no column '{field_map.get('SourceName') or ''}'."
                )
            columns[name] = place
        return columns

    def _control(self, header: Sequence[str]) -> int | None:
        """Return the index of the control column. Raises `ActivityFailed` when the file has none."""
        wanted = self._plan.control_column
        if self._plan.update_type != "ColumnBased":
            return None
        index = _headings(header).get(wanted.casefold())
        if index is None and (ordinal := whole_number(wanted)) is not None:
            index = ordinal - 1
        if index is None or index < 0:
            raise ActivityFailed(f"The file has no control column '{wanted}'.")
        return index


def _headings(header: Sequence[str]) -> dict[str, int]:
    """Return the indexes of columns by their headings in folded case."""
    return {heading.strip().casefold(): index for index, heading in enumerate(header)}


def _index(field_map: Mapping[str, object], headings: Mapping[str, int]) -> int | None:
    """Return the index of a mapped column: by its name, else by its ordinal from 1 (assumed)."""
    name, ordinal = field_map.get("SourceName"), field_map.get("SourceOrdinal")
    if name:
        return headings.get(str(name).casefold())
    return ordinal - 1 if isinstance(ordinal, int) and ordinal > 0 else None
