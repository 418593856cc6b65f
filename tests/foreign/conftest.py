"""Clients of other projects, installed from their registries into a folder that is kept between runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parent / "clients"
DRIVERS = Path(__file__).parent / "drivers"
CACHE = Path(__file__).parents[2] / ".cache" / "foreign"

NPM = ("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1")
PIP = ("-m", "pip", "install", "--quiet", "--retries=1", "--timeout=30")

# They are run, not imported.
collect_ignore = ["clients", "drivers"]


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """A folder with the clients for Node in its `node_modules`."""
    return _node_packages(CLIENTS)


@pytest.fixture(scope="session")
def driven_node_packages() -> Path:
    """A folder with the programs for Node that drivers run in its `node_modules`."""
    return _node_packages(DRIVERS)


@pytest.fixture(scope="session")
def tap_packages() -> Path:
    """An environment with tap-exacttarget."""
    needed = (DRIVERS / "requirements.txt").read_bytes() + sys.version.encode()

    def install(folder: Path) -> None:
        _run(sys.executable, "-m", "venv", str(folder), cwd=folder)
        pip = (str(folder / "bin" / "python"), *PIP)
        _run(*pip, "-r", str(DRIVERS / "requirements.txt"), cwd=folder)
        unmodified = ("Salesforce-FuelSDK==1.3.0", "tap-exacttarget==1.7.1")
        _run(*pip, "--no-deps", *unmodified, cwd=folder)

    return _kept("tap", needed, install)


def _node_packages(of: Path) -> Path:
    needed = (of / "package.json").read_bytes()

    def install(folder: Path) -> None:
        shutil.copy(of / "package.json", folder)
        _run(*NPM, cwd=folder)

    return _kept("node", needed, install)


@pytest.fixture(scope="session")
def python_packages() -> Path:
    """An environment with the clients for Python."""
    needed = (CLIENTS / "requirements.txt").read_bytes() + sys.version.encode()

    def install(folder: Path) -> None:
        _run(sys.executable, "-m", "venv", str(folder), cwd=folder)
        pip = (str(folder / "bin" / "python"), *PIP)
        _run(*pip, "-r", str(CLIENTS / "requirements.txt"), cwd=folder)
        _run(*pip, "--no-deps", "Salesforce-FuelSDK==1.3.0", cwd=folder)

    return _kept("python", needed, install)


def _kept(name: str, needed: bytes, install: Callable[[Path], None]) -> Path:
    """Return the folder of the installed packages; it is installed once, completely or not at all."""
    folder = CACHE / f"{name}-{hashlib.sha256(needed).hexdigest()[:12]}"
    if folder.exists():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=CACHE, prefix=f"{name}-", ignore_cleanup_errors=True
    ) as made:
        install(Path(made))
        try:
            os.rename(made, folder)
        except OSError:
            if not folder.exists():
                raise
    return folder


def _run(*command: str, cwd: Path) -> None:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=300)
    except (OSError, subprocess.TimeoutExpired) as problem:
        pytest.skip(f"{command[0]} cannot be run: {problem}")
    if done.returncode:
        last: Sequence[str] = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        pytest.skip(f"{' '.join(command[:3])} installs nothing here: {''.join(last)}")
