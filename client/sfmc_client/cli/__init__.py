"""`sfmc-client`: the service from a terminal. The commands are thin callers of the library.

Exit codes: 0 done; 1 the service refused the call, was not reached, or does not have the requested object; 2 misuse;
130 interrupted.
"""

from __future__ import annotations

import os
import re
import sys

import click

from sfmc_client.cli.describe import describe
from sfmc_client.cli.flow import flow
from sfmc_client.cli.name_suggestions import nearest
from sfmc_client.cli.retrieve import retrieve
from sfmc_client.cli.status import status
from sfmc_client.errors import ConfigurationError, SfmcError
from sfmc_client.text_safety import printable_lines

# Set by the shell to request completions from click.
_COMPLETE = "_SFMC_CLIENT_COMPLETE"


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sfmc-mock")
@click.pass_context
def cli(context: click.Context) -> None:
    """The Marketing Cloud SOAP API from a terminal.

    Options give the address and the credentials, or the environment variables beside them, which `sfmc-mock exec` sets
    for the emulator. Put secrets into the environment: other users of the machine can see the options of a command.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(2)


cli.add_command(describe)
cli.add_command(flow)
cli.add_command(retrieve)
cli.add_command(status)


def main() -> None:
    """Run the command line; an error becomes one sentence on stderr."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code; errors become one sentence on stderr."""
    if instruction := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(cli, {}, "sfmc-client", _COMPLETE, instruction)
    try:
        # Not cli.main(), which would report a closed pipe as an error.
        with cli.make_context("sfmc-client", arguments) as context:
            code = cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return 130
    except click.ClickException as problem:
        return _shown(problem)
    except ConfigurationError as error:
        return _said(error, 2)
    except SfmcError as error:
        return _said(error, 1)
    except BrokenPipeError:
        # The reader has closed the pipe (`| head`); otherwise Python would report that at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


_PLAIN = {
    "is not a valid integer range": "is not a whole number",
    "is not a valid float range": "is not a number",
}


def _shown(problem: click.ClickException) -> int:
    """Print an error of usage like other errors, below the usage of the command."""
    message = problem.format_message()
    for technical, plain in _PLAIN.items():
        message = message.replace(technical, plain)
    context = getattr(problem, "ctx", None)
    if isinstance(problem, click.UsageError) and context is not None:
        click.echo(context.get_usage(), err=True)
        message += "" if message[-1:] in ".?)" else "."
        message += f"{_hint_of_choice(problem)} See `{context.command_path} --help`."
    click.echo(f"sfmc-client: {printable_lines(message)}", err=True)
    return problem.exit_code


def _hint_of_choice(problem: click.UsageError) -> str:
    """Return a sentence that suggests the closest valid choice; an empty text if none is close."""
    kind = problem.param.type if isinstance(problem, click.BadParameter) and problem.param else None
    given = re.match(r"'(.*)' is not one of", problem.message)
    if not isinstance(kind, click.Choice) or given is None:
        return ""
    meant = nearest(given[1], map(str, kind.choices))
    return f" Did you mean '{meant}'?" if meant else ""


# Errors of the library give advice for programs; these are the replacements for users of a terminal.
_OPTIONS = {
    "email_id= or a recipe,": "--email-id,",
    "wait longer with timeout=": "wait longer with --patience",
    "a longer timeout=": "a longer --timeout",
    "(batch_size= of a Retrieve), or give HTTPTransport(max_answer_bytes=...)": "(--batch-size)",
    "HTTPTransport(ca_bundle=...)": "--ca-bundle",
    "check with find_log_row()": "check with sfmc-client flow --resume",
    "; for a whole address there is endpoint=, or token_url=": "; for a whole address there is --endpoint",
    " Each is in error.results.": "",
    ": look at error.exchange.request.": ".",
    "; `error.exchange.request` shows it.": ".",
}


def _said(error: SfmcError, code: int) -> int:
    text = " ".join((str(error), *getattr(error, "__notes__", ())))
    for said, option in _OPTIONS.items():
        text = text.replace(said, option)
    click.echo(f"sfmc-client: {printable_lines(text)}", err=True)
    return code
