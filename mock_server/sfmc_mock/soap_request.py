"""What the SOAP endpoint needs of a request, read from the environment of WSGI."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.http import parse_options_header

from sfmc_mock.soap import action_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_SHORT = 200
_MOST_NAMES = 1_000


def content_type_and_action(
    content_type: str, soap_action: str | None
) -> tuple[str | None, str | None]:
    """Return the charset that the Content-Type names, and the action that it or the SOAPAction names."""
    # What is kept is bounded: by number, and each by its length.
    if len(content_type) + len(soap_action or "") > _SHORT:
        return _read(content_type, soap_action)
    return _read_kept(content_type, soap_action)


def _read(content_type: str, soap_action: str | None) -> tuple[str | None, str | None]:
    _, parameters = parse_options_header(content_type)
    return parameters.get("charset"), action_of(soap_action, content_type)


_read_kept = lru_cache(maxsize=256)(_read)


def headers_of(environ: WSGIEnvironment) -> tuple[tuple[str, str], ...]:
    """Return the headers of the request by their usual names."""
    names = _header_names
    return tuple(
        (names[key] if key in names else _header_name(key), value)
        for key, value in environ.items()
        if (key.startswith("HTTP_") and key not in _NOT_HEADERS)
        or (key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value)
    )


_NOT_HEADERS = frozenset({"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"})
_header_names: dict[str, str] = {}


def _header_name(key: str) -> str:
    name = key.removeprefix("HTTP_").replace("_", "-").title()
    if len(_header_names) < _MOST_NAMES and len(key) < _SHORT:
        _header_names[key] = name
    return name
