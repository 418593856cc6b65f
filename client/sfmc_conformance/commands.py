"""The commands `record`, `scrub` and `verify` of `sfmc-mock`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfmc_client.errors import SfmcError

if TYPE_CHECKING:
    from sfmc_conformance.transcripts import RecordedExchange

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


def _said(command: Callable[..., None]) -> Callable[..., None]:
    """Report errors of a command in one sentence, with exit code 2."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except SfmcError as problem:
            click.echo(f"sfmc-mock: {problem}", err=True)
            sys.exit(2)

    return run


@click.command()
@click.option(
    "--upstream",
    required=True,
    metavar="URL",
    help="The service: https://SUBDOMAIN.soap.marketingcloudapis.com, or any other.",
)
@click.option(
    "--folder", required=True, type=_FOLDER, help="Folder for the recording; new or empty."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8026, show_default=True, help="Port to listen on; 0 for a free one."
)
@click.option(
    "--auth-upstream",
    metavar="URL",
    help="Address of the token endpoint, if not derived from --upstream.",
)
@click.option(
    "--ca", type=_FILE, help="Certificate authorities to trust (PEM) instead of the system's."
)
@click.option("--ready-json", is_flag=True, help="Print one JSON line when ready: url, folder.")
@click.option("--quiet", is_flag=True, help="Do not print the calls.")
@_said
def record(
    upstream: str,
    folder: Path,
    host: str,
    port: int,
    auth_upstream: str | None,
    ca: Path | None,
    ready_json: bool,
    quiet: bool,
) -> None:
    """Record the calls between clients and a service, scrubbed.

    The command is a proxy: point any client at the address that it prints. It writes no data of a tenant or a person;
    at its end, it checks the recording like `scrub --check`. Exit code 1 if the check fails.
    """
    from sfmc_conformance.leak_check import check_folder
    from sfmc_conformance.recording_proxy import RecordingProxy, Upstream
    from sfmc_conformance.transcripts import Recorder
    from sfmc_mock.cli.shutdown import Stop
    from sfmc_mock.http import HTTPServer

    where = Upstream.of(upstream, auth_upstream)
    recorder = Recorder(folder, through="proxy")
    proxy = RecordingProxy(where, recorder, ca_bundle=ca, on_exchange=None if quiet else _show)
    stop = Stop()
    with HTTPServer(proxy, host, port) as server:
        if ready_json:
            click.echo(json.dumps({"url": f"{server.url}/Service.asmx", "folder": str(folder)}))
        else:
            click.echo(
                f"Recording into {folder}. Point clients at {server.url}/Service.asmx; stop with Ctrl-C."
            )
        sys.stdout.flush()
        stop.wait()
    proxy.close()
    click.echo(f"{recorder.written} exchanges are in {folder}.", err=True)
    for problem in proxy.problems:
        click.echo(f"sfmc-mock: {problem}", err=True)
    findings = check_folder(folder)
    for finding in findings:
        click.echo(f"sfmc-mock: {finding}", err=True)
    if proxy.problems or findings:
        sys.exit(1)


def _show(exchange: RecordedExchange) -> None:
    click.echo(f"{exchange.number:04}  {exchange.operation}  HTTP {exchange.status}", err=True)


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--check",
    is_flag=True,
    help="Check the recording in a folder; exit code 1 if it has private data.",
)
@_said
def scrub(path: Path, check: bool) -> None:
    """Check a recording for private data, or scrub one message.

    With --check, PATH is the folder of a recording: all values in it that are neither references nor words of the
    service are listed. Without, PATH is a file with a SOAP envelope or JSON, whose scrubbed form is printed.
    """
    if check:
        _check(path)
        return
    from sfmc_conformance.messages import Unreadable
    from sfmc_conformance.scrubber import Scrubber
    from sfmc_conformance.transcripts import TranscriptError

    try:
        scrubbed = Scrubber().message(path.read_bytes())
    except OSError as problem:
        raise TranscriptError(
            f"{path} cannot be read: {problem.strerror}. Name a file with a message."
        ) from None
    except Unreadable as unreadable:
        raise TranscriptError(
            f"{path} cannot be scrubbed: {unreadable}. Only SOAP envelopes and JSON can be."
        ) from None
    click.echo(scrubbed.body.decode())


def _check(path: Path) -> None:
    from sfmc_conformance.leak_check import check_folder

    findings = check_folder(path)
    for finding in findings:
        click.echo(str(finding))
    if findings:
        click.echo(f"{path} is not clean: {len(findings)} findings.", err=True)
        sys.exit(1)
    click.echo(f"{path} is clean.")


@click.command()
@click.argument("folder", type=_FOLDER, required=False)
@click.option(
    "--captures", type=_FOLDER, help="A folder of answers without requests, instead of a recording."
)
@click.option(
    "--questions",
    type=_FILE,
    help="The calls for each of the --captures (TOML; see the documentation).",
)
@click.option(
    "--known",
    type=_FILE,
    help="File of known differences.  [default: known-drift.toml beside what is verified]",
)
@click.option(
    "--strict/--lenient",
    default=True,
    show_default=True,
    help="Whether the emulator behaves like the live service where the documented samples need leniency.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@_said
def verify(
    folder: Path | None,
    captures: Path | None,
    questions: Path | None,
    known: Path | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Replay a recording on the emulator, and report differences.

    Exit code 1 for a difference that is not known.
    """
    from sfmc_conformance.captures import verify_captures
    from sfmc_conformance.replay import verify as replay_recording

    if folder is not None and captures is None:
        report = replay_recording(folder, strict=strict, known=known)
    elif folder is None and captures is not None and questions is not None:
        report = verify_captures(captures, questions, strict=strict, known=known)
    else:
        raise click.UsageError("Name the FOLDER of a recording, or --captures with --questions.")
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        for line in report.lines():
            click.echo(line)
    if not report.agrees:
        sys.exit(1)
