"""Steps of a transaction: each is kept as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sfmc_mock.store.database import Database


@pytest.fixture
def db() -> Iterator[Database]:
    found = Database()
    yield found
    found.close()


def test_a_step_that_raises_leaves_nothing_and_the_others_alone(db: Database) -> None:
    with db.atomic():
        step = db.savepoint()
        for number in range(6):
            try:
                with step:
                    db.put("setting", {"name": f"step {number}", "value": "1"})
                    if number % 3:
                        raise ValueError(number)
            except ValueError:
                pass
        step.release()

    assert [row["name"] for row in db.find_all("setting")] == ["step 0", "step 3"]


def test_a_transaction_that_sqlite_ended_hides_no_cause(db: Database) -> None:
    step = db.savepoint()

    def ended() -> None:
        with db.atomic(), step:
            db.run("ROLLBACK")
            raise ValueError("the cause")

    with pytest.raises(ValueError, match="the cause"):
        ended()

    with db.atomic(), step:
        db.put("setting", {"name": "after", "value": "1"})
    assert db.find("setting", name="after") is not None
