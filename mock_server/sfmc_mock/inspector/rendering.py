"""Render templates to pages, as responses with restrictive security headers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from sfmc_mock.inspector.charts import KIND_NAMES, KINDS
from sfmc_mock.simulator.durations import format_duration
from sfmc_mock.terminal import printable, printable_lines

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The content security policy of pages: only content of this server, no inline scripts and styles."""

MESSAGE_POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""The content security policy of an email: only styles and inline images; no scripts, loads or forms."""

_ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_LONGEST = 300


@cache
def _environment() -> Environment:
    # Imported with the first page, to keep the start of a server fast.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "shown": shown,
        "lines": lines,
        "moment": moment,
        "number": lambda value: f"{value:,}",
        "ago": lambda then, now: ago(then, now),
        "kind": lambda event_type: KINDS.get(event_type, "other"),
        "kindname": lambda kind: KIND_NAMES[kind],
        "segment": lambda text: quote(str(text), safe=""),
        "bytes": size,
    }
    return environment


def render(template: str, values: Mapping[str, object]) -> str:
    """Return the page of a template; text among the values is escaped."""
    return _environment().get_template(template).render(values)


def page(text: str, status: int = 200, *, policy: str = PAGE_POLICY) -> Response:
    """Return an HTML page as a response."""
    return respond(text, "text/html; charset=utf-8", status, policy=policy)


def respond(
    body: str | bytes,
    content_type: str,
    status: int = 200,
    *,
    policy: str = PAGE_POLICY,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a response with the security headers of the inspector."""
    if isinstance(body, str):
        # A lone surrogate, as a path or a query may contain one, cannot be encoded.
        body = body.encode("utf-8", "replace")
    given = {**_ALWAYS, "Content-Security-Policy": policy, **(headers or {})}
    return Response(body, status, headers=given, content_type=content_type)


# Filters of templates.


def shown(text: object, most: int = _LONGEST) -> Markup:
    """Return untrusted text for use within a line: cut, isolated in direction, without invisible characters."""
    shown = printable(str("" if text is None else text))
    if len(shown) <= most:
        return Markup("<bdi>{}</bdi>").format(shown)
    cut = shown[: most - 1]
    return Markup('<bdi title="{}">{}…</bdi>').format(shown[:2_000], cut)


def lines(text: object) -> Markup:
    """Return untrusted text of several lines, without invisible characters."""
    return escape(printable_lines(str(text).replace("\r\n", "\n").replace("\t", "    ")))


def moment(when: datetime | str | None) -> Markup:
    """Return a time for people and, as `datetime`, for programs."""
    if when is None or when == "":
        return Markup("-")
    moment = datetime.fromisoformat(when) if isinstance(when, str) else when
    text = f"{moment:%Y-%m-%d %H:%M:%S}"
    if moment.microsecond:
        text += f".{moment.microsecond // 1000:03}"
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat() + "-06:00", text)


def ago(then: datetime, now: datetime) -> str:
    """Return how long before or after `now` a time is: `in 5m`, `2h ago`."""
    span = then - now
    if abs(span) < timedelta(seconds=1):
        return "now"
    shown = format_duration(timedelta(seconds=round(abs(span).total_seconds())))
    return f"in {shown}" if span > timedelta() else f"{shown} ago"


def size(count: int) -> str:
    """Return a number of bytes as text, such as `12 KiB`."""
    return f"{count:,} B" if count < 10_000 else f"{count / 1024:,.0f} KiB"
