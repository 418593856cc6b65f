"""The wheel has all files of the package, and no others."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hatchling import build

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "sfmc_mock": ROOT / "mock_server" / "sfmc_mock",
    "sfmc_client": ROOT / "client" / "sfmc_client",
    "sfmc_conformance": ROOT / "client" / "sfmc_conformance",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, as pip would build it."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = build.build_wheel(str(folder))
    with zipfile.ZipFile(folder / name) as archive:
        yield archive


def files_of(package: Path) -> set[str]:
    return {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def page_files() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]


def test_the_wheel_has_every_file_of_the_packages_the_pages_and_no_other(wheel):
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}

    pages = {f"sfmc_mock/docs/{path.name}" for path in page_files()}
    assert packed == pages.union(*map(files_of, PACKAGES.values()))


@pytest.mark.slow
def test_the_wheel_has_the_pages_where_the_command_looks_for_them(wheel, tmp_path):
    wheel.extractall(tmp_path)
    program = "from sfmc_mock.documentation import pages; print(*sorted(pages().values()))"

    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    found = done.stdout.split()
    assert sorted(found) == sorted(
        str(tmp_path / "sfmc_mock/docs" / path.name) for path in page_files()
    )


def test_the_packages_say_that_they_are_typed(wheel):
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel.namelist())


def test_the_wheel_brings_its_licence(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith("licenses/LICENSE"))

    assert wheel.read(name) == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("console_scripts", "sfmc-mock"),
        ("console_scripts", "sfmc-client"),
        ("pytest11", "sfmc"),
        ("pytest11", "sfmc_conformance"),
        ("sfmc_mock.commands", "record"),
        ("sfmc_mock.commands", "scrub"),
        ("sfmc_mock.commands", "verify"),
    ],
)
def test_commands_and_fixtures_can_be_loaded(wheel, group, name):
    (declared,) = (each for each in wheel.namelist() if each.endswith("entry_points.txt"))
    entry_points = ConfigParser()
    entry_points.read_string(wheel.read(declared).decode())

    assert EntryPoint(name, entry_points[group][name], group).load()


def test_the_source_distribution_has_the_tests_and_what_runs_them(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    name = build.build_sdist(str(tmp_path))
    with tarfile.open(tmp_path / name) as archive:
        packed = {member.name.partition("/")[2] for member in archive.getmembers()}

    assert {
        "Makefile",
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "tests/test_packaging.py",
    } <= packed


@pytest.mark.slow
def test_the_wheel_of_the_source_distribution_is_the_same(wheel, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    with tarfile.open(tmp_path / build.build_sdist(str(tmp_path))) as archive:
        # Filters came with Python 3.11.4.
        if hasattr(tarfile, "data_filter"):
            archive.extractall(tmp_path, filter="data")
        else:
            archive.extractall(tmp_path)
    (unpacked,) = (path for path in tmp_path.iterdir() if path.is_dir())
    monkeypatch.chdir(unpacked)

    with zipfile.ZipFile(tmp_path / build.build_wheel(str(tmp_path))) as built:
        assert sorted(built.namelist()) == sorted(wheel.namelist())


def test_the_metadata_is_true_and_complete(wheel):
    (name,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
    head, _, description = wheel.read(name).decode().partition("\n\n")

    assert "\nAuthor: The sfmc-mock developers\n" in head
    assert "\nDescription-Content-Type: text/markdown" in head
    assert re.search(r"^Requires-Dist: pytest>=\S+; extra == 'pytest'$", head, re.MULTILINE)
    assert description.strip() == (ROOT / "README.md").read_text("utf-8").strip()


def test_every_python_that_is_promised_is_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    tested = re.search(r"^VERSIONS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert tested is not None
    assert tested[1].split() == promised
