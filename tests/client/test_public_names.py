"""The public names of `sfmc_client`, and the cost of importing it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sfmc_client
from sfmc_client import errors, results, testing

SOURCE = Path(sfmc_client.__file__)


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def names_for_type_checkers() -> set[str]:
    tree = ast.parse(SOURCE.read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    return {
        alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("name", sfmc_client.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    value = getattr(sfmc_client, name)

    assert name in dir(sfmc_client)
    if callable(value):
        assert value.__doc__


def test_the_list_of_names_is_what_type_checkers_and_the_lazy_import_know() -> None:
    assert set(sfmc_client.__all__) == names_for_type_checkers() == set(sfmc_client._HOME_OF)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'sfmc_client' has no attribute 'Clint'"):
        sfmc_client.Clint  # noqa: B018


def test_every_error_is_offered() -> None:
    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.SfmcError)
    }

    assert classes <= set(sfmc_client.__all__)


def test_the_tree_in_the_docstring_of_the_errors_is_the_tree_of_classes() -> None:
    """Indentation shows inheritance: each class stands below its base."""
    drawn: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        mark = line.lstrip()[:2]
        if mark in {"* ", "x ", "+ ", "- "}:
            drawn.append((len(line) - len(line.lstrip()), line.split()[1]))

    for place, (depth, name) in enumerate(drawn):
        base = next((n for d, n in reversed(drawn[:place]) if d < depth), "Exception")
        assert getattr(sfmc_client, name).__base__.__name__ == base
    offered = {
        name
        for module in (errors, results)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, errors.SfmcError)
    }
    assert {name for _, name in drawn} == offered


@pytest.mark.slow
def test_importing_the_package_imports_none_of_its_modules() -> None:
    loaded = run(
        "import sys, sfmc_client; print([m for m in sys.modules if m.startswith('sfmc_client.')])"
    )

    assert loaded == "[]"


LATER = (
    *("sfmc_client.descriptions", "sfmc_client.events", "sfmc_client.filters"),
    *("sfmc_client.tracking", "sfmc_client.waiting", "sfmc_client.cli", "sfmc_client.testing"),
    *("click", "lxml", "rich", "sfmc_mock", "ssl", "urllib3"),
    *("asyncio", "email", "http", "logging", "socket", "subprocess", "tempfile", "xml"),
)
"""What a program that imports the client does not wait for."""


@pytest.mark.slow
def test_the_client_is_imported_without_what_only_some_calls_need() -> None:
    loaded = run(
        "import sys\n"
        "from sfmc_client import Client, OAuth, UsernameToken\n"
        f"print(sorted(set({LATER!r}) & set(sys.modules)))"
    )

    assert loaded == "[]"


@pytest.mark.slow
def test_building_a_client_in_process_needs_no_http_library_and_no_xml_library() -> None:
    loaded = run(
        "import sys, sfmc_client as s\n"
        "s.Client('http://x.test', auth=s.OAuth('a', 'b'), transport=s.WSGITransport(print))\n"
        "s.P('A').equals(1).part(), s.HTTPTransport\n"
        "print(sorted({'urllib3', 'lxml', 'sfmc_mock', 'ssl', 'pytest'} & set(sys.modules)))"
    )

    assert loaded == "[]"


@pytest.mark.parametrize("name", testing.__all__)
def test_every_name_for_tests_is_there_and_documented(name: str) -> None:
    value = getattr(testing, name)

    if callable(value):
        assert value.__doc__


def test_an_unknown_name_for_tests_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Targit'"):
        testing.Targit  # noqa: B018


@pytest.mark.slow
def test_the_harness_loads_the_emulator_only_when_it_starts_one() -> None:
    loaded = run(
        "import sys\n"
        "from sfmc_client.testing import emulators, rails, recipients, reporting, run_ledger, session, targets\n"
        "print(sorted(name for name in sys.modules if name.startswith('sfmc_mock')))"
    )

    assert loaded == "[]"


def test_the_package_says_that_it_is_typed() -> None:
    assert SOURCE.with_name("py.typed").exists()
