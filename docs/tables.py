"""Tables of the documentation that are made from the code's own; run by cog."""

from __future__ import annotations

from collections.abc import Iterable

from seed_tables import table_of

from sfmc_mock.differences import CHOICES, SAMPLES, Difference
from sfmc_mock.objects import HANDLERS
from sfmc_mock.seeds.tables import owners

_OPERATIONS = ("Create", "Update", "Delete", "Configure", "Perform")


def coverage() -> str:
    """Return the table of API objects against operations, then the properties of each."""
    lines = ["| API object | " + " | ".join(_OPERATIONS) + " | Retrieve |"]
    lines.append("|---" * (len(_OPERATIONS) + 2) + "|")
    for name, handler in sorted(HANDLERS.items()):
        marks = ["yes" if handler.takes(each) else "" for each in _OPERATIONS]
        marks.append("yes" if handler.is_retrieved else "")
        lines.append(f"| {name} | " + " | ".join(marks) + " |")
    for name, handler in sorted(HANDLERS.items()):
        if handler.retrievable:
            properties = ", ".join(f"`{each}`" for each in handler.retrievable)
            lines += ["", f"**{name}** — {properties}"]
    lines += ["", "## In seed files", ""]
    for owner in owners():
        lines += [f"### {owner.object_type}: `[[{owner.table}]]`", "", *table_of(owner.keys), ""]
    return "\n".join(lines).rstrip()


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
