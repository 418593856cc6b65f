"""The certificate authority: created once, private, and written atomically."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.command_line import COMMAND, environment

from sfmc_mock.errors import SetupError
from sfmc_mock.intercept.authority import Authority


def test_the_authority_is_made_once(tmp_path: Path) -> None:
    first = Authority(tmp_path / "ca").certificate.read_bytes()

    second = Authority(tmp_path / "ca").certificate.read_bytes()

    assert first == second
    assert first.startswith(b"-----BEGIN CERTIFICATE-----")


def test_several_that_start_at_once_agree_on_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Authority(tmp_path / "ca"), range(8)))

    assert len({each._ca.cert_pem.bytes() for each in made}) == 1
    assert sorted(path.name for path in (tmp_path / "ca").iterdir()) == [
        "ca-with-key.pem",
        "ca.pem",
    ]


def test_only_the_user_can_read_its_files(tmp_path: Path) -> None:
    folder = Authority(tmp_path / "state" / "ca").folder

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_certificate_file_that_was_removed_is_written_again(tmp_path: Path) -> None:
    before = Authority(tmp_path).certificate.read_bytes()
    (tmp_path / "ca.pem").unlink()

    assert Authority(tmp_path).certificate.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nxx\n"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ca-with-key.pem").write_bytes(content)

    with pytest.raises(SetupError, match="remove the file, and a new one is made"):
        Authority(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(SetupError, match=r"cannot be stored in .*file/ca: Not a directory"):
        Authority(tmp_path / "file" / "ca")


@pytest.mark.parametrize("missing", ["trustme", "platformdirs"])
def test_a_missing_package_is_named_with_the_extra(
    missing: str, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(SetupError, match="pip install trustme platformdirs"):
        Authority()


@pytest.mark.slow
def test_serve_shows_where_the_proxy_is_and_what_to_trust(tmp_path: Path) -> None:
    command = (*COMMAND, "serve", "--intercept", "--port", "0", "--ready-json", "--quiet")
    outside = environment(XDG_STATE_HOME=str(tmp_path))

    with subprocess.Popen(command, stdout=subprocess.PIPE, env=outside) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.terminate()

    assert ready["url"] == f"{ready['proxy']}/Service.asmx"
    assert Path(ready["ca"]).read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
