"""Output of commands: tables in terminals, columns in pipes, JSON for programs."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

import click

from sfmc_mock.terminal import printable, printable_lines

if TYPE_CHECKING:
    from rich.console import Console

# Wider than any line, so that nothing is folded or cut in a pipe.
_PIPE_WIDTH = 100_000


def print_json(value: object) -> None:
    """Print a value as JSON, with control characters escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if printable_lines(text) != text:
        text = "".join(
            character if printable_lines(character) == character else json.dumps(character)[1:-1]
            for character in text
        )
    click.echo(text)


def console() -> Console:
    """Return a console for stdout: as wide as the terminal; in a pipe, of unlimited width and without colours."""
    from rich.console import Console

    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=_PIPE_WIDTH, color_system=None)


Cell = str | tuple[str, str]
"""A text, or a text with its style."""

# Text folded to fewer columns is hard to read.
_LEAST_FOLDED = 14


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    folded: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> None:
    """Print a table; columns in `numbers` are right-aligned.

    In a terminal, long texts in the `folded` columns are folded, never cut; if the terminal is too narrow for the other
    columns, each row becomes a block of lines. In a pipe, each row is one line.
    """
    pairs = [[(cell, "") if isinstance(cell, str) else cell for cell in row] for row in rows]
    safe = [[(printable(text), style) for text, style in row] for row in pairs]
    widths = [
        max(width_of(column), *(width_of(text) for text, _ in cells))
        for column, *cells in zip(columns, *safe, strict=True)
    ]
    if not sys.stdout.isatty():
        plain = [[text for text, _ in row] for row in safe]
        _print_for_programs([columns, *plain], widths, [each in numbers for each in columns])
        return
    least = [
        min(width, _LEAST_FOLDED) if column in folded else width
        for column, width in zip(columns, widths, strict=True)
    ]
    if sum(least) + len(least) > shutil.get_terminal_size().columns:
        _print_blocks(columns, safe)
    else:
        _print_for_people(columns, safe, least, folded, numbers)


def _print_blocks(columns: Sequence[str], rows: Sequence[Sequence[tuple[str, str]]]) -> None:
    from rich.table import Table
    from rich.text import Text

    for number, row in enumerate(rows):
        if number:
            click.echo("")
        block = Table.grid(padding=(0, 1))
        block.add_column(style="bold", no_wrap=True)
        block.add_column(overflow="fold")
        for column, cell in zip(columns, row, strict=True):
            if cell[0]:
                block.add_row(column, Text(*cell))
        console().print(block)


def _print_for_people(
    columns: Sequence[str],
    rows: Sequence[Sequence[tuple[str, str]]],
    least: Sequence[int],
    folded: Sequence[str],
    numbers: Sequence[str],
) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="bold",
    )
    for column, width in zip(columns, least, strict=True):
        table.add_column(
            column,
            min_width=width,
            no_wrap=column not in folded,
            overflow="fold",
            justify="right" if column in numbers else "left",
        )
    for row in rows:
        table.add_row(*(Text(*cell) for cell in row))
    console().print(table)


def _print_for_programs(
    rows: Sequence[Sequence[str]], widths: Sequence[int], to_the_right: Sequence[bool]
) -> None:
    for row in rows:
        cells = []
        for text, width, is_right in zip(row, widths, to_the_right, strict=True):
            blanks = " " * (width - width_of(text))
            cells.append(blanks + text if is_right else text + blanks)
        click.echo("  ".join(cells).rstrip())


def width_of(text: str) -> int:
    """Return the number of terminal columns that a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """Return a text cut to `width` columns, with `…` at the end if it was cut."""
    if width_of(text) <= width:
        return text
    if text.isascii():
        return f"{text[: width - 1]}…"
    from rich.cells import set_cell_size

    return f"{set_cell_size(text, width - 1).rstrip()}…"


def wants_colour(stream: TextIO) -> bool:
    """Say whether a stream is a terminal with colours, and `NO_COLOR` is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def safe(text: object) -> str:
    """Return a text with markup and control characters escaped."""
    from rich.markup import escape

    return escape(printable(str(text)))


def time_of(stored: str) -> str:
    """Return a time of the control API in readable form: `2026-01-01 12:00:00`."""
    return stored.replace("T", " ")[:19]
