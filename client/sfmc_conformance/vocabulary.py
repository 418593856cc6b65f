"""The vocabulary that recordings keep: the service's own words, and no data of a tenant.

Every set here is closed. A value in none of them is replaced, in any place, so that no private value can pass under a
harmless name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

from sfmc_client.envelope import OPERATIONS

SOAP_PATH: Final = "/Service.asmx"
TOKEN_PATHS: Final = ("/v2/token", "/v1/requestToken")
_OTHER_PATHS: Final = ("/platform/v1/endpoints/soap", "/etframework.wsdl", "/", "")

PATHS: Final = {path.lower(): path for path in (SOAP_PATH, *TOKEN_PATHS, *_OTHER_PATHS)}
"""The service's paths, by their lower-case form (documented)."""

HOSTS: Final = ("marketingcloudapis.com", "exacttargetapis.com", "exacttarget.com")
"""The service's domains; a prefix names a tenant."""

TENANT_PARTS: Final = frozenset({"soap", "auth", "rest", "webservice", "www"})

# Yes and no; two-letter codes of languages and countries.
_ANYBODYS = re.compile(r"[Tt]rue|[Ff]alse|[a-z]{2}-[A-Z]{2}")
_PARTS = re.compile(r"[A-Z]?[a-z]+")
_FOLDER_KEY = re.compile(r"(.+)_default")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The service's names and words, each set closed."""

    elements: frozenset[str]
    terms: frozenset[str] = field(repr=False)
    """Types, properties, values of enumerations, and names that every account has."""
    names: frozenset[str] = field(repr=False)
    """Names of the schema's fields, also as parts of dotted names."""
    moments: frozenset[str]
    """Fields with a date that the service or a filter sets."""
    keys: frozenset[str]
    prefixes: frozenset[str]
    sentences: frozenset[str]
    counts: frozenset[str]
    personal: frozenset[str]
    namespaces: frozenset[str]
    """The namespaces that services and clients declare (recorded, sdk)."""
    addresses: frozenset[str]
    """URIs that are identifiers and not addresses of a tenant."""
    content_types: frozenset[str]
    charsets: frozenset[str]
    secrets: Mapping[str, str]
    """Names (lower-case) of credentials, with the labels of their references."""
    labels: Mapping[str, str]
    """Names (lower-case) of other values, with the labels of their references; the default label is `text`."""
    words: frozenset[str] = field(repr=False)

    def is_term(self, text: str) -> bool:
        """Return whether a value is a term of the service: a type, a property, a value of an enumeration …

        >>> [vocabulary().is_term(text) for text in ("Email.ID", "Attribute[]", "Ada")]
        [True, True, False]
        """
        if text in self.terms or is_anybodys(text):
            return True
        if folder := _FOLDER_KEY.fullmatch(text):
            return folder[1] in self.terms
        return all(part in self.names for part in text.removesuffix("[]").split("."))

    def is_word(self, text: str) -> bool:
        """Return whether the service's sentences may contain the word, or a name made of such words.

        >>> [vocabulary().is_word(text) for text in ("Triggered", "InvalidEmailAddress", "AdaLovelace")]
        [True, True, False]
        """
        if text.lower() in self.words or self.is_term(text):
            return True
        parts = _PARTS.findall(text)
        return "".join(parts) == text and all(part.lower() in self.words for part in parts)


_AS_LISTED = (
    *("charsets", "content_types", "counts", "keys", "namespaces", "personal", "prefixes"),
    *("sentences", "words"),
)


def _labelled(lists: Mapping[str, frozenset[str]], *labels: str) -> dict[str, str]:
    return {name: label for label in labels for name in lists[f"called {label}"]}


@cache
def vocabulary() -> Vocabulary:
    """Return the service's vocabulary, built at the first call."""
    # The schema is a data file of the emulator's package; the emulator is not imported.
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
        addresses=lists["addresses"] | lists["namespaces"],
        secrets=_labelled(lists, "token", "password", "secret"),
        labels=_labelled(lists, "user", "client", "key", "name"),
        **{name: lists[name] for name in _AS_LISTED},
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
    """Return whether a value is not personal data: a boolean, a locale."""
    return _ANYBODYS.fullmatch(text) is not None


@cache
def magic_labels() -> Mapping[str, bool]:
    """Return the labels that addresses of the emulator's own domain may have, and whether each takes a duration."""
    from sfmc_mock.simulator.magic_addresses import LABELS as KNOWN

    return {label.name: bool(label.takes) for label in KNOWN}
