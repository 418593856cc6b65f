"""Rules of the architecture that the import contracts of pyproject.toml cannot express."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from sfmc_mock.declarations.properties import snake
from sfmc_mock.objects import HANDLERS

ROOT = Path(__file__).parents[1]
PACKAGES = ("mock_server/sfmc_mock", "client/sfmc_client", "client/sfmc_conformance")


def modules() -> dict[str, Path]:
    found = {}
    for package in (ROOT / each for each in PACKAGES):
        for path in package.rglob("*.py"):
            name = ".".join(path.relative_to(package.parent).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imported(source: str, known: Mapping[str, object]) -> Iterator[str]:
    """Return the modules that a source imports, including those within functions or only for types."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in known else str(node.module)


def circle(sources: Mapping[str, str]) -> list[str]:
    """Return modules that import each other in a circle, or an empty list."""
    graph = {
        name: {each for each in imported(source, sources) if each in sources} - {name}
        for name, source in sources.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_through_others() -> None:
    sources = {name: path.read_text("utf-8") for name, path in modules().items()}

    assert len(sources) > 200
    assert circle(sources) == []


@pytest.mark.parametrize(
    "source",
    [
        "import a.b",
        "from a import b",
        "from a.b import name",
        "if TYPE_CHECKING:\n    from a.b import name",
        "def late():\n    from a.b import name",
    ],
)
def test_a_circle_is_found_however_it_is_written(source: str) -> None:
    assert circle({"a": "", "a.b": "import c", "c": source}) != []


def test_a_package_that_offers_what_its_modules_have_is_no_circle() -> None:
    sources = {"a": "from a.b import name", "a.b": "from a import c", "a.c": ""}

    assert circle(sources) == []


def test_every_file_that_the_architecture_names_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    named = set(re.findall(r"[\w/]+\.(?:py|txt|sql|md|toml)\b", text))

    assert len(named) > 50
    homes = (ROOT, *(ROOT / package for package in PACKAGES), ROOT / PACKAGES[0] / "simulator")
    assert [
        name for name in sorted(named) if not any((home / name).exists() for home in homes)
    ] == []


def files_by_folder(text: str) -> dict[str, set[str]]:
    """Return the names in each row of the tables `folder of …`, by the folder's path."""
    named: dict[str, set[str]] = {}
    for top, table in re.findall(
        r"^\| folder of `(.*?)` .*\n\|---.*\n((?:\|.*\n)+)", text, re.MULTILINE
    ):
        for folder, files in re.findall(r"^\| (.*?) \| (.*) \|$", table, re.MULTILINE):
            path = top + "".join(re.findall(r"`(.*?)`", folder))
            named.setdefault(path.rstrip("/"), set()).update(re.findall(r"(\w+)`", files))
    return named


def test_the_architecture_names_every_file() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    named = files_by_folder(text)
    paths = set(re.findall(r"[\w/]+\.py", text))
    objects = {f"objects/{snake(each)}.py" for each in HANDLERS}

    unnamed = []
    for path in modules().values():
        file = path.relative_to(ROOT)
        inside = "/".join(file.parts[2:])
        folders = (str(parent) for parent in file.parents)
        in_a_row = next((named[each] for each in folders if each in named), set())
        is_named = inside in paths or path.stem in in_a_row or inside in objects
        if not (is_named or path.stem.startswith("__")):
            unnamed.append(str(file))

    assert len(named) > 15
    assert unnamed == []


def test_the_architecture_draws_every_layer() -> None:
    drawing = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split("```")[1]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    [layered] = [
        each for each in contracts["contracts"] if each["name"] == "The emulator is layered"
    ]
    rooms = {name for layer in layered["layers"] for name in re.findall(r"\w+", layer)}

    assert rooms - {"__main__"} - set(re.findall(r"\w+", drawing)) == set()
