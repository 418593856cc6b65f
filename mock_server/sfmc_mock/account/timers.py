"""Handlers of scheduled actions."""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account.account import DueAction
from sfmc_mock.account.automations import SCHEDULED_AUTOMATION
from sfmc_mock.account.campaigns import SCHEDULED_CAMPAIGN
from sfmc_mock.account.schedules import SCHEDULED, Starter, starting
from sfmc_mock.account.send_jobs import JOB_DUE, SCHEDULED_DEFINITION, run_due_job
from sfmc_mock.account.send_queue import EXPIRY, expire_queue
from sfmc_mock.account.tracking_events import EFFECT, apply_effect

# What can be scheduled, by the type of the object.
STARTERS: Mapping[str, Starter] = {
    "Automation": SCHEDULED_AUTOMATION,
    "Campaign": SCHEDULED_CAMPAIGN,
    "EmailSendDefinition": SCHEDULED_DEFINITION,
}

ACCOUNT_ACTIONS: Mapping[str, DueAction] = {
    EFFECT: apply_effect,
    EXPIRY: expire_queue,
    JOB_DUE: run_due_job,
    SCHEDULED: starting(STARTERS),
}
