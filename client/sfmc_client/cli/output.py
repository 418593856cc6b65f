"""How rows are shown: a table for a person, JSON or CSV for a program."""

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

if TYPE_CHECKING:
    from rich.console import Console

Row: TypeAlias = Mapping[str, str | None]

# More than a person reads; a table has to be held in memory to find the widths of its columns.
MOST_SHOWN = 500


@dataclass(frozen=True)
class Format:
    """One of `table`, `json` and `csv`."""

    name: str

    def write(self, columns: Sequence[str], rows: Iterable[Row], *, title: str = "") -> None:
        """Write rows to stdout as they come; only a table is held back until it is complete."""
        {"table": _write_table, "json": _write_json, "csv": _write_csv}[self.name](
            columns, rows, title
        )


def format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--json` and `--csv`; what was chosen comes to it as `format`."""

    def with_format(*arguments: Any, as_json: bool, as_csv: bool, **options: Any) -> Any:
        if as_json and as_csv:
            raise click.UsageError("--json and --csv do not go together.")
        chosen = Format("json" if as_json else "csv" if as_csv else "table")
        return command(*arguments, format=chosen, **options)

    wrapped: Any = update_wrapper(with_format, command)
    wrapped = click.option("--csv", "as_csv", is_flag=True, help="Write CSV.")(wrapped)
    return click.option("--json", "as_json", is_flag=True, help="Write JSON.")(wrapped)  # type: ignore[no-any-return]


def console() -> Console:
    """Return what tables are printed on: data is shown as it is, and into a pipe a line is as long as it is."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 10_000
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def _write_json(columns: Sequence[str], rows: Iterable[Row], title: str) -> None:
    written = 0
    for row in rows:
        sys.stdout.write("[\n  " if not written else ",\n  ")
        sys.stdout.write(json.dumps({name: row.get(name) for name in columns}, ensure_ascii=False))
        written += 1
    sys.stdout.write("\n]\n" if written else "[]\n")


def _write_csv(columns: Sequence[str], rows: Iterable[Row], title: str) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    # An absent value is an empty cell: CSV has no other word for it.
    writer.writerows([row.get(name) or "" for name in columns] for row in rows)


def _write_table(columns: Sequence[str], rows: Iterable[Row], title: str) -> None:
    from rich import box
    from rich.table import Table

    source = iter(rows)
    shown = list(islice(source, MOST_SHOWN))
    more = next(source, None) is not None
    if shown:
        table = Table(title=title or None, box=box.SIMPLE, title_justify="left")
        for name in columns:
            table.add_column(name, overflow="fold")
        for row in shown:
            table.add_row(*(row.get(name) or "" for name in columns))
        console().print(table)
    if more:
        click.echo(
            f"These are the first {MOST_SHOWN}. There are more: use --where, --limit, --csv or --json.",
            err=True,
        )
    elif not shown:
        click.echo("Nothing was found.", err=True)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """Show on stderr how many have come, if a person is looking; lends what is to be called with the number so far."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn(f"{what}: {{task.completed:,.0f}}"),
        TimeElapsedColumn(),
    )
    # What is written to stdout meanwhile is the answer, and none of the progress's business.
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
