"""What a client sends, from bytes to a request: its head, its body, and what is wrong with them."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import sys
import threading
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from sfmc_mock.clock import steady_time
from sfmc_mock.whole_numbers import whole_number

MAX_HEAD = 64 * 1024
"""Bytes of a request line and its headers together; more is refused with 431."""

FREE_BODY = 64 * 1024
"""Bytes of a body that are not counted: the pool of connections bounds them."""

_AT_ONCE = 16 * 1024
"""Bytes that are read first: most requests are shorter, and more room for them costs more."""

_REQUEST_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP/(\d)\.(\d)")
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


class Refusal(Exception):
    """The request cannot be taken: what the server answers by itself before it closes the connection."""

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence

    def rendered(self) -> bytes:
        """Return the whole answer, after which the connection is closed."""
        body = f"{self.sentence}\n".encode()
        return (
            f"HTTP/1.1 {self.status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        ).encode("latin-1") + body


def _bad(sentence: str) -> Refusal:
    return Refusal("400 Bad Request", sentence)


@dataclass(slots=True)
class Head:
    """The first part of a request. `headers` has names in lower case; a repeated header is joined by commas."""

    method: str
    target: str
    version: tuple[int, int]
    headers: dict[str, str]

    @property
    def keeps_alive(self) -> bool:
        """Whether the client wants to use the connection again."""
        wanted = self.headers.get("connection", "").lower()
        if self.version >= (1, 1):
            return "close" not in wanted
        return "keep-alive" in wanted

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for `100 Continue` before it sends the body."""
        expected = self.headers.get("expect")
        if expected is None or self.version < (1, 1):
            return False
        if expected.lower() != "100-continue":
            raise Refusal(
                "417 Expectation Failed",
                f"Of Expect, only 100-continue is known: {expected[:60]!r}.",
            )
        return True


class Room:
    """Bytes that the larger bodies of all connections take together, up to `most`."""

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


def _let_it_wait(connection: socket.socket, idle: float, timeout: float) -> bool:
    """Have the system end what takes too long, reading or sending; False where only Python can.

    A time-out of Python's costs two more calls of the system for each read and each answer.
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
    """The bytes of one connection in the order they came.

    `idle` is how many seconds a connection may rest between two requests, `timeout` how many the parts of one
    request may take: the head, and again the body. `room` is what bodies of all connections may take together,
    `received` what another process has read from the connection already.
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
        """Whether nothing waits that came already."""
        return not self._kept

    def hand_over(self) -> bytes:
        """Return what came and was not taken; from now on, another process reads."""
        rest, self._kept = self._kept, b""
        return rest

    def wait(self) -> bool:
        """Return True at the first byte of the next request, False when none will come."""
        while True:
            # Some clients end a body with one line break too many.
            self._kept = self._kept.lstrip(b"\r\n")
            if self._kept:
                return True
            self._rest_of_time()
            try:
                self._kept = self._connection.recv(_AT_ONCE)
            except (TimeoutError, BlockingIOError):
                return False
            if not self._kept:
                return False

    def _rest_of_time(self) -> None:
        """Give the next request the time that a connection may rest."""
        if not self._waits_itself:
            self._connection.settimeout(self._idle)
        elif self._connection.gettimeout() is not None:
            self._connection.settimeout(None)

    def head(self) -> bytes:
        """Take everything up to the first empty line, which is dropped."""
        if not self._kept[:1].isalpha():
            raise _bad(
                "This is no HTTP request. This port speaks plain HTTP: use http://, not https://."
                if self._kept[:1] == b"\x16"
                else "This is no HTTP request: it has to start with a method, as in GET / HTTP/1.1."
            )
        deadline = steady_time() + self._timeout
        seen = 0
        while True:
            # What was looked through already is not looked through again: a head may come byte by byte.
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
        """Take the body that `head` announces, a chunked one put together; at most `limit` bytes."""
        coding = head.headers.get("transfer-encoding")
        announced = head.headers.get("content-length")
        if coding is not None and announced is not None:
            raise _bad("Send Content-Length or Transfer-Encoding, not both.")
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
        """Give back the room that the last body took; called when its request is answered."""
        if self._held:
            self._room.give(self._held)
            self._held = 0

    def _hold(self, size: int) -> None:
        if size > FREE_BODY:
            self._room.take(size - self._held)
            self._held = size

    def _rest(self) -> bytes:
        """Return what was received and not taken yet; it is to be kept."""
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
                raise _bad("A chunk of the body is longer than its announced size.")
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
            raise _bad("A chunk of the body does not start with its size in hexadecimal digits.")
        return int(found[1], 16)

    def _line(self, deadline: float) -> bytes:
        while (end := self._kept.find(b"\n", self._at)) < 0:
            if len(self._kept) - self._at > MAX_HEAD:
                raise _bad("A chunk of the body does not start with its size.")
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
            raise _bad(f"The request ended in the middle of its {what}.")
        return data


def too_large(limit: int) -> Refusal:
    """Return what a body of more than `limit` bytes is answered."""
    return Refusal(
        "413 Content Too Large", f"The body is larger than the {limit} bytes that are taken here."
    )


def content_length(announced: str) -> int:
    """Return the number in a Content-Length header; one that was sent twice alike counts once."""
    values = {value.strip() for value in announced.split(",")}
    number = whole_number(values.pop())
    if values or number is None:
        raise _bad(f"Content-Length is no number of bytes: {announced[:60]!r}.")
    return number


def parse_head(raw: bytes) -> Head:
    """Read a request line and its headers."""
    first, *lines = raw.decode("latin-1").replace("\r\n", "\n").split("\n")
    found = _REQUEST_LINE.fullmatch(first)
    if found is None:
        raise _bad(
            f"The request line must read METHOD PATH HTTP/1.1, not {first[:60].split('?')[0]!r}."
        )
    method, target, major, minor = found.groups()
    if major != "1":
        raise Refusal("505 HTTP Version Not Supported", "This server speaks HTTP/1.1 and HTTP/1.0.")
    return Head(method, target, (1, int(minor)), _headers(lines))


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or _HEADER_NAME.fullmatch(name) is None:
            raise _bad("A header line must read Name: value, with no blank before the colon.")
        name, value = name.lower(), value.strip(" \t")
        if _CONTROL.search(value):
            raise _bad(f"The header {name} has a control character in it.")
        if name in headers:
            if name == "host":
                raise _bad("There is more than one Host header.")
            value = f"{headers[name]}{'; ' if name == 'cookie' else ','}{value}"
        headers[name] = value
    return headers


def _environ_name(name: str) -> str | None:
    return _environ_name_kept(name) if len(name) <= 100 else _new_environ_name(name)


def _new_environ_name(name: str) -> str | None:
    if name in ("content-type", "content-length"):
        return name.upper().replace("-", "_")
    # X_Y and X-Y would be one name in the environment: whoever sends the first means to pass for the second.
    return None if "_" in name else "HTTP_" + name.upper().replace("-", "_")


# The caches are bounded by number: what is kept in them is short.
_environ_name_kept = lru_cache(maxsize=1024)(_new_environ_name)


def absolute_origin(target: str) -> tuple[str, str] | None:
    """Return scheme and authority of a target that is a whole URL, as proxies get them."""
    absolute = _ABSOLUTE.match(target)
    return None if absolute is None else (target.partition(":")[0].lower(), absolute[1])


def split_target(target: str) -> tuple[str, str, str | None]:
    """Return path (as WSGI wants it: decoded, each byte one character), query and, if given, the host."""
    return _split_kept(target) if len(target) <= 1_000 else _split(target)


def _split(target: str) -> tuple[str, str, str | None]:
    host = None
    absolute = _ABSOLUTE.match(target)
    if absolute is not None:
        host = absolute[1]
        target = target[absolute.end() :] or "/"
    elif target != "*" and not target.startswith("/"):
        raise _bad("The path of the request must start with a slash.")
    path, _, query = target.partition("?")
    return unquote_to_bytes(path.encode("latin-1")).decode("latin-1"), query, host


_split_kept = lru_cache(maxsize=256)(_split)


HEADERS = "sfmc_mock.headers"
"""Where an environment has all headers by their usual names, as a tuple that requests alike share; not always there."""

_MOST_HEADS = 256
_SHORT_HEAD = 1_000
_PRIVATE = frozenset({"authorization", "cookie", "proxy-authorization"})

_heads: dict[bytes, tuple[Head, dict[str, object]]] = {}


def head_and_environ(raw: bytes) -> tuple[Head, dict[str, object] | None]:
    """Return a head and what a WSGI environment has of it; None instead of that where it depends on the body.

    A client that goes on calling sends the same heads: short ones without secrets are kept, and must not be changed.
    """
    kept = _heads.get(raw)
    if kept is not None:
        return kept
    head = parse_head(raw)
    headers = head.headers
    if (
        len(raw) > _SHORT_HEAD
        or "transfer-encoding" in headers
        or (length := whole_number(headers.get("content-length", "0"))) is None
        or not _PRIVATE.isdisjoint(headers)
        or not head.target.startswith("/")
    ):
        return head, None
    environ = environ_of(head, b"")
    if "CONTENT_LENGTH" in environ:
        environ["CONTENT_LENGTH"] = headers["content-length"] = str(length)
    environ[HEADERS] = tuple(
        (name.title(), value) for name, value in headers.items() if "_" not in name
    )
    if len(_heads) >= _MOST_HEADS:
        _heads.clear()
    _heads[raw] = head, environ
    return head, environ


def environ_of(head: Head, body: bytes) -> dict[str, object]:
    """Return the part of a WSGI environment that comes from the request itself."""
    path, query, host = split_target(head.target)
    environ: dict[str, object] = {
        "REQUEST_METHOD": head.method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "RAW_URI": head.target,
        "REQUEST_URI": head.target,
        "SERVER_PROTOCOL": f"HTTP/{head.version[0]}.{head.version[1]}",
    }
    for name, value in head.headers.items():
        key = _environ_name(name)
        if key is not None:
            environ[key] = value
    if host:
        environ["HTTP_HOST"] = host
    if environ.pop("HTTP_TRANSFER_ENCODING", None) is not None or "CONTENT_LENGTH" in environ:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ
