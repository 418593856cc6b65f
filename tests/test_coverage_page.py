"""The page of what is emulated agrees with what the emulator answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.support.messages import overall_status, retrieve

from sfmc_mock.declarations.handler import Call
from sfmc_mock.objects import HANDLERS

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"


def retrievable_on_the_page() -> dict[str, bool]:
    rows = re.findall(r"^\| (\w+) \|.*\| (yes|) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {name: mark == "yes" for name, mark in rows}


def test_the_page_lists_every_object() -> None:
    assert retrievable_on_the_page().keys() == HANDLERS.keys()


@pytest.mark.parametrize("object_type", sorted(HANDLERS))
def test_the_page_says_whether_an_object_can_be_retrieved(object_type: str, call: Call) -> None:
    status = overall_status(retrieve(call, object_type, ["ID"]))

    refused = status.startswith("Error: Unable to find a handler for object type")
    assert retrievable_on_the_page()[object_type] is not refused
