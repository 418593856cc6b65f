"""Delimited text (CSV, tab-separated …) of the FTP folder, read row by row in bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from sfmc_mock.account.activities import ActivityFailed

MOST_CHARACTERS_OF_LINE = 1_000_000
"""The greatest length of a line; the import fails at a longer one."""

# Windows code pages of the schema (EncodingCodePage); Python calls the others cp<number>.
_CODE_PAGES = {
    1200: "utf-16-le",
    1201: "utf-16-be",
    20127: "ascii",
    28591: "latin-1",
    932: "shift_jis",
    950: "big5",
    51949: "euc-kr",
    20866: "koi8-r",
}


@dataclass(frozen=True, slots=True)
class Format:
    """The format of a file: its delimiter, encoding (empty: detected), quotes, and lines before the rows."""

    delimiter: str = ","
    encoding: str = ""
    quoted: bool = True
    header_lines: int = 1


def encoding_of(code_page: int | None) -> str:
    """Return the encoding of a code page; empty where it must be detected. Raises `LookupError`."""
    if not code_page:
        return ""
    return codecs.lookup(_CODE_PAGES.get(code_page) or f"cp{code_page}").name


class DelimitedReader:
    """The rows of a file. `header` is the last of the header lines, empty without one."""

    def __init__(self, file: BinaryIO, wanted: Format) -> None:
        encoding = wanted.encoding or _found_encoding(file)
        self._text = io.TextIOWrapper(file, encoding, newline="")
        self._line = 0
        self._rows = csv.reader(
            self._lines(),
            delimiter=wanted.delimiter,
            quoting=csv.QUOTE_MINIMAL if wanted.quoted else csv.QUOTE_NONE,
            strict=False,
        )
        self.header: list[str] = []
        for _ in range(wanted.header_lines):
            self.header = self._next() or []

    def __iter__(self) -> Iterator[tuple[int, list[str] | None]]:
        """Yield line and cells of each row that has any, None for one that cannot be read."""
        while True:
            try:
                row = next(self._rows)
            except StopIteration:
                return
            except csv.Error:
                yield self._line, None
                continue
            if row:
                yield self._line, row

    def close(self) -> None:
        """Detach from the file, which stays open."""
        self._text.detach()

    def _next(self) -> list[str] | None:
        try:
            return next(self._rows, None)
        except csv.Error as problem:
            raise ActivityFailed(
                f"The header of the file cannot be read, line {self._line}: {problem}."
            ) from None

    def _lines(self) -> Iterator[str]:
        while True:
            try:
                line = self._text.readline(MOST_CHARACTERS_OF_LINE)
            except (UnicodeError, OSError) as problem:
                reason = getattr(problem, "reason", None) or problem
                raise ActivityFailed(
                    f"Line {self._line + 1} of the file is not in {self._text.encoding} ({reason}): "
                    "name its code page in EncodingCodePage."
                ) from None
            if not line:
                return
            if not self._line:
                line = line.removeprefix("\ufeff")
            self._line += 1
            if len(line) == MOST_CHARACTERS_OF_LINE:
                raise ActivityFailed(
                    f"Line {self._line} of the file has {MOST_CHARACTERS_OF_LINE:,} characters or more: that is no "
                    "delimited text."
                )
            # A character that XML does not allow could not be in any answer.
            yield line.replace("\0", "")


def _found_encoding(file: BinaryIO) -> str:
    """Return the encoding that a file begins with; without a mark UTF-8, and Windows-1252 where it is not that."""
    start = file.read(65_536)
    file.seek(0)
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if start.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
