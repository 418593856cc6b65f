"""Tables of the documentation that are made from the code's own; run by cog."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from seed_tables import table_of
from service_operations import LETTERS, known_operations

from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import snake
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS
from sfmc_mock.seeds.tables import owners

_ROOT = Path(__file__).parents[1]
_OBJECTS = "tests/objects"
_CONTRACT = f"{_OBJECTS}/test_contract.py"


def coverage() -> str:
    """Return the table of API objects against operations, then the properties of each and its seed table."""
    known = known_operations()
    cells = {
        name: {each: _cell(name, each, LETTERS[each] in known.get(name, "")) for each in LETTERS}
        for name in sorted({*HANDLERS, *known}, key=str.casefold)
    }
    documented = sum(len(letters) for letters in known.values())
    working = documented - sum(row[each] == _MISSING for row in cells.values() for each in row)
    lines = [
        f"Of the {documented} operations of {len(known)} objects that the vendor documents, recordings show or clients "
        f"use, {working} work.",
        "`yes` leads to a test; `assumed` is an operation of which no source says that the service has it; `missing` "
        "is answered as by an account that has none of the object.",
        "",
        "| API object | " + " | ".join(LETTERS) + " | scopes |",
        "|---" * (len(LETTERS) + 2) + "|",
    ]
    tests: dict[str, str] = {}
    for name, row in cells.items():
        shown = [name, *(_shown(cell, tests) for cell in row.values()), _scopes(name)]
        lines.append(f"| {' | '.join(shown)} |")
    lines += ["", *(f"[{mark}]: ../{path}" for path, mark in tests.items())]
    for name, handler in sorted(HANDLERS.items()):
        if handler.retrievable:
            properties = ", ".join(f"`{each}`" for each in handler.retrievable)
            lines += ["", f"**{name}** — {properties}"]
    lines += ["", "## In seed files", ""]
    for owner in owners():
        lines += [f"### {owner.object_type}: `[[{owner.table}]]`", "", *table_of(owner.keys), ""]
    return "\n".join(lines).rstrip()


class _Cell(NamedTuple):
    text: str
    test: str = ""


_MISSING, _NOTHING = _Cell("missing"), _Cell("")


def _cell(name: str, operation: str, is_known: bool) -> _Cell:
    handler = HANDLERS.get(name)
    takes = handler is not None and (
        handler.is_retrieved if operation == "Retrieve" else handler.takes(operation)
    )
    if not takes:
        return _MISSING if is_known else _NOTHING
    test = _test_of(name, operation)
    return _Cell("yes" if is_known and test else "assumed", test)


def _test_of(name: str, operation: str) -> str:
    """Return the file of the tests of an operation: that of all declared objects, or one that names both."""
    handler = HANDLERS[name]
    if operation == "Retrieve" and isinstance(handler, StoredObject):
        return _CONTRACT
    is_written = isinstance(handler, StoredObject) and handler.takes("Create")
    if is_written and operation in ("Create", "Update", "Delete"):
        return _CONTRACT
    paths = sorted(
        _sources(),
        key=lambda path: (_is_of_others(path, name), path == _CONTRACT, _OBJECTS not in path),
    )
    is_in_contract = operation == "Retrieve" and isinstance(handler, DeclaredObject)
    otherwise = _CONTRACT if is_in_contract else ""
    return next((path for path in paths if _names_both(path, name, operation)), otherwise)


def _is_of_others(path: str, name: str) -> bool:
    return not snake(name).startswith(Path(path).stem.removeprefix("test_"))


def _names_both(path: str, name: str, operation: str) -> bool:
    text = _sources().get(path, "")
    call = "retrieve(" if operation == "Retrieve" else f'"{operation}"'
    return f'"{name}"' in text and (call in text or f'"{operation}"' in text)


@cache
def _sources() -> dict[str, str]:
    folders = (_OBJECTS, "tests/operations")
    return {
        f"{folder}/{path.name}": path.read_text("utf-8")
        for folder in folders
        for path in sorted((_ROOT / folder).glob("test_*.py"))
    }


def _shown(cell: _Cell, tests: dict[str, str]) -> str:
    if not cell.test:
        return cell.text
    mark = tests.setdefault(cell.test, Path(cell.test).stem.removeprefix("test_"))
    return f"[{cell.text}][{mark}]"


def _scopes(name: str) -> str:
    """Return the scopes that an API object takes, empty for one that the emulator has not."""
    handler = HANDLERS.get(name)
    if handler is None:
        return ""
    special = [f"`{scope}` for {each}" for each, scope in handler.special_scopes.items()]
    return ", ".join([f"`{handler.scope}_…`" if handler.scope else "none", *special])
