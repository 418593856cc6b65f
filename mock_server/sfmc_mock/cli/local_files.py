"""Files that commands read and write; `-` is standard input, and no file means standard output."""

from __future__ import annotations

import sys
from pathlib import Path

from sfmc_mock.errors import SetupError


def content_of(file: str, what: str = "") -> bytes:
    """Return the content of a file; `-` is standard input. Raises `SetupError` if it cannot be read."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as problem:
        raise SetupError(f"{what}{file} cannot be read: {problem.strerror}.") from None


def write_file(file: str, content: bytes) -> None:
    """Write a file, replacing an existing one. Raises `SetupError` if it cannot be written."""
    try:
        Path(file).write_bytes(content)
    except OSError as problem:
        raise SetupError(f"{file} cannot be written: {problem.strerror}.") from None
