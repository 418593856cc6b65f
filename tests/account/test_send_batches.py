"""Batches: each contains a subscriber at most once, and does not depend on the order of simultaneous calls."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.sending import advance, make_definition, make_subscriber, messages, send

from sfmc_mock.account import Account, send_batches
from sfmc_mock.store.database import Database

PEOPLE = ["ada", "bob", "cyd"]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit batches to two subscribers."""
    monkeypatch.setattr(send_batches, "BATCH_SIZE", 2)


@pytest.fixture(scope="module")
def prepared(default_content: bytes) -> bytes:
    """An account with an active definition, and three subscribers."""
    account = Account(Database(content=default_content))
    make_definition(account)
    for key in PEOPLE:
        make_subscriber(account, key)
    content = account.db.content()
    account.db.close()
    return content


def places(content: bytes, rounds: Sequence[Sequence[Sequence[str]]]) -> list[tuple[str, int, int]]:
    """Return each subscriber's batch and repeat number after rounds of calls, a minute apart."""
    account = Account(Database(content=content))
    for calls in rounds:
        for people in calls:
            send(account, *people)
        advance(account, minutes=1)
    found = [
        (str(row["subscriber_key"]), int(str(row["batch_id"])), int(str(row["repeat"])))
        for row in messages(account)
    ]
    account.db.close()
    return sorted(found)


a_call = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=6)
a_round = st.lists(a_call, min_size=1, max_size=4)


@given(st.lists(a_round, min_size=1, max_size=3), st.randoms(use_true_random=False))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_order_of_calls_at_one_time_does_not_matter(prepared, rounds, chance) -> None:
    shuffled = [chance.sample(calls, len(calls)) for calls in rounds]

    found = places(prepared, rounds)

    assert places(prepared, shuffled) == found
    assert len({(key, batch) for key, batch, _ in found}) == len(found)
    assert len({(key, repeat) for key, _, repeat in found}) == len(found)


def test_a_call_fills_batch_after_batch(prepared: bytes) -> None:
    found = places(prepared, [[["ada", "bob", "cyd", "ada"]]])

    assert found == [("ada", 1, 0), ("ada", 2, 1), ("bob", 1, 0), ("cyd", 2, 1)]


def test_a_later_time_begins_behind_the_highest_batch(prepared: bytes) -> None:
    found = places(prepared, [[["ada", "ada", "ada"]], [["bob"], ["ada"]]])

    assert found[-2:] == [("ada", 4, 3), ("bob", 4, 0)]
