"""Recordings: folders of numbered exchanges with a service, scrubbed before anything is written.

recording.toml                  the version of the format
0001-token/exchange.toml        time, URL, headers and status
0001-token/request.json         the messages that could be scrubbed
0001-token/response.json
0002-Create/…
account.toml                    by hand: a seed file with the account before the recording (`sfmc-mock verify`)
known-drift.toml                by hand: accepted differences (`sfmc-mock verify`)
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sfmc_client.envelope import OPERATIONS, WSA
from sfmc_client.errors import SfmcError, TransportError
from sfmc_client.exchanges import Request, Response
from sfmc_client.transport import Transport
from sfmc_conformance.messages import Unreadable, read_soap
from sfmc_conformance.scrubber import Scrubber
from sfmc_conformance.vocabulary import TOKEN_PATHS

FORMAT: Final = 1
SEED_FILE: Final = "account.toml"
DEBT_FILE: Final = "known-drift.toml"
HEAD_FILE: Final = "recording.toml"
EXCHANGE_FILE: Final = "exchange.toml"

BEGINNING: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""The start of every recording: all of its dates are shifted by the same amount."""

FAILURES: Final = (
    *("ConnectFailed", "CertificateRejected", "TimedOut", "ConnectionLost", "UnreadableAnswer"),
    *("TransportError",),
)
"""Names of the errors that are recorded instead of an answer."""

METHODS: Final = ("GET", "HEAD", "POST")

TOKEN: Final = "token"
OTHER: Final = "call"

_PARTIAL = ".partial-"
_NUMBERED = re.compile(r"(\d{4,})-([A-Za-z]+)")


class TranscriptError(SfmcError):
    """A recording cannot be written, or a folder or file is not a valid recording."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One side of an exchange, scrubbed; `left_out` is the reason why its body is missing."""

    content_type: str = ""
    kind: str = ""
    body: bytes = field(default=b"", repr=False)
    left_out: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedExchange:
    """One call and its answer, scrubbed.

    `operation` is the SOAP operation, `token` for a token request, `call` for anything else. `at` is in seconds after
    the recording began. `status` is `None` where no answer came, and `failure` then names the error.
    """

    number: int
    operation: str
    at: float
    method: str
    url: str
    soap_action: str | None
    request: Said
    response: Said
    status: int | None
    failure: str = ""

    @property
    def folder(self) -> str:
        """The name of the exchange's folder."""
        return f"{self.number:04}-{self.operation}"


class Recorder:
    """Writes exchanges to a folder, which must not have a recording yet; thread-safe.

    References are only kept in memory, so a recording cannot be continued later. `through` says who records: `client`
    or `proxy`. Raises `TranscriptError` if the folder cannot be used.
    """

    def __init__(self, folder: str | os.PathLike[str], *, through: str = "client") -> None:
        self.folder = Path(folder)
        self.written = 0
        self._lock = threading.Lock()
        self._began = time.monotonic()
        shift = BEGINNING - datetime.now(UTC)
        self._scrubber = Scrubber(shift=timedelta(seconds=round(shift.total_seconds())))
        self._prepare(through)

    def _prepare(self, through: str) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            strange = [
                entry.name
                for entry in self.folder.iterdir()
                if entry.name not in (SEED_FILE, DEBT_FILE, HEAD_FILE)
            ]
            if strange:
                raise TranscriptError(
                    f"The folder {self.folder} is not empty. Give a new or empty folder for the recording."
                )
            _write_toml(self.folder / HEAD_FILE, {"format": FORMAT, "through": through})
        except OSError as problem:
            raise self._unwritable(problem) from None

    def record(
        self,
        request: Request,
        response: Response | None,
        *,
        failure: str = "",
        started: float | None = None,
    ) -> RecordedExchange:
        """Scrub an exchange, write it, and return what was written.

        `started` is the `time.monotonic()` at which the request was sent. Without a response, `failure` is the name of
        the error. Raises `TranscriptError` if it cannot be written.
        """
        at = max(0.0, (time.monotonic() if started is None else started) - self._began)
        outcome = self._attempt(round(at, 3), request, response, failure)
        if isinstance(outcome, TranscriptError):
            # Debuggers and pytest show the variables of this frame.
            del request, response
            raise outcome
        return outcome

    def _attempt(
        self, at: float, request: Request, response: Response | None, failure: str
    ) -> RecordedExchange | TranscriptError:
        """Record an exchange, or return the error for the caller to raise.

        Raised here, its traceback would show the values that the recording hides.
        """
        with self._lock:
            try:
                exchange = self._scrubbed(at, request, response, failure)
            except Exception as problem:
                return TranscriptError(
                    f"An exchange could not be scrubbed ({type(problem).__name__}), and nothing of it was written. "
                    "Please report this, with the kind of call and answer."
                )
            try:
                self._write(exchange)
            except OSError as problem:
                return self._unwritable(problem)
            self.written += 1
        return exchange

    def _unwritable(self, problem: OSError) -> TranscriptError:
        reason = problem.strerror or type(problem).__name__
        return TranscriptError(
            f"The recording cannot be written to {self.folder}: {reason}. Check the folder, its rights and the disk."
        )

    def _scrubbed(
        self, at: float, request: Request, response: Response | None, failure: str
    ) -> RecordedExchange:
        named = {name.lower(): value for name, value in request.headers.items()}
        action = named.get("soapaction")
        said = self._said(request.body, named.get("content-type", ""))
        shown = None if action is None else self._scrubber.action(action)
        where = self._scrubber.url(request.url)
        answer = Said()
        if response is not None:
            answer = self._said(response.body, response.headers.get("content-type", ""))
        return RecordedExchange(
            number=self.written + 1,
            operation=_operation(where, shown, said),
            at=at,
            method="POST",
            url=where,
            soap_action=shown,
            request=said,
            response=answer,
            status=None if response is None else response.status,
            failure=failure if failure in FAILURES else "",
        )

    def _said(self, body: bytes, content_type: str) -> Said:
        shown = self._scrubber.content_type(content_type) if content_type else ""
        if not body:
            return Said(content_type=shown)
        try:
            scrubbed = self._scrubber.message(body, content_type)
        except Unreadable as unreadable:
            return Said(content_type=shown, left_out=f"{len(body)} bytes: {unreadable}")
        return Said(content_type=shown, kind=scrubbed.kind, body=scrubbed.body)

    def _write(self, exchange: RecordedExchange) -> None:
        """Write the files of an exchange to a temporary folder, and move it into place in one step."""
        partial = self.folder / f"{_PARTIAL}{exchange.number:04}"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            for name, said in (("request", exchange.request), ("response", exchange.response)):
                if said.kind:
                    (partial / f"{name}.{said.kind}").write_bytes(said.body)
            _write_toml(partial / EXCHANGE_FILE, _as_toml(exchange))
            partial.rename(self.folder / exchange.folder)
        except OSError:
            shutil.rmtree(partial, ignore_errors=True)
            raise


class RecordingTransport:
    """Sends requests through another transport, and records each with its answer.

    `into` is a folder for a new recording, or a `Recorder`. Errors of the other transport are raised unchanged.
    """

    def __init__(self, inner: Transport, into: str | os.PathLike[str] | Recorder) -> None:
        self._inner = inner
        self.recorder = into if isinstance(into, Recorder) else Recorder(into)

    def send(self, request: Request) -> Response:
        """Send a request through the other transport, record the exchange, and return the response."""
        started = time.monotonic()
        try:
            response = self._inner.send(request)
        except TransportError as error:
            self.recorder.record(request, None, failure=type(error).__name__, started=started)
            raise
        self.recorder.record(request, response, started=started)
        return response

    def close(self) -> None:
        """Close the other transport, if it has a `close` method."""
        close = getattr(self._inner, "close", None)
        if close is not None:
            close()

    def __repr__(self) -> str:
        return f"RecordingTransport({self._inner!r}, {str(self.recorder.folder)!r})"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that was read: its folder, and its exchanges in order."""

    folder: Path
    exchanges: tuple[RecordedExchange, ...]


def read_recording(folder: str | os.PathLike[str]) -> Recording:
    """Return the recording in a folder. Raises `TranscriptError` if there is none, or it is damaged."""
    path = Path(folder)
    head = _read_toml(path / HEAD_FILE, f"{path} holds no recording")
    if head.get("format") != FORMAT:
        raise TranscriptError(
            f"{path / HEAD_FILE}: the form {head.get('format')!r} is not supported, only form {FORMAT} is. "
            "Install a newer sfmc-mock, or record again."
        )
    numbered = sorted(
        (int(match[1]), entry)
        for entry in path.iterdir()
        if (match := _NUMBERED.fullmatch(entry.name)) and entry.is_dir()
    )
    return Recording(path, tuple(_read(number, entry) for number, entry in numbered))


def _read(number: int, folder: Path) -> RecordedExchange:
    content = _read_toml(folder / EXCHANGE_FILE, f"{folder} holds no exchange")
    try:
        response = content["response"]
        return RecordedExchange(
            number=number,
            operation=str(content["operation"]),
            at=float(content["at"]),
            method=str(content["method"]),
            url=str(content["url"]),
            soap_action=content.get("soap_action"),
            request=_read_said(folder, content["request"]),
            response=_read_said(folder, response),
            status=response.get("status"),
            failure=str(response.get("failure", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise TranscriptError(
            f"{folder / EXCHANGE_FILE} is incomplete or damaged ({problem}). Restore the file, or record again."
        ) from None


def _read_said(folder: Path, content: Mapping[str, Any]) -> Said:
    name = str(content.get("body", ""))
    body = b""
    if name:
        if Path(name).name != name:
            raise ValueError("body")
        try:
            body = (folder / name).read_bytes()
        except OSError as problem:
            raise TranscriptError(
                f"{folder / name} cannot be read: {problem.strerror}. Restore it, or record again."
            ) from None
    return Said(
        content_type=str(content.get("content_type", "")),
        kind=name.rpartition(".")[2],
        body=body,
        left_out=str(content.get("left_out", "")),
    )


def _operation(url: str, soap_action: str | None, request: Said) -> str:
    """Return the operation of an exchange, from its scrubbed form."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0]
    if f"/{path}" in TOKEN_PATHS:
        return TOKEN
    named = (soap_action or "").strip("\"'")
    if not named:
        match = re.search(r'action="(\w+)"', request.content_type)
        named = match[1] if match else _addressed(request)
    return named if named in OPERATIONS else OTHER


def _addressed(request: Said) -> str:
    if request.kind != "xml":
        return ""
    element = read_soap(request.body).find(f".//{{{WSA}}}Action")
    return "" if element is None or element.text is None else element.text


def _as_toml(exchange: RecordedExchange) -> dict[str, Any]:
    table = {name: getattr(exchange, name) for name in ("operation", "at", "method", "url")}
    if exchange.soap_action is not None:
        table["soap_action"] = exchange.soap_action
    outcome = {"status": exchange.status, "failure": exchange.failure}
    table["request"] = _said_as_toml("request", exchange.request)
    table["response"] = _said_as_toml("response", exchange.response, **outcome)
    return table


def _said_as_toml(name: str, said: Said, **more: object) -> dict[str, Any]:
    body = f"{name}.{said.kind}" if said.kind else ""
    content = {"content_type": said.content_type, "body": body, "left_out": said.left_out, **more}
    return {key: value for key, value in content.items() if value}


def _write_toml(path: Path, content: Mapping[str, Any]) -> None:
    import tomli_w

    path.write_text(tomli_w.dumps(content), encoding="utf-8")


def _read_toml(path: Path, problem: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TranscriptError(
            f"{problem}: there is no {path.name} in it. Name the folder that was recorded into."
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise TranscriptError(f"{path} cannot be read: {reason}. Restore it.") from None
