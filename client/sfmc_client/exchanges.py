"""Request and response of a call, and the exchange of both, which errors have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A POST request. `timeout` is in seconds, `repeatable` says that sending it twice changes nothing.

    `shown` is the envelope in `body` with its credentials replaced; a request for a token has none.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    timeout: float
    repeatable: bool = False
    shown: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """An answer; the names of its headers are in lower case, its body is decoded (gzip, chunks)."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One call of the service with its answer.

    `request` and `response` are the envelopes as they were on the wire, with credentials replaced by `***`. `status` is
    `None` and `response` empty where no answer came. `seconds` is the duration of the call.
    """

    operation: str
    url: str
    request: bytes = field(repr=False)
    status: int | None = None
    response: bytes = field(default=b"", repr=False)
    seconds: float = 0.0
