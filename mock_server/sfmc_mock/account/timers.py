"""Handlers of scheduled actions."""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account.account import DueAction
from sfmc_mock.account.automations import SCHEDULED_AUTOMATION
from sfmc_mock.account.campaigns import SCHEDULED_CAMPAIGN
from sfmc_mock.account.schedules import SCHEDULED, Starter, starting
from sfmc_mock.account.send_jobs import JOB_DUE, SCHEDULED_DEFINITION, leave_out_job, run_due_job
from sfmc_mock.account.send_queue import EXPIRY, expire_queue
from sfmc_mock.account.tracking_events import EFFECT, EventEffect, apply_effect

# What can be scheduled, by the type of the object.
STARTERS: Mapping[str, Starter] = {
    "Automation": SCHEDULED_AUTOMATION,
    "Campaign": SCHEDULED_CAMPAIGN,
    "EmailSendDefinition": SCHEDULED_DEFINITION,
}


def _effect_name(effect: EventEffect) -> str:
    return f"{effect['kind']} of subscriber {effect['subscriber_key']}"


ACCOUNT_ACTIONS: Mapping[str, DueAction] = {
    EFFECT: DueAction(apply_effect, lambda account, effect, said: _effect_name(effect)),
    EXPIRY: DueAction(expire_queue, lambda account, queued, said: f"send {queued['send_id']}"),
    JOB_DUE: DueAction(run_due_job, leave_out_job),
    SCHEDULED: starting(STARTERS),
}
