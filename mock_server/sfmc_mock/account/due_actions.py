"""Handlers of scheduled actions."""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account.account import Account, DueAction
from sfmc_mock.account.automations import start_scheduled
from sfmc_mock.account.schedules import SCHEDULED, Scheduled, Starter, starting
from sfmc_mock.account.send_jobs import JOB_DUE, leave_out_job, prepare_job, run_due_job
from sfmc_mock.account.send_queue import EXPIRY, expire_queue
from sfmc_mock.account.tracking_events import EFFECT, EventEffect, apply_effect

CAMPAIGN_STATUSES = {"start": "Started", "stop": "Stopped"}
"""The status of a campaign after an action."""


def _change_campaign(account: Account, scheduled: Scheduled) -> None:
    status = CAMPAIGN_STATUSES[scheduled.action]
    account.db.update("campaign", {"status": status}, object_id=scheduled.object_id)


STARTERS: Mapping[str, Starter] = {
    "Automation": Starter(start_scheduled),
    "Campaign": Starter(_change_campaign),
    # The job that is made for each time is sent by its own scheduled action.
    "EmailSendDefinition": Starter(lambda account, of: None, prepare_job),
}
"""The handlers of schedules, by the type of the object."""


def _effect_name(effect: EventEffect) -> str:
    return f"{effect['kind']} of subscriber {effect['subscriber_key']}"


ACCOUNT_ACTIONS: Mapping[str, DueAction] = {
    EFFECT: DueAction(apply_effect, lambda account, effect, said: _effect_name(effect)),
    EXPIRY: DueAction(expire_queue, lambda account, queued, said: f"send {queued['send_id']}"),
    JOB_DUE: DueAction(run_due_job, leave_out_job),
    SCHEDULED: starting(STARTERS),
}
