"""The page about the command line names every command, option and variable."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from sfmc_mock.cli import COMMANDS, cli
from sfmc_mock.environment import ENVIRONMENT
from sfmc_mock.settings import documented

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    """Return the section of the page about a command."""
    found = re.search(rf"^##+ {name}\n(.*?)(?=^##+ (?!Settings)|\Z)", PAGE, re.M | re.S)
    assert found is not None, f"there is no heading for {name}"
    return found[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section_with_all_its_options(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None

    options = [each.opts[0] for each in command.params if isinstance(each, click.Option)]

    text = section(name)
    assert f"Usage: sfmc-mock {name} " in text
    assert [option for option in options if f"{option} " not in text] == []


def test_the_table_of_settings_has_a_line_for_each() -> None:
    text = section("serve")

    for option, variable, _, about in documented():
        assert f"| `{option}` | `{variable}` |" in text
        assert f"| {about} |" in text


def test_the_table_of_exec_has_a_line_for_each_variable() -> None:
    text = section("exec")

    for name, about in ENVIRONMENT.items():
        assert f"| `{name}` | {about} |" in text
