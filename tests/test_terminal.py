"""No control sequence sent by a caller reaches a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from sfmc_client import text_safety
from sfmc_mock import terminal

EVERY_CHARACTER = "".join(map(chr, range(0x110000)))
COMMANDS = [
    "\x1b[2J",
    "\x9b31m",
    "\x1b]0;title\x07",
    "\r",
    "\n",
    "\x85",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u200f",
    "\ud83d",
]


@pytest.mark.parametrize("printable", [terminal.printable, text_safety.printable])
@pytest.mark.parametrize("command", COMMANDS, ids=ascii)
def test_a_command_is_written_as_an_escape(printable: Callable[[str], str], command: str) -> None:
    shown = printable(f"before{command}after")

    assert shown.isprintable()
    assert shown.startswith("before\\")
    assert shown.endswith("after")


@pytest.mark.parametrize("text", ["plain", "Grüße, 東京 👩\u200d🔬", "שלום", "a\u00a0b"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert terminal.printable(text) == text


def test_no_control_character_or_separator_of_unicode_is_left() -> None:
    left = {unicodedata.category(each) for each in terminal.printable(EVERY_CHARACTER)}

    assert left.isdisjoint({"Cc", "Cs", "Zl", "Zp"})


def test_several_lines_keep_their_line_feeds_and_nothing_else() -> None:
    shown = terminal.printable_lines("one\ntwo\r\n\x1b[2Jthree")

    assert shown == "one\ntwo\\r\n\\x1b[2Jthree"


def test_client_and_emulator_escape_alike() -> None:
    assert text_safety.printable(EVERY_CHARACTER) == terminal.printable(EVERY_CHARACTER)
    assert text_safety.printable_lines(EVERY_CHARACTER) == terminal.printable_lines(EVERY_CHARACTER)
