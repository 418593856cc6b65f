"""`sfmc-mock journal`: the calls that a server received, with request and answer."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import click

from sfmc_mock.cli.call_lines import CallLines, facts_of_json
from sfmc_mock.cli.options import WholeNumber, limit_option, on_a_server
from sfmc_mock.cli.output import print_json, wants_colour
from sfmc_mock.cli.running_server import Running
from sfmc_mock.cli.streams import say
from sfmc_mock.terminal import printable, printable_lines

_MOST_SEARCHED = 1_000


@click.command(short_help="List the calls, or show one with request and answer.")
@click.argument("number", type=WholeNumber(1), required=False, metavar="[NUMBER]")
@click.option("--operation", metavar="NAME", help="Only calls of this operation, such as Create.")
@click.option("--type", "object_type", metavar="TYPE", help="Only calls for this API object.")
@click.option(
    "--status",
    metavar="STATUS",
    help="Only calls with this status: OK, Error, 'Has Errors', or an HTTP status.",
)
@click.option("--text", metavar="TEXT", help="Only calls whose request or answer has this text.")
@click.option("--since", type=WholeNumber(0), metavar="N", help="Only calls after number N.")
@limit_option()
@click.option("--bodies", is_flag=True, help="Show request and answer of each call.")
@click.option("--clear", is_flag=True, help="Remove the calls.")
@on_a_server
def journal(
    server: Running,
    number: int | None,
    limit: int,
    bodies: bool,
    clear: bool,
    **filters: str | int | None,
) -> None:
    """List the calls to the server, newest last; with NUMBER, show one with its request and answer.

    Passwords and tokens are hidden. With --mid, only calls to that account are listed.
    """
    if clear:
        left = server.delete("/journal", **server.for_account())
        server.show(left, f"The calls were removed; the journal has {left['exchanges']:,}.")
    elif number is not None:
        _show_one(server, number)
    else:
        asked = {name: value for name, value in filters.items() if value is not None}
        query = {**server.for_account(), **asked, "limit": limit}
        answer = server.get("/journal", **query, bodies="true" if bodies else None)
        if server.as_json:
            print_json(answer)
        elif not answer["exchanges"]:
            click.echo(_nothing(server, asked))
        else:
            _show(answer, bodies)


def _show_one(server: Running, number: int) -> None:
    answer = server.get(f"/journal/{number}")
    if server.as_json:
        print_json(answer)
    else:
        for line in _lines().lines(facts_of_json(answer)):
            click.echo(line)
        _show_bodies(answer)


def _nothing(server: Running, asked: Mapping[str, object]) -> str:
    """Return a message that no calls match, with the closest values that exist."""
    calls = server.get("/journal", **server.for_account(), limit=_MOST_SEARCHED)["exchanges"]
    if not calls:
        return "No calls yet."
    known = {
        "operation": {call["operation"] for call in calls},
        "object_type": {
            name
            for call in calls
            for object_type in call["object_types"]
            for name in (object_type, object_type.split("[")[0])
        },
        "status": {call["overall_status"].partition(":")[0] for call in calls},
    }
    hints = []
    for field, names in known.items():
        wanted = str(asked.get(field) or "")
        by_lower = {name.lower(): name for name in names if name}
        near = (
            get_close_matches(wanted.lower(), by_lower, 1) if wanted and wanted not in names else []
        )
        hints += [by_lower[name] for name in near]
    hint = f" Did you mean {', '.join(hints)}?" if hints else ""
    return printable(f"No such calls.{hint}")


def _show(answer: Mapping[str, Any], bodies: bool) -> None:
    calls = answer["exchanges"]
    digits = max(len(str(call["number"])) for call in calls)
    lines = _lines(narrower_by=digits + 2)
    for call in calls:
        first, *more = lines.lines(facts_of_json(call))
        click.echo(f"{call['number']:>{digits}}  {first}")
        for line in more:
            click.echo(f"{' ' * digits}  {line}")
        if bodies:
            _show_bodies(call)
    for line in lines.counts():
        click.echo(f"{' ' * digits}  {line}")
    if answer["note"]:
        say(answer["note"])


def _lines(narrower_by: int = 0) -> CallLines:
    width = shutil.get_terminal_size().columns - narrower_by if sys.stdout.isatty() else None
    return CallLines(width=width, colour=wants_colour(sys.stdout))


def _show_bodies(call: Mapping[str, Any]) -> None:
    click.echo("")
    click.echo(f"{printable(call['method'])} {printable(call['path'])}")
    for name, value in call["headers"].items():
        click.echo(f"{printable(name)}: {printable(value)}")
    for title, name in (("Request", "request"), ("Answer", "answer")):
        click.echo(f"\n{title}, {call[f'{name}_size']:,} bytes:\n")
        click.echo(printable_lines(_indented(call[name])))
    click.echo("")


def _indented(document: str) -> str:
    """Return an XML document with one line per element; any other text unchanged."""
    from lxml import etree

    parser = etree.XMLParser(
        remove_blank_text=True, resolve_entities=False, no_network=True, huge_tree=False
    )
    try:
        root = etree.fromstring(document.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return document
    return etree.tostring(root, pretty_print=True, encoding="unicode").rstrip()
