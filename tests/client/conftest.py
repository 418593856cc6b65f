"""Accounts for the client: strict ones, which only accept what the live service accepts, and lenient ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.tenants import Emulator, Tenant


@pytest.fixture(scope="session")
def strict_emulator() -> Emulator:
    return Emulator(strict=True)


@pytest.fixture(scope="session")
def lenient_emulator() -> Emulator:
    return Emulator(strict=False)


@pytest.fixture
def strict_tenant(strict_emulator: Emulator) -> Iterator[Tenant]:
    """A new account that behaves like the live service."""
    with strict_emulator.tenant() as tenant:
        yield tenant


@pytest.fixture(params=["strict", "lenient"])
def tenant(
    request: pytest.FixtureRequest, strict_emulator: Emulator, lenient_emulator: Emulator
) -> Iterator[Tenant]:
    """A new account, for strict and lenient mode in turn."""
    emulator = strict_emulator if request.param == "strict" else lenient_emulator
    with emulator.tenant() as tenant:
        yield tenant
