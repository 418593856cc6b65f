"""For every test: the plugin is tested with pytest's own tester, which only this file may ask for."""

import pytest

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests under `tests/torture` run for longer than the short time that they take otherwise."""
    parser.addoption(
        "--torture-seconds",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long the tests under tests/torture go on, all together",
    )
