"""The part of a WSGI environment that comes from a request itself."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote_to_bytes

from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.http.reading import ABSOLUTE_URL, Head, bad, parse_head, plain_length
from sfmc_mock.whole_numbers import whole_number

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


def _environ_name(name: str) -> str | None:
    return _environ_name_kept(name) if len(name) <= 100 else _new_environ_name(name)


def _new_environ_name(name: str) -> str | None:
    if name in ("content-type", "content-length"):
        return name.upper().replace("-", "_")
    # X_Y and X-Y would have one name in the environment, so that the first could pass for the second.
    return None if "_" in name else "HTTP_" + name.upper().replace("-", "_")


# The caches are bounded by number: what is kept in them is short.
_environ_name_kept = lru_cache(maxsize=1024)(_new_environ_name)


def split_target(target: str) -> tuple[str, str, str | None]:
    """Return path (as WSGI wants it: decoded, each byte one character), query and, if given, the host."""
    return _split_kept(target) if len(target) <= 1_000 else _split(target)


def _split(target: str) -> tuple[str, str, str | None]:
    host = None
    absolute = ABSOLUTE_URL.match(target)
    if absolute is not None:
        host = absolute[1]
        target = target[absolute.end() :] or "/"
    elif target != "*" and not target.startswith("/"):
        raise bad("The path of the request must start with a slash.")
    path, _, query = target.partition("?")
    return unquote_to_bytes(path.encode("latin-1")).decode("latin-1"), query, host


_split_kept = lru_cache(maxsize=256)(_split)
