"""Host names that the emulator answers for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sfmc_mock.errors import SetupError

DOMAINS = ("*.marketingcloudapis.com", "*.exacttarget.com", "*.exacttargetapis.com")
"""The hosts of the service: those of tenants, and the fixed ones of older clients (sdk)."""

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_LONGEST = 253


class Hosts:
    """The hosts of the service, and more of them: names, or `*.` before a domain for every host below it.

    >>> hosts = Hosts(["mail.example.com"])
    >>> "webservice.exacttarget.com" in hosts, "MAIL.example.com." in hosts, "example.com" in hosts
    (True, True, False)

    Raises `SetupError` for an invalid name.
    """

    def __init__(self, more: Iterable[str] = ()) -> None:
        self.patterns = tuple(dict.fromkeys([*DOMAINS, *(_pattern(host) for host in more)]))
        self._names = {pattern for pattern in self.patterns if not pattern.startswith("*.")}
        self._ends = tuple(pattern[1:] for pattern in self.patterns if pattern.startswith("*."))

    def __contains__(self, host: object) -> bool:
        if not isinstance(host, str):
            return False
        name = host.lower().rstrip(".")
        # An invalid name gets no certificate, which would be for another host.
        return _is_name(name) and (name in self._names or name.endswith(self._ends))

    def __len__(self) -> int:
        return len(self.patterns)

    def __str__(self) -> str:
        return ", ".join(self.patterns)


def host_of(authority: str) -> str:
    """Return the host of `host:port`, an IPv6 address without its brackets, in lower case.

    >>> host_of("Example.com:443"), host_of("[::1]:80"), host_of("::1")
    ('example.com', '::1', '::1')
    """
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    host = authority.rpartition(":")[0] if authority.count(":") == 1 else authority
    return host.lower()


def _pattern(given: str) -> str:
    name = given.strip().lower().rstrip(".")
    if not _is_name(name.removeprefix("*.")):
        raise SetupError(
            f"'{given}' is not a host name to intercept: give one (mail.example.com), or every host below a domain "
            "(*.example.com), without https:// and without a port."
        )
    return name


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST and _NAME.fullmatch(text) is not None
