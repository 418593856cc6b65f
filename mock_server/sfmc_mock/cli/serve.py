"""`sfmc-mock serve`: a server that runs until it is told to stop, and says what it is asked."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import click

from sfmc_mock.cli.call_lines import CallLines
from sfmc_mock.cli.line_writer import LineWriter, width_of_terminal
from sfmc_mock.cli.options import server_options
from sfmc_mock.cli.output import wants_colour
from sfmc_mock.cli.shutdown import Stop
from sfmc_mock.cli.streams import say
from sfmc_mock.settings import Settings
from sfmc_mock.terminal import printable_lines

if TYPE_CHECKING:
    from sfmc_mock.account import Account
    from sfmc_mock.server import MockServer

_MOST_INTRODUCED = 5


@click.command(short_help="Run the emulator until Ctrl-C or SIGTERM.")
@server_options()
@click.option(
    "--ready-json",
    is_flag=True,
    help="Print one JSON line when ready: url, wsdl, control, inspector, token, pid.",
)
@click.option("--quiet", is_flag=True, help="Do not print the requests.")
def serve(ready_json: bool, quiet: bool, **given: Any) -> None:
    """Run the emulator until Ctrl-C or SIGTERM, printing each request on stderr.

    Calls under way are finished first; a second Ctrl-C does not wait for them.
    """
    # Before the server is loaded, so that a signal that comes meanwhile stops it in order, too.
    stop = Stop()
    from sfmc_mock.server import MockServer

    writer = None if quiet else _writer()
    try:
        server = MockServer(
            settings=Settings(**given),
            default_engagement="typical",
            on_exchange=None if writer is None else writer.put,
        )
        try:
            server.start()
            _introduce(server, ready_json=ready_json, quiet=quiet)
            stop.wait()
        finally:
            server.stop()
    finally:
        if writer is not None:
            writer.finish()


def _introduce(server: MockServer, *, ready_json: bool, quiet: bool) -> None:
    click.echo(_ready_json(server) if ready_json else f"sfmc-mock is ready: {server.url}")
    if not ready_json and server.control_token is not None:
        say(_about_token(server))
    if not quiet and not ready_json:
        say(_introduction(server))


def _ready_json(server: MockServer) -> str:
    return json.dumps(
        {
            "url": server.url,
            "wsdl": server.wsdl_url,
            "control": server.control_url,
            "inspector": server.inspector_url,
            "token": server.control_token,
            "pid": os.getpid(),
        }
        | _of_proxy(server)
    )


def _about_token(server: MockServer) -> str:
    token = server.control_token
    if server.settings.control_token is not None:
        return "  token    The control API (/_mock) asks for the token that was given."
    return f"  token    {token} (the control API asks for it: SFMC_MOCK_CONTROL_TOKEN={token})"


def _of_proxy(server: MockServer) -> dict[str, str]:
    if server.proxy is None:
        return {}
    return {"proxy": server.base_url, "ca": str(server.proxy.authority.certificate)}


def _place(account: Account) -> str:
    return f"a copy of {account.db.path}" if account.db.read_only else account.db.path


def _introduction(server: MockServer) -> str:
    lines = [f"  WSDL     {server.wsdl_url}", f"  look     {server.inspector_url}"]
    accounts = list(server.accounts)
    for account in accounts[:_MOST_INTRODUCED]:
        handle = server.app.control.lookup.find(account.mid)
        known = handle.credentials
        lines += [
            f"  account  MID {handle.mid} in {_place(account)}, {'strict' if account.strict else 'default'} mode, "
            f"{handle.engagement} subscribers",
            f"           user {known['username'] or '(none)'}, client {known['client_id'] or '(none)'}",
        ]
    if len(accounts) > _MOST_INTRODUCED:
        lines.append(
            f"           … and {len(accounts) - _MOST_INTRODUCED:,} more: see `sfmc-mock accounts`"
        )
    if server.proxy is not None:
        lines += [f"  proxy    {server.base_url}, for", *_indented(str(server.proxy.hosts))]
        lines.append(f"  trust    {server.proxy.authority.certificate}")
    lines.append("Stop with Ctrl-C. Times are the account's clock (server time, UTC-6).")
    return printable_lines("\n".join(lines))


def _indented(text: str) -> list[str]:
    blank = " " * 11
    return textwrap.wrap(text, 80, initial_indent=blank, subsequent_indent=blank)


def _writer() -> LineWriter | None:
    """Return what writes the calls to standard error; None where there is none."""
    if sys.stderr is None:
        return None
    descriptor = sys.stderr.fileno()
    lines = CallLines(width=width_of_terminal(descriptor), colour=wants_colour(sys.stderr))
    return LineWriter(descriptor, lines, encoding=sys.stderr.encoding)
