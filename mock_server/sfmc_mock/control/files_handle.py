"""The files of an account's FTP folder, for tests and the control API."""

from __future__ import annotations

from pathlib import Path

from sfmc_mock.account import Account
from sfmc_mock.account.automations import file_arrived
from sfmc_mock.account.ftp_folder import FtpFile


class FilesHandle:
    """The account's FTP folder, for imports and extracts.

    Names are those below the folder, with slashes: `import/people.csv`. Methods raise `FtpRefused` for what cannot be
    done, and `FtpFileMissing` for a missing file.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    def __repr__(self) -> str:
        return f"<FTP folder of {self._account.mid}: {self.path}>"

    @property
    def path(self) -> Path:
        """The folder on disk."""
        return self._account.files.path

    def list(self) -> list[FtpFile]:
        """Return all files, by their names."""
        self._settle()
        return self._account.files.files()

    def put(self, name: str, content: str | bytes) -> None:
        """Write a file, which replaces an earlier one, and start automations that it triggers; a text becomes UTF-8."""
        self._account.files.write(name, content.encode() if isinstance(content, str) else content)
        with self._account.db.lock, self._account.db.atomic():
            self._account.settle()
            file_arrived(self._account, name)

    def get(self, name: str) -> bytes:
        """Return the content of a file."""
        self._settle()
        return self._account.files.read(name)

    def remove(self, name: str) -> None:
        """Remove a file."""
        self._account.files.remove(name)

    def _settle(self) -> None:
        """Do the scheduled actions that are due, which may write files."""
        with self._account.db.lock:
            self._account.settle()
