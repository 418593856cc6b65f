"""The pytest option `--sfmc-record`: record the calls to a real tenant, with their answers.

pytest imports this module in every run, so the module only imports pytest.
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
        help="With a real tenant: record calls and answers, scrubbed, in a new folder (--sfmc-record=FOLDER).",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to record calls to the emulator."""
    if not config.getoption("sfmc_record"):
        return
    from sfmc_client.testing.plugin import chosen_target

    if chosen_target(config) != "real":
        raise pytest.UsageError("--sfmc-record only records real tenants. Add --sfmc-target=real.")


@pytest.hookimpl(optionalhook=True)
def pytest_sfmc_transport(config: pytest.Config, transport: Transport) -> Transport | None:
    """Record the calls if that was requested; each process of pytest-xdist makes its own recording."""
    folder = config.getoption("sfmc_record")
    if not folder:
        return None
    from sfmc_conformance.transcripts import RecordingTransport

    worker = getattr(config, "workerinput", {}).get("workerid", "")
    return RecordingTransport(transport, Path(config.invocation_params.dir, folder, worker))
