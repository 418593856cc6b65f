"""Parse the bytes of a client into a request: its head, the form of its body, and errors in them."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.whole_numbers import whole_number

MAX_HEAD = 64 * 1024
"""The greatest number of bytes of a request line and its headers; more is refused with 431."""

FREE_BODY = 64 * 1024
"""Bodies up to this size are not counted: the pool of connections bounds them."""

_REQUEST_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP/(\d)\.(\d)")
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


class Refusal(Exception):
    """The server refuses the request: it sends this answer itself, and closes the connection."""

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


def bad(sentence: str) -> Refusal:
    return Refusal("400 Bad Request", sentence)


@dataclass(slots=True)
class Head:
    """The first part of a request. `headers` has names in lower case; a repeated header is joined by commas."""

    method: str
    target: str
    version: tuple[int, int]
    headers: dict[str, str]
    keeps_alive: bool = field(init=False)
    """Whether the client wants to use the connection again."""
    length: int | None = None
    """The cached `plain_length` of a cached head."""

    def __post_init__(self) -> None:
        wanted = self.headers.get("connection", "").lower()
        if self.version >= (1, 1):
            self.keeps_alive = "close" not in wanted
        else:
            self.keeps_alive = "keep-alive" in wanted

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


def too_large(limit: int) -> Refusal:
    """Return the answer to a body of more than `limit` bytes."""
    return Refusal(
        "413 Content Too Large", f"The body is larger than the {limit} bytes that are taken here."
    )


def content_length(announced: str) -> int:
    """Return the number in a Content-Length header; a repeated equal one counts once."""
    values = {value.strip() for value in announced.split(",")}
    number = whole_number(values.pop())
    if values or number is None:
        raise bad(f"Content-Length is no number of bytes: {announced[:60]!r}.")
    return number


def plain_length(head: Head) -> int | None:
    """Return the length of the body; None for a chunked body, or one that waits for `100 Continue`."""
    if "transfer-encoding" in head.headers or "expect" in head.headers:
        return None
    return content_length(head.headers.get("content-length", "0"))


def parse_head(raw: bytes) -> Head:
    """Read a request line and its headers."""
    first, *lines = raw.decode("latin-1").replace("\r\n", "\n").split("\n")
    found = _REQUEST_LINE.fullmatch(first)
    if found is None:
        raise bad(
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
            raise bad("A header line must read Name: value, with no blank before the colon.")
        name, value = name.lower(), value.strip(" \t")
        if _CONTROL.search(value):
            raise bad(f"The header {name} has a control character in it.")
        if name in headers:
            if name == "host":
                raise bad("There is more than one Host header.")
            value = f"{headers[name]}{'; ' if name == 'cookie' else ','}{value}"
        headers[name] = value
    return headers


def _environ_name(name: str) -> str | None:
    return _environ_name_kept(name) if len(name) <= 100 else _new_environ_name(name)


def _new_environ_name(name: str) -> str | None:
    if name in ("content-type", "content-length"):
        return name.upper().replace("-", "_")
    # X_Y and X-Y would have one name in the environment, so that the first could pass for the second.
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
        raise bad("The path of the request must start with a slash.")
    path, _, query = target.partition("?")
    return unquote_to_bytes(path.encode("latin-1")).decode("latin-1"), query, host


_split_kept = lru_cache(maxsize=256)(_split)


HEADERS = "sfmc_mock.headers"
"""The key of all headers in an environment: a tuple that equal requests share; it may be missing."""

BODY = "sfmc_mock.body"
"""The key of the whole body in an environment, beside `wsgi.input`."""

_MOST_HEADS = 256
_SHORT_HEAD = 1_000
_PRIVATE = frozenset({"authorization", "cookie", "proxy-authorization"})

_heads: dict[bytes, tuple[Head, dict[str, object]]] = {}


def head_and_environ(raw: bytes) -> tuple[Head, dict[str, object] | None]:
    """Return a head with its part of the WSGI environment; None in place of this where it depends on the body.

    A client repeats the same heads, so short ones without secrets are cached, and must not be changed.
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
    head.length = plain_length(head)
    environ[HEADERS] = tuple(
        (name.title(), value) for name, value in headers.items() if "_" not in name
    )
    return put_bounded(_heads, raw, (head, environ), _MOST_HEADS)


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
