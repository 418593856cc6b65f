"""The command line, in this process or in a separate one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

COMMAND = (sys.executable, "-m", "sfmc_mock")


@dataclass(frozen=True)
class Ran:
    """The output and exit code of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The error message of one line; fails if there is other output."""
        return self._line(2)

    @property
    def refusal(self) -> str:
        """The error message of one line when a server refused the request or was not reachable."""
        return self._line(1)

    def _line(self, code: int) -> str:
        assert self.code == code
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("sfmc-mock: ")
        return line.removeprefix("sfmc-mock: ")


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without variables that lead the command line to another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SFMC_")}
    return kept | more


def run_apart(*arguments: str, env: Mapping[str, str] | None = None) -> Ran:
    """Run the command line in a separate process and wait for it."""
    done = subprocess.run(
        (*COMMAND, *arguments),
        env=environment() if env is None else dict(env),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def open_terminal() -> tuple[int, int]:
    """Return both ends of a terminal: the one to read from, and the one for a program. Skips without terminals."""
    import pty

    try:
        return pty.openpty()
    except OSError as problem:
        pytest.skip(f"no terminal can be opened here: {problem}")


def in_terminal(
    columns: int, *arguments: str, command: tuple[str, ...] = COMMAND, **variables: str
) -> str:
    """Run a command in a terminal of the given width, and return its output. Skips without terminals."""
    controller, terminal = open_terminal()
    env = environment(COLUMNS=str(columns), TERM="xterm-256color", **variables)
    with subprocess.Popen(
        (*command, *arguments), stdin=terminal, stdout=terminal, stderr=terminal, env=env
    ):
        os.close(terminal)
        shown = read_terminal(controller)
    os.close(controller)
    return shown


def read_terminal(controller: int) -> str:
    """Return the output in a terminal until its programs have ended."""
    shown = b""
    # Reading a closed terminal raises an error.
    while part := _read(controller):
        shown += part
    return shown.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:
        return b""


def plain(shown: str) -> str:
    """Return terminal output without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)
