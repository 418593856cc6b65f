"""What is kept in memory of what sends depend on, until something of it changes.

Triggers in the store give the version another number then: so it holds across transactions that are taken back, and
for changes that come from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sfmc_mock.account.account import Account
from sfmc_mock.store import sends as rows

_MEMORY = "terms"


@dataclass(slots=True)
class _Kept:
    version: int
    found: dict[str, dict[object, Any]] = field(default_factory=dict)


def kept(account: Account, kind: str) -> dict[object, Any]:
    """Return what is kept of a kind, empty after every change; what is put into it is kept."""
    version = rows.terms_version(account.db)
    known = account.memory.get(_MEMORY)
    if not isinstance(known, _Kept) or known.version != version:
        known = account.memory[_MEMORY] = _Kept(version)
    return known.found.setdefault(kind, {})
