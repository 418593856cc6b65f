"""The pytest plugin: options, markers and fixtures; whoever does not use them pays nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    config.addinivalue_line(
        "markers", "sfmc_mock_only(reason): needs what only the emulator can do"
    )
    config.addinivalue_line("markers", "sfmc_real_only(reason): needs a real tenant")
