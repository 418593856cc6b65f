"""Scheduled actions of an account."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sfmc_mock.store.database import Database
from sfmc_mock.store.writes import Insert


def plan(db: Database, due_at: str, kind: str, payload: Mapping[str, object]) -> None:
    """Schedule an action."""
    row = (due_at, kind, json.dumps(payload))
    if not db.is_deferring:
        db.add(_PLAN, [row])
        return
    earliest = db.look_up_row(_EARLIEST, (), _DUE)[0]
    db.add_row(_PLAN, row, _DUE, (due_at if earliest is None else min(earliest, due_at),))


_DUE = ("due",)
_PLAN = Insert("due", ("due_at", "kind", "payload"))
_EARLIEST = "SELECT min(due_at) FROM due"


def next_time(db: Database) -> str | None:
    """Return when the next action is due, None when there is none."""
    earliest: str | None = db.look_up_value(_EARLIEST, _DUE)
    return earliest


def take_next(db: Database, until: str) -> tuple[str, str, dict[str, object]] | None:
    """Pop the earliest action due by `until`; return its time, kind and payload.

    Actions of the same time have an order of their own, not that in which they were scheduled.
    """
    rows = db.rows(
        "DELETE FROM due WHERE id = "
        "(SELECT id FROM due WHERE due_at <= ? ORDER BY due_at, kind, payload, id LIMIT 1) "
        "RETURNING due_at, kind, payload",
        (until,),
    )
    if not rows:
        return None
    due_at, kind, payload = rows[0]
    return due_at, kind, json.loads(payload)
