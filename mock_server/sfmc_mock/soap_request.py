"""Read the parts of a request that the SOAP endpoint needs from the environment of WSGI."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.http import parse_options_header

from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.http.environ import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_SHORT = 200

# Those in which a document may be that says nothing of it itself. Python knows more, not all of them of texts.
_CHARSETS = re.compile(
    r"(?:iso-?8859-|latin-?|windows-|cp)\d+|utf-?(?:16|32)(?:[bl]e)?", re.IGNORECASE | re.ASCII
)


def content_type_and_action(
    content_type: str, soap_action: str | None
) -> tuple[str | None, str | None]:
    """Return the charset that the Content-Type names, and the action that it or the SOAPAction names.

    The charset is None for UTF-8, and for what documents are not read in. Without one `text/xml` means UTF-8 here (Node
    clients and FuelSDK-PHP send none).
    """
    # What is kept is bounded: by number, and each by its length.
    if len(content_type) + len(soap_action or "") > _SHORT:
        return _read(content_type, soap_action)
    return _read_kept(content_type, soap_action)


def _read(content_type: str, soap_action: str | None) -> tuple[str | None, str | None]:
    _, parameters = parse_options_header(content_type)
    charset = parameters.get("charset")
    if charset is not None and not _CHARSETS.fullmatch(charset):
        charset = None
    return charset, action_of(soap_action, content_type)


_read_kept = lru_cache(maxsize=256)(_read)


def action_of(soap_action: str | None, content_type: str) -> str | None:
    """Return the action that the HTTP headers name: SOAPAction, bare or quoted, or SOAP 1.2's action parameter."""
    found = _unquoted(soap_action or "")
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "action":
            found = found or _unquoted(value)
    return found or None


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'").strip()


def headers_of(environ: WSGIEnvironment) -> tuple[tuple[str, str], ...]:
    """Return the headers of the request by their usual names; calls with equal headers share the result."""
    known: tuple[tuple[str, str], ...] | None = environ.get(HEADERS)
    if known is not None:
        return known
    headers = tuple(
        _shared.get((key, value)) or _header(key, value)
        for key, value in environ.items()
        if (key.startswith("HTTP_") and key not in _NOT_HEADERS)
        or (key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value)
    )
    shared = _shared_headers.get(headers)
    if shared is not None:
        return shared
    if sum(len(value) for _, value in headers) < _SHORT_HEADERS and _SECRET.isdisjoint(environ):
        put_bounded(_shared_headers, headers, headers, _MOST_SHARED)
    return headers


_NOT_HEADERS = frozenset({"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"})
_SECRET = frozenset({"HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_PROXY_AUTHORIZATION"})
_SHORT_HEADERS = 1_000
_MOST_SHARED = 200

# What the journal keeps of thousands of calls is mostly the same: it is kept once, but for secrets.
_shared: dict[tuple[str, str], tuple[str, str]] = {}
_shared_headers: dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = {}


def _header(key: str, value: str) -> tuple[str, str]:
    header = key.removeprefix("HTTP_").replace("_", "-").title(), value
    if len(key) + len(value) < _SHORT and key not in _SECRET:
        put_bounded(_shared, (key, value), header, _MOST_SHARED)
    return header
