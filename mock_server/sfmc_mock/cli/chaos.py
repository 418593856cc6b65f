"""`sfmc-mock chaos`: rules that make calls of an account fail on purpose."""

from __future__ import annotations

import tomllib
from typing import Any

import click

from sfmc_mock.cli.groups import SuggestingGroup
from sfmc_mock.cli.options import on_a_server
from sfmc_mock.cli.output import print_json, print_table
from sfmc_mock.cli.running_server import Running
from sfmc_mock.terminal import printable


@click.group(cls=SuggestingGroup, short_help="Make calls fail on purpose.")
def chaos() -> None:
    """Rules that delay, refuse, cut off or lose calls of an account.

    `sfmc-mock docs chaos` lists the keys of a rule.
    """


@chaos.command("list", short_help="Show the rules and their counts.")
@on_a_server
def list_rules(server: Running) -> None:
    """Show the rules of an account, each with the number of calls that it matched and changed."""
    _show(server, server.get("/chaos", **server.for_account())["rules"])


@chaos.command(short_help="Add a rule, or replace one.")
@click.argument("settings", nargs=-1, required=True, metavar="KEY=VALUE...")
@on_a_server
def add(server: Running, settings: tuple[str, ...]) -> None:
    """Add a rule; a rule of the same name is replaced.

    \b
    chaos add operation=Create status=503 times=2
    chaos add object=TriggeredSend to=*@slow.test delay=2s
    chaos add operation=Retrieve fault=rate-limit probability=0.1
    chaos add lose=answer nth=1
    """
    rule = dict(_setting(text) for text in settings)
    _show(server, [server.post("/chaos", rule, **server.for_account())])


@chaos.command(short_help="Remove a rule.")
@click.argument("name")
@on_a_server
def remove(server: Running, name: str) -> None:
    """Remove the rule called NAME."""
    from urllib.parse import quote

    path = f"/chaos/{quote(name, safe='')}"
    _show(server, server.delete(path, **server.for_account())["rules"])


@chaos.command(short_help="Remove all rules.")
@on_a_server
def clear(server: Running) -> None:
    """Remove all rules of an account."""
    _show(server, server.delete("/chaos", **server.for_account())["rules"])


def _setting(text: str) -> tuple[str, Any]:
    name, is_given, value = text.partition("=")
    if not is_given:
        raise click.UsageError(f"'{text}' is not KEY=VALUE, such as status=503.")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value
    # The server gets a TOML date as its text.
    return name, parsed if isinstance(parsed, (bool, int, float, str, dict)) else value


def _show(server: Running, rules: list[dict[str, Any]]) -> None:
    if server.as_json:
        print_json({"rules": rules})
    elif not rules:
        click.echo("There are no chaos rules.")
    else:
        rows = [
            (rule["name"], _written(rule), str(rule["seen"]), str(rule["hits"])) for rule in rules
        ]
        print_table(
            ("name", "rule", "fitted", "acted"), rows, folded=("rule",), numbers=("fitted", "acted")
        )


def _written(rule: dict[str, Any]) -> str:
    counted = ("name", "seen", "hits")
    return printable(" ".join(f"{key}={rule[key]}" for key in rule if key not in counted))
