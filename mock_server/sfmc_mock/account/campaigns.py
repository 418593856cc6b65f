"""Campaigns: whether they run."""

from __future__ import annotations

from sfmc_mock.account.account import Account
from sfmc_mock.account.schedules import Scheduled, Starter

STATUSES = {"start": "Started", "stop": "Stopped"}
"""The status that an action leads to."""


def _act(account: Account, scheduled: Scheduled) -> None:
    status = STATUSES[scheduled.action]
    account.db.update("campaign", {"status": status}, object_id=scheduled.object_id)


SCHEDULED_CAMPAIGN = Starter(_act)
