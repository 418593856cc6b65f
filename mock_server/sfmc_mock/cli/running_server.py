"""The control API of a running server, for commands."""

from __future__ import annotations

from collections.abc import Callable

import click

from sfmc_mock.cli.output import print_json
from sfmc_mock.control_client import ControlClient
from sfmc_mock.errors import SetupError
from sfmc_mock.terminal import printable


class ServerRefused(SetupError):
    """The server was not reachable, or refused the request."""


class Running(ControlClient):
    """The control API of a running server; with `as_json`, answers are printed as JSON.

    Requests raise `ServerRefused`; an invalid address raises `SetupError`.
    """

    def __init__(
        self, url: str, *, token: str | None = None, mid: int | None = None, as_json: bool = False
    ) -> None:
        super().__init__(url, token=token, mid=mid, error=ServerRefused)
        self.as_json = as_json

    def show(self, answer: object, shown: str | Callable[[], None]) -> None:
        """Print an answer as JSON if the user asked for that, else `shown`: a sentence, or a function that prints."""
        if self.as_json:
            print_json(answer)
        elif isinstance(shown, str):
            click.echo(printable(shown))
        else:
            shown()
