"""`sfmc-mock serve`: a server that runs until it is told to stop, and says what it is asked."""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from types import FrameType

import click

from sfmc_mock.journal import Exchange, one_line
from sfmc_mock.settings import PAGE_SIZE, Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8025, show_default=True, help="Port to listen on; 0 takes a free one."
)
@click.option(
    "--account",
    "accounts",
    multiple=True,
    metavar="FILE",
    help="File of an account, or :memory: (the default). Repeat it for several accounts on one server.",
)
@click.option("--seed", metavar="FILE", help="Seed file (TOML) that fresh accounts start from.")
@click.option(
    "--strict",
    is_flag=True,
    help="Do what the live service does where the documented samples differ.",
)
@click.option(
    "--engagement",
    metavar="NAME",
    help="How subscribers behave: quiet, typical (default), or a profile of the seed file.",
)
@click.option(
    "--lag", metavar="NAME", help="When events show: instant (default), realistic, worst."
)
@click.option(
    "--page-size",
    type=click.IntRange(1, PAGE_SIZE),
    default=PAGE_SIZE,
    show_default=True,
    help="Most results in one answer; small, so that a few rows make several pages.",
)
@click.option("--tls-cert", metavar="FILE", help="Certificate (PEM): serve HTTPS.")
@click.option(
    "--tls-key", metavar="FILE", help="Key of the certificate, where it is a file of its own."
)
@click.option(
    "--ready-json", is_flag=True, help="Print one JSON line when ready: url, wsdl, control, pid."
)
@click.option("--quiet", is_flag=True, help="Do not print the requests.")
def serve(
    host: str,
    port: int,
    accounts: tuple[str, ...],
    seed: str | None,
    strict: bool,
    engagement: str | None,
    lag: str | None,
    page_size: int,
    tls_cert: str | None,
    tls_key: str | None,
    ready_json: bool,
    quiet: bool,
) -> None:
    """Run the emulator until Ctrl-C or SIGTERM, printing each request on stderr."""
    from sfmc_mock.server import MockServer

    if engagement is None and seed is None:
        engagement = "typical"
    settings = Settings(
        host=host,
        port=port,
        accounts=accounts or (":memory:",),
        seed=seed,
        strict=strict,
        engagement=engagement,
        lag=lag,
        page_size=page_size,
        tls_cert=tls_cert,
        tls_key=tls_key,
    )
    stop = _stop_on_signals()
    lines = _Lines()
    server = MockServer(settings=settings, on_exchange=None if quiet else lines.print_exchange)
    with server:
        if ready_json:
            click.echo(_ready_json(server))
        else:
            click.echo(_ready_text(server))
        sys.stdout.flush()
        stop.wait()
    lines.finish()


def _ready_json(server: object) -> str:
    from sfmc_mock.server import MockServer

    assert isinstance(server, MockServer)
    return json.dumps(
        {
            "url": server.url,
            "wsdl": server.wsdl_url,
            "control": server.control_url,
            "pid": os.getpid(),
        }
    )


def _ready_text(server: object) -> str:
    from sfmc_mock.server import MockServer

    assert isinstance(server, MockServer)
    account = server.account
    known = account.credentials
    mode = "strict" if server.settings.strict else "default"
    return (
        f"sfmc-mock is ready: {server.url}\n"
        f"  WSDL     {server.wsdl_url}\n"
        f"  account  MID {account.mid} in {account.account.db.path}, {mode} mode; "
        f"user {known.get('username', '(none)')}, client {known.get('client_id', '(none)')}\n"
        "Stop with Ctrl-C. Requests:"
    )


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def noted(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, noted)
    signal.signal(signal.SIGTERM, noted)
    return stop


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
            self._waiting.put(None, timeout=1)
        except queue.Full:
            return
        self._thread.join(timeout=1)

    def _run(self) -> None:
        while (exchange := self._waiting.get()) is not None:
            try:
                click.echo(one_line(exchange), err=True)
                if self._skipped:
                    skipped, self._skipped = self._skipped, 0
                    click.echo(f"… {skipped} requests more, not printed", err=True)
            except OSError:
                # Nobody reads the lines any more; the calls go on.
                return
