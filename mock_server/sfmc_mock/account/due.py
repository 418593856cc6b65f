"""What can fall due in an account, and what does it."""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account.account import DueAction
from sfmc_mock.account.happenings import apply_effect
from sfmc_mock.account.sends import expire_queue

DUE_ACTIONS: Mapping[str, DueAction] = {"effect": apply_effect, "queue expiry": expire_queue}
