"""Ten thousand subscribers of one send: the visible events after a minute, an hour and four days."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from tests.support.messages import fields, retrieve
from tests.support.sending import advance, make_definition, make_log, messages, send

from sfmc_mock.account import Account, simulation_settings
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.simulator.engagement_profiles import TYPICAL
from sfmc_mock.store.database import Database, Row
from sfmc_mock.store.row_types import MessageRow

SUBSCRIBERS = 10_000
NOON = datetime(2026, 1, 1, 12)
COUNTERS = ("NumberSent", "NumberDelivered", "HardBounces", "SoftBounces", "OtherBounces")


@dataclass
class Experiment:
    """A send with profile typical and lag realistic, with the counters of its Send object over time."""

    account: Account
    seen: dict[timedelta, dict[str, int]]
    events: list[Row]
    messages: list[MessageRow]

    def having(self, *types: str) -> int:
        """Return how many messages have an event of one of the types."""
        return len({row["subscriber_id"] for row in self.events if row["type"] in types})


@pytest.fixture(scope="module")
def experiment(default_content: bytes) -> Iterator[Experiment]:
    account = Account(Database(content=default_content), due_actions=DUE_ACTIONS)
    make_log(account)
    make_definition(account)
    simulation_settings.choose_engagement(account, "typical")
    simulation_settings.choose_lag(account, "realistic")
    call = Call(account)
    send(account, *(f"reader-{number}@mail.example" for number in range(SUBSCRIBERS)))
    seen = {}
    for after in (
        timedelta(minutes=1),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(days=4),
    ):
        advance(account, seconds=(NOON + after - account.now()).total_seconds())
        (found,) = fields(retrieve(call, "Send", COUNTERS))
        seen[after] = {name: int(value) for name, value in found.items()}
    yield Experiment(account, seen, account.db.find_all("event"), messages(account))
    account.db.close()


def assert_share(count: int, of: int, rate: float) -> None:
    """Allow four standard deviations: a correct rate misses this once in 16,000 seeds, and this seed is fixed."""
    assert count == pytest.approx(of * rate, abs=4 * math.sqrt(of * rate * (1 - rate)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("after", "share"),
    [(timedelta(minutes=1), 0.84), (timedelta(minutes=15), 0.96), (timedelta(hours=1), 0.99)],
)
def test_sent_events_become_visible_with_the_recorded_delays(
    experiment: Experiment, after: timedelta, share: float
) -> None:
    assert_share(experiment.seen[after]["NumberSent"], SUBSCRIBERS, share)


def test_after_four_days_everything_is_seen(experiment: Experiment) -> None:
    last = experiment.seen[timedelta(days=4)]

    assert last["NumberSent"] == SUBSCRIBERS
    assert sum(last[name] for name in COUNTERS[1:]) == SUBSCRIBERS


@pytest.mark.parametrize(
    ("seconds", "share"), [(60, 0.84), (15 * 60, 0.96), (60 * 60, 0.99)], ids=["1m", "15m", "1h"]
)
def test_the_lag_of_every_event_has_the_percentiles(
    experiment: Experiment, seconds: int, share: float
) -> None:
    # Events soon after the send also wait for their SentEvent to show.
    lags = [
        span(row, "visible_at") - span(row, "happens_at")
        for row in experiment.events
        if row["type"] == "Sent" or is_late(row)
    ]

    assert_share(sum(lag <= timedelta(seconds=seconds) for lag in lags), len(lags), share)


def test_bounces_are_seen_within_72_hours(experiment: Experiment) -> None:
    bounces = [row for row in experiment.events if str(row["type"]).endswith("Bounce")]

    assert max(span(row, "visible_at") for row in bounces) <= timedelta(hours=72)


@pytest.mark.parametrize(
    ("types", "of", "rate"),
    [
        (("HardBounce",), ("Sent",), TYPICAL.hard_bounce),
        (("SoftBounce",), ("Sent",), TYPICAL.soft_bounce),
        (("OtherBounce",), ("Sent",), TYPICAL.block_bounce + TYPICAL.technical_bounce),
        (("Open",), ("DeliveredEvent",), TYPICAL.open),
        (("Click",), ("Open",), TYPICAL.click),
        (("ForwardedEmail",), ("Open",), TYPICAL.forward),
        (
            ("Unsubscribe",),
            ("Open",),
            TYPICAL.unsubscribe + TYPICAL.master_unsubscribe + TYPICAL.complaint,
        ),
    ],
    ids=lambda value: str(value),
)
def test_readers_act_at_the_rates_of_the_profile(
    experiment: Experiment, types: tuple[str, ...], of: tuple[str, ...], rate: float
) -> None:
    assert_share(experiment.having(*types), experiment.having(*of), rate)


def test_the_status_of_subscribers_follows_from_what_happened(experiment: Experiment) -> None:
    """All are in one send, so nobody has bounced twice, or been opened after a bounce."""
    statuses = Counter(row["status"] for row in experiment.account.db.find_all("subscriber"))

    assert statuses["Bounced"] == experiment.having("HardBounce", "SoftBounce", "OtherBounce")
    assert statuses["Unsubscribed"] == experiment.having("Unsubscribe")
    assert statuses.total() == SUBSCRIBERS


def test_batches_hold_five_hundred(experiment: Experiment) -> None:
    sizes = Counter(row["batch_id"] for row in experiment.messages)

    assert set(sizes.values()) == {500}


def is_late(row: Row) -> bool:
    """Whether an event, other than a bounce, happens when the SentEvent is certainly visible."""
    return not str(row["type"]).endswith("Bounce") and span(row, "happens_at") >= timedelta(hours=4)


def span(row: Row, name: str) -> timedelta:
    """Return the time between the send and an event."""
    return datetime.fromisoformat(str(row[name])) - NOON
