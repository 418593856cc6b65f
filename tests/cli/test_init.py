"""`sfmc-mock init`: the first project works without changes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.support.command_line import environment

FILES = {"account.toml", "conftest.py", "test_welcome_email.py"}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_project_is_written_into_a_new_folder(run: Run, tmp_path: Path) -> None:
    shown = run("init", "tests/mail")

    assert shown.code == 0
    assert {path.name for path in (tmp_path / "tests" / "mail").iterdir()} == FILES
    assert [name for name in FILES if name not in shown.out] == []
    assert "--seed tests/mail/account.toml" in shown.out


@pytest.mark.slow
def test_the_tests_of_the_project_pass(run: Run, tmp_path: Path) -> None:
    run("init", "a folder")

    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "a folder"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_the_project_runs_beside_the_test_of_the_readme() -> None:
    """pytest would treat two test files with the same name as one module."""
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")

    saved = re.findall(r"Save this as `(.+)`", readme)

    assert len(saved) == 1
    assert FILES.isdisjoint(saved)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_that_exists_stays_and_none_is_written(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")

    refused = run("init")

    assert f"Already in .: {name}. Nothing was written." in refused.sentence
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: "mine"}


def test_a_link_that_leads_nowhere_counts_as_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").symlink_to(tmp_path / "none")

    assert run("init").code == 2
    assert os.listdir(tmp_path) == ["conftest.py"]


def test_a_folder_below_a_file_is_reported_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "cannot be written" in run("init", "file/mail").sentence


def test_a_file_in_the_place_of_the_folder_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "'file' is a file" in run("init", "file").err
