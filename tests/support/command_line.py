"""The command line, in this process or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COMMAND = (sys.executable, "-m", "sfmc_mock")


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line that says what is wrong with what it was given; fails where there is anything else."""
        return self._line(2)

    @property
    def refusal(self) -> str:
        """The same for what a server refused, or for a server that is not there."""
        return self._line(1)

    def _line(self, code: int) -> str:
        assert self.code == code
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("sfmc-mock: ")
        return line.removeprefix("sfmc-mock: ")


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would tell the command line of another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SFMC_")}
    return kept | more


def run_apart(*arguments: str, env: Mapping[str, str] | None = None) -> Ran:
    """Run the command line in a process of its own to its end."""
    done = subprocess.run(
        (*COMMAND, *arguments),
        env=environment() if env is None else dict(env),
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
