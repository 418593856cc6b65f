"""Looking up many recipients at once: by index, not by reading whole lists."""

from __future__ import annotations

import pytest

from sfmc_mock.account import Account
from sfmc_mock.store import audiences, subscribers


def test_members_of_a_list_are_looked_up_one_by_one(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, object]] = []

    def note(sql: str, bound: object = ()) -> list[object]:
        asked.append((sql, bound))
        return []

    monkeypatch.setattr(account.db, "rows", note)
    subscribers.list_statuses(account.db, 1, [2, 3])
    monkeypatch.undo()

    ((sql, bound),) = asked
    plan = [row[3] for row in account.db.rows(f"EXPLAIN QUERY PLAN {sql}", bound)]  # type: ignore[arg-type]
    assert plan[0].startswith("SCAN s VIRTUAL TABLE")
    assert "subscriber_id=? AND list_id=?" in plan[1]


def test_a_page_of_members_follows_its_index(account: Account) -> None:
    sql = audiences._MEMBERS.format(more="")
    plan = [row[3] for row in account.db.rows(f"EXPLAIN QUERY PLAN {sql}", (1, 0, 10))]

    assert plan[0] == "SEARCH m USING INDEX list_subscriber_list (list_id=? AND rowid>?)"
    assert not [step for step in plan if "TEMP B-TREE" in step]
