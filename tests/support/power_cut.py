"""Simulated power cuts: the possible content of a disk after SQLite and the store wrote to it.

`recording()` installs itself between SQLite and the system's files, as SQLite's default VFS, and records every write,
truncation, deletion and flush in order. `Recording.cut()` writes the files as a disk may have them after a power cut at
any step: all flushed data, and any part of the data written since.
"""

from __future__ import annotations

import ctypes
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p, cast, pointer
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_MAIN_DB, _MAIN_JOURNAL, _WAL = 0x100, 0x800, 0x80000


@dataclass(frozen=True, slots=True)
class Write:
    path: str
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncation:
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Deletion:
    path: str
    durable: bool


@dataclass(frozen=True, slots=True)
class Flush:
    """A completed flush; it covers the recorded steps before `began`."""

    path: str
    began: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A caller got this answer, or saw this result."""

    what: str


@dataclass
class Recording:
    """The recorded operations on the files of a folder, in order."""

    folder: str
    steps: list[object] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    files: dict[tuple[int, int], str] = field(default_factory=dict)
    """Paths by device and inode."""

    def note(self, step: object) -> None:
        with self.lock:
            self.steps.append(step)

    def acknowledge(self, what: str) -> None:
        """Record an answer that a caller got."""
        self.note(Acknowledged(what))

    def acknowledged(self, until: int) -> set[str]:
        """Return the answers that callers got before a step."""
        return {step.what for step in self.steps[:until] if isinstance(step, Acknowledged)}

    def cut(self, at: int, folder: Path, chance: random.Random) -> None:
        """Write the files into a folder as they may be after a power cut before a step."""
        flushed: dict[str, int] = {}
        for step in self.steps[:at]:
            if isinstance(step, Flush):
                flushed[step.path] = max(step.began, flushed.get(step.path, 0))
        # The part of the unflushed data that is there: all, nothing, or any part.
        share = chance.choice((0.0, 0.5, 0.9, 1.0))
        content: dict[str, bytearray] = {}
        for number, step in enumerate(self.steps[:at]):
            if isinstance(step, Write | Truncation):
                safe = number < flushed.get(step.path, 0)
                if safe or chance.random() < share:
                    torn = not safe and chance.random() < 0.1
                    _apply(step, content.setdefault(step.path, bytearray()), torn)
            elif isinstance(step, Deletion):
                safe = step.durable or number < flushed.get(self.folder, 0)
                if safe or chance.random() < share:
                    content.pop(step.path, None)
        for path, data in content.items():
            folder.joinpath(Path(path).name).write_bytes(data)


def _apply(step: Write | Truncation, content: bytearray, torn: bool) -> None:
    if isinstance(step, Truncation):
        del content[step.size :]
        return
    data = step.data[: len(step.data) // 1024 * 512] if torn else step.data
    if len(content) < step.at:
        content.extend(bytes(step.at - len(content)))
    content[step.at : step.at + len(data)] = data


# SQLite's structures, as far as they are needed (sqlite3.h).


class _File(Structure):
    _fields_ = (("methods", c_void_p),)


_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class _Methods(Structure):
    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", _Write),
        ("truncate", _Truncate),
        ("sync", _Sync),
        *((f"rest{number}", c_void_p) for number in range(13)),
    )


# Names stay addresses: SQLite keeps them, and they must not become those of short-lived copies.
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(_File), c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)


class _Vfs(Structure):
    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", _Open),
        ("delete", _Delete),
        *((f"rest{number}", c_void_p) for number in range(13)),
    )


def _library() -> Any:
    """Return the SQLite library that Python's module uses, or skip the test."""
    import _sqlite3

    try:
        library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    except (AttributeError, OSError):
        pytest.skip("this Python's SQLite does not let its functions be found")
    return library


@contextmanager
def recording(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """Record the operations on a folder's files by databases that are opened in the block."""
    found = Recording(str(folder))
    known = folder.stat()
    found.files[known.st_dev, known.st_ino] = str(folder)
    library = _library()
    system = library.sqlite3_vfs_find(None).contents
    own = _Vfs.from_buffer_copy(system)
    own.name = b"recording"
    kept: list[object] = []

    def opened(vfs: int, name: int | None, file: Any, flags: int, out: int) -> int:
        code: int = system.open(vfs, name, file, flags, out)
        if code == 0 and name is not None and flags & (_MAIN_DB | _MAIN_JOURNAL | _WAL):
            path = os.fsdecode(ctypes.string_at(name))
            if path.startswith(found.folder):
                own_stat = os.stat(path)
                found.files[own_stat.st_dev, own_stat.st_ino] = path
                _record_file(found, path, file, kept)
        return code

    def deleted(vfs: int, name: int, sync_folder: int) -> int:
        code: int = system.delete(vfs, name, sync_folder)
        path = os.fsdecode(ctypes.string_at(name))
        if path.startswith(found.folder):
            found.note(Deletion(path, bool(sync_folder)))
        return code

    own.open, own.delete = _Open(opened), _Delete(deleted)
    for each in ("fsync", "fdatasync"):
        if hasattr(os, each):
            monkeypatch.setattr(os, each, _noted(found, getattr(os, each)))
    library.sqlite3_vfs_register(ctypes.byref(own), 1)
    try:
        yield found
    finally:
        library.sqlite3_vfs_unregister(ctypes.byref(own))
        monkeypatch.undo()


def _record_file(found: Recording, path: str, file: Any, kept: list[object]) -> None:
    """Replace a file's methods by functions that record their calls."""
    real = cast(file.contents.methods, POINTER(_Methods)).contents
    own = _Methods.from_buffer_copy(real)

    def write(handle: int, data: int, size: int, at: int) -> int:
        code: int = real.write(handle, data, size, at)
        # Noted when it is done: a flush that began meanwhile does not cover it.
        found.note(Write(path, at, ctypes.string_at(data, size)))
        return code

    def truncate(handle: int, size: int) -> int:
        code: int = real.truncate(handle, size)
        found.note(Truncation(path, size))
        return code

    def sync(handle: int, flags: int) -> int:
        began = len(found.steps)
        code: int = real.sync(handle, flags)
        if code == 0:
            found.note(Flush(path, began))
        return code

    own.write, own.truncate, own.sync = _Write(write), _Truncate(truncate), _Sync(sync)
    # SQLite keeps the address until it closes the file.
    kept.append(own)
    file.contents.methods = cast(pointer(own), c_void_p).value


def _noted(found: Recording, flush: Any) -> Any:
    """Return a flush function that records what it has flushed."""

    def noted(file: int) -> None:
        began = len(found.steps)
        flush(file)
        known = os.fstat(file)
        path = found.files.get((known.st_dev, known.st_ino))
        if path is not None:
            found.note(Flush(path, began))

    return noted
