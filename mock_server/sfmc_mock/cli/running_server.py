"""A running server, as the commands see it."""

from __future__ import annotations

from collections.abc import Callable

import click

from sfmc_mock.cli.output import print_json
from sfmc_mock.control_client import ControlClient
from sfmc_mock.errors import SetupError
from sfmc_mock.terminal import printable


class ServerRefused(SetupError):
    """The server was not reached, or says no."""


class Running(ControlClient):
    """The control API of a running server; `as_json` says how to print what it answers.

    Requests raise `ServerRefused`; an address that is none raises `SetupError`.
    """

    def __init__(
        self, url: str, *, token: str | None = None, mid: int | None = None, as_json: bool = False
    ) -> None:
        super().__init__(url, token=token, mid=mid, error=ServerRefused)
        self.as_json = as_json

    def show(self, answer: object, shown: str | Callable[[], None]) -> None:
        """Print an answer as JSON, where that was asked for, else as a sentence, or as a function prints it."""
        if self.as_json:
            print_json(answer)
        elif isinstance(shown, str):
            click.echo(printable(shown))
        else:
            shown()
