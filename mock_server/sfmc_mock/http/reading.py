"""Parse the head of a request, and refuse what is wrong in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sfmc_mock.whole_numbers import whole_number

MAX_HEAD = 64 * 1024
"""The greatest number of bytes of a request line and its headers; more is refused with 431."""

_REQUEST_LINE = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP/(\d)\.(\d)")
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
ABSOLUTE_URL = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
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
        raise bad(f"Content-Length is not a number of bytes: {announced[:60]!r}.")
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


def absolute_origin(target: str) -> tuple[str, str] | None:
    """Return scheme and authority of a target that is a whole URL, as proxies get them."""
    absolute = ABSOLUTE_URL.match(target)
    return None if absolute is None else (target.partition(":")[0].lower(), absolute[1])
