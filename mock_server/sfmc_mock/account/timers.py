"""Handlers of scheduled actions."""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account.account import DueAction
from sfmc_mock.account.events import EFFECT, apply_effect
from sfmc_mock.account.queries import QUERY_RUN, run_queued_query
from sfmc_mock.account.queue import EXPIRY, expire_queue

DUE_ACTIONS: Mapping[str, DueAction] = {
    EFFECT: apply_effect,
    EXPIRY: expire_queue,
    QUERY_RUN: run_queued_query,
}
