"""One call with its answer, as the journal keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sfmc_mock.diagnostics import cut
from sfmc_mock.journal.packing import Abridged, Packed, pack
from sfmc_mock.journal.redaction import UTF_16, redact, redact_header, redact_target

MAX_BODY = 64 * 1024
"""The greatest number of bytes kept of a request, and of an answer; the rest is cut off and counted."""

MAX_TEXT = 2_000
"""The greatest length of each text that describes a call: its summary, its error, each API object."""

MAX_OBJECT_TYPES = 50
MAX_HEADERS = 16 * 1024

_OVERHEAD = 1_000
_MOST_TEXT = MAX_TEXT * (7 + MAX_OBJECT_TYPES + 1)
_NO_TIME = datetime.min


class Exchange:
    """One call with its answer.

    `number` counts from 1 as the journal records. `at` is server time, `account` the MID of the account that was
    called (None where the caller is unknown), `caller` who called, in words. `object_types` are the API objects that
    the request names, `summary` what it was about (a key, a definition and its recipient). `overall_status` is the
    service's verdict, empty where there was none (a SOAP fault, a call that is not SOAP). `warnings` are what the
    default mode accepted and the live service would not; `error` is the reason for the person at the emulator.
    `chaos` are the names of the chaos rules that acted on the call, `sends` the numbers of the sends that it made.

    The properties `request`, `answer`, `target` and `headers` have no secrets: each password and token is `***`.
    `request_size` and `answer_size` are the numbers of bytes that went over the wire.
    """

    __slots__ = (
        "_answer",
        "_headers",
        "_request",
        "_target",
        "account",
        "answer_size",
        "at",
        "caller",
        "chaos",
        "duration_ms",
        "error",
        "http_status",
        "method",
        "number",
        "object_types",
        "operation",
        "overall_status",
        "request_size",
        "sends",
        "summary",
        "warnings",
        "weight",
    )

    def __init__(
        self,
        *,
        operation: str = "",
        object_types: tuple[str, ...] = (),
        at: datetime = _NO_TIME,
        account: int | None = None,
        caller: str = "",
        summary: str = "",
        overall_status: str = "",
        http_status: int = 200,
        duration_ms: float = 0.0,
        request: bytes | Abridged = b"",
        request_size: int | None = None,
        answer: bytes = b"",
        warnings: tuple[str, ...] = (),
        error: str = "",
        method: str = "POST",
        target: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        chaos: tuple[str, ...] = (),
        sends: tuple[int, ...] = (),
    ) -> None:
        length = len(f"{operation}{caller}{summary}{overall_status}{error}{method}{target}")
        length += sum(map(len, object_types))
        if length > MAX_TEXT:
            operation, caller, summary, overall_status, error, method, target = (
                cut(text, MAX_TEXT)
                for text in (operation, caller, summary, overall_status, error, method, target)
            )
            object_types = _bounded(object_types)
        of_headers = _length_of(headers)
        if of_headers > MAX_HEADERS:
            headers = _bounded_headers(headers)
        self.number = 0
        self.operation = operation
        self.object_types = object_types
        self.at = at
        self.account = account
        self.caller = caller
        self.summary = summary
        self.overall_status = overall_status
        self.http_status = http_status
        self.duration_ms = duration_ms
        self.request_size = len(request) if request_size is None else request_size
        self.answer_size = len(answer)
        self.warnings = warnings
        self.chaos = chaos
        self.sends = sends
        self.error = error
        self.method = method
        # As they came, with their secrets: most exchanges are never looked at.
        self._request: bytes | Abridged | Packed = (
            request[:MAX_BODY]
            if isinstance(request, bytes) and len(request) > MAX_BODY
            else request
        )
        self._answer: bytes | Packed = answer if len(answer) <= MAX_BODY else answer[:MAX_BODY]
        self._target = target
        self._headers = headers
        # About how many bytes of memory it takes: four a character, the most that Python takes.
        characters = min(length, _MOST_TEXT) + min(of_headers, MAX_HEADERS)
        if warnings or chaos:
            characters += sum(map(len, chain(warnings, chaos)))
        self.weight = _OVERHEAD + len(self._request) + len(self._answer) + 4 * characters

    def __repr__(self) -> str:
        return f"<Exchange {self.number}: {self.title}, {self.status}>"

    @property
    def request(self) -> str:
        """The request as text, without its secrets."""
        return _shown(bytes(self._request), self.request_size)

    @property
    def answer(self) -> str:
        """The answer as text, without its secrets."""
        return _shown(bytes(self._answer), self.answer_size)

    @property
    def target(self) -> str:
        """The path that was called, with its query, without its secrets."""
        return redact_target(self._target)

    @property
    def headers(self) -> dict[str, str]:
        """The HTTP headers of the request, without their secrets."""
        return {name: redact_header(name, value) for name, value in self._headers}

    @property
    def title(self) -> str:
        """Operation and API objects, as in `Retrieve SentEvent`; for what is not SOAP, method and path."""
        if not self.operation:
            return f"{self.method} {self.target}".rstrip()
        return " ".join((self.operation, ", ".join(self.object_types))).rstrip()

    @property
    def status(self) -> str:
        """The overall status as one word or two, without the reason; the HTTP status where there is none."""
        if not self.overall_status:
            return "OK" if self.http_status < 400 else f"HTTP {self.http_status}"
        return self.overall_status.partition(":")[0]

    def may_contain(self, text: bytes) -> bool:
        """Return whether a message may have these lower-case letters of ASCII: where not, its shown text has not."""
        return any(
            raw.startswith(UTF_16) or text in raw.lower()
            for raw in map(bytes, (self._request, self._answer))
        )

    def as_json(self, *, bodies: bool = False) -> dict[str, Any]:
        """Return everything as values of JSON; request, answer and headers only if `bodies` are asked for."""
        shown: dict[str, Any] = {
            "number": self.number,
            "at": None if self.at is _NO_TIME else self.at.isoformat(),
            "account": self.account,
            "caller": self.caller,
            "method": self.method,
            "path": self.target,
            "operation": self.operation,
            "object_types": list(self.object_types),
            "summary": self.summary,
            "overall_status": self.overall_status,
            "http_status": self.http_status,
            "duration_ms": round(self.duration_ms, 3),
            "request_size": self.request_size,
            "answer_size": self.answer_size,
            "warnings": list(self.warnings),
            "chaos": list(self.chaos),
            "sends": list(self.sends),
            "error": self.error,
        }
        if bodies:
            shown |= {"headers": self.headers, "request": self.request, "answer": self.answer}
        return shown


# The headers of the last exchange, which often are those of the next one, and how long they are.
_measured: tuple[tuple[tuple[str, str], ...], int] = ((), 0)


def _length_of(headers: tuple[tuple[str, str], ...]) -> int:
    global _measured
    last, length = _measured
    if headers is not last:
        length = sum(map(len, chain.from_iterable(headers)))
        _measured = headers, length
    return length


def _bounded(object_types: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of API objects, limited in number and length."""
    if len(object_types) > MAX_OBJECT_TYPES:
        more = f"… ({len(object_types) - MAX_OBJECT_TYPES:,} more)"
        object_types = (*object_types[:MAX_OBJECT_TYPES], more)
    return tuple(cut(name, MAX_TEXT) for name in object_types)


def _bounded_headers(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the first headers, each limited in length; a last one gives the number of missing headers."""
    kept: list[tuple[str, str]] = []
    room = MAX_HEADERS
    for name, value in headers:
        found = cut(name, MAX_TEXT), cut(value, MAX_TEXT)
        room -= len(found[0]) + len(found[1])
        if room < 0:
            kept.append(("(cut here)", f"{len(headers) - len(kept):,} headers are not kept"))
            break
        kept.append(found)
    return tuple(kept)


def pack_messages(exchanges: Sequence[Exchange]) -> int:
    """Compress requests and answers of exchanges together; return the number of bytes saved."""
    # One after the other: requests are like requests.
    found = [
        (exchange, name, message)
        for name in ("_request", "_answer")
        for exchange in exchanges
        if isinstance(message := getattr(exchange, name), bytes)
    ]
    less = 0
    for (exchange, name, message), packed in zip(
        found, pack([each[2] for each in found]), strict=True
    ):
        setattr(exchange, name, packed)
        saved = len(message) - len(packed)
        exchange.weight -= saved
        less += saved
    return less


def _shown(kept: bytes, size: int) -> str:
    text = redact(kept)
    if size > len(kept):
        text += f"\n(cut here: {size - len(kept):,} of {size:,} bytes are not kept)"
    return text
