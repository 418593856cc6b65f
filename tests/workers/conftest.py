"""Servers of several processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.served import Serve, serving


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start `serve` on a free port with a ready line in JSON; the process is stopped after the test."""
    with serving() as start:
        yield start
