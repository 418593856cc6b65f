"""A control API with its own account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.control import Control

from sfmc_mock.control import AccountHandle


@pytest.fixture
def control() -> Iterator[Control]:
    """The control API of a new server; the test fails if an internal error occurs."""
    made = Control()
    yield made
    assert made.app.problems == []
    assert made.app.accounts.problems == []
    assert made.app.control.problems == []
    made.close()


@pytest.fixture
def handle(control: Control) -> AccountHandle:
    """The account of the control API, in Python."""
    return control.app.control.lookup.find()
