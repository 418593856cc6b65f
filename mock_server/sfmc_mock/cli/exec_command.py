"""`sfmc-mock exec -- CMD`: run a command with a server of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from sfmc_mock.cli.call_lines import CallLines, facts_of
from sfmc_mock.cli.line_writer import width_of_terminal, writing_to
from sfmc_mock.cli.options import WholeNumber, complete_files, server_options
from sfmc_mock.cli.output import wants_colour
from sfmc_mock.cli.streams import say
from sfmc_mock.environment import proxy_exception
from sfmc_mock.errors import SetupError
from sfmc_mock.settings import Settings
from sfmc_mock.terminal import printable

if TYPE_CHECKING:
    from sfmc_mock.journal import Exchange, Journal
    from sfmc_mock.server import MockServer

# As in shells: the command does not exist, or cannot be executed.
_UNKNOWN, _NOT_EXECUTABLE = 127, 126

_MOST_CALLS, _MOST_LINES = 10, 40


@click.command(
    "exec",
    short_help="Run a command with a server of its own.",
    context_settings={"allow_interspersed_args": False},
)
@server_options(without=("host", "port", "tls_cert", "tls_key"))
@click.option(
    "--port",
    type=WholeNumber(0, 65_535),
    metavar="PORT",
    help="Port to listen on. Default: a free one.",
)
@click.option(
    "--log",
    metavar="FILE",
    shell_complete=complete_files,
    help="File for a line about each call.",
)
@click.option("--keep", is_flag=True, help="Keep the account in a file, and print its path.")
@click.argument(
    "command", nargs=-1, required=True, metavar="-- COMMAND...", shell_complete=complete_files
)
def execute(
    command: tuple[str, ...], port: int | None, log: str | None, keep: bool, **given: Any
) -> int:
    """Start a server on a free port, run a command with it, and return the command's exit code.

    The command finds the server in its environment: SFMC_MOCK_URL, SFMC_ENDPOINT, SFMC_WSDL_URL, SFMC_AUTH_URL,
    SFMC_CLIENT_ID, SFMC_CLIENT_SECRET, SFMC_USERNAME, SFMC_PASSWORD, SFMC_MID, SFMC_ACCOUNT_ID. Signals are passed on
    to it, and the server stops when it ends. If it fails, its last calls are shown on stderr; if it succeeds, those
    with warnings.

    With --intercept, the command also reaches the server at production's addresses, through the usual environment
    variables for proxies and certificates; SFMC_TENANT has the tenant.
    """
    from sfmc_mock.server import MockServer, environment_of

    settings = Settings(port=port or 0, **given)
    if keep:
        settings = replace(settings, accounts=_files_for(settings.accounts))
    with writing_to(log) as on_exchange:
        server = MockServer(settings=settings, on_exchange=on_exchange).start()
        try:
            with _environment(server) as environment:
                code = run(command, environment | environment_of(server, server.account))
        finally:
            server.stop()
    _tell_problems(server)
    _tell_refused_hosts(server)
    if code == 0:
        _tell_warnings(server.app.journal, log)
    elif code not in _NOT_THE_COMMANDS_OWN:
        _tell_calls(server.app.journal, code, log)
    if keep:
        _tell_files(settings.accounts)
    return code


# Not executed, or interrupted by the user.
_NOT_THE_COMMANDS_OWN = frozenset({_UNKNOWN, _NOT_EXECUTABLE, 128 + signal.SIGINT})


def _files_for(accounts: Sequence[str]) -> tuple[str, ...]:
    """Return the accounts, with each in-memory account replaced by a new file."""
    folder = Path(tempfile.mkdtemp(prefix="sfmc-mock-"))
    return tuple(
        str(folder / (f"account-{number}.db" if number > 1 else "account.db"))
        if path == ":memory:"
        else path
        for number, path in enumerate(accounts, start=1)
    )


def _tell_calls(journal: Journal, code: int, log: str | None) -> None:
    """Print the last calls of a failed command on standard error, with their errors and warnings."""
    calls = list(journal)
    shown = calls[-_MOST_CALLS:]
    ended = f"sfmc-mock: The command ended with exit code {code}."
    if not calls:
        say(f"{ended} It made no call to the emulator.")
        return
    all_of_them = len(calls) + journal.dropped
    which = "Its calls"
    if len(shown) < all_of_them:
        which = f"The last {len(shown)} of its {all_of_them:,} calls"
    _print_calls(f"{ended} {which}:", shown, log)


def _tell_warnings(journal: Journal, log: str | None) -> None:
    """Print the calls with warnings of a successful command on standard error."""
    warned = [call for call in journal if call.warnings]
    if not warned:
        return
    shown = warned[-_MOST_CALLS:]
    which = "Calls with warnings"
    if len(shown) < len(warned):
        which = f"The last {len(shown)} of {len(warned):,} calls with warnings"
    _print_calls(f"sfmc-mock: {which}:", shown, log)


def _print_calls(heading: str, calls: Sequence[Exchange], log: str | None) -> None:
    width = width_of_terminal(sys.stderr.fileno()) if sys.stderr is not None else None
    written = CallLines(width=width, colour=sys.stderr is not None and wants_colour(sys.stderr))
    lines = [line for call in calls for line in written.lines(facts_of(call))]
    lines += written.counts()
    say(heading)
    for line in lines[:_MOST_LINES]:
        say(line)
    if len(lines) > _MOST_LINES:
        say(f"… and {len(lines) - _MOST_LINES} lines more")
    if log is None:
        say("--log FILE writes all of them to a file.")


def _tell_files(accounts: Sequence[str]) -> None:
    for path in accounts:
        say(
            f"sfmc-mock: The account is in {path}: see `sfmc-mock serve --account {path}`. "
            "Its pages are then at http://127.0.0.1:8025/_mock/ui/ (`sfmc-mock open`)."
        )


@contextmanager
def _environment(server: MockServer) -> Iterator[dict[str, str]]:
    """Yield the environment in which the command reaches the server; files that it needs are removed at the end."""
    if server.proxy is None:
        yield {**os.environ, **proxy_exception(os.environ)}
        return
    from sfmc_mock.server import intercepting_environment

    try:
        folder = tempfile.TemporaryDirectory(prefix="sfmc-mock-", ignore_cleanup_errors=True)
        variables = intercepting_environment(server, server.account, os.environ, Path(folder.name))
    except OSError as problem:
        raise SetupError(
            f"The files that --intercept needs cannot be written to the folder for temporary files ({problem.strerror})"
            ": set TMPDIR to one that can be written to."
        ) from None
    with folder:
        yield variables


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command and pass signals on to it; return its exit code, 128 plus the number if a signal ended it."""
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        if child is None:
            early.append(number)
        elif not (number == signal.SIGINT and _terminal_tells_both()):
            child.send_signal(number)

    restore = _on_signals(pass_on)
    try:
        child = subprocess.Popen(command, env=dict(environment))
        for number in early:
            child.send_signal(number)
        code = _end_of(child)
    except FileNotFoundError:
        return _cannot(f"Command '{command[0]}' not found. Check its name and the PATH.", _UNKNOWN)
    except OSError as problem:
        return _cannot(f"Cannot run '{command[0]}': {problem.strerror}.", _NOT_EXECUTABLE)
    finally:
        restore()
    return code if code >= 0 else 128 - code


def _end_of(child: subprocess.Popen[bytes]) -> int:
    """Wait for a process, and return its exit code."""
    while True:
        try:
            # A signal may be delivered to another thread, which does not end the main thread's wait: poll.
            return child.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue


def _on_signals(handler: Callable[[int, FrameType | None], None]) -> Callable[[], None]:
    """Set a handler for the signals that end programs; return a function that restores the previous handlers."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, handler) for number in numbers}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    return restore


def _terminal_tells_both() -> bool:
    """Say whether the terminal sends Ctrl-C to the command itself.

    Passing the signal on as well would be a second one, at which pytest skips its cleanup.
    """
    try:
        with open("/dev/tty") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except (OSError, AttributeError):
        return False


def _cannot(sentence: str, code: int) -> int:
    say(f"sfmc-mock: {printable(sentence)}")
    return code


def _tell_refused_hosts(server: MockServer) -> None:
    refused = server.proxy.refused if server.proxy is not None else {}
    if not refused:
        return
    names = ", ".join(
        f"{host} ({times} times)" if times > 1 else host for host, times in refused.items()
    )
    say(
        f"sfmc-mock: The command called other hosts, which --intercept does not reach: {names}. Put those that it "
        "needs into NO_PROXY; name those that the emulator is to answer for with --intercept-host."
    )


def _tell_problems(server: MockServer) -> None:
    for problem in server.problems:
        say(printable(f"sfmc-mock: The emulator failed ({type(problem).__name__}): {problem}"))
