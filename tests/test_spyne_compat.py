"""spyne can be imported on every supported Python, and the import leaves no changes in the process."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sfmc_mock import _spyne_compat

IMPORTS = """\
import sys
hooks = list(sys.meta_path)
import {module} as compat
assert compat.Application and compat.Wsdl11 and compat.rpc
assert sys.meta_path == hooks, sys.meta_path
assert "cgi" not in sys.modules
try:
    import no_such_module_anywhere
except ModuleNotFoundError:
    print("spyne imported")
"""


@pytest.mark.slow
def test_spyne_imports_without_a_warning_or_a_trace() -> None:
    """Under `-W error`, as in test suites of users."""
    program = IMPORTS.format(module="sfmc_mock._spyne_compat")

    answer = _run(sys.executable, program)

    assert (answer.stdout, answer.stderr) == ("spyne imported\n", "")


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.12", "3.13", "3.14"])
def test_spyne_imports_on_a_younger_python(version: str, tmp_path: Path) -> None:
    python = _interpreter(version)
    # spyne is the same for every Python; its dependencies differ, and must be installed.
    spec = importlib.util.find_spec("spyne")
    assert spec is not None
    assert spec.origin is not None
    (tmp_path / "spyne").symlink_to(Path(spec.origin).parent)
    (tmp_path / "compat.py").symlink_to(Path(_spyne_compat.__file__))

    answer = _run(
        python,
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + IMPORTS.format(module="compat"),
    )

    assert (answer.stdout, answer.stderr) == ("spyne imported\n", "")


@pytest.mark.slow
def test_a_cgi_module_that_was_there_before_stays() -> None:
    program = (
        "import sys, types\n"
        "sys.modules['cgi'] = mine = types.ModuleType('cgi')\n"
        "import sfmc_mock._spyne_compat\n"
        "print(sys.modules['cgi'] is mine)\n"
    )

    answer = _run(sys.executable, program)

    assert (answer.stdout, answer.stderr) == ("True\n", "")


@pytest.mark.parametrize(
    ("line", "split"),
    [
        ("text/xml", ("text/xml", {})),
        ("text/xml; charset=utf-8", ("text/xml", {"charset": "utf-8"})),
        (
            'application/soap+xml; charset="utf-8"; action="Retrieve"',
            ("application/soap+xml", {"charset": "utf-8", "action": "Retrieve"}),
        ),
        ("", ("", {})),
    ],
)
def test_a_header_is_split_as_cgi_did(line: str, split: tuple[str, dict[str, str]]) -> None:
    assert _spyne_compat.parse_header(line) == split


def _run(python: str, program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )


def _interpreter(version: str) -> str:
    """Return an interpreter of a version with spyne's dependencies, or skip the test."""
    found = [shutil.which(f"python{version}")]
    found += sorted(
        str(each) for each in Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    )
    for python in filter(None, found):
        if _run(python, "import lxml.etree, pytz").returncode == 0:
            return python
    pytest.skip(f"no python{version} here that has lxml and pytz")
