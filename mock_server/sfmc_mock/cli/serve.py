"""`sfmc-mock serve`: a server that runs until it is told to stop, and says what it is asked."""

from __future__ import annotations

import json
import os
import queue
import threading
from typing import TYPE_CHECKING, Any

import click

from sfmc_mock.cli.options import server_options
from sfmc_mock.cli.shutdown import Stop
from sfmc_mock.cli.streams import say
from sfmc_mock.settings import Settings

if TYPE_CHECKING:
    from sfmc_mock.journal import Exchange
    from sfmc_mock.server import MockServer


@click.command(short_help="Run the emulator until Ctrl-C or SIGTERM.")
@server_options()
@click.option(
    "--ready-json",
    is_flag=True,
    help="Print one JSON line when ready: url, wsdl, control, token, pid.",
)
@click.option("--quiet", is_flag=True, help="Do not print the requests.")
def serve(ready_json: bool, quiet: bool, **given: Any) -> None:
    """Run the emulator until Ctrl-C or SIGTERM, printing each request on stderr.

    Calls under way are finished first; a second Ctrl-C does not wait for them.
    """
    # Before the server is loaded, so that a signal that comes meanwhile stops it in order, too.
    stop = Stop()
    from sfmc_mock.server import MockServer

    lines = _Lines()
    server = MockServer(
        settings=Settings(**given),
        default_engagement="typical",
        on_exchange=None if quiet else lines.print_exchange,
    )
    server.start()
    try:
        click.echo(_ready_json(server) if ready_json else f"sfmc-mock is ready: {server.url}")
        if not ready_json and server.control_token is not None:
            click.echo(_about_token(server), err=True)
        if not quiet and not ready_json:
            say(_introduction(server))
        stop.wait()
    finally:
        server.stop()
        lines.finish()


def _ready_json(server: MockServer) -> str:
    return json.dumps(
        {
            "url": server.url,
            "wsdl": server.wsdl_url,
            "control": server.control_url,
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


def _introduction(server: MockServer) -> str:
    lines = [f"  WSDL     {server.wsdl_url}"]
    for account in server.accounts:
        handle = server.app.control.handle(account.mid)
        known = handle.credentials
        lines.append(
            f"  account  MID {handle.mid} in {account.db.path}, {'strict' if account.strict else 'default'} mode, "
            f"{handle.engagement} subscribers; user {known['username'] or '(none)'}, "
            f"client {known['client_id'] or '(none)'}"
        )
    if server.proxy is not None:
        lines.append(f"  proxy    {server.base_url} for {server.proxy.hosts}")
        lines.append(f"  trust    {server.proxy.authority.certificate}")
    lines.append("Stop with Ctrl-C. Requests:")
    return "\n".join(lines)


class _Lines:
    """Prints lines from a thread of its own: a terminal or pipe that does not keep up never holds up a call."""

    def __init__(self, waiting: int = 1_000) -> None:
        self._waiting: queue.Queue[Exchange | None] = queue.Queue(waiting)
        self._skipped = 0
        self._thread = threading.Thread(target=self._run, name="lines", daemon=True)
        self._thread.start()

    def print_exchange(self, exchange: Exchange) -> None:
        try:
            self._waiting.put_nowait(exchange)
        except queue.Full:
            self._skipped += 1

    def finish(self) -> None:
        """Print what waits, unless nobody reads it."""
        try:
            self._waiting.put(None, timeout=0.5)
        except queue.Full:
            return
        self._thread.join(timeout=0.5)

    def _run(self) -> None:
        from sfmc_mock.journal import one_line

        while (exchange := self._waiting.get()) is not None:
            try:
                click.echo(one_line(exchange), err=True)
                if self._skipped:
                    skipped, self._skipped = self._skipped, 0
                    click.echo(f"… {skipped} requests more, not printed", err=True)
            except OSError:
                # Nobody reads the lines any more; the calls go on.
                return
