"""The command line: a thin client of the server and its control API."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from sfmc_mock.errors import SfmcMockError

COMMANDS = {
    "serve": "sfmc_mock.cli.serve:serve",
    "demo": "sfmc_mock.cli.demo:demo",
    "exec": "sfmc_mock.cli.exec_command:execute",
    "clock": "sfmc_mock.cli.clock:clock",
    "sends": "sfmc_mock.cli.sends:sends",
    "explain": "sfmc_mock.cli.explain:explain",
    "accounts": "sfmc_mock.cli.accounts:accounts",
    "reset": "sfmc_mock.cli.account_content:reset",
    "export": "sfmc_mock.cli.account_content:export",
    "import": "sfmc_mock.cli.account_content:import_",
    "wsdl": "sfmc_mock.cli.wsdl:wsdl",
}
"""Every command and where it is, in the order in which the help lists them."""

ENTRY_POINTS = "sfmc_mock.commands"
"""The group of entry points in which other packages offer commands; the help lists them last."""


class _Commands(click.Group):
    """The commands by their table: only the one that runs is loaded."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *_offered()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        # What others offer takes a look at every installed package: only those wait who ask for it.
        where = COMMANDS.get(cmd_name) or _offered().get(cmd_name)
        if where is None:
            return None
        module, _, name = where.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


def _offered() -> dict[str, str]:
    from importlib.metadata import entry_points

    found = {each.name: each.value for each in entry_points(group=ENTRY_POINTS)}
    return {name: found[name] for name in sorted(found) if name not in COMMANDS}


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sfmc-mock")
def cli() -> None:
    """An emulator of the Marketing Cloud SOAP API, offline and stateful.

    Begin with `sfmc-mock demo`, then run `sfmc-mock serve` and point your code at it. The commands from `clock` to
    `import` speak to a server that runs.
    """


def main() -> None:
    """Run the command line; what was asked wrongly is one sentence on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks an arrow gets a question mark, not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = cli.main(prog_name="sfmc-mock", standalone_mode=False)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except SfmcMockError as problem:
        click.echo(f"sfmc-mock: {problem}", err=True)
        sys.exit(2)
    except OSError as problem:
        # Nothing that a command opens comes here: it is stdout, on a full disk.
        click.echo(f"sfmc-mock: What was to be printed is lost: {problem.strerror}.", err=True)
        sys.exit(1)
    # What `Context.exit` was given; commands themselves return nothing.
    sys.exit(code if isinstance(code, int) else 0)
