"""Output of rows as a table, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import update_wrapper
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from sfmc_client.text_safety import printable

if TYPE_CHECKING:
    from rich.console import Console

Row: TypeAlias = Mapping[str, str | None]

# More than a person reads; the widths of columns need the whole table in memory.
MOST_SHOWN = 500


@dataclass(frozen=True)
class Format:
    """An output format: `table`, `json` or `csv`."""

    name: str

    @property
    def is_for_people(self) -> bool:
        """Whether rows are shown in a terminal."""
        return self.name == "table" and sys.stdout.isatty()

    @property
    def waits_for_all(self) -> bool:
        """Whether output starts only after the last row has arrived."""
        return self.name == "table"

    def write(self, columns: Sequence[str], rows: Iterable[Row], *, title: str = "") -> None:
        """Write rows to stdout as they arrive; a table is written when it is complete."""
        {"table": _write_table, "json": _write_json, "csv": _write_csv}[self.name](
            columns, rows, title
        )


def format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--json` and `--csv` to a command, which gets the choice as `format`."""

    def with_format(*arguments: Any, as_json: bool, as_csv: bool, **options: Any) -> Any:
        if as_json and as_csv:
            raise click.UsageError("--json and --csv do not go together.")
        chosen = Format("json" if as_json else "csv" if as_csv else "table")
        return command(*arguments, format=chosen, **options)

    wrapped: Any = update_wrapper(with_format, command)
    wrapped = click.option("--csv", "as_csv", is_flag=True, help="Write CSV.")(wrapped)
    return click.option("--json", "as_json", is_flag=True, help="Write JSON.")(wrapped)  # type: ignore[no-any-return]


def console() -> Console:
    """Return the console for tables: it does not interpret markup in data, and does not wrap lines in a pipe."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 10_000
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def _write_json(columns: Sequence[str], rows: Iterable[Row], title: str) -> None:
    written = 0
    for row in rows:
        sys.stdout.write("[\n  " if not written else ",\n  ")
        sys.stdout.write(_json({name: row.get(name) for name in columns}))
        written += 1
    sys.stdout.write("\n]\n" if written else "[]\n")


def _json(value: object) -> str:
    """Return JSON on one line, with control characters escaped."""
    text = json.dumps(value, ensure_ascii=False)
    if printable(text) == text:
        return text
    return "".join(
        character if printable(character) == character else json.dumps(character)[1:-1]
        for character in text
    )


def _write_csv(columns: Sequence[str], rows: Iterable[Row], title: str) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    # An absent value becomes an empty cell: CSV cannot distinguish the two.
    writer.writerows([row.get(name) or "" for name in columns] for row in rows)


def _write_table(columns: Sequence[str], rows: Iterable[Row], title: str) -> None:
    source = iter(rows)
    shown = [
        [printable(row.get(name) or "") for name in columns] for row in islice(source, MOST_SHOWN)
    ]
    more = next(source, None) is not None
    names = [printable(name) for name in columns]
    if shown and not any(map(any, shown)):
        summary = f"{len(shown):,}{' or more' if more else ''} found"
        click.echo(f"{summary}, without a value of {', '.join(names)}.", err=True)
        return
    if shown:
        if not sys.stdout.isatty():
            _write_plain(names, shown)
        elif _width_of_table(names, shown) <= console().width:
            _write_columns(names, shown)
        else:
            _write_blocks(names, shown, title)
    if more:
        click.echo(
            f"These are the first {MOST_SHOWN}. There are more: use --where, --limit, --csv or --json.",
            err=True,
        )
    elif not shown:
        click.echo("No objects found.", err=True)


# Longer text is folded, so that the table does not fall back to blocks.
_WIDEST_UNFOLDED = 24
_LONGEST_NAME = 24


def _widths(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    from rich.cells import cell_len

    return [max(map(cell_len, column)) for column in zip(names, *rows, strict=True)]


def _width_of_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    widths = (min(width, _WIDEST_UNFOLDED) for width in _widths(names, rows))
    return sum(width + 2 for width in widths) - 2


def _write_columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name, width in zip(names, _widths(names, rows), strict=True):
        table.add_column(Text(name), overflow="fold", min_width=min(width, _WIDEST_UNFOLDED))
    for row in rows:
        table.add_row(*map(Text, row))
    console().print(table)


def _write_blocks(names: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    """Write each record as a block of lines; the last line lists properties that no record has a value of."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    for number, row in enumerate(rows, start=1):
        out.print(Text(f"{printable(title)} {number}".strip(), "bold"), overflow="fold")
        block = Table.grid(padding=(0, 2, 0, 0))
        block.add_column(overflow="fold", max_width=max(_LONGEST_NAME, out.width // 2))
        block.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            if value:
                block.add_row(Text(f"  {name}"), Text(value))
        out.print(block if block.row_count else "  no value at all")
        out.print()
    empty = [name for number, name in enumerate(names) if not any(row[number] for row in rows)]
    if empty:
        out.print(f"Without a value: {', '.join(empty)}.", style="dim", overflow="fold")


def _write_plain(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.cells import cell_len

    widths = _widths(names, rows)
    for row in (names, *rows):
        cells = (
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        )
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


@contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """Show the number of rows on stderr if it is a terminal; yield a function to call with the current number."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn(f"{what}: {{task.completed:,.0f}}"), TimeElapsedColumn())
    # Text written to stdout meanwhile is the output, which the progress must not redirect.
    shown = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with shown:
        task = shown.add_task(what, total=None)
        yield lambda number: shown.update(task, completed=number)
