"""Plain responses, and the address that a request names."""

from __future__ import annotations

import json

from werkzeug.wrappers import Request, Response


def text_response(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """Return a response of plain text."""
    return Response(text, status, headers=headers, content_type="text/plain; charset=utf-8")


def json_response(status: int, body: dict[str, object]) -> Response:
    """Return a response of JSON."""
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")


def path_and_query(request: Request) -> str:
    """Return the called path with its query as text; bytes that are not UTF-8 are replaced."""
    query = request.query_string.decode(errors="replace")
    return f"{request.path}?{query}" if query else request.path
