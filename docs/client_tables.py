"""Parts of the documentation that the client's own code says; run by cog."""

from __future__ import annotations

import ast
import inspect

import click

from sfmc_client.cli import cli
from sfmc_client.environment import VARIABLES
from sfmc_client.testing import plugin


def fixtures() -> str:
    """Return the table of the plugin's fixtures, those of every day first."""
    found = dict(_fixtures())
    order = ("sfmc", "sfmc_account", "sfmc_server", "sfmc_settings", "sfmc_waiting")
    assert sorted(order) == sorted(found)
    lines = ["| fixture | scope | |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {found[name][0]} | {found[name][1]} |" for name in order]
    return "\n".join(lines)


def _fixtures() -> list[tuple[str, tuple[str, str]]]:
    """Name, scope and docstring of each, read from the source: pytest's own objects are its own business."""
    tree = ast.parse(inspect.getsource(plugin))
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            marks = [ast.unparse(each) for each in node.decorator_list]
            if any(mark.startswith("pytest.fixture") for mark in marks):
                scope = "session" if "scope='session'" in marks[0] else "test"
                about = " ".join((ast.get_docstring(node) or "").split())
                found.append((node.name, (scope, about)))
    return found


def commands() -> str:
    """Return the help of each command, without the options that all of them have."""
    context = click.Context(cli)
    parts = []
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        own = [each for each in command.params if each.name not in VARIABLES]
        shown = click.Command(name, params=own, help=command.help)
        within = click.Context(shown, info_name=f"sfmc-client {name}", terminal_width=100)
        parts += [f"### {name}", "", "```text", shown.get_help(within), "```", ""]
    return "\n".join(parts).rstrip()
