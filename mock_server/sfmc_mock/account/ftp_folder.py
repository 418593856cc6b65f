"""The account's FTP folder on disk: files that imports read and extracts write.

It begins with the folders `import` and `export`. Names are looked up in any case, as on the service's Windows servers
(assumed).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO, TypeAlias

from sfmc_mock.errors import SetupError
from sfmc_mock.limits import FTP_BYTES, FTP_FILES

IMPORT, EXPORT = "import", "export"

OWN_LOCATION = "ExactTarget Enhanced FTP"
"""The key of the FileTransferLocation that is this folder (the service's: seen in published requests)."""

_MOST_PARTS = 8
_MOST_BYTES_OF_NAME = 200
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')
_PATTERN = re.compile(r"%%(\w+)%%")
_DATE_PARTS = {
    "year": "%Y",
    "month": "%m",
    "day": "%d",
    "hour": "%H",
    "minute": "%M",
    "second": "%S",
}


Spellings: TypeAlias = dict[Path, dict[str, str]]
"""The names of files in folders, by their case-folded forms."""


class FtpRefused(SetupError):
    """A file of the FTP folder cannot be read or written, or its name is invalid."""


class FtpFileMissing(FtpRefused):
    """The file is not in the FTP folder."""


@dataclass(frozen=True, slots=True)
class FtpFile:
    """A file: its name below the folder with slashes, its size in bytes, and when it was written (UTC)."""

    name: str
    size: int
    modified: datetime


class FtpFolder:
    """Files of one account below `path`; without one, below a temporary folder that `close` removes.

    The folder is made when it is first used. No name leads out of it, not by a symbolic link either. It holds at most
    `limits.FTP_FILES` files and `limits.FTP_BYTES` bytes. Methods raise `FtpRefused` for what cannot be done.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._wanted = path
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._remove: weakref.finalize[[str, bool], FtpFolder] | None = None

    @property
    def path(self) -> Path:
        """The folder, made where there is none."""
        with self._lock:
            if self._path is None:
                try:
                    self._path = self._made()
                except OSError as problem:
                    raise FtpRefused(
                        f"The FTP folder {self._wanted or tempfile.gettempdir()} cannot be made: {problem.strerror}. "
                        "Name another one with --ftp."
                    ) from None
            return self._path

    def _made(self) -> Path:
        path = self._wanted
        if path is None:
            path = Path(tempfile.mkdtemp(prefix="sfmc-mock-ftp-"))
            self._remove = weakref.finalize(self, shutil.rmtree, str(path), True)
        path = path.resolve()
        for name in (IMPORT, EXPORT):
            (path / name).mkdir(parents=True, exist_ok=True)
        return path

    def close(self) -> None:
        """Remove the folder with its files if it is a temporary one."""
        with self._lock:
            if self._remove is not None:
                self._remove()
            self._path = self._remove = None

    # Looking.

    def files(self) -> list[FtpFile]:
        """Return all files, by their names."""
        visible = []
        for folder, inner, names in os.walk(self.path):
            inner[:] = [name for name in inner if not name.startswith(".")]
            for name in names:
                path = Path(folder, name)
                if name.startswith(".") or path.is_symlink():
                    continue
                # Another program may take a file away meanwhile.
                with suppress(OSError):
                    about = path.stat()
                    moment = datetime.fromtimestamp(about.st_mtime, UTC)
                    shown = path.relative_to(self.path).as_posix()
                    visible.append(FtpFile(shown, about.st_size, moment))
        return sorted(visible, key=lambda file: file.name)

    def matching(self, folder: str, pattern: str) -> list[str]:
        """Return the names of the files of a folder that fit a pattern with `*` and `?`, in any case."""
        prefix = "/".join(_parts(folder)).casefold() if folder.strip("/\\ ") else ""
        return [
            file.name
            for file in self.files()
            if file.name.rpartition("/")[0].casefold() == prefix
            and fnmatch(file.name.rpartition("/")[2].casefold(), pattern.casefold())
        ]

    def has(self, name: str) -> bool:
        """Say whether there is a file of the name."""
        return self._located(name).is_file()

    # Reading and writing.

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        """Open a file. Raises `FtpFileMissing` when there is none."""
        path = self._located(name)
        if not path.is_file():
            raise FtpFileMissing(
                f"There is no file '{name}' in the FTP folder {self.path}. Put it there first."
            )
        with _disk_trouble(name), path.open("rb") as file:
            yield file

    def read(self, name: str) -> bytes:
        """Return what a file holds. Raises `FtpFileMissing` when there is none."""
        with self.reading(name) as file:
            return file.read()

    @contextmanager
    def writing(self, name: str, *, room: Room | None = None) -> Iterator[BinaryIO]:
        """Open a file to write; it replaces an earlier one of its name when all of it is written.

        `room` bounds several files together; by default it is the room of the folder for this file.
        """
        room = room or self.room(name)
        path = self._located(name, room.spellings)
        if path.is_dir():
            raise FtpRefused(f"'{name}' is a folder of the FTP folder. Name a file in it.")
        room.take_file()
        with _disk_trouble(name):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, unfinished = tempfile.mkstemp(prefix=".unfinished-", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    yield _Bounded(file, room)  # type: ignore[misc]
                # Readable by every user who can read the folder, like a file that another program creates.
                os.chmod(unfinished, 0o644)
                os.replace(unfinished, path)
                room.spellings.setdefault(path.parent, {})[path.name.casefold()] = path.name
            except BaseException:
                with suppress(OSError):
                    os.unlink(unfinished)
                raise

    def room(self, replaced: str = "") -> Room:
        """Return the room of the folder, counting a file that is replaced as free."""
        files = self.files()
        if replaced:
            known = self._located(replaced).relative_to(self.path).as_posix()
            files = [file for file in files if file.name != known]
        return Room(FTP_FILES - len(files), FTP_BYTES - sum(file.size for file in files))

    def write(self, name: str, content: bytes) -> None:
        """Write a file; it replaces an earlier one of its name."""
        with self.writing(name) as file:
            file.write(content)

    def remove(self, name: str) -> None:
        """Remove a file. Raises `FtpFileMissing` when there is none."""
        path = self._located(name)
        if not path.is_file():
            raise FtpFileMissing(f"There is no file '{name}' in the FTP folder.")
        with _disk_trouble(name):
            path.unlink()

    def _located(self, name: str, spellings: Spellings | None = None) -> Path:
        """Return the path of a file, which need not exist; existing folders and files are found in any case.

        `spellings` keeps the names of folders that were looked into, for further names.
        """
        path = self.path
        for part in _parts(name):
            path = path / _as_there(path, part, {} if spellings is None else spellings)
            if path.is_symlink():
                raise FtpRefused(
                    f"'{name}' leads over a symbolic link. Put the file itself into the FTP folder."
                )
        return path


@dataclass(slots=True)
class Room:
    """The number of files and bytes that can still be written."""

    files: int
    bytes: int
    spellings: Spellings = field(default_factory=dict)

    def take_file(self) -> None:
        """Note that a file is written. Raises `FtpRefused` when there are too many."""
        self.files -= 1
        if self.files < 0:
            raise FtpRefused(f"The FTP folder holds {FTP_FILES:,} files already. Remove some.")

    def take(self, size: int) -> None:
        """Note that bytes are written. Raises `FtpRefused` when there are too many."""
        self.bytes -= size
        if self.bytes < 0:
            raise FtpRefused(
                f"The FTP folder would hold more than {FTP_BYTES:,} bytes. Remove files from it."
            )


class _Bounded:
    """A file that refuses bytes beyond its room."""

    def __init__(self, file: BinaryIO, room: Room) -> None:
        self._file = file
        self._room = room

    def write(self, data: bytes) -> int:
        self._room.take(len(data))
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def _parts(name: str) -> list[str]:
    """Return the folders and the name of a file. Raises `FtpRefused` for an invalid name."""
    parts = [part for part in re.split(r"[/\\]", name.strip()) if part not in ("", ".")]
    if not parts or len(parts) > _MOST_PARTS:
        raise FtpRefused(
            f"'{_short(name)}' names no file. Write it like import/people.csv, with {_MOST_PARTS} parts at most."
        )
    for part in parts:
        # A dot at the beginning hides a file; .. leads out.
        if part.startswith(".") or part.endswith((" ", ".")) or _FORBIDDEN.search(part):
            raise FtpRefused(
                f"'{_short(name)}' cannot be the name of a file: see '{_short(part)}'."
            )
        if len(part.encode("utf-8", "surrogatepass")) > _MOST_BYTES_OF_NAME:
            raise FtpRefused(
                f"'{_short(name)}' is too long for the name of a file: {_MOST_BYTES_OF_NAME} bytes at most."
            )
        if not part.isprintable():
            raise FtpRefused(f"{_short(name)!r} cannot be the name of a file.")
    return parts


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


def _as_there(folder: Path, part: str, spellings: Spellings) -> str:
    """Return a part of a name as it is spelt in the folder."""
    if (folder / part).exists() or not folder.is_dir():
        return part
    if folder not in spellings:
        spellings[folder] = {name.casefold(): name for name in os.listdir(folder)}
    return spellings[folder].get(part.casefold(), part)


@contextmanager
def _disk_trouble(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise FtpRefused(
            f"The file '{_short(name)}' of the FTP folder cannot be used: {problem.strerror or problem}."
        ) from None


def file_named(folder: str, spec: str, now: datetime, trigger: str = "") -> str:
    """Return the name of a file, or a pattern of names, from a text: in `folder`, unless the text names another.

    The text may contain `%%Year%%`, `%%Month%%`, `%%Day%%` … (documented). `trigger` is the file that started an
    automation, for `%%FILENAME_FROM_TRIGGER%%` (assumed).
    """
    base = trigger.rpartition("/")[2]
    words = {
        "full_filename_from_trigger": base,
        "filename_from_trigger": base,
        "basefilename_from_trigger": base.rpartition(".")[0] or base,
    }

    def fill(match: re.Match[str]) -> str:
        word = match[1].casefold()
        if word in _DATE_PARTS:
            return now.strftime(_DATE_PARTS[word])
        return words.get(word, match[0])

    name = _PATTERN.sub(fill, spec).replace("\\", "/").strip("/ ")
    return name if "/" in name else f"{folder}/{name}"
