"""A connection from environment variables: address and credentials for programs without settings in their code.

`sfmc-mock exec` sets the same variables, so a program that reads them runs against the emulator without a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import urlsplit

from sfmc_client.auth import Auth, OAuth, UsernameToken
from sfmc_client.client import Client
from sfmc_client.errors import ConfigurationError
from sfmc_client.transport import HTTPTransport

PREFIX: Final = "SFMC_"

VARIABLES: Final[Mapping[str, str]] = {
    "endpoint": "Address of the SOAP endpoint, with or without /Service.asmx.",
    "subdomain": "Subdomain of the tenant: the part before .soap.marketingcloudapis.com.",
    "auth_url": "Address of the token endpoint, with or without /v2/token.",
    "client_id": "Client ID of an installed package.",
    "client_secret": "Client secret of an installed package.",
    "username": "User name, for a login without an installed package.",
    "password": "Password of that user.",
    "mid": "MID of the business unit to work in; the package's own if left out.",
    "ca_bundle": "PEM file of authorities to trust instead of the system's.",
}
"""Every setting with its meaning; its environment variable is `SFMC_` and the name in capitals."""


def variable(setting: str) -> str:
    """Return the environment variable of a setting.

    >>> variable("client_id")
    'SFMC_CLIENT_ID'
    """
    return PREFIX + setting.upper()


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """The address of the service and the credentials; see `VARIABLES`."""

    endpoint: str | None = None
    subdomain: str | None = None
    auth_url: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    mid: str | None = None
    ca_bundle: str | None = None

    @classmethod
    def read(cls, environ: Mapping[str, str], **given: str | None) -> Self:
        """Return the given settings, completed from the environment; an empty text counts as missing."""
        named = {name: given.get(name) or environ.get(variable(name)) or None for name in VARIABLES}
        if given.get("endpoint") or given.get("subdomain"):
            # If one of the two is given, the environment does not set the other.
            named["endpoint"] = given.get("endpoint") or None
            named["subdomain"] = given.get("subdomain") or None
        return cls(**named)

    def auth(self) -> Auth:
        """Return the way to log in: an installed package if it is set, else a user.

        Raises `ConfigurationError` if there is neither.
        """
        if self.client_id and self.client_secret:
            token_url = None if self.auth_url is None else token_endpoint(self.auth_url)
            return OAuth(
                self.client_id,
                self.client_secret,
                account_id=self.mid,
                subdomain=self.subdomain if token_url is None else None,
                token_url=token_url,
            )
        if self.username and self.password:
            return UsernameToken(self.username, self.password)
        raise ConfigurationError(
            "No credentials are given. Set SFMC_CLIENT_ID and SFMC_CLIENT_SECRET, or SFMC_USERNAME and SFMC_PASSWORD."
        )

    @contextmanager
    def open(self, **options: Any) -> Iterator[Client]:
        """Return a context manager with a client of the service; `options` are those of `Client`."""
        with (
            HTTPTransport(ca_bundle=self.ca_bundle) as transport,
            Client(
                self.endpoint,
                subdomain=self.subdomain,
                auth=self.auth(),
                transport=transport,
                **options,
            ) as client,
        ):
            yield client


def token_endpoint(url: str) -> str:
    """Return the address of the token endpoint, given with its path or without.

    >>> token_endpoint("http://127.0.0.1:8025")
    'http://127.0.0.1:8025/v2/token'
    """
    return url if urlsplit(url).path not in {"", "/"} else url.rstrip("/") + "/v2/token"
