"""What the SOAP endpoint needs of a request, read from the environment of WSGI."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.http import parse_options_header

from sfmc_mock.soap import action_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_SHORT = 200


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
    return tuple(
        (name, value)
        for key, value in environ.items()
        if (name := _header_name(key)) is not None and (value or key[0] == "H")
    )


def _header_name(key: str) -> str | None:
    return _new_header_name(key) if len(key) > _SHORT else _header_name_kept(key)


def _new_header_name(key: str) -> str | None:
    if key.startswith("HTTP_") and key not in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
        return key[5:].replace("_", "-").title()
    return key.replace("_", "-").title() if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else None


_header_name_kept = lru_cache(maxsize=1024)(_new_header_name)
