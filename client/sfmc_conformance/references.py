"""References: placeholders in a recording for a tenant's own values.

A reference is valid where its value is valid: an address for an address, a number for a number. Equal values have the
same reference throughout a recording; only the memory of the recorder knows the values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sfmc_conformance.vocabulary import HOSTS, PATHS, TENANT_PARTS, magic_labels

MAGIC_DOMAIN: Final = "mock.test"

# Local parts that the emulator blocks like the service (recorded, assumed); references keep them.
_BLOCKED_DOMAINS: Final = frozenset({"example.com", "example.net", "example.org"})

TEXT_LABELS: Final = (
    *("text", "key", "name", "user", "client", "token", "password", "secret", "tenant", "element"),
    *("attribute", "prefix", "namespace", "field"),
)

_GUID_HEAD: Final = "facade00-0000-4000-8000-"
_FIRST_NUMBER: Final = 970_000_000
_FIRST_MOMENT: Final = datetime(2001, 1, 1)
_MOMENTS: Final = 6_900

_ADDRESS_PATTERN = r"person-\d{1,6}(?:\+[a-z0-9-]+)*@(?:mock\.test|example\.(?:com|net|org))"
_GUID_PATTERN = r"(?i:facade00-0000-4000-8000-\d{12})"
_NUMBER_PATTERN = r"(?<![\w.-])97\d{7}(?![\w-])"
_HOST_PATTERN = r"host-\d{1,6}\.example\.com"
_TEXT_PATTERN = rf"(?<![\w-])(?:{'|'.join(TEXT_LABELS)})-\d{{1,6}}(?![\w-])"

REFERENCE: Final = re.compile(
    "|".join((_ADDRESS_PATTERN, _GUID_PATTERN, _HOST_PATTERN, _NUMBER_PATTERN, _TEXT_PATTERN))
)
"""Any reference within a text, except dates."""

ADDRESS: Final = re.compile(
    r"[^\s@<>\"'(),:;\[\]\\]+@[^\s@<>\"'(),:;\[\]\\.]+(?:\.[^\s@<>\"'(),:;\[\]\\.]+)+"
)
GUID: Final = re.compile(r"(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
NUMBER: Final = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?")
PHONE: Final = re.compile(r"\+?\d[\d ()/.-]{4,18}\d")

# Shorter numbers mean different things in different places: batch 5 is not list 5.
_SHORTEST_ID = 5

_MOST_DECIMALS = 8

# Properties with the same number under two names (documented).
_SAME_NUMBERS: Final = {
    "SubID": "SubscriberID",
    "JobID": "SendID",
    "Category": "DataFolderID",
    "CategoryID": "DataFolderID",
    "ParentFolderID": "DataFolderID",
}


class References:
    """Assigns a reference to each value."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, ...], str] = {}
        self._counts: dict[str, int] = {}
        self.wide: set[str] = set()
        """Values that a word-by-word search of a sentence would not find."""

    def text(self, value: str, label: str) -> str:
        """Return the reference of a text; `label` (one of `TEXT_LABELS`) only matters for a new text."""
        if re.search(r"\W", value) and len(value) > 3:
            self.wide.add(value)
        return self._reference(("text", value), label, lambda number: f"{label}-{number}")

    def name_of(self, value: str, label: str) -> str:
        """Return the reference of a name in XML or JSON, distinct from those of texts with the same form."""
        return self._reference((label, value), label, lambda number: f"{label}-{number}")

    def address(self, value: str) -> str:
        """Return the reference of an e-mail address; case does not matter."""
        plain = value.casefold()
        local, _, domain = plain.rpartition("@")
        labels = _labels(local) if domain == MAGIC_DOMAIN else ""
        kept = domain if domain in _BLOCKED_DOMAINS else MAGIC_DOMAIN
        return self._reference(
            ("address", plain), "person", lambda number: f"person-{number}{labels}@{kept}"
        )

    def guid(self, value: str) -> str:
        """Return the reference of a GUID, in upper case if the GUID is."""
        reference = self._reference(
            ("guid", value.lower()), "guid", lambda number: f"{_GUID_HEAD}{number:012}"
        )
        return reference.upper() if value.upper() == value != value.lower() else reference

    def number(self, value: str, scope: str) -> str:
        """Return the reference of a number; short ones depend on `scope`, the property that they belong to.

        It has the same number of decimals, all zero.
        """
        plain, point, decimals = value.lstrip("-0").partition(".")
        if not plain.strip("0") and not decimals.strip("0"):
            return value
        exact = f"{plain}.{decimals.rstrip('0')}"
        within = "" if len(plain) >= _SHORTEST_ID else _SAME_NUMBERS.get(scope, scope)
        reference = self._reference(
            ("number", value[: value.startswith("-")], exact, within),
            "number",
            lambda number: str(_FIRST_NUMBER + number),
        )
        return reference + point + "0" * min(len(decimals), _MOST_DECIMALS)

    def moment(self, value: str) -> datetime:
        """Return the reference of a date that tells something about a person; its time is midnight."""
        day = self._reference(("moment", _same_moment(value)), "moment", str)
        return _FIRST_MOMENT + timedelta(days=int(day) % _MOMENTS)

    def host(self, value: str) -> str:
        """Return the reference of a host, with its port; of a tenant's host, only the tenant's part is replaced."""
        plain = value.casefold()
        for known in HOSTS:
            if plain.endswith("." + known):
                front = plain.removesuffix("." + known).split(".")
                return ".".join([*map(self._tenant, front), known])
        if plain in HOSTS:
            return plain
        return self._reference(("host", plain), "host", lambda number: f"host-{number}.example.com")

    def _tenant(self, label: str) -> str:
        return label if label in TENANT_PARTS else self.text(label, "tenant")

    def url(self, value: str) -> str:
        """Return a URL with its host replaced by a reference, and its path too unless it is one of the service's."""
        try:
            parts = urlsplit(value)
        except ValueError:
            return self.text(value, "text")
        scheme = parts.scheme.lower()
        if scheme not in {"http", "https"} or not parts.netloc:
            return self.text(value, "text")
        path = PATHS.get(parts.path.lower())
        rest = path if path is not None else "/" + self.text(parts.path.lstrip("/"), "text")
        beyond = value.partition("?")[2] or value.partition("#")[2]
        query = "?" + self.text(beyond, "text") if beyond else ""
        return f"{scheme}://{self.host(parts.netloc)}{rest}{query}"

    def known(self, value: str) -> str | None:
        """Return the reference that a text, address or GUID already has, or None."""
        plain = value.casefold()
        for key in (("text", value), ("address", plain), ("guid", plain)):
            if key in self._given:
                return self._given[key]
        return None

    def _reference(self, key: tuple[str, ...], count: str, make: Callable[[int], str]) -> str:
        reference = self._given.get(key)
        if reference is None:
            self._counts[count] = number = self._counts.get(count, 0) + 1
            reference = self._given[key] = make(number)
        return reference


class OnlyReferences(References):
    """Accepts only references: `findings` collects all other values, with their kinds."""

    def __init__(self, found: Callable[[str, str], None]) -> None:
        super().__init__()
        self._found = found

    def text(self, value: str, label: str) -> str:
        return self._checked(value, _TEXT_PATTERN, "a text")

    def name_of(self, value: str, label: str) -> str:
        return self._checked(value, rf"{label}-\d{{1,6}}", f"the name of something, {label},")

    def address(self, value: str) -> str:
        return self._checked(value, _ADDRESS_PATTERN, "an address")

    def guid(self, value: str) -> str:
        return self._checked(value, _GUID_PATTERN, "a GUID")

    def number(self, value: str, scope: str) -> str:
        return self._checked(value, r"-?0*(?:\.0*)?|97\d{7}(?:\.0{1,8})?", "a number")

    def host(self, value: str) -> str:
        tenant = (
            rf"(?:(?:tenant-\d+|{'|'.join(TENANT_PARTS)})\.)+(?:{'|'.join(map(re.escape, HOSTS))})"
        )
        return self._checked(value, f"{_HOST_PATTERN}|{tenant}", "a host")

    def moment(self, value: str) -> datetime:
        for form in ("%Y-%m-%d", "%m/%d/%Y"):
            try:
                day = datetime.strptime(re.split("[T ]", value)[0], form)
            except ValueError:
                continue
            if _FIRST_MOMENT <= day < _FIRST_MOMENT + timedelta(days=_MOMENTS):
                return day
        self._found(value, "a date")
        return _FIRST_MOMENT

    def known(self, value: str) -> str | None:
        return value if REFERENCE.fullmatch(value) else None

    def _checked(self, value: str, pattern: str, what: str) -> str:
        if re.fullmatch(pattern, value) is None:
            self._found(value, what)
        return value


def _same_moment(value: str) -> str:
    """Return a date in one form, if it can be parsed: rows are answered in another form than they were written in."""
    for form in ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y"):
        try:
            return datetime.strptime(value, form).isoformat()
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(value).isoformat()
    except ValueError:
        return value


def is_reference(text: str) -> bool:
    """Return whether a text is exactly one reference.

    >>> [is_reference(text) for text in ("person-1@mock.test", "key-12", "970000003", "ada")]
    [True, True, True, False]
    """
    return REFERENCE.fullmatch(text) is not None


def _labels(local: str) -> str:
    """Return the labels of a magic address: they choose what happens to a message, and are not personal data."""
    labels = local.split("+")[1:]
    return "".join(f"+{label}" for label in labels) if all(map(_is_label, labels)) else ""


def _is_label(label: str) -> bool:
    takes = magic_labels().get(label)
    if takes is not None:
        return not takes
    name, dash, span = label.partition("-")
    return (
        bool(dash)
        and magic_labels().get(name, False)
        and bool(re.fullmatch(r"(?:\d{1,3}[smhdw])+", span))
    )
