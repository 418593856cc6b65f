"""File transfers: files of the FTP folder that are copied, moved or unzipped.

The actions: documented; their keys in a seed file: the emulator's own.
"""

from __future__ import annotations

import shutil
import zipfile
import zlib

from sfmc_mock.account.account import Account
from sfmc_mock.account.activities import ActivityFailed, Counts
from sfmc_mock.account.ftp_folder import EXPORT, IMPORT, file_named
from sfmc_mock.limits import FTP_BYTES, FTP_FILES
from sfmc_mock.store.database import Row

ACTIONS = ("move", "copy", "unzip")

# What zipfile raises for a file that is damaged, is encrypted, or is compressed by a method that it does not know.
_NOT_UNZIPPED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def transfer_files(account: Account, definition: Row) -> Counts:
    """Copy, move or unzip each file that matches the pattern of a FileTransferActivity.

    Raises `ActivityFailed`, and `FtpRefused` when a file cannot be read or written.
    """
    name = file_named(IMPORT, definition["file_spec"] or "", account.now())
    folder, _, pattern = name.rpartition("/")
    if not pattern:
        raise ActivityFailed(
            "The activity names no files: an activity that a seed file makes has a file_spec."
        )
    target = (definition["destination"] or "").strip("/ ")
    unzips = definition["action"] == "unzip"
    target = target or (folder if unzips else EXPORT)
    names = account.files.matching(folder, pattern)
    if not names:
        raise ActivityFailed(f"There is no file {name} in the FTP folder {account.files.path}.")
    done = sum(
        _unzip(account, name, target) if unzips else _copy(account, name, target) for name in names
    )
    if definition["action"] == "move":
        for name in names:
            account.files.remove(name)
    return Counts(done, done)


def _copy(account: Account, name: str, folder: str) -> int:
    target = f"{folder}/{name.rpartition('/')[2]}"
    if target.casefold() == name.casefold():
        raise ActivityFailed(f"{name} would be copied onto itself. Give another destination.")
    with account.files.reading(name) as source, account.files.writing(target) as file:
        shutil.copyfileobj(source, file)
    return 1


def _unzip(account: Account, name: str, folder: str) -> int:
    """Unpack a ZIP file, all names in one folder, and return how many files were in it."""
    try:
        with account.files.reading(name) as file, zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            size = sum(member.file_size for member in members)
            if len(members) > FTP_FILES or size > FTP_BYTES:
                raise ActivityFailed(f"{name} holds more than the FTP folder can.")
            room = account.files.room()
            for each in members:
                # Folders within the archive are left out, so that no name leads out of the folder.
                last = each.filename.replace("\\", "/").rpartition("/")[2]
                place = account.files.writing(f"{folder}/{last}", room=room)
                with archive.open(each) as member, place as out:
                    shutil.copyfileobj(member, out)
            return len(members)
    except _NOT_UNZIPPED as problem:
        raise ActivityFailed(f"{name} cannot be unzipped: {problem}.") from None
