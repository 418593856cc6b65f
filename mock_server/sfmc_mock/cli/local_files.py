"""Files that commands read and write, with `-` for standard input and nothing for standard output."""

from __future__ import annotations

import sys
from pathlib import Path

from sfmc_mock.errors import SetupError


def content_of(file: str, what: str = "") -> bytes:
    """Return what a file holds, `-` meaning standard input. Raises `SetupError` when it cannot be read."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as problem:
        raise SetupError(f"{what}{file} cannot be read: {problem.strerror}.") from None


def write_file(file: str, content: bytes) -> None:
    """Write a file, in the place of an earlier one. Raises `SetupError` when it cannot be written."""
    try:
        Path(file).write_bytes(content)
    except OSError as problem:
        raise SetupError(f"{file} cannot be written: {problem.strerror}.") from None
