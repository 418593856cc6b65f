"""`sfmc-mock serve`: run a server until it is stopped, and print the calls that it receives."""

from __future__ import annotations

import gc
import json
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from sfmc_mock.cli.call_lines import CallLines
from sfmc_mock.cli.line_writer import LineWriter, width_of_terminal
from sfmc_mock.cli.options import WholeNumber, server_options
from sfmc_mock.cli.output import wants_colour
from sfmc_mock.cli.shutdown import Stop
from sfmc_mock.cli.streams import say
from sfmc_mock.settings import Settings
from sfmc_mock.terminal import printable_lines

if TYPE_CHECKING:
    from sfmc_mock.server import AccountFacts, MockServer
    from sfmc_mock.workers.group import WorkerGroup

Introduce = Callable[["MockServer | WorkerGroup", "Sequence[AccountFacts]"], object]

_MOST_INTRODUCED = 5
_ENGAGEMENT = "typical"


@click.command(short_help="Run the emulator until Ctrl-C or SIGTERM.")
@server_options()
@click.option(
    "--ready-json",
    is_flag=True,
    help="Print one JSON line when ready: url, wsdl, control, inspector, token, pid.",
)
@click.option("--quiet", is_flag=True, help="Do not print the calls.")
@click.option(
    "--workers",
    type=WholeNumber(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    envvar="SFMC_MOCK_WORKERS",
    show_envvar=True,
    help="Number of processes to spread the accounts over.",
)
def serve(ready_json: bool, quiet: bool, workers: int, **given: Any) -> int:
    """Run the emulator until Ctrl-C or SIGTERM, printing each call on stderr.

    It finishes running calls before it stops; a second Ctrl-C stops it at once.
    """
    # Set before the server is imported, so that a signal during the import also stops it cleanly.
    stop = Stop()
    writer = None if quiet else _writer()
    serve_all = _serve_here if workers == 1 else partial(_serve_in_workers, workers)
    try:
        return serve_all(
            stop, Settings(**given), writer, partial(_introduce, ready_json=ready_json, quiet=quiet)
        )
    finally:
        if writer is not None:
            writer.finish()


def _serve_here(
    stop: Stop, settings: Settings, writer: LineWriter | None, introduce: Introduce
) -> int:
    # Objects loaded so far stay alive: excluding them from garbage collection saves a fifth of the start time.
    gc.disable()
    try:
        from sfmc_mock.server import MockServer, account_facts, collect_garbage_rarely, share_memory

        share_memory()
        server = MockServer(
            settings=settings,
            default_engagement=_ENGAGEMENT,
            on_exchange=None if writer is None else writer.put,
        )
        try:
            server.start()
            collect_garbage_rarely()
            introduce(server, account_facts(server))
            stop.wait()
        finally:
            server.stop()
    finally:
        gc.enable()
    return 0


def _serve_in_workers(
    workers: int, stop: Stop, settings: Settings, writer: LineWriter | None, introduce: Introduce
) -> int:
    from sfmc_mock.workers.group import WorkerGroup

    group = WorkerGroup(
        settings,
        workers,
        default_engagement=_ENGAGEMENT,
        on_call=None if writer is None else writer.put,
        left_out=lambda count: None if writer is None else writer.leave_out(count),
        say=lambda sentence: say(f"sfmc-mock: {printable_lines(sentence)}"),
    )
    stop.at_once = group.kill
    try:
        group.start()
        introduce(group, group.accounts)
        stop.wait(lambda: group.failure is not None)
    finally:
        group.stop()
    if group.failure is None:
        return 0
    say(f"sfmc-mock: {printable_lines(group.failure)}")
    return 1


def _introduce(
    server: MockServer | WorkerGroup,
    accounts: Sequence[AccountFacts],
    *,
    ready_json: bool,
    quiet: bool,
) -> None:
    click.echo(_ready_json(server) if ready_json else f"sfmc-mock is ready: {server.url}")
    if not ready_json and server.control_token is not None:
        say(_about_token(server))
    if not quiet and not ready_json:
        say(_introduction(server, accounts))


def _ready_json(server: MockServer | WorkerGroup) -> str:
    facts = {
        "url": server.url,
        "wsdl": server.wsdl_url,
        "control": server.control_url,
        "inspector": server.inspector_url,
        "token": server.control_token,
        "pid": os.getpid(),
    }
    if server.proxy is not None:
        facts |= {"proxy": server.base_url, "ca": str(server.proxy.authority.certificate)}
    return json.dumps(facts)


def _about_token(server: MockServer | WorkerGroup) -> str:
    token = server.control_token
    if server.settings.control_token is not None:
        return "  token    The control API (/_mock) requires the given token."
    return f"  token    {token} (the control API asks for it: SFMC_MOCK_CONTROL_TOKEN={token})"


def _introduction(server: MockServer | WorkerGroup, accounts: Sequence[AccountFacts]) -> str:
    lines = [f"  WSDL     {server.wsdl_url}", f"  look     {server.inspector_url}"]
    for account in accounts[:_MOST_INTRODUCED]:
        if account.unit_of is not None:
            lines.append(f"  unit     MID {account.mid} of {account.unit_of}, by account_id")
            continue
        lines += [
            f"  account  MID {account.mid} in {account.place}, {account.mode} mode, {account.engagement} subscribers",
            f"           user {account.username}, client {account.client_id}",
        ]
    if len(accounts) > _MOST_INTRODUCED:
        lines.append(
            f"           … and {len(accounts) - _MOST_INTRODUCED:,} more: see `sfmc-mock accounts`"
        )
    if server.proxy is not None:
        hosts = textwrap.indent(textwrap.fill(str(server.proxy.hosts), 69), " " * 11)
        lines += [f"  proxy    {server.base_url}, for", hosts]
        lines.append(f"  trust    {server.proxy.authority.certificate}")
    lines.append("Stop with Ctrl-C. Times are the account's clock (server time, UTC-6).")
    return printable_lines("\n".join(lines))


def _writer() -> LineWriter | None:
    """Return a writer of calls to standard error, or None if that is closed."""
    if sys.stderr is None:
        return None
    descriptor = sys.stderr.fileno()
    lines = CallLines(width=width_of_terminal(descriptor), colour=wants_colour(sys.stderr))
    return LineWriter(descriptor, lines, encoding=sys.stderr.encoding)
