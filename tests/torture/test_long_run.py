"""A server that runs for long: the documented flow keeps working, and memory stays constant."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from tests.support.command_line import COMMAND, environment
from tests.support.flows import client, run_flow
from tests.support.sending_client import ControlClient
from tests.torture.conftest import Torture
from tests.torture.test_going_back import TOKEN

from sfmc_client import HTTPTransport
from sfmc_mock.account.tokens import MOST_TOKENS

_SERVE = ("serve", "--port", "0", "--ready-json", "--quiet", "--journal-size", "100")


def memory(pid: int) -> int:
    """Return the memory of a process in kilobytes, or skip the test if the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("needs /proc to see how much memory a process has")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text())
    assert found is not None
    return int(found[1])


@pytest.mark.slow
def test_the_documented_flow_is_answered_to_the_end_in_the_memory_of_the_beginning(
    tmp_path: Path, torture: Torture
) -> None:
    account = ("--account", str(tmp_path / "account.db"), "--durability", "process")
    process = subprocess.Popen(
        (*COMMAND, *_SERVE, *account, "--engagement", "quiet"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    )
    with process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        control = ControlClient(int(url.split(":")[2].split("/")[0]))

        def flow() -> None:
            run_flow(client(HTTPTransport(), url))
            assert control.call("POST", "/_mock/reset") == 200

        try:
            # Until every part was used, the journal is full, and the account has as many tokens as it keeps.
            for _ in range(MOST_TOKENS):
                assert control.call("POST", "/v2/token", TOKEN) == 200
            for _ in Torture(torture.seconds / 20).rounds(15):
                flow()
            before = memory(process.pid)
            for _ in torture.rounds(15):
                flow()
            after = memory(process.pid)
        finally:
            control.close()
            process.terminate()
            _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
    assert after <= before * 1.1
