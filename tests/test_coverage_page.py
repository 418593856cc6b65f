"""The page about coverage matches the answers of the emulator."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.messages import overall_status, retrieve

from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import HANDLERS

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"


OPERATIONS = ("Create", "Retrieve", "Update", "Delete", "Perform", "Schedule", "Configure")
# HiveQueryDefinition, which the newest schema lacks.
MOST_MISSING = 5


def cells() -> dict[str, dict[str, str]]:
    """Return the words of the table by object and operation; empty if the service has no such operation."""
    rows = re.findall(r"^\| (\w+) ((?:\| [^|]*){8})\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {
        name: dict(
            zip(
                OPERATIONS,
                (
                    re.sub(r"[\[\]]", " ", each).strip().split(" ")[0]
                    for each in rest.split("|")[1:8]
                ),
                strict=True,
            )
        )
        for name, rest in rows
    }


CELLS = cells()


def test_the_page_names_the_scopes_of_an_object() -> None:
    rows = dict(re.findall(r"^\| (\w+) .*\| ([^|]*) \|$", PAGE.read_text("utf-8"), re.MULTILINE))

    for object_type, handler in HANDLERS.items():
        family = f"`{handler.scope}_…`" if handler.scope else "none"
        assert rows[object_type].split(", ")[0] == family, object_type


def test_the_page_lists_every_object() -> None:
    assert CELLS.keys() >= HANDLERS.keys()


def test_the_page_says_what_an_object_takes(call: Call) -> None:
    for object_type, handler in HANDLERS.items():
        row = CELLS[object_type]
        status = overall_status(retrieve(call, object_type, ["ID"]))

        refused = status.startswith("Error: Unable to find a handler for object type")
        assert (row["Retrieve"] in ("yes", "assumed")) is not refused, object_type
        for operation in ("Create", "Update", "Delete", "Perform", "Schedule", "Configure"):
            is_taken = row[operation] in ("yes", "assumed")
            assert is_taken is handler.takes(operation), (object_type, operation)


def test_the_page_counts_what_works() -> None:
    text = PAGE.read_text("utf-8")
    said = re.search(r"Of the (\d+) operations of (\d+) objects .* (\d+) work\.", text)
    assert said is not None
    documented, _, working = map(int, said.groups())
    missing = [word for row in CELLS.values() for word in row.values() if word == "missing"]

    assert documented - working == len(missing) <= MOST_MISSING
