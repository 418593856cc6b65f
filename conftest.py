"""For every test: what the tests need is installed, and pytest's own tester, which only this file may ask for."""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


def _missing() -> list[str]:
    """Return the packages that the tests need and this Python does not have."""
    project = tomllib.loads(Path(__file__).with_name("pyproject.toml").read_text("utf-8"))
    needed = [project["project"]["name"], *project["dependency-groups"]["test"]]
    return [name for each in needed if not _is_installed(name := re.split(r"[^\w.-]", each)[0])]


def _is_installed(name: str) -> bool:
    try:
        return bool(distribution(name))
    except PackageNotFoundError:
        return False


# Before `tests/conftest.py` is loaded, which would fail with the name of a module alone.
if missing := _missing():
    sys.exit(
        f"The tests of this repository need {', '.join(missing)}, which this Python does not have: {sys.executable}\n"
        "Run `make test`, which sets up .venv with all of it, or, with pip 25.1 or newer:\n"
        "    pip install --editable . --group test"
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests under `tests/torture` run for longer than the short time that they take otherwise."""
    parser.addoption(
        "--torture-seconds",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long the tests under tests/torture go on, all together",
    )
