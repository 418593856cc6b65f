"""The proxy of the HTTP server: the hosts for which it answers, and their certificates."""

from __future__ import annotations

import ssl
from collections import Counter

from sfmc_mock.http import Refusal
from sfmc_mock.intercept.authority import Authority
from sfmc_mock.intercept.hosts import Hosts, host_of

_OWN = ("localhost", "127.0.0.1", "::1")

MOST_REFUSED = 1_000
"""The maximum number of refused hosts that are listed by name."""

_LONGEST_HOST = 253


class Proxy:
    """Answers for the given hosts and refuses all others; `refused` counts the refused ones."""

    def __init__(self, hosts: Hosts, authority: Authority) -> None:
        self.hosts = hosts
        self.authority = authority
        self.refused: Counter[str] = Counter()
        self._direct = self._direct_context()

    def admit(self, authority: str, own_port: int) -> None:
        """Raise `Refusal` unless the proxy answers for the host and port, or they are the server's own."""
        host = host_of(authority)
        is_own = host in _OWN and authority.rpartition(":")[2] == str(own_port)
        if is_own or host in self.hosts:
            return
        shown = host[:_LONGEST_HOST]
        if shown in self.refused or len(self.refused) < MOST_REFUSED:
            self.refused[shown] += 1
        raise Refusal(
            "403 Forbidden",
            f"This proxy is sfmc-mock: it answers for {self.hosts}, and passes nothing on. {shown!r} is none of "
            "these: put it into NO_PROXY to reach it without the proxy, or name it with --intercept-host to have the "
            "emulator answer for it.",
        )

    def context(self, authority: str) -> ssl.SSLContext:
        """Return the TLS context for an admitted host."""
        host = host_of(authority).rstrip(".")
        try:
            return self.authority.context(host)
        except ValueError as problem:
            raise Refusal(
                "400 Bad Request", f"No certificate can be made for {host!r}: {problem}"
            ) from None

    def trusted_file(self) -> str:
        """Return the file with the authority's certificate."""
        return str(self.authority.certificate)

    def direct_context(self) -> ssl.SSLContext:
        """Return the TLS context for clients that connect without a proxy; its certificate has the requested name."""
        return self._direct

    def _direct_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own = self.authority.context(*_OWN)

        def choose(
            connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext
        ) -> int | None:
            if name is None or name in _OWN:
                connection.context = own
            elif name in self.hosts:
                try:
                    connection.context = self.context(name)
                except Refusal:
                    return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            else:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            return None

        context.sni_callback = choose
        return context
