"""Domain exclusions and suppression lists of the account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sfmc_mock.account.account import Account

DOMAIN_EXCLUSIONS = "domain_exclusions"
SUPPRESSION_LISTS = "suppression_lists"
"""Settings of the account: JSON, name of the list → domains or addresses."""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The account's exclusions by name, their entries in lower case."""

    domains: Mapping[str, frozenset[str]]
    addresses: Mapping[str, frozenset[str]]

    @property
    def are_any(self) -> bool:
        return bool(self.domains or self.addresses)

    def domain_exclusion(self, address: str) -> str:
        """Return the name of the domain exclusion that matches an address, empty when none does."""
        domain = address.rpartition("@")[2].lower()
        return next((name for name, domains in self.domains.items() if domain in domains), "")

    def suppression_list(self, address: str) -> str:
        """Return the name of the suppression list that an address is on, empty when on none."""
        folded = address.lower()
        return next((name for name, addresses in self.addresses.items() if folded in addresses), "")


def exclusions(account: Account) -> Exclusions:
    """Return the account's exclusions."""
    return Exclusions(
        _entries(account.setting(DOMAIN_EXCLUSIONS, "{}")),
        _entries(account.setting(SUPPRESSION_LISTS, "{}")),
    )


def _entries(text: str) -> dict[str, frozenset[str]]:
    lists: dict[str, list[str]] = json.loads(text)
    return {name: frozenset(entry.lower() for entry in entries) for name, entries in lists.items()}
