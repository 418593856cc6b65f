"""The option `--sfmc-record` for pytest: record what a real tenant is asked and answers.

pytest imports this module in every run, so it imports nothing but pytest itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sfmc_client.transport import Transport


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("sfmc", "Marketing Cloud (sfmc-mock)").addoption(
        "--sfmc-record",
        metavar="FOLDER",
        help="With a real tenant: record what it is asked and answers, scrubbed, in a new folder; write it with =.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to record the emulator."""
    if not config.getoption("sfmc_record"):
        return
    from sfmc_client.testing.plugin import chosen_target

    if chosen_target(config) != "real":
        raise pytest.UsageError(
            "--sfmc-record records what a real tenant says. Add --sfmc-target=real."
        )


@pytest.hookimpl(optionalhook=True)
def pytest_sfmc_transport(config: pytest.Config, transport: Transport) -> Transport | None:
    """Record the calls, where that was asked for; each process of pytest-xdist has a recording of its own."""
    folder = config.getoption("sfmc_record")
    if not folder:
        return None
    from sfmc_conformance.transcripts import RecordingTransport

    worker = getattr(config, "workerinput", {}).get("workerid", "")
    return RecordingTransport(transport, Path(config.invocation_params.dir, folder, worker))
