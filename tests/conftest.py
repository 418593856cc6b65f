"""The fixtures that every test can use: an account of its own, and a call on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sfmc_mock.account import Account
from sfmc_mock.account.due import DUE_ACTIONS
from sfmc_mock.account.seeds import default_seed, load
from sfmc_mock.objects.handler import Call
from sfmc_mock.store.database import Database

NOON = "2026-01-01T12:00:00"


@pytest.fixture(scope="session")
def default_content() -> bytes:
    """The database of the default account, its clock standing at noon of New Year's Day 2026, server time."""
    seed = default_seed()
    db = Database()
    try:
        load(Account(db), replace(seed, account=replace(seed.account, clock=NOON)))
        return db.content()
    finally:
        db.close()


@pytest.fixture
def account(default_content: bytes) -> Iterator[Account]:
    """The default account in memory, its clock standing at noon of New Year's Day 2026, server time."""
    db = Database(content=default_content)
    yield Account(db, due_actions=DUE_ACTIONS)
    db.close()


@pytest.fixture
def call(account: Account) -> Call:
    """A call on the account."""
    return Call(account, caller="mock-user", request_id="00000000-0000-0000-0000-000000000001")
