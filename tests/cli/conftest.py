"""The command line in this process, with a server for it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator

import pytest
from tests.support.command_line import Ran
from tests.support.control import SEED
from tests.support.served import Serve, serving

from sfmc_mock import MockServer
from sfmc_mock.cli import main

Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SFMC_"):
            monkeypatch.delenv(name)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line with arguments, as the installed command does."""

    def command(*arguments: str) -> Ran:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["sfmc-mock", *arguments])
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        with pytest.raises(SystemExit) as ended:
            main()
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(number, handler)
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, out, err)

    return command


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockServer]:
    """A server with three definitions and its clock frozen at noon; environment variables lead to it."""
    with MockServer(seed=SEED) as running:
        monkeypatch.setenv("SFMC_MOCK_URL", running.base_url)
        yield running


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start `serve` on a free port with a ready line in JSON; the process is stopped after the test."""
    with serving() as start:
        yield start
