"""The command line: a thin client of the server and its control API."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from sfmc_mock.cli import streams
from sfmc_mock.cli.groups import (
    SuggestingGroup,
    hint_of_choice,
    option_of_commands,
    with_near_options,
)
from sfmc_mock.cli.running_server import ServerRefused
from sfmc_mock.errors import SfmcMockError
from sfmc_mock.terminal import printable_lines

COMMANDS = {
    "serve": "sfmc_mock.cli.serve:serve",
    "demo": "sfmc_mock.cli.demo:demo",
    "init": "sfmc_mock.cli.init:init",
    "exec": "sfmc_mock.cli.exec_command:execute",
    "clock": "sfmc_mock.cli.clock:clock",
    "settings": "sfmc_mock.cli.account_settings:settings",
    "send": "sfmc_mock.cli.sends:send",
    "sends": "sfmc_mock.cli.sends:sends",
    "explain": "sfmc_mock.cli.explain:explain",
    "events": "sfmc_mock.cli.events:events",
    "event": "sfmc_mock.cli.events:event",
    "journal": "sfmc_mock.cli.journal:journal",
    "files": "sfmc_mock.cli.files:files",
    "queue": "sfmc_mock.cli.queue:queue",
    "chaos": "sfmc_mock.cli.chaos:chaos",
    "open": "sfmc_mock.cli.open_page:open_page",
    "accounts": "sfmc_mock.cli.accounts:accounts",
    "reset": "sfmc_mock.cli.account_content:reset",
    "checkpoint": "sfmc_mock.cli.account_content:checkpoint",
    "restore": "sfmc_mock.cli.account_content:restore",
    "export": "sfmc_mock.cli.account_content:export",
    "import": "sfmc_mock.cli.account_content:import_",
    "wsdl": "sfmc_mock.cli.wsdl:wsdl",
    "docs": "sfmc_mock.cli.docs:docs",
}
"""Every command and its module, in the order in which the help lists them."""

ENTRY_POINTS = "sfmc_mock.commands"
"""The entry point group for commands of other packages; the help lists these last."""


class _Commands(SuggestingGroup):
    """The commands by their table: only the one that runs is loaded."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *_offered()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        # Entry points are only read if a command is not in the table, because that looks at every installed package.
        where = COMMANDS.get(cmd_name) or _offered().get(cmd_name)
        if where is None:
            return None
        module, _, name = where.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _readers_may_leave():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _readers_may_leave():
            return super().invoke(ctx)


@contextmanager
def _readers_may_leave() -> Iterator[None]:
    """Exit with code 0 if the reader of standard output has closed it; click would exit with 1."""
    try:
        yield
    except BrokenPipeError:
        streams.discard(sys.stdout)
        raise click.exceptions.Exit(0) from None


def _offered() -> dict[str, str]:
    from importlib.metadata import entry_points

    plugins = {
        entry_point.name: entry_point.value for entry_point in entry_points(group=ENTRY_POINTS)
    }
    return {name: plugins[name] for name in sorted(plugins) if name not in COMMANDS}


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="sfmc-mock")
@click.pass_context
def cli(context: click.Context) -> None:
    """An emulator of the Marketing Cloud SOAP API, offline and stateful.

    Start with `sfmc-mock demo`, then run `sfmc-mock serve` and point your code at its address. The commands from
    `clock` to `import` use a running server. `sfmc-mock docs` has the documentation.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(2)


def main() -> None:
    """Run the command line and exit with its exit code (see docs/cli.md); errors are one sentence on stderr."""
    streams.prepare()
    sys.exit(streams.finish(_run()))


def _run() -> int:
    try:
        code = cli.main(prog_name="sfmc-mock", standalone_mode=False)
    except click.Abort:
        return 130
    except click.ClickException as problem:
        return _show(problem)
    except ServerRefused as problem:
        return _said(problem, 1)
    except SfmcMockError as problem:
        return _said(problem, 2)
    except SystemExit as end:
        # Shell completion ends with SystemExit.
        return end.code if isinstance(end.code, int) else 0
    except UnicodeEncodeError:
        streams.say("sfmc-mock: One of the arguments is not valid UTF-8. Encode it as UTF-8.")
        return 2
    except OSError as problem:
        # Commands handle errors of the files that they open; this one is of stdout: a full disk or a closed pipe.
        return streams.tell_lost(problem)
    return code if isinstance(code, int) else 0


def _said(problem: SfmcMockError, code: int) -> int:
    streams.say(f"sfmc-mock: {printable_lines(str(problem))}")
    return code


# The older versions of click print the help themselves.
_NO_SUBCOMMAND: type[click.UsageError] | tuple[()] = getattr(
    click.exceptions, "NoArgsIsHelpError", ()
)


def _show(problem: click.ClickException) -> int:
    if isinstance(problem, _NO_SUBCOMMAND):
        streams.say(problem.format_message())
        return problem.exit_code
    behind = ""
    if isinstance(problem, click.NoSuchOption):
        behind = option_of_commands(problem)
        problem = with_near_options(problem)
    message = problem.message if behind else problem.format_message()
    context = getattr(problem, "ctx", None)
    if isinstance(problem, click.UsageError) and context is not None:
        streams.say(context.get_usage())
        message += "" if message[-1:] in ".?" or message.endswith("?)") else "."
        message += f"{behind}{hint_of_choice(problem)} See `{context.command_path} --help`."
    streams.say(f"sfmc-mock: {printable_lines(message)}")
    return problem.exit_code
