"""Fixtures for all tests: an account, and a call on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from tests.support.soap_app import SoapApp

from sfmc_mock.account import Account
from sfmc_mock.account_contents import Contents
from sfmc_mock.accounts import Accounts
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.seeds import default_seed, load
from sfmc_mock.settings import Settings
from sfmc_mock.store.database import Database

NOON = "2026-01-01T12:00:00"

# A deadline would fail tests on a busy machine.
settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")


@pytest.fixture(scope="session", autouse=True)
def _contents_made_once() -> Iterator[None]:
    """Share the databases made from seeds between all servers of this process: making one is slower than most tests."""
    contents = Contents()
    initialize = Accounts.__init__

    def initialize_sharing(self: Accounts, *arguments: Any, **options: Any) -> None:
        initialize(self, *arguments, **options)
        self._contents = contents

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Accounts, "__init__", initialize_sharing)
        yield


@pytest.fixture(scope="session")
def default_content() -> bytes:
    """The database of the default account, its clock frozen at noon of 1 January 2026, server time."""
    seed = default_seed()
    db = Database()
    try:
        load(Account(db), replace(seed, account=replace(seed.account, clock=NOON)))
        return db.content()
    finally:
        db.close()


@pytest.fixture
def account(default_content: bytes) -> Iterator[Account]:
    """The default account in memory, its clock frozen at noon of 1 January 2026, server time."""
    db = Database(content=default_content)
    made = Account(db, due_actions=DUE_ACTIONS)
    yield made
    db.close()
    assert made.problems == []


@pytest.fixture
def call(account: Account) -> Call:
    """A call on the account."""
    return Call(account, caller="mock-user", request_id="00000000-0000-0000-0000-000000000001")


@pytest.fixture(scope="session")
def _accounts() -> Iterator[Accounts]:
    """The accounts of a server; made once, because reading the seed is slower than most tests."""
    seed = default_seed()
    accounts = Accounts(seed=replace(seed, account=replace(seed.account, clock=NOON)))
    yield accounts
    accounts.close()


@pytest.fixture
def make_app(_accounts: Accounts) -> Iterator[Callable[..., SoapApp]]:
    """Make an application with a new default account, its clock frozen at noon; takes the arguments of `Settings`."""
    with _apps(_accounts) as make:
        yield make


@pytest.fixture(scope="module")
def make_shared_app(_accounts: Accounts) -> Iterator[Callable[..., SoapApp]]:
    """Make an application shared by all tests of a module, which must not change its account."""
    with _apps(_accounts) as make:
        yield make


@contextmanager
def _apps(accounts: Accounts) -> Iterator[Callable[..., SoapApp]]:
    with ExitStack() as made:

        def make(**settings: Any) -> SoapApp:
            chosen = Settings(**settings)
            account = accounts.fresh(strict=chosen.strict)
            made.callback(accounts.remove, account)
            return SoapApp(accounts, account, chosen)

        yield make


@pytest.fixture
def app(make_app: Callable[..., SoapApp]) -> Iterator[SoapApp]:
    """An application with default settings; the test fails if an internal error occurs."""
    made = make_app()
    yield made
    assert [*made.problems, *made.accounts.problems] == []


@pytest.fixture
def strict_app(make_app: Callable[..., SoapApp]) -> Iterator[SoapApp]:
    """An application in strict mode, which behaves like the live service."""
    made = make_app(strict=True)
    yield made
    assert made.problems == []
