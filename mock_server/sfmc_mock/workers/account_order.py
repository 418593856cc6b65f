"""The order of the accounts of a server whose processes each have some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import TypeVar

About = TypeVar("About")
"""What is known of an account."""


def in_served_order(
    dealt: Iterable[Iterable[About]], enterprise_of: Callable[[About], int]
) -> list[About]:
    """Return the accounts of all processes in the order of the command line, each before its business units.

    Accounts were dealt out in turns. `enterprise_of` returns the MID of a unit's enterprise, else the account's own.
    """
    turns = zip_longest(*(_families(each, enterprise_of) for each in dealt), fillvalue=[])
    return [account for turn in turns for family in turn for account in family]


def _families(
    accounts: Iterable[About], enterprise_of: Callable[[About], int]
) -> Iterable[list[About]]:
    """Return each account together with its business units."""
    families: dict[int, list[About]] = {}
    for account in accounts:
        families.setdefault(enterprise_of(account), []).append(account)
    return families.values()
