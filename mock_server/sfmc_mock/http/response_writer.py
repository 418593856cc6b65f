"""Write responses: the answer of the application, or the server's own refusal."""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.http.reading import Head

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


COLLECTED = 16 * 1024 * 1024
"""Answers of known length up to so many bytes are joined and sent at once; longer ones are streamed."""

_COPIED = 64 * 1024
"""Bodies up to so many bytes are joined with their head, to be sent in one packet."""

_STATUS = re.compile(r"[1-9]\d\d [^\r\n]*|[1-9]\d\d")
_USUAL = frozenset({"200 OK", "500 INTERNAL SERVER ERROR"})
_GZIP_REFUSED = re.compile(r"gzip\s*;\s*q\s*=\s*0(\.0*)?\s*(,|$)")
# Headers of the connection and its framing, which are set by the server alone.
_FRAMING = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None


class HangUp(Exception):
    """Raised by an application to cut the connection, without an answer or after the part that was yielded.

    With `reset` the client gets a reset of the connection, not its end.
    """

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("the connection is cut on purpose")
        self.reset = reset


MORE = "sfmc_mock.more"
"""A key in the environment of a request that may be answered `Later`: a function that says whether others wait."""


class Later:
    """Returned by an application in place of a body, to answer after other requests are handled.

    `finish` then starts the response and returns the body, as an application does.
    """

    def __init__(self, finish: Callable[[], Iterable[bytes]]) -> None:
        self.finish = finish

    def __iter__(self) -> Iterator[bytes]:
        """Answer at once, for a server that does not support `Later`."""
        return iter(self.finish())


class ClientGone(Exception):
    """The client has closed the connection."""


class Sender(Protocol):
    """The interface of a server for its answers."""

    gzip_above: int | None
    request_timeout: float
    stopping: bool


class Answer:
    """One answer: `start_response`, and the sending that WSGI leaves to the server.

    It is compressed from `gzip_above` bytes on, where the client asks for it. `begun` says whether the head was sent;
    then `keep_alive` says whether the connection can be used again. `later` is the answer that `resume` makes.
    """

    def __init__(self, connection: socket.socket, head: Head, server: Sender) -> None:
        self.begun = False
        self.keep_alive = head.keeps_alive
        self._connection = connection
        self._head = head
        self._server = server
        self._started: tuple[str, list[tuple[str, str]]] | None = None
        self._chunked = False
        self.later: Later | None = None

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: _ExcInfo = None, /
    ) -> Callable[[bytes], object]:
        """Note status and headers, as PEP 3333 says."""
        if exc_info is not None and exc_info[1] is not None:
            if self.begun:
                raise exc_info[1]
        elif self._started is not None:
            raise AssertionError("start_response was called twice")
        if status not in _USUAL and _STATUS.fullmatch(status) is None:
            raise ValueError(f"a status reads 200 OK, not {status!r}")
        self._started = status, headers
        return self._part

    def run(self, application: WSGIApplication, environ: WSGIEnvironment) -> None:
        """Call the application and send its answer, unless that is `Later`: `resume` sends it then."""
        body = application(environ, self.start_response)
        if isinstance(body, Later) and MORE in environ:
            self.later = body
        else:
            self._send_all(body)

    def resume(self) -> None:
        """Make and send the answer that was `Later`."""
        later, self.later = self.later, None
        assert later is not None
        self._send_all(later.finish())

    def _send_all(self, body: Iterable[bytes]) -> None:
        try:
            if isinstance(body, (list, tuple)) and not self.begun:
                self._whole(b"".join(body))
            else:
                self._parts(iter(body))
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def fail(self, status: str, sentence: str) -> None:
        """Send one plain sentence as the answer; only before the head was sent."""
        self._started = status, [("Content-Type", "text/plain; charset=utf-8")]
        self._whole(f"{sentence}\n".encode())

    def _parts(self, parts: Iterator[bytes]) -> None:
        # Only after its first part a generator has started the answer.
        first = next(parts, b"")
        announced = self._announced_length()
        if not self.begun and announced is not None and announced <= COLLECTED:
            self._whole(first + b"".join(parts))
        else:
            self._stream(chain([first], parts))

    def _announced_length(self) -> int | None:
        for name, value in self._started[1] if self._started else ():
            if name.lower() == "content-length":
                return int(value)
        return None

    def _whole(self, body: bytes) -> None:
        status, headers = self._prepared()
        length: int | None
        if self._bodiless(status):
            # HEAD tells the length of what GET would send, if either side knows it.
            is_head = self._head.method == "HEAD"
            length = (len(body) or self._announced_length()) if is_head else None
            body = b""
        else:
            above = self._server.gzip_above
            if above is not None and len(body) > above and self._wants_gzip(headers):
                body = gzip.compress(body, 1, mtime=0)
                headers = [*headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
            length = len(body)
        framing = "" if length is None else f"Content-Length: {length}\r\n"
        head = self._render(status, headers, framing)
        if len(body) > _COPIED:
            self._send(head)
            self._send(body)
        else:
            self._send(head + body)

    def _stream(self, parts: Iterator[bytes]) -> None:
        for part in parts:
            self._part(part)
        if not self.begun:
            self._whole(b"")
        elif self._chunked:
            self._send(b"0\r\n\r\n")

    def _part(self, part: bytes) -> None:
        if not part:
            return
        head = b"" if self.begun else self._open_stream()
        if self._bodiless(self._prepared()[0]):
            part = b""
        elif self._chunked:
            part = b"%x\r\n%b\r\n" % (len(part), part)
        self._send(head + part)

    def _open_stream(self) -> bytes:
        status, headers = self._prepared()
        framing = ""
        if not self._bodiless(status):
            if self._head.version >= (1, 1):
                self._chunked = True
                framing = "Transfer-Encoding: chunked\r\n"
            else:
                # Where chunks are unknown, only the end of the connection ends the body.
                self.keep_alive = False
        return self._render(status, headers, framing)

    def _prepared(self) -> tuple[str, list[tuple[str, str]]]:
        if self._started is None:
            raise AssertionError("the application answered without start_response")
        return self._started

    def _bodiless(self, status: str) -> bool:
        return self._head.method == "HEAD" or status[:3] in ("204", "304")

    def _wants_gzip(self, headers: list[tuple[str, str]]) -> bool:
        accepted = self._head.headers.get("accept-encoding", "").lower()
        if "gzip" not in accepted or _GZIP_REFUSED.search(accepted):
            return False
        return all(name.lower() != "content-encoding" for name, _ in headers)

    def _render(self, status: str, headers: list[tuple[str, str]], framing: str) -> bytes:
        own = tuple([each for each in headers if each[0] != "Content-Length"])
        text, closes = _known_heads.get((status, own)) or _rendered(status, own)
        self.keep_alive = self.keep_alive and not closes and not self._server.stopping
        if not self.keep_alive:
            framing += "Connection: close\r\n"
        elif self._head.version < (1, 1):
            framing += "Connection: keep-alive\r\n"
        return f"{text}{framing}\r\n".encode("latin-1")

    def _send(self, data: bytes) -> None:
        self.begun = True
        connection = self._connection
        try:
            # The operating system has a time-out for each step, which does not bound an answer of many steps.
            if len(data) > _COPIED or connection.gettimeout() is not None:
                connection.settimeout(self._server.request_timeout)
            connection.sendall(data)
        except OSError as gone:
            raise ClientGone from gone


_SHORT_HEAD = 500
_MOST_HEADS = 128

# The common part of most heads.
_known_heads: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[str, bool]] = {}


def _rendered(status: str, headers: tuple[tuple[str, str], ...]) -> tuple[str, bool]:
    """Return the beginning of an answer's head, and whether the application wants the connection closed.

    Raises `ValueError` for a header with a line break in it.
    """
    # Without Date: an answer has the time of its account, which a Date would contradict.
    lines, closes = [f"HTTP/1.1 {status}"], False
    for name, value in headers:
        lowered = name.lower()
        if lowered not in _FRAMING:
            lines.append(f"{name}: {value}")
        elif lowered == "connection" and "close" in value.lower():
            closes = True
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ValueError("a header of the answer has a line break in it")
    rendered = f"{text}\r\n", closes
    length = sum(map(len, chain.from_iterable(headers)))
    if length < _SHORT_HEAD:
        put_bounded(_known_heads, (status, headers), rendered, _MOST_HEADS)
    return rendered
