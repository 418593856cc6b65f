"""The vocabulary that stays when an exchange is recorded: the service's own words, and nothing of a tenant.

Every set here is closed. A value that is in none of them is replaced, wherever it stands, so nothing private can hide
behind a harmless name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

from sfmc_client.envelope import (
    OPERATIONS,
    PARTNER,
    PASSWORD_TEXT,
    SOAP_11,
    SOAP_12,
    WSA,
    WSSE,
    XSD,
    XSI,
)

WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

NAMESPACES: Final = frozenset(
    {
        PARTNER,
        SOAP_11,
        SOAP_12,
        WSA,
        WSSE,
        WSU,
        XSD,
        XSI,
        "http://exacttarget.com",
        "http://www.w3.org/2005/08/addressing",
        "http://schemas.xmlsoap.org/soap/encoding/",
        "http://www.w3.org/2003/05/soap-encoding",
        "http://schemas.xmlsoap.org/wsdl/soap/",
        "urn:fault.partner.exacttarget.com",
    }
)
"""The namespaces that services and clients declare (recorded, sdk)."""

ADDRESSES: Final = NAMESPACES | {
    PASSWORD_TEXT,
    f"{WSA}/role/anonymous",
    f"{WSA}/fault",
    "http://www.w3.org/2005/08/addressing/anonymous",
    "https://developer.salesforce.com/docs",
}
"""URIs that say what something is, and not where a tenant is."""

CONTENT_TYPES: Final = frozenset(
    {
        *("text/xml", "text/plain", "text/html", "application/soap+xml", "application/xml"),
        *("application/json", "application/x-www-form-urlencoded"),
    }
)

CHARSETS: Final = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "iso-8859-1", "windows-1252"})

SOAP_PATH: Final = "/Service.asmx"
TOKEN_PATHS: Final = ("/v2/token", "/v1/requestToken")

PATHS: Final = {
    path.lower(): path
    for path in (
        SOAP_PATH,
        *TOKEN_PATHS,
        "/platform/v1/endpoints/soap",
        "/etframework.wsdl",
        "/",
        "",
    )
}
"""The service's paths, found by their lower-case form (documented)."""

HOSTS: Final = ("marketingcloudapis.com", "exacttargetapis.com", "exacttarget.com")
"""The service's domains; what stands before them names a tenant."""

TENANT_PARTS: Final = frozenset({"soap", "auth", "rest", "webservice", "www"})

SECRETS: Final = {
    "fueloauth": "token",
    "oauth": "token",
    "oauthtoken": "token",
    "access_token": "token",
    "accesstoken": "token",
    "legacytoken": "token",
    "refresh_token": "token",
    "refreshtoken": "token",
    "nonce": "token",
    "password": "password",
    "client_secret": "secret",
    "clientsecret": "secret",
}
"""Names (lower-case) of what proves who calls, and what its references are called."""

LABELS: Final = {
    "username": "user",
    "client_id": "client",
    "clientid": "client",
    "customerkey": "key",
    "subscriberkey": "key",
    "name": "name",
    "listname": "name",
    "fromname": "name",
}
"""Names (lower-case) of other values, and what their references are called; those of the rest are `text`."""

# A yes, a no; two letters each for a language and a country.
_ANYBODYS = re.compile(r"[Tt]rue|[Ff]alse|[a-z]{2}-[A-Z]{2}")
_PARTS = re.compile(r"[A-Z]?[a-z]+")
_FOLDER_KEY = re.compile(r"(.+)_default")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The service's names and words, each set closed."""

    elements: frozenset[str]
    terms: frozenset[str] = field(repr=False)
    """Types, properties, values of enumerations, and what every account has."""
    names: frozenset[str] = field(repr=False)
    """Names of the schema's fields, which also make up dotted ones."""
    moments: frozenset[str]
    """Fields that hold a date which the service or a filter sets."""
    keys: frozenset[str]
    prefixes: frozenset[str]
    sentences: frozenset[str]
    counts: frozenset[str]
    personal: frozenset[str]
    words: frozenset[str] = field(repr=False)

    def is_term(self, text: str) -> bool:
        """Return whether a value is one that the service made up: a type, a property, a value of an enumeration …

        >>> [vocabulary().is_term(text) for text in ("Email.ID", "Attribute[]", "Ada")]
        [True, True, False]
        """
        if text in self.terms or is_anybodys(text):
            return True
        if folder := _FOLDER_KEY.fullmatch(text):
            return folder[1] in self.terms
        return all(part in self.names for part in text.removesuffix("[]").split("."))

    def is_word(self, text: str) -> bool:
        """Return whether a sentence of the service may have the word, or a name that is made of such words.

        >>> [vocabulary().is_word(text) for text in ("Triggered", "InvalidEmailAddress", "AdaLovelace")]
        [True, True, False]
        """
        if text.lower() in self.words or self.is_term(text):
            return True
        parts = _PARTS.findall(text)
        return "".join(parts) == text and all(part.lower() in self.words for part in parts)


@cache
def vocabulary() -> Vocabulary:
    """Return the service's vocabulary, put together at the first call."""
    # The schema is data of the emulator's package; no emulator is loaded for it.
    from sfmc_mock.wire.catalogue import catalogue

    schema, lists = catalogue(), _lists()
    fields = [item for kind in schema.complex_types.values() for item in kind.fields + kind.beyond]
    names = frozenset(item.name for item in fields) | frozenset(schema.elements)
    names |= {kind.name for kind in schema.named_types()}
    values = {value for kind in schema.simple_types.values() for value in kind.values}
    return Vocabulary(
        elements=names | lists["elements"],
        terms=names | values | lists["terms"] | lists["phrases"] | OPERATIONS.keys(),
        names=names,
        moments=frozenset(item.name for item in fields if item.type == "dateTime")
        | {"Created", "Expires"},
        keys=lists["keys"],
        prefixes=lists["prefixes"],
        sentences=lists["sentences"],
        counts=lists["counts"],
        personal=lists["personal"],
        words=lists["words"],
    )


def _lists() -> dict[str, frozenset[str]]:
    text = files("sfmc_conformance").joinpath("vocabulary.txt").read_text(encoding="utf-8")
    words: dict[str, set[str]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            words[name] = set()
        elif line and not line.startswith("#"):
            words[name].update([line] if name == "phrases" else line.split())
    return {name: frozenset(values) for name, values in words.items()}


def is_anybodys(text: str) -> bool:
    """Return whether a value says nothing of anybody: a boolean, a locale."""
    return _ANYBODYS.fullmatch(text) is not None


def magic_labels() -> Mapping[str, bool]:
    """Return the labels that an address of the emulator's own domain may carry; whether one takes a duration."""
    from sfmc_mock.simulator.magic_addresses import LABELS as KNOWN

    return {label.name: bool(label.takes) for label in KNOWN}
