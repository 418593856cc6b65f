"""What an account has still to do, and when."""

from __future__ import annotations

import json

from sfmc_mock.store.database import Database


def plan(db: Database, due_at: str, kind: str, payload: dict[str, object]) -> None:
    """Write down something to be done at a time."""
    db.run(
        "INSERT INTO due (due_at, kind, payload) VALUES (?, ?, ?)",
        (due_at, kind, json.dumps(payload)),
    )


def next_time(db: Database) -> str | None:
    """Return when the next thing is due, None when nothing is."""
    found = db.rows("SELECT min(due_at) FROM due")[0][0]
    return None if found is None else str(found)


def take_next(db: Database, until: str) -> tuple[str, str, dict[str, object]] | None:
    """Take the first thing due by a time off the list; return its time, kind and payload.

    What is due at the same time has an order of its own, not that in which it was written down.
    """
    found = db.rows(
        "DELETE FROM due WHERE id = "
        "(SELECT id FROM due WHERE due_at <= ? ORDER BY due_at, kind, payload, id LIMIT 1) "
        "RETURNING due_at, kind, payload",
        (until,),
    )
    if not found:
        return None
    due_at, kind, payload = found[0]
    return str(due_at), str(kind), json.loads(str(payload))
