"""Hints for mistyped commands and values: the closest ones that exist."""

from __future__ import annotations

import re
from difflib import get_close_matches

import click


class SuggestingGroup(click.Group):
    """A group whose error for an unknown command suggests the closest known one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = get_close_matches(name.lower(), self.list_commands(ctx), 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{name}'.{hint}")
        return super().resolve_command(ctx, args)


def with_near_options(problem: click.NoSuchOption) -> click.NoSuchOption:
    """Return the error with only the suggestions whose names are similar: click also compares the dashes."""
    near = [
        name
        for name in problem.possibilities or ()
        if get_close_matches(problem.option_name.lstrip("-"), [name.lstrip("-")])
    ]
    return click.NoSuchOption(problem.option_name, possibilities=near or None, ctx=problem.ctx)


def option_of_commands(problem: click.NoSuchOption) -> str:
    """Return a sentence about an option before the command that a command takes behind it; else an empty text."""
    context = problem.ctx
    if context is None or not isinstance(group := context.command, click.Group):
        return ""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and any(problem.option_name in each.opts for each in command.params):
            return (
                f" Give it after the command, as in `{context.command_path} {name} "
                f"{problem.option_name}`."
            )
    return ""


def hint_of_choice(problem: click.UsageError) -> str:
    """Return a sentence that suggests the closest valid choice; an empty text if none is close."""
    kind = problem.param.type if isinstance(problem, click.BadParameter) and problem.param else None
    given = re.match(r"'(.*)' is not one of", problem.message)
    if not isinstance(kind, click.Choice) or given is None:
        return ""
    by_lower = {str(choice).lower(): str(choice) for choice in kind.choices}
    near = get_close_matches(given[1].lower(), by_lower, 1)
    return f" Did you mean '{by_lower[near[0]]}'?" if near else ""
