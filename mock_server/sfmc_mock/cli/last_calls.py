"""What a command that failed has asked of the emulator: its last calls, for the person who reads its output."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sfmc_mock.cli.call_lines import CallLines, facts_of
from sfmc_mock.cli.line_writer import width_of_terminal
from sfmc_mock.cli.output import wants_colour
from sfmc_mock.cli.streams import say

if TYPE_CHECKING:
    from sfmc_mock.journal import Journal

_MOST_CALLS, _MOST_LINES = 10, 40


def tell_calls(journal: Journal, code: int, log: str | None) -> None:
    """Print on standard error the last calls of a command that failed, with what was wrong with them."""
    calls = list(journal)
    shown = calls[-_MOST_CALLS:]
    ended = f"sfmc-mock: The command ended with exit code {code}."
    if not calls:
        say(f"{ended} It made no call to the emulator.")
        return
    all_of_them = len(calls) + journal.dropped
    which = (
        "Its calls"
        if len(shown) == all_of_them
        else f"The last {len(shown)} of its {all_of_them:,} calls"
    )
    width = width_of_terminal(sys.stderr.fileno()) if sys.stderr is not None else None
    written = CallLines(width=width, colour=sys.stderr is not None and wants_colour(sys.stderr))
    lines = [line for call in shown for line in written.lines(facts_of(call))]
    lines += written.counts()
    say(f"{ended} {which}:")
    for line in lines[:_MOST_LINES]:
        say(line)
    if len(lines) > _MOST_LINES:
        say(f"… and {len(lines) - _MOST_LINES} lines more")
    if log is None:
        say("--log FILE writes all of them to a file.")
