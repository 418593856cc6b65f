"""The received bytes of a connection, and the requests taken from them."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import sys
import threading
from typing import NamedTuple

from sfmc_mock.clock import steady_time
from sfmc_mock.http.environ import head_and_environ
from sfmc_mock.http.reading import (
    MAX_HEAD,
    Head,
    Refusal,
    bad,
    content_length,
    plain_length,
    too_large,
)

_AT_ONCE = 16 * 1024
"""The number of bytes to read first: most requests are shorter, and a larger buffer costs more."""

FREE_BODY = 64 * 1024
"""Bodies up to this size are not counted: the pool of connections bounds them."""

_BREAKS = (b"\r", b"\n")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?")


class Room:
    """The room that larger bodies of all connections share: `most` bytes."""

    def __init__(self, most: int = 256 * 1024 * 1024) -> None:
        self._most = most
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Take room for a body. Raises `Refusal` when there is none; one body alone always has room."""
        with self._lock:
            if self._taken and self._taken + size > self._most:
                raise Refusal(
                    "503 Service Unavailable",
                    f"Requests that are under way hold {self._taken:,} bytes already: send this one again later.",
                )
            self._taken += size

    def give(self, size: int) -> None:
        """Give room back."""
        with self._lock:
            self._taken -= size


class Request(NamedTuple):
    """A request; `known` is the part of the WSGI environment from its head, where it is cached from an equal head."""

    raw_head: bytes
    head: Head
    known: dict[str, object] | None
    body: bytes


def _let_it_wait(connection: socket.socket, idle: float, timeout: float) -> bool:
    """Set time-outs of reading and sending in the operating system; return False where only Python has them.

    A time-out of Python costs two more system calls for each read and each answer.
    """
    if sys.platform == "win32" or isinstance(connection, ssl.SSLSocket) or min(idle, timeout) <= 0:
        return False
    with contextlib.suppress(OSError):
        for option, seconds in ((socket.SO_RCVTIMEO, idle), (socket.SO_SNDTIMEO, timeout)):
            span = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
            connection.setsockopt(socket.SOL_SOCKET, option, span)
        return True
    return False


class Inbox:
    """The received bytes of one connection.

    `idle` is the number of seconds between two requests, `timeout` that for the head of a request, and again for its
    body. `room` bounds the bodies of all connections together; `received` are bytes that another process has read.
    """

    def __init__(
        self,
        connection: socket.socket,
        *,
        idle: float,
        timeout: float,
        room: Room | None = None,
        received: bytes = b"",
    ) -> None:
        self._connection = connection
        self._idle = idle
        self._timeout = timeout
        self._kept = received
        self._waits_itself = _let_it_wait(connection, idle, timeout)
        # Where reading goes on in `_kept`; beyond its start only while chunks are read.
        self._at = 0
        self._room = room or Room()
        self._held = 0

    @property
    def empty(self) -> bool:
        """Whether all received bytes are taken."""
        return not self._kept

    def hand_over(self) -> bytes:
        """Return the received bytes that are not taken; from now on, another process reads."""
        rest, self._kept = self._kept, b""
        return rest

    def receive(self) -> bool:
        """Receive the bytes that have come; return False at the end of the connection."""
        if not self._waits_itself or self._connection.gettimeout() is not None:
            # Sending a long answer leaves a time-out, with which the second read would wait.
            self.rest()
        read = self._connection.recv
        try:
            came = read(_AT_ONCE)
            self._kept += came
            # The greatest size of a request that is answered without a separate thread.
            while len(came) >= _AT_ONCE and self._waits_itself and len(self._kept) <= FREE_BODY:
                came = read(_AT_ONCE, socket.MSG_DONTWAIT)
                self._kept += came
        except BlockingIOError:
            return True
        if self._kept[:1] in _BREAKS:
            # Some clients end a body with one line break too many.
            self._kept = self._kept.lstrip(b"\r\n")
        return bool(came or self._kept)

    def whole(self, limit: int) -> Request | None:
        """Take a complete request of the usual kind: small, not in chunks, without `Expect: 100-continue`."""
        kept = self._kept
        end = kept.find(b"\r\n\r\n") if kept else -1
        if end < 0 or end > MAX_HEAD or not kept[:1].isalpha():
            return None
        raw = kept[:end]
        head, known = head_and_environ(raw)
        length = plain_length(head) if known is None else head.length
        if length is None or length > FREE_BODY or length > limit:
            return None
        start, end = end + 4, end + 4 + length
        if len(kept) < end:
            return None
        self._kept = kept[end:]
        return Request(raw, head, known, kept[start:end])

    def wait(self) -> bool:
        """Wait for the first byte of the next request; return False when the connection ends or is idle too long."""
        while True:
            # Some clients end a body with one line break too many.
            self._kept = self._kept.lstrip(b"\r\n")
            if self._kept:
                return True
            self.rest()
            try:
                self._kept = self._connection.recv(_AT_ONCE)
            except (TimeoutError, BlockingIOError):
                return False
            if not self._kept:
                return False

    def rest(self) -> None:
        """Start the time for which the connection may be idle."""
        if not self._waits_itself:
            self._connection.settimeout(self._idle)
        elif self._connection.gettimeout() is not None:
            self._connection.settimeout(None)

    def head(self) -> bytes:
        """Take everything up to the first empty line, which is dropped."""
        if not self._kept[:1].isalpha():
            raise bad(
                "This is not an HTTP request. This port speaks plain HTTP: use http://, not https://."
                if self._kept[:1] == b"\x16"
                else "This is not an HTTP request: it must start with a method, as in GET / HTTP/1.1."
            )
        deadline = steady_time() + self._timeout
        seen = 0
        while True:
            # Bytes are searched once only: a head may come byte by byte.
            start = max(0, seen - 3)
            end, gap = self._kept.find(b"\r\n\r\n", start), 4
            if end < 0:
                # People who type requests by hand end lines with a bare line feed.
                end, gap = self._kept.find(b"\n\n", start), 2
            seen = len(self._kept)
            if (len(self._kept) if end < 0 else end) > MAX_HEAD:
                raise self._too_long()
            if end >= 0:
                head, self._kept = self._kept[:end], self._kept[end + gap :]
                return head
            self._kept += self._receive(deadline, "head")

    def _too_long(self) -> Refusal:
        if b"\n" not in self._kept[:MAX_HEAD]:
            return Refusal("414 URI Too Long", f"The request line is longer than {MAX_HEAD} bytes.")
        return Refusal(
            "431 Request Header Fields Too Large",
            f"The headers are longer than {MAX_HEAD} bytes together.",
        )

    def body(self, head: Head, *, limit: int) -> bytes:
        """Take the body that `head` announces, with its chunks joined; at most `limit` bytes."""
        coding = head.headers.get("transfer-encoding")
        announced = head.headers.get("content-length")
        if coding is not None and announced is not None:
            raise bad("Send Content-Length or Transfer-Encoding, not both.")
        if coding is not None and coding.lower() != "chunked":
            raise Refusal("501 Not Implemented", "Of Transfer-Encoding, only chunked is known.")
        if coding is None and announced is None:
            return b""
        length = None if announced is None else content_length(announced)
        if length is not None and length > limit:
            raise too_large(limit)
        self._hold(length or 0)
        if head.expects_continue and not self._kept:
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        deadline = steady_time() + self._timeout
        if length is None:
            return self._chunks(limit, deadline)
        body = self._take(length, deadline)
        self._kept = self._rest()
        return body

    def release(self) -> None:
        """Release the room of the last body; called when its request is answered."""
        if self._held:
            self._room.give(self._held)
            self._held = 0

    def _hold(self, size: int) -> None:
        if size > FREE_BODY:
            self._room.take(size - self._held)
            self._held = size

    def _rest(self) -> bytes:
        """Return the received bytes that are not taken yet, to be stored."""
        rest, self._at = self._kept[self._at :] if self._at else self._kept, 0
        return rest

    def _take(self, length: int, deadline: float) -> bytes:
        end = self._at + length
        if len(self._kept) >= end:
            taken, self._at = self._kept[self._at : end], end
            return taken
        parts = [self._rest()]
        missing = length - len(parts[0])
        self._kept = b""
        while missing > 0:
            part = self._receive(deadline, "body")
            if len(part) > missing:
                part, self._kept = part[:missing], part[missing:]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _chunks(self, limit: int, deadline: float) -> bytes:
        body = bytearray()
        while size := self._chunk_size(deadline):
            if len(body) + size > limit:
                raise too_large(limit)
            # In large steps: the room is shared by all connections.
            if len(body) + size > self._held:
                self._hold(min(limit, len(body) + size + FREE_BODY))
            body += self._take(size, deadline)
            if self._line(deadline):
                raise bad("A chunk of the body is longer than its announced size.")
        trailers = 0
        while line := self._line(deadline):
            trailers += len(line) + 2
            if trailers > MAX_HEAD:
                raise Refusal(
                    "431 Request Header Fields Too Large", "The trailers of the body are too long."
                )
        self._kept = self._rest()
        return bytes(body)

    def _chunk_size(self, deadline: float) -> int:
        line = self._line(deadline)
        found = _CHUNK_SIZE.fullmatch(line)
        if found is None:
            raise bad("A chunk of the body does not start with its size in hexadecimal digits.")
        return int(found[1], 16)

    def _line(self, deadline: float) -> bytes:
        while (end := self._kept.find(b"\n", self._at)) < 0:
            if len(self._kept) - self._at > MAX_HEAD:
                raise bad("A chunk of the body does not start with its size.")
            self._kept = self._rest() + self._receive(deadline, "body")
        line, self._at = self._kept[self._at : end], end + 1
        return line.removesuffix(b"\r")

    def _receive(self, deadline: float, what: str) -> bytes:
        try:
            left = deadline - steady_time()
            if left <= 0:
                raise TimeoutError
            self._connection.settimeout(left)
            data = self._connection.recv(65536)
        except TimeoutError:
            raise Refusal(
                "408 Request Timeout",
                f"The {what} of the request did not arrive within {self._timeout:g} seconds.",
            ) from None
        if not data:
            raise bad(f"The request ended in the middle of its {what}.")
        return data
