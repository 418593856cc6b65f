"""Tables of the documentation that are made from the code's own; run by cog."""

from __future__ import annotations

from collections.abc import Iterable

from sfmc_mock.differences import CHOICES, SAMPLES, Difference
from sfmc_mock.objects import HANDLERS
from sfmc_mock.objects.handler import Handler
from sfmc_mock.objects.table import TableHandler

_OPERATIONS = ("create", "update", "delete", "configure", "perform")


def coverage() -> str:
    """Return the table of API objects against operations, then the properties of each."""
    lines = [
        "| API object | " + " | ".join(each.capitalize() for each in _OPERATIONS) + " | Retrieve |"
    ]
    lines.append("|---" * (len(_OPERATIONS) + 2) + "|")
    for name, handler in sorted(HANDLERS.items()):
        marks = ["yes" if _overrides(handler, each) else "" for each in _OPERATIONS]
        marks.append("yes" if _can_be_retrieved(handler) else "")
        lines.append(f"| {name} | " + " | ".join(marks) + " |")
    for name, handler in sorted(HANDLERS.items()):
        if handler.retrievable:
            properties = ", ".join(f"`{each}`" for each in handler.retrievable)
            lines += ["", f"**{name}** — {properties}"]
    return "\n".join(lines)


def _overrides(handler: Handler, operation: str) -> bool:
    return getattr(type(handler), operation) is not getattr(Handler, operation)


def _can_be_retrieved(handler: Handler) -> bool:
    # Without a view, only a handler that finds its source by itself can be read.
    return handler.view is not None or type(handler).source not in (
        Handler.source,
        TableHandler.source,
    )


def samples() -> str:
    """Return the eight places where samples and live service disagree."""
    return _table(SAMPLES)


def choices() -> str:
    """Return the other choices."""
    return _table(CHOICES)


def _table(rows: Iterable[Difference]) -> str:
    lines = [
        "| what | live, as far as known | default | strict | known how |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.topic} | {each.live} | {each.default} | {each.strict} | {each.origin} |"
        for each in rows
    ]
    return "\n".join(lines)
