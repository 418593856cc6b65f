"""`serve` in a separate process."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.support.command_line import COMMAND, environment


class Served:
    """A `serve` process that is ready."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.ready_line = process.stdout.readline()
        assert self.ready_line, process.communicate()

    @property
    def ready(self) -> dict[str, Any]:
        """The content of its ready line."""
        found: dict[str, Any] = json.loads(self.ready_line)
        return found

    @property
    def address(self) -> tuple[str, int]:
        split = urlsplit(self.ready["url"])
        return split.hostname or "", split.port or 0

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.address, timeout=60)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Stop it with a signal; return exit code, its output on stderr, and the seconds that the stop took."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


Serve = Callable[..., Served]


@contextmanager
def serving() -> Iterator[Serve]:
    """Yield a function that starts `serve` on a free port with a ready line in JSON; all processes are stopped at the
    end.
    """
    with ExitStack() as processes:

        def start(*arguments: str, **variables: str) -> Served:
            process = subprocess.Popen(
                (*COMMAND, "serve", "--port", "0", "--ready-json", *arguments),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                env=environment(**variables),
            )
            processes.enter_context(process)
            processes.callback(process.kill)
            return Served(process)

        yield start
