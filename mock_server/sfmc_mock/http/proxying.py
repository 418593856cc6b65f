"""Proxy requests: CONNECT, and TLS for other hosts, which the server answers itself; it opens no connections."""

from __future__ import annotations

import re
import ssl
from typing import Protocol

from sfmc_mock.http.reading import Refusal

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
"""The answer to CONNECT; after it the client sends requests for the host itself."""

TLS_HANDSHAKE = b"\x16"
"""The first byte of a TLS connection."""

_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]]+):\d{1,5}")


class Proxy(Protocol):
    """The hosts that a server answers for itself. `authority` is a host with or without a port, as requests have it."""

    def admit(self, authority: str, own_port: int) -> None:
        """Raise `Refusal` unless the server answers for the host, or the host is the server itself, on `own_port`."""

    def context(self, authority: str) -> ssl.SSLContext:
        """Return the TLS context for an admitted host."""

    def trusted_file(self) -> str:
        """Return the file with the certificate that clients have to trust."""

    def direct_context(self) -> ssl.SSLContext:
        """Return the TLS context for clients that connect without a proxy."""


def tunnel_authority(target: str) -> str:
    """Return the target of a CONNECT. Raises `Refusal` unless it is HOST:PORT."""
    if _AUTHORITY.fullmatch(target) is None:
        raise Refusal(
            "400 Bad Request",
            "CONNECT names a host and its port: CONNECT example.com:443 HTTP/1.1.",
        )
    return target


def untrusted(authority: str, problem: ssl.SSLError, proxy: Proxy) -> Refusal | None:
    """Return a sentence about a client that ended TLS because of the certificate; None for another error."""
    reason = problem.reason or ""
    if "ALERT" not in reason or not ("UNKNOWN_CA" in reason or "CERTIFICATE" in reason):
        return None
    return Refusal(
        "400 Bad Request",
        f"The client refused the certificate for {authority} ({reason.lower().replace('_', ' ')}): it has to trust "
        f"the proxy's certificate authority, {proxy.trusted_file()}.",
    )
