"""The page about magic addresses matches the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sfmc_mock.simulator.magic_addresses import LABELS, parse
from sfmc_mock.simulator.not_sent_codes import CODES
from sfmc_mock.simulator.send_rules import GIVEN

PAGE = Path(__file__).parents[2] / "docs" / "magic-addresses.md"


def rows() -> list[list[str]]:
    """Return the cells of every table row of the page that begins with a label."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| `+")
    ]


def test_every_label_is_on_the_page_once() -> None:
    assert sorted(cells[0] for cells in rows()) == sorted(f"+{label.written}" for label in LABELS)


def test_the_page_says_of_a_label_what_the_code_says() -> None:
    shown = {cells[0]: cells[1:] for cells in rows()}

    for label in LABELS:
        if label.group != "not sent":
            assert shown[f"+{label.written}"] == [label.happens, label.example]


def test_the_page_gives_every_reason_its_code() -> None:
    shown = {(int(cells[2]), cells[3]) for cells in rows() if cells[0].startswith("+notsent-")}

    assert shown == {(code, CODES[code].name) for code in GIVEN}


@pytest.mark.parametrize(
    "address", sorted(set(re.findall(r"[\w.+-]+@mock\.test", PAGE.read_text(encoding="utf-8"))))
)
def test_every_address_on_the_page_works(address: str) -> None:
    assert parse(address) is not None
