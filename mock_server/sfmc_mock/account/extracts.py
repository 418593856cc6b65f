"""Extracts: files in the FTP folder with the rows of a data extension, or with tracking events.

Codes and texts of refusals: documented; the IDs, names and parameters of extracts: assumed, after requests that users
publish.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from sfmc_mock.account import data_extensions
from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import ActivityFailed, Counts, start_activity
from sfmc_mock.account.data_extension_fields import shown_by
from sfmc_mock.account.ftp_folder import EXPORT, IMPORT, FtpRefused, file_named
from sfmc_mock.clock import parse_iso_or_us_time, stored, us_text
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.store.extracted_rows import TRACKING_FILES, rows_of_table, tracking_rows

EXTRACT = "ExtractRequest"
"""The type of the activity that an Extract starts."""

_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_NUMBER = re.compile(r"-?\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExtractParameter:
    """A parameter of an extract; `kind` is one of ExtractParameterDataType, `choices` are those of a dropdown."""

    name: str
    kind: str = "string"
    default: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    names_input: bool = False
    """Whether the value names a file that must exist."""


@dataclass(frozen=True, slots=True)
class ExtractKind:
    """An extract: its ID, name, and parameters; a caller needs its `scope` (assumed)."""

    id: str
    name: str
    parameters: tuple[ExtractParameter, ...]
    scope: str


_OUTPUT_NAME = "OutputFileName"
NOTIFY = ("NotifyEmail", "NotifyEmails")
_DELIMITERS = {"comma": ",", "tab": "\t", "pipe": "|"}
_OUTPUT = ExtractParameter(_OUTPUT_NAME, required=True)
_MORE = (
    *(ExtractParameter(name) for name in NOTIFY),
    ExtractParameter("CharacterEncoding", "dropdown", "UTF-8", choices=("UTF-8", "UTF-16")),
    ExtractParameter("_AsyncID", "integer", "0"),
)

DATA_EXTENSION_EXTRACT = ExtractKind(
    "bb94a04d-9632-4623-be47-daabc3f588a6",
    "Data Extension Extract",
    (
        ExtractParameter("DECustomerKey", required=True),
        _OUTPUT,
        ExtractParameter("HasColumnHeaders", "bool", "true"),
        ExtractParameter("ColumnDelimiter", default=","),
        ExtractParameter("TextQualified", "bool", "true"),
        *_MORE,
    ),
    "data_extensions_read",
)
TRACKING_EXTRACT = ExtractKind(
    "c7219016-a7f0-4c72-8657-1ec12c28a0db",
    "Tracking Extract",
    (
        ExtractParameter("StartDate", "datetime", required=True),
        ExtractParameter("EndDate", "datetime", required=True),
        _OUTPUT,
        ExtractParameter("Format", "dropdown", "csv", choices=("csv", "tab", "pipe")),
        *(ExtractParameter(f"Extract{file}", "bool", "false") for file in TRACKING_FILES),
        *_MORE,
    ),
    "tracking_events_read",
)
COMPRESSION_EXTRACT = ExtractKind(
    "1f7f4d2a-6f0b-4c0e-9d5b-6a1c3c7e2b90",
    "File Compression Extract",
    (ExtractParameter("InputFileName", required=True, names_input=True), _OUTPUT, *_MORE),
    "automations_execute",
)

KINDS = (DATA_EXTENSION_EXTRACT, TRACKING_EXTRACT, COMPRESSION_EXTRACT)


def kind_named(text: str) -> ExtractKind | None:
    """Return the extract with an ID or a name, in any case."""
    wanted = text.strip().strip("{}").casefold()
    return next((kind for kind in KINDS if wanted in (kind.id, kind.name.casefold())), None)


def _checked(account: Account, kind: ExtractKind, given: Mapping[str, str]) -> dict[str, str]:
    """Return the values of all parameters of an extract. Raises `Refused` (31005 to 31009)."""
    values = {parameter.name: parameter.default for parameter in kind.parameters}
    names = {name.casefold(): name for name in values}
    for name, value in given.items():
        if name.casefold() not in names:
            raise Refused(31005, "ExtractInvalid Parameter Name")
        values[names[name.casefold()]] = value
    for parameter in kind.parameters:
        _check(account, parameter, values[parameter.name].strip())
    try:
        account.files.has(_output_name(account, values[_OUTPUT_NAME]))
    except FtpRefused:
        raise Refused(31009, "No file path available") from None
    return values


def _check(account: Account, parameter: ExtractParameter, value: str) -> None:
    if not value:
        if parameter.required:
            raise Refused(31006, f"Missing required parameter: {parameter.name}")
        return
    if not _fits(parameter, value):
        raise Refused(
            31007,
            f"Parameter {parameter.name} has an invalid value of {value} for parameter of type: {parameter.kind}",
        )
    if parameter.names_input and not _is_there(account, _input_name(account, value)):
        raise Refused(31008, f"Input file not found: {value} for parameter: {parameter.name}")


def _fits(parameter: ExtractParameter, value: str) -> bool:
    if parameter.kind == "bool":
        return value.lower() in _FLAGS
    if parameter.kind == "integer":
        return _NUMBER.fullmatch(value) is not None
    if parameter.kind == "dropdown":
        return value.casefold() in {choice.casefold() for choice in parameter.choices}
    if parameter.kind == "datetime":
        return _moment_of(value) is not None
    return True


def _is_there(account: Account, name: str) -> bool:
    try:
        return account.files.has(name)
    except FtpRefused:
        return False


def _output_name(account: Account, value: str) -> str:
    return file_named(EXPORT, value, account.now())


def _input_name(account: Account, value: str) -> str:
    return file_named(IMPORT, value, account.now())


def _is_true(value: str) -> bool:
    return _FLAGS.get(value.strip().lower(), False)


def _moment_of(value: str) -> str | None:
    """Return the value of a `datetime` as the store keeps times, None when it is none."""
    try:
        return stored(parse_iso_or_us_time(value))
    except (ValueError, OverflowError):
        return None


# Writing.

_DATES = frozenset(
    {"EventDate", "SchedTime", "SentTime", "DateHeld", "DateCreated", "DateUnsubscribed"}
)


def start_extract(account: Account, kind: ExtractKind, given: Mapping[str, str]) -> int:
    """Queue an extract, and return its TaskID. Raises `Refused` (31005 to 31009)."""
    values = _checked(account, kind, given)
    definition = {"id": 0, "object_id": kind.id, "customer_key": kind.name, "name": kind.name}
    number, _ = start_activity(account, EXTRACT, definition)
    account.db.update("async_activity", {"parameters": json.dumps(values)}, id=number)
    return number


def run_extract(account: Account, task: Row) -> Counts:
    """Write the file of an extract that was queued. Raises `ActivityFailed`."""
    kind = kind_named(task["object_id"])
    assert kind is not None
    return write_extract(account, kind, json.loads(task["parameters"]))


def write_extract(account: Account, kind: ExtractKind, values: Mapping[str, str]) -> Counts:
    """Write the file of an extract. Raises `ActivityFailed`, and `FtpRefused` when a file cannot be read or written."""
    try:
        full = _checked(account, kind, values)
        count = _WRITERS[kind](account, full, _output_name(account, full[_OUTPUT_NAME]))
    except Refused as refused:
        raise ActivityFailed(refused.message) from None
    return Counts(count, count)


def _write_data_extension(account: Account, values: Mapping[str, str], name: str) -> int:
    key = values["DECustomerKey"]
    extension = data_extensions.find_by_key_or_name(account, key)
    if extension is None:
        raise ActivityFailed(f"There is no data extension with the key {key}.")
    columns = [field.name for field in extension.fields]
    shown = [shown_by(field) for field in extension.fields]
    delimiter = values["ColumnDelimiter"]
    with (
        account.files.writing(name) as file,
        closing(rows_of_table(account.db, extension.table, columns)) as rows,
    ):
        return _write_rows(
            file,
            (
                [
                    "" if value is None else show(value)
                    for show, value in zip(shown, row, strict=True)
                ]
                for row in rows
            ),
            columns if _is_true(values["HasColumnHeaders"]) else None,
            delimiter=_DELIMITERS.get(delimiter.lower(), delimiter)[:1] or ",",
            encoding=_encoding(values),
            quoted=_is_true(values["TextQualified"]),
        )


def _write_tracking(account: Account, values: Mapping[str, str], name: str) -> int:
    start, end = _moment_of(values["StartDate"]), _moment_of(values["EndDate"])
    assert start is not None
    assert end is not None
    asked = [file for file in TRACKING_FILES if _is_true(values[f"Extract{file}"])]
    delimiter = _DELIMITERS.get(values["Format"].lower(), ",")
    count = 0
    with (
        account.files.writing(name) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        # Without a choice, all there is (assumed).
        for kind in asked or TRACKING_FILES:
            columns = TRACKING_FILES[kind].columns
            now = account.now_text()
            with (
                _member(account, archive, f"{kind}.csv") as member,
                closing(tracking_rows(account.db, kind, start=start, end=end, now=now)) as rows,
            ):
                count += _write_rows(
                    member,
                    (_tracking_row(columns, row) for row in rows),
                    list(columns),
                    delimiter=delimiter,
                    encoding=_encoding(values),
                )
    return count


def _tracking_row(columns: tuple[str, ...], row: tuple[Any, ...]) -> list[str]:
    return [
        "" if value is None else us_text(value) if name in _DATES else str(value)
        for name, value in zip(columns, row, strict=True)
    ]


def _compress(account: Account, values: Mapping[str, str], name: str) -> int:
    source = _input_name(account, values["InputFileName"])
    with (
        account.files.reading(source) as read,
        account.files.writing(name) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        _member(account, archive, source.rpartition("/")[2]) as member,
    ):
        shutil.copyfileobj(read, member)
    return 1


_WRITERS: Mapping[ExtractKind, Callable[[Account, Mapping[str, str], str], int]] = {
    DATA_EXTENSION_EXTRACT: _write_data_extension,
    TRACKING_EXTRACT: _write_tracking,
    COMPRESSION_EXTRACT: _compress,
}


@contextmanager
def _member(account: Account, archive: zipfile.ZipFile, name: str) -> Iterator[Any]:
    now = account.now()
    moment = (max(now.year, 1980), now.month, now.day, now.hour, now.minute, now.second)
    about = zipfile.ZipInfo(name, moment)
    about.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(about, "w", force_zip64=True) as member:
        yield member


def _encoding(values: Mapping[str, str]) -> str:
    return "utf-16" if values["CharacterEncoding"].lower() == "utf-16" else "utf-8"


_PIECE = 1_000


def _write_rows(
    file: BinaryIO | Any,
    rows: Iterable[list[str]],
    header: list[str] | None,
    *,
    delimiter: str,
    encoding: str,
    quoted: bool = True,
) -> int:
    """Write rows as delimited text with the line ends of Windows (assumed), and return how many there were."""
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        escapechar=None if quoted else "\\",
    )
    mark = "\ufeff" if encoding == "utf-16" else ""
    encoding = "utf-16-le" if encoding == "utf-16" else encoding
    text.write(mark)
    if header is not None:
        writer.writerow(header)
    count = 0
    for count, row in enumerate(rows, 1):
        writer.writerow(row)
        if count % _PIECE == 0:
            file.write(text.getvalue().encode(encoding, "replace"))
            text.seek(0)
            text.truncate()
    file.write(text.getvalue().encode(encoding, "replace"))
    return count
