"""How commands show what they found: tables for people, columns for pipes, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

# Wider than any line: in a pipe, nothing is folded or cut.
_PIPE_WIDTH = 100_000


def print_json(found: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


def console() -> Console:
    """Return a console for stdout: as wide as the terminal, without an end and without colours in a pipe."""
    from rich.console import Console

    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=_PIPE_WIDTH, color_system=None)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: str = ""
) -> None:
    """Print a table.

    A column whose name begins with `!` is never folded; those named in `numbers`, with blanks between, stand to the
    right. In a terminal long texts are folded to its width, never cut; in a pipe each row is one line. Cells may have
    rich's markup.
    """
    from rich import box
    from rich.table import Table

    out = console()
    is_terminal = out.is_terminal
    table = Table(
        box=box.SIMPLE_HEAD if is_terminal else None,
        padding=(0, 1 if is_terminal else 2, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="bold",
    )
    for column in columns:
        name = column.removeprefix("!")
        table.add_column(
            name,
            no_wrap=column.startswith("!") or not is_terminal,
            overflow="fold",
            justify="right" if name in numbers.split() else "left",
        )
    for row in rows:
        table.add_row(*row)
    out.print(table)


def safe(text: object) -> str:
    """Return a text so that nothing in it is taken for markup."""
    from rich.markup import escape

    return escape(str(text))


def time_of(stored: str) -> str:
    """Return a time of the control API as people read it: `2026-01-01 12:00:00`."""
    return stored.replace("T", " ")[:19]
