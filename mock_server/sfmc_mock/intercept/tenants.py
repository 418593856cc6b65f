"""Tenants: their names in the service's addresses, and their accounts.

The addresses of a tenant differ in one word (documented): `https://SUBDOMAIN.auth.marketingcloudapis.com/`, `.soap.`
and `.rest.`. Clients older than tenants know fixed ones (sdk): `auth.exacttargetapis.com`, `www.exacttargetapis.com`
and `webservice.exacttarget.com`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sfmc_mock.errors import SetupError

_TENANT = re.compile(
    r"(?P<subdomain>[a-z0-9-]+)\.(?:auth|soap|rest)\.marketingcloudapis\.com", re.IGNORECASE
)
_OLD = re.compile(r"(?:[a-z0-9-]+\.)*exacttarget(?:apis)?\.com", re.IGNORECASE)
_BY_MID = re.compile(r"mc0*(\d{1,18})")
_NAMED = re.compile(r"([a-z0-9-]+)=(\d{1,18})", re.IGNORECASE)


def soap_address(base: str) -> str:
    """Return where SOAP is for a client that knows the address `base`; neither has a slash at the end.

    >>> soap_address("https://mc01.auth.marketingcloudapis.com")
    'https://mc01.soap.marketingcloudapis.com'
    >>> soap_address("https://www.exacttargetapis.com")
    'https://webservice.exacttarget.com'
    >>> soap_address("http://127.0.0.1:8025")
    'http://127.0.0.1:8025'
    """
    return _sibling(base, "soap", "webservice.exacttarget.com")


def rest_address(base: str) -> str:
    """Return the address of REST for a client that knows the address `base`; neither has a slash at the end."""
    return _sibling(base, "rest", "www.exacttargetapis.com")


def _sibling(base: str, kind: str, old: str) -> str:
    scheme, separator, authority = base.partition("://")
    host, colon, port = authority.partition(":")
    tenant = _TENANT.fullmatch(host)
    if tenant is not None:
        host = f"{tenant['subdomain'].lower()}.{kind}.marketingcloudapis.com"
    elif _OLD.fullmatch(host):
        host = old
    return f"{scheme}{separator}{host}{colon}{port}"


def subdomain_of(mid: int) -> str:
    """Return the subdomain that leads to the account with a MID, in the service's form: 28 characters.

    >>> subdomain_of(1234567)
    'mc00000000000000000001234567'
    """
    return f"mc{mid:026d}"


class Tenants:
    """Which account a host leads to: by the names given (`SUBDOMAIN=MID`), else by the MID in `mc0…MID`.

    >>> tenants = Tenants(["mcexample=7"])
    >>> tenants.mid_of("mcexample.soap.marketingcloudapis.com")
    7
    >>> tenants.mid_of("mc00000000000000000001234567.auth.marketingcloudapis.com")
    1234567
    >>> tenants.mid_of("webservice.exacttarget.com") is None
    True

    Raises `SetupError` for a name that is not so.
    """

    def __init__(self, named: Iterable[str] = ()) -> None:
        self.named: dict[str, int] = {}
        for text in named:
            match = _NAMED.fullmatch(text.strip())
            if match is None:
                raise SetupError(
                    f"'{text}' names no tenant: write SUBDOMAIN=MID, as in --tenant {subdomain_of(0)[:26]}ab=1234567."
                )
            self.named[match[1].lower()] = int(match[2])

    def subdomain_of(self, mid: int) -> str:
        """Return a subdomain for the account with a MID: the first one given for it, else one made of the MID."""
        named = (subdomain for subdomain, each in self.named.items() if each == mid)
        return next(named, subdomain_of(mid))

    def mid_of(self, host: str) -> int | None:
        """Return the MID that a host names, or None; the server may not have that account."""
        tenant = _TENANT.fullmatch(host.rstrip("."))
        if tenant is None:
            return None
        subdomain = tenant["subdomain"].lower()
        if subdomain in self.named:
            return self.named[subdomain]
        by_mid = _BY_MID.fullmatch(subdomain)
        return int(by_mid[1]) if by_mid is not None else None
