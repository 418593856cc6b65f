"""What an import reads: its files, the columns that it takes of them, and what each row may do.

Field mappings: documented. Without a heading that fits, and with rows that are too short, an import fails or leaves the
row out (assumed).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import ActivityFailed
from sfmc_mock.account.delimited_text import DelimitedReader, Format, encoding_of
from sfmc_mock.account.ftp_folder import IMPORT, FtpRefused, name_in
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
    """A row: where it stands, what it may do, and a text for each column that is taken (None: no value)."""

    where: str
    actions: str
    texts: list[str | None]


@dataclass(slots=True)
class RowErrors:
    """The rows that were not taken, and why; the first ten thousand are told one by one."""

    count: int = 0
    told: list[tuple[str, str]] = field(default_factory=list)

    def note(self, where: str, reason: str) -> None:
        self.count += 1
        if len(self.told) < _MOST_ERRORS_TOLD:
            self.told.append((where, reason))


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an ImportDefinition says of its files and rows."""

    file_spec: str
    format: Format
    mapping: str
    field_maps: tuple[Mapping[str, object], ...]
    update_type: str
    allows_errors: bool
    null_text: str | None
    line_end_text: str | None
    day_first: bool
    deletes_files: bool
    control_column: str
    control_default: str
    control_actions: Mapping[str, str]

    @classmethod
    def of(cls, row: Row) -> ImportPlan:
        """Return what the row of an ImportDefinition says."""
        mapping = str(row["field_mapping_type"])
        file_type = str(row["file_type"])
        given = row["header_lines"]
        lines = int(str(given)) if given is not None else int(mapping == "InferFromColumnHeadings")
        locale = str(_part(row, "date_formatting_locale").get("LocaleCode") or "")
        page = row["encoding_code_page"]
        return cls(
            file_spec=str(row["file_spec"] or ""),
            format=Format(
                delimiter=str(row["delimiter"] or _DELIMITERS.get(file_type, ",")),
                encoding=encoding_of(None if page is None else int(str(page))),
                quoted=bool(row["standard_quoted_strings"]),
                header_lines=max(lines, int(mapping == "InferFromColumnHeadings")),
            ),
            mapping=mapping,
            field_maps=tuple(_part(row, "field_maps").get("FieldMap") or ()),
            update_type=str(row["update_type"]),
            allows_errors=bool(row["allow_errors"]),
            null_text=_text(row["null_representation"]),
            line_end_text=_text(row["end_of_line_representation"]),
            day_first=locale.lower() not in _MONTH_FIRST,
            deletes_files=bool(row["delete_file"]),
            control_column=str(row["control_column"] or ""),
            control_default=str(row["control_column_default_action"] or "AddAndUpdate"),
            control_actions={
                str(action.get("Value") or "").casefold(): str(action.get("Action") or "Skip")
                for action in _part(row, "control_column_actions").get("ControlColumnAction") or ()
            },
        )

    def actions(self, control: str | None) -> str:
        """Return what a row may do, whose control column says so."""
        if self.update_type != "ColumnBased":
            return _ACTIONS[self.update_type]
        chosen = self.control_actions.get((control or "").casefold(), self.control_default)
        return _COLUMN_ACTIONS[chosen]

    @property
    def adds(self) -> bool:
        """Whether rows can be added."""
        return self.update_type != "UpdateButDoNotAdd"


def _part(row: Row, column: str) -> Mapping[str, list[dict[str, object]] | None]:
    found: dict[str, list[dict[str, object]] | None] = json.loads(str(row[column] or "{}"))
    return found


def _text(value: object) -> str | None:
    return str(value) if value else None


def files_of(account: Account, plan: ImportPlan) -> list[str]:
    """Return the names of the files that an import reads. Raises `ActivityFailed` when there is none."""
    name = name_in(IMPORT, plan.file_spec)
    folder, _, last = name.rpartition("/")
    try:
        if "*" in last or "?" in last:
            files = account.files.matching(folder, last)
        else:
            files = [name] if account.files.has(name) else []
    except FtpRefused as refused:
        raise ActivityFailed(str(refused)) from None
    if not files:
        raise ActivityFailed(f"There is no file {name} in the FTP folder {account.files.path}.")
    return files


class ImportedFiles:
    """The rows of the files of an import; `names` are what their columns are called at the destination."""

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
        self.files = files_of(account, plan)
        self.total = 0
        with self._reading(self.files[0]) as reader:
            columns = self._columns(reader.header)
        if not columns:
            raise ActivityFailed(
                f"No column of {self.files[0]} is called like a field of the destination: "
                + ", ".join(by_ordinal[:20])
            )
        self.names = tuple(columns)

    def rows(self) -> Iterator[ImportRow]:
        """Yield the rows, and note those that cannot be read."""
        for name in self.files:
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
        missing = [name for name in self.names if name not in columns]
        if missing:
            raise ActivityFailed(f"{name} has no column for {missing[0]}.")
        indexes = [columns[name] for name in self.names]
        control = self._control(reader.header)
        needed = max(indexes)
        prefix = f"{name}, line " if len(self.files) > 1 else "line "
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

    def _value(self, text: str) -> str | None:
        if self._plan.null_text is not None and text == self._plan.null_text:
            return None
        if self._plan.line_end_text is not None:
            return text.replace(self._plan.line_end_text, "\n")
        return text

    def _columns(self, header: Sequence[str]) -> dict[str, int]:
        """Return the index in the file of each column that is taken, by its name at the destination."""
        plan = self._plan
        if plan.mapping == "InferFromColumnHeadings":
            return self._inferred(header)
        if plan.mapping == "MapByOrdinal" and not plan.field_maps:
            return {name: index for index, name in enumerate(self._by_ordinal)}
        return self._mapped(header)

    def _inferred(self, header: Sequence[str]) -> dict[str, int]:
        columns: dict[str, int] = {}
        for index, heading in enumerate(header):
            name = self._known(heading.strip())
            if name is not None:
                columns.setdefault(name, index)
        return columns

    def _mapped(self, header: Sequence[str]) -> dict[str, int]:
        headings = {heading.strip().casefold(): index for index, heading in enumerate(header)}
        columns: dict[str, int] = {}
        for field_map in self._plan.field_maps:
            wanted = str(field_map.get("DestinationName") or "")
            name = self._known(wanted)
            if name is None:
                raise ActivityFailed(f"The destination has no field '{wanted}'.")
            index = _index(field_map, headings)
            if index is None:
                raise ActivityFailed(
                    f"The file has no column '{field_map.get('SourceName') or ''}'."
                )
            columns[name] = index
        return columns

    def _control(self, header: Sequence[str]) -> int | None:
        """Return the index of the control column. Raises `ActivityFailed` when the file has none."""
        wanted = self._plan.control_column
        if self._plan.update_type != "ColumnBased":
            return None
        headings = {heading.strip().casefold(): index for index, heading in enumerate(header)}
        index = headings.get(wanted.casefold())
        if index is None and (ordinal := whole_number(wanted)) is not None:
            index = ordinal - 1
        if index is None or index < 0:
            raise ActivityFailed(f"The file has no control column '{wanted}'.")
        return index


def _index(field_map: Mapping[str, object], headings: Mapping[str, int]) -> int | None:
    """Return the index of a mapped column: by its name, else by its ordinal from 1 (assumed)."""
    name, ordinal = field_map.get("SourceName"), field_map.get("SourceOrdinal")
    if name:
        return headings.get(str(name).casefold())
    return ordinal - 1 if isinstance(ordinal, int) and ordinal > 0 else None
