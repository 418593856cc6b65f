"""The account's FTP folder: its place, the names that it accepts, and that no name leads out of it."""

from __future__ import annotations

import tempfile
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sfmc_mock.account import ftp_folder
from sfmc_mock.account.ftp_folder import FtpFileMissing, FtpFolder, FtpRefused, file_named
from sfmc_mock.accounts import Accounts


@pytest.fixture
def folder(tmp_path: Path) -> FtpFolder:
    return FtpFolder(tmp_path / "ftp")


def test_it_begins_with_the_folders_of_the_service(folder: FtpFolder) -> None:
    assert sorted(each.name for each in folder.path.iterdir()) == ["export", "import"]


def test_a_file_is_found_in_any_case_and_with_either_slash(folder: FtpFolder) -> None:
    folder.write("import/People.csv", b"a,b")

    assert folder.read("/Import\\PEOPLE.CSV") == b"a,b"
    folder.write("IMPORT/people.csv", b"other")
    assert [(each.name, each.size) for each in folder.files()] == [("import/People.csv", 5)]


@pytest.mark.parametrize(
    "name",
    [
        *("", "/", ".", "..", "../secret", "import/../../secret", "import\\..\\..\\secret"),
        *("/etc/../../x", ".hidden", "import/.hidden", "C:\\x", "a\x00b", "a\nb", "x" * 201),
        *("a/b/c/d/e/f/g/h/i", "import/x.", "\u202ecsv.exe", "a\udc80", "a*"),
    ],
)
def test_a_name_that_leads_out_or_is_none_is_refused(folder: FtpFolder, name: str) -> None:
    (folder.path.parent / "secret").write_bytes(b"secret")

    with pytest.raises(FtpRefused):
        folder.read(name)
    with pytest.raises(FtpRefused):
        folder.write(name, b"x")
    with pytest.raises(FtpRefused):
        folder.remove(name)
    assert (folder.path.parent / "secret").read_bytes() == b"secret"
    assert folder.files() == []


def test_symbolic_links_out_of_the_folder_are_refused(folder: FtpFolder, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    (folder.path / "link").symlink_to(tmp_path / "outside")
    (folder.path / "file").symlink_to(tmp_path / "outside" / "secret")

    for name in ("link/secret", "file"):
        with pytest.raises(FtpRefused, match="symbolic link"):
            folder.read(name)
    with pytest.raises(FtpRefused, match="symbolic link"):
        folder.write("link/new", b"x")
    assert folder.files() == []


def test_the_bytes_and_the_files_have_a_limit(
    folder: FtpFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ftp_folder, "FTP_BYTES", 10)
    monkeypatch.setattr(ftp_folder, "FTP_FILES", 2)
    folder.write("import/a", b"12345")

    with pytest.raises(FtpRefused, match="more than 10 bytes"):
        folder.write("import/b", b"123456")
    folder.write("import/a", b"1234567890")
    folder.remove("import/a")
    folder.write("import/b", b"1")
    folder.write("import/c", b"1")
    with pytest.raises(FtpRefused, match="holds 2 files"):
        folder.write("import/d", b"1")
    assert [each.name for each in folder.files()] == ["import/b", "import/c"]


def test_a_file_that_was_not_written_whole_is_not_there(folder: FtpFolder) -> None:
    folder.write("export/x.csv", b"before")

    with suppress(ZeroDivisionError), folder.writing("export/x.csv") as file:
        file.write(b"half")
        _ = 1 / 0

    assert folder.read("export/x.csv") == b"before"
    assert len(list((folder.path / "export").iterdir())) == 1


def test_a_missing_file_is_reported_with_its_folder(folder: FtpFolder) -> None:
    with pytest.raises(FtpFileMissing, match=r"no file 'import/x\.csv'.*Put it there first"):
        folder.read("import/x.csv")


def test_a_pattern_finds_the_files_of_one_folder(folder: FtpFolder) -> None:
    for name in ("import/a-1.csv", "import/A-2.CSV", "import/b.csv", "import/deep/a-3.csv"):
        folder.write(name, b"")

    assert folder.matching("import", "a-*.csv") == ["import/A-2.CSV", "import/a-1.csv"]


def test_a_name_can_hold_the_date_and_that_of_a_trigger() -> None:
    now = datetime(2026, 3, 4, 5, 6, 7)

    dated = file_named("import", "%%Year%%-%%Month%%-%%DAY%%_%%Hour%%%%Minute%%.csv", now)
    triggered = file_named(
        "import", "other\\%%BASEFILENAME_FROM_TRIGGER%%-%%other%%", now, "import/new.csv"
    )

    assert (dated, triggered) == ("import/2026-03-04_0506.csv", "other/new-%%other%%")


# Where it is.


def test_the_folder_of_an_account_in_a_file_is_beside_it_and_stays(tmp_path: Path) -> None:
    accounts = Accounts()
    account = accounts.open(tmp_path / "account.db")
    account.files.write("import/a.csv", b"1")

    accounts.reset(account)
    accounts.close()

    assert (tmp_path / "account.db.ftp" / "import" / "a.csv").read_bytes() == b"1"


def test_accounts_have_a_folder_each_below_the_one_that_is_named(tmp_path: Path) -> None:
    accounts = Accounts(ftp=tmp_path)
    first, second = accounts.fresh(), accounts.fresh()
    first.files.write("import/a.csv", b"1")

    assert second.files.files() == []
    assert (tmp_path / str(first.mid) / "import" / "a.csv").is_file()
    accounts.close()


def test_threads_that_use_it_first_at_a_time_have_one_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, make = FtpFolder(), tempfile.mkdtemp
    other = threading.Thread(target=lambda: folder.write("import/a.csv", b"a"))
    made: list[str] = []

    def made_slowly(**options: Any) -> str:
        made.append(make(**options))
        if len(made) == 1:
            other.start()
            # The other one comes as far as it can.
            other.join(0.1)
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", made_slowly)
    folder.write("import/b.csv", b"b")
    other.join(60)

    assert len(made) == 1
    assert [each.name for each in folder.files()] == ["import/a.csv", "import/b.csv"]
    folder.close()


def test_the_folder_of_an_account_in_memory_goes_with_it() -> None:
    accounts = Accounts()
    account = accounts.fresh()
    account.files.write("import/a.csv", b"1")
    path = account.files.path

    accounts.reset(account)
    assert account.files.files() == []
    second = account.files.path
    accounts.close()

    assert not path.exists()
    assert not second.exists()
