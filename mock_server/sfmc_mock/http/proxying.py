"""What a server that is a proxy as well has to be told; it never opens a connection of its own."""

from __future__ import annotations

import re
import ssl
from typing import Protocol

from sfmc_mock.http.reading import Refusal

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
"""The answer to CONNECT, after which the client speaks as if to the host itself."""

TLS_HANDSHAKE = b"\x16"
"""The first byte of a client that speaks TLS."""

_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]]+):\d{1,5}")


class Proxy(Protocol):
    """The hosts that a server answers for itself. `authority` is a host with or without a port, as requests have it."""

    def admit(self, authority: str, own_port: int) -> None:
        """Raise `Refusal` unless the host is answered for, or is the server that listens on `own_port`."""

    def context(self, authority: str) -> ssl.SSLContext:
        """Return the server's side of TLS for a host that was admitted."""

    def trusted_file(self) -> str:
        """Return the file with the certificate that clients have to trust."""

    def direct_context(self) -> ssl.SSLContext:
        """Return the server's side of TLS for clients that come without a proxy."""


def tunnel_authority(target: str) -> str:
    """Return the target of a CONNECT. Raises `Refusal` unless it is HOST:PORT."""
    if _AUTHORITY.fullmatch(target) is None:
        raise Refusal(
            "400 Bad Request",
            "CONNECT names a host and its port: CONNECT example.com:443 HTTP/1.1.",
        )
    return target


def untrusted(authority: str, problem: ssl.SSLError, proxy: Proxy) -> Refusal | None:
    """Return what to say of a client that broke TLS off because of the certificate; None when it did not."""
    reason = problem.reason or ""
    if "ALERT" not in reason or not ("UNKNOWN_CA" in reason or "CERTIFICATE" in reason):
        return None
    return Refusal(
        "400 Bad Request",
        f"The client refused the certificate for {authority} ({reason.lower().replace('_', ' ')}): it has to trust "
        f"the proxy's certificate authority, {proxy.trusted_file()}.",
    )
