"""Address and credentials of the service, from options and environment variables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import update_wrapper
from typing import Any, TypeAlias

import click

from sfmc_client.client import TIMEOUT, Client
from sfmc_client.environment import VARIABLES, Connection, variable
from sfmc_client.errors import ConfigurationError

Connect: TypeAlias = Callable[[], AbstractContextManager[Client]]

_METAVARS = {"endpoint": "URL", "auth_url": "URL", "mid": "MID", "ca_bundle": "FILE"}


def connection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the connection options to a command, which gets `connect`: a context manager that returns a client."""

    def with_client(*arguments: Any, **options: Any) -> Any:
        given = {name: options.pop(name) for name in VARIABLES}
        timeout = options.pop("timeout")
        return command(*arguments, connect=lambda: _client(given, timeout), **options)

    # Keeps the options that the command already has.
    wrapped: Any = update_wrapper(with_client, command)
    wrapped = click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=TIMEOUT,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for each answer.",
    )(wrapped)
    for name in reversed(list(VARIABLES)):
        wrapped = click.option(
            f"--{name.replace('_', '-')}",
            metavar=_METAVARS.get(name, "TEXT"),
            help=f"{VARIABLES[name]}  [{variable(name)}]",
        )(wrapped)
    return wrapped  # type: ignore[no-any-return]


@contextmanager
def _client(given: Mapping[str, str | None], timeout: float) -> Iterator[Client]:
    connection = Connection.read(os.environ, **given)
    if connection.endpoint is None and connection.subdomain is None and not connection.auth_url:
        raise ConfigurationError(
            "The address of the service is not given. Give --endpoint or --subdomain, or set SFMC_ENDPOINT or "
            "SFMC_SUBDOMAIN."
        )
    if given["mid"] and not (connection.client_id and connection.client_secret):
        raise ConfigurationError(
            "--mid chooses the business unit of a package, and no package is given. Give --client-id and "
            "--client-secret too, or leave out --mid: a user name belongs to one account."
        )
    with connection.open(timeout=timeout) as client:
        yield client
