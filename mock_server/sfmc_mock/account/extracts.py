"""Extracts: files in the FTP folder with the rows of a data extension, or with what happened after sends."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from sfmc_mock.account import data_extensions
from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import ActivityFailed, Counts, start_activity
from sfmc_mock.account.data_extension_values import shown_by
from sfmc_mock.account.extract_kinds import (
    COMPRESSION_EXTRACT,
    DATA_EXTENSION_EXTRACT,
    DELIMITERS,
    OUTPUT,
    TRACKING_EXTRACT,
    ExtractKind,
    checked,
    input_name,
    is_true,
    kind_named,
    moment_of,
    output_name,
)
from sfmc_mock.clock import us_text
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.store.extracted_rows import TRACKING_FILES, rows_of_table, tracking_rows

EXTRACT = "ExtractRequest"
"""The type of the activity that an Extract starts."""

_ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16"}
_DATES = frozenset(
    {"EventDate", "SchedTime", "SentTime", "DateHeld", "DateCreated", "DateUnsubscribed"}
)


def start_extract(account: Account, kind: ExtractKind, values: Mapping[str, str]) -> int:
    """Queue an extract, and return its TaskID."""
    definition = {"id": 0, "object_id": kind.id, "customer_key": kind.name, "name": kind.name}
    number, _ = start_activity(account, EXTRACT, definition)
    account.db.update("async_activity", {"parameters": json.dumps(dict(values))}, id=number)
    return number


def run_extract(account: Account, task: Row) -> Counts:
    """Write the file of an extract that was queued. Raises `ActivityFailed`."""
    kind = kind_named(task["object_id"])
    assert kind is not None
    return write_extract(account, kind, json.loads(task["parameters"]))


def write_extract(account: Account, kind: ExtractKind, values: Mapping[str, str]) -> Counts:
    """Write the file of an extract. Raises `ActivityFailed`, and `FtpRefused` for what cannot be read or written."""
    try:
        full = checked(account, kind, values)
        count = _WRITERS[kind](account, full, output_name(account, full[OUTPUT]))
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
    rows = (
        ["" if value is None else show(value) for show, value in zip(shown, row, strict=True)]
        for row in rows_of_table(account.db, extension.table, columns)
    )
    delimiter = values["ColumnDelimiter"]
    with account.files.writing(name) as file:
        return _write_rows(
            file,
            rows,
            columns if is_true(values["HasColumnHeaders"]) else None,
            delimiter=DELIMITERS.get(delimiter.lower(), delimiter)[:1] or ",",
            encoding=_encoding(values),
            quoted=is_true(values["TextQualified"]),
        )


def _write_tracking(account: Account, values: Mapping[str, str], name: str) -> int:
    start, end = moment_of(values["StartDate"]), moment_of(values["EndDate"])
    assert start is not None
    assert end is not None
    asked = [file for file in TRACKING_FILES if is_true(values[f"Extract{file}"])]
    delimiter = DELIMITERS.get(values["Format"].lower(), ",")
    count = 0
    with (
        account.files.writing(name) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        # Without a choice, all there is (assumed).
        for kind in asked or TRACKING_FILES:
            columns = TRACKING_FILES[kind].columns
            rows = tracking_rows(account.db, kind, start=start, end=end, now=account.now_text())
            with _member(account, archive, f"{kind}.csv") as member:
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
    source = input_name(account, values["InputFileName"])
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
    return _ENCODINGS.get(values["CharacterEncoding"].lower(), "utf-8")


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
