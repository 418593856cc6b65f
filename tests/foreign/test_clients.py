"""The examples of the page about clients run as printed, with the released clients.

Each example sends to a subscriber or reads existing data, unmodified: the environment that `exec` sets leads it to the
emulator.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.foreign.conftest import CLIENTS
from tests.support.command_line import COMMAND, environment

LISTED: list[dict[str, Any]] = tomllib.loads(
    (CLIENTS / "clients.toml").read_text(encoding="utf-8")
)["client"]
JAX_WS = Path("/usr/share/java/jaxws-rt.jar")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the examples."""
    return Path(shutil.copytree(CLIENTS, tmp_path / "clients"))


@pytest.mark.slow
@pytest.mark.parametrize("client", [pytest.param(each, id=each["name"]) for each in LISTED])
def test_an_example_runs_as_it_is_printed(
    client: dict[str, Any], folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = _path(client, folder, request)
    program, *arguments = shlex.split(client["run"])
    assert program == "sfmc-mock"
    outside = environment(PATH=path, XDG_STATE_HOME=str(tmp_path), GOCACHE=_go_cache())

    ran = subprocess.run(
        (*COMMAND, *arguments),
        cwd=folder,
        env=outside,
        capture_output=True,
        encoding="utf-8",
        timeout=240,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert client["prints"] in ran.stdout
    assert "called other hosts" not in ran.stderr


def test_every_example_is_listed() -> None:
    listed = {name for each in LISTED for name in (each["file"], each.get("also"))}
    beside = {"account.toml", "clients.toml", "package.json", "requirements.txt"}

    assert {path.name for path in CLIENTS.iterdir() if path.is_file()} == (listed | beside) - {None}


def _path(client: dict[str, Any], folder: Path, request: pytest.FixtureRequest) -> str:
    """Return the PATH with the client's tools; skip the test if one is missing."""
    for command in client.get("needs", ()):
        if shutil.which(command) is None:
            pytest.skip(f"there is no {command} here")
    if client["name"] == "JAX-WS" and not JAX_WS.exists():
        pytest.skip(f"there is no {JAX_WS} here: it is in Debian's libjaxws-java")
    if "php" in client:
        _need_php_extension(client["php"])
    first = Path(sys.executable).parent
    if client.get("packages") == "python":
        first = request.getfixturevalue("python_packages") / "bin"
    elif client.get("packages") == "node":
        kept = request.getfixturevalue("node_packages")
        (folder / "node_modules").symlink_to(kept / "node_modules")
    return f"{first}{os.pathsep}{os.environ['PATH']}"


def _need_php_extension(name: str) -> None:
    modules = subprocess.run(("php", "-m"), capture_output=True, encoding="utf-8").stdout
    if name not in modules.split():
        pytest.skip(f"PHP has no extension {name} here")


def _go_cache() -> str:
    """Where Go keeps what it compiled: without it, it compiles its library for each run."""
    return os.environ.get("GOCACHE", str(Path.home() / ".cache" / "go-build"))
