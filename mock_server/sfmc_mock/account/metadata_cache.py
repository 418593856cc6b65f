"""A cache of what sends depend on, emptied when something of it changes.

Triggers in the store give the version another number then, so that the cache is right after a rollback too, and after
changes by other means.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sfmc_mock.account.account import Account
from sfmc_mock.store import sends as rows

DEFINITIONS = "data_extension_version"
"""The counter that another version of data extensions' definitions gives another number."""

_MEMORY = "metadata"


@dataclass(slots=True)
class _Cache:
    version: tuple[int, int]
    kinds: dict[str, dict[object, Any]] = field(default_factory=dict)


def cached(account: Account, kind: str) -> dict[object, Any]:
    """Return the cached values of a kind, to be read and added to; empty after every change."""
    version = (rows.metadata_version(account.db), account.db.counter(DEFINITIONS))
    cache = account.memory.get(_MEMORY)
    if not isinstance(cache, _Cache) or cache.version != version:
        cache = account.memory[_MEMORY] = _Cache(version)
    return cache.kinds.setdefault(kind, {})
