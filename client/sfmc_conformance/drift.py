"""Drift: differences between the recorded service and the emulator, and the list of known ones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LONGEST_SHOWN = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One difference: its kind of call, its path in the answer, and its kind.

    `kind` is `missing` or `additional` (in the emulator's answer), `order`, `text`, `nil`, `type`, `attribute`,
    `prefix`, `namespaces`, `status`, `content type` or `body`. `exchange` is the name of the recorded exchange.
    """

    exchange: str
    call: str
    path: str
    kind: str
    recorded: str = ""
    emulator: str = ""

    @property
    def where(self) -> str:
        """The call and the path in its answer, as in the file of known differences."""
        return f"{self.call}: {self.path}"

    @property
    def listed(self) -> str:
        """The difference with the name of its exchange, for a report."""
        return f"{self.exchange}  {self}".strip()

    def as_json(self, **more: str) -> dict[str, str]:
        """Return the difference for the JSON report."""
        where = {"exchange": self.exchange, "path": self.where, "kind": self.kind}
        return {**where, "recorded": self.recorded, "emulator": self.emulator, **more}

    def __str__(self) -> str:
        shown = ""
        if self.recorded or self.emulator:
            shown = f" (recorded {_shown(self.recorded)}, emulator {_shown(self.emulator)})"
        return f"{self.where}: {self.kind}{shown}"


def _shown(text: str) -> str:
    cut = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    return json.dumps(cut, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class KnownDrift:
    """An entry of the file of known differences: path, optional kind, and the reason to accept it."""

    where: str
    reason: str
    kind: str = ""

    def covers(self, drift: Drift) -> bool:
        """Return whether the entry matches a difference; `*` matches any text."""
        pattern = ".*".join(map(re.escape, self.where.split("*")))
        return self.kind in ("", drift.kind) and re.fullmatch(pattern, drift.where) is not None


def sort_out(
    drift: Sequence[Drift], known: Sequence[KnownDrift]
) -> tuple[list[Drift], list[tuple[Drift, KnownDrift]], list[KnownDrift]]:
    """Return the new differences, the known ones with their entries, and the entries that matched none."""
    entries = [next((entry for entry in known if entry.covers(each)), None) for each in drift]
    pairs = list(zip(drift, entries, strict=True))
    return (
        [difference for difference, entry in pairs if entry is None],
        [(difference, entry) for difference, entry in pairs if entry is not None],
        [entry for entry in known if entry not in entries],
    )


def read_known(content: Mapping[str, Any], name: str) -> list[KnownDrift]:
    """Return the entries of a file of known differences from its parsed TOML.

    Raises `ValueError` with the problem.
    """
    entries = content.get("drift", [])
    if set(content) - {"drift"} or not isinstance(entries, list):
        raise ValueError(f"{name} takes [[drift]] tables and nothing else.")
    return [_entry(number, entry, name) for number, entry in enumerate(entries, 1)]


def _entry(number: int, entry: Any, name: str) -> KnownDrift:
    where = f"{name}, [[drift]] number {number}"
    if not isinstance(entry, dict) or set(entry) - {"path", "kind", "reason"}:
        raise ValueError(f"{where}: it takes path, kind and reason.")
    texts = {key: entry.get(key, "") for key in ("path", "kind", "reason")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError(f"{where}: path, kind and reason are texts.")
    for key in ("path", "reason"):
        if not texts[key].strip():
            raise ValueError(
                f"{where} has no {key}. Give one: an accepted difference needs a reason."
            )
    return KnownDrift(texts["path"], texts["reason"], texts["kind"])
