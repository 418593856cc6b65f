"""Accounts for the client: strict ones, which know only what the live service knows, and lenient ones."""

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
    """A fresh account that does what the live service does."""
    with strict_emulator.tenant() as tenant:
        yield tenant


@pytest.fixture(params=["strict", "lenient"])
def tenant(
    request: pytest.FixtureRequest, strict_emulator: Emulator, lenient_emulator: Emulator
) -> Iterator[Tenant]:
    """A fresh account, once of each kind."""
    emulator = strict_emulator if request.param == "strict" else lenient_emulator
    with emulator.tenant() as tenant:
        yield tenant
