"""Ten thousand messages have the rates and delays of the profiles."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime, timedelta

import pytest

from sfmc_mock.simulator.engagement_profiles import REALISTIC, TYPICAL, WORST, LagProfile
from sfmc_mock.simulator.event_plan import plan
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.links import Link
from sfmc_mock.simulator.messages import Message, PlannedEvent

SENT_AT = datetime(2026, 3, 1, 12)
MESSAGES = 10_000


LONGEST_LAG = timedelta(hours=4)


def message_to(key: str, *, batch_id: int = 1, sent_at: datetime = SENT_AT) -> Message:
    """Return a message to a reader; the key is the local part of the address."""
    return Message(
        job_id=1,
        list_id=2,
        batch_id=batch_id,
        subscriber_id=1,
        subscriber_key=key,
        email_address=f"{key}@mail.example",
        sent_at=sent_at,
        links=(Link(1, "https://shop.example"), Link(2, "https://blog.example")),
    )


@pytest.fixture(scope="module")
def plans() -> list[tuple[PlannedEvent, ...]]:
    draws = KeyedRandom("ten thousand")
    return [
        plan(message_to(f"reader-{number}", batch_id=1 + number // 500), TYPICAL, REALISTIC, draws)
        for number in range(MESSAGES)
    ]


def assert_share(count: int, of: int, rate: float) -> None:
    """Allow four standard deviations: a correct rate misses this once in 16,000 seeds, and this seed is fixed."""
    assert count == pytest.approx(of * rate, abs=4 * math.sqrt(of * rate * (1 - rate)))


def having(plans: list[tuple[PlannedEvent, ...]], kind: str) -> int:
    return sum(any(event.kind == kind for event in each) for each in plans)


@pytest.mark.parametrize(
    ("kind", "rate"),
    [
        ("HardBounce", TYPICAL.hard_bounce),
        ("SoftBounce", TYPICAL.soft_bounce),
        ("OtherBounce", TYPICAL.block_bounce + TYPICAL.technical_bounce),
    ],
)
def test_bounces_are_shares_of_the_sent(
    plans: list[tuple[PlannedEvent, ...]], kind: str, rate: float
) -> None:
    assert_share(having(plans, kind), MESSAGES, rate)


def test_opens_are_a_share_of_the_delivered(plans: list[tuple[PlannedEvent, ...]]) -> None:
    assert_share(having(plans, "Open"), having(plans, "Delivered"), TYPICAL.open)


@pytest.mark.parametrize(
    ("kind", "rate"),
    [
        ("Click", TYPICAL.click),
        ("ForwardedEmail", TYPICAL.forward),
        ("Unsubscribe", TYPICAL.unsubscribe + TYPICAL.master_unsubscribe + TYPICAL.complaint),
    ],
)
def test_reactions_are_shares_of_the_opened(
    plans: list[tuple[PlannedEvent, ...]], kind: str, rate: float
) -> None:
    assert_share(having(plans, kind), having(plans, "Open"), rate)


def test_deferred_messages_are_a_share_of_the_sent(
    plans: list[tuple[PlannedEvent, ...]],
) -> None:
    late = sum(
        event.kind == "Delivered" and event.happens_at - SENT_AT >= timedelta(minutes=15)
        for each in plans
        for event in each
    )

    assert_share(late, MESSAGES, TYPICAL.deferred)


def test_every_link_is_clicked_as_often_as_the_other(
    plans: list[tuple[PlannedEvent, ...]],
) -> None:
    clicks = Counter(
        event.details["url_id"] for each in plans for event in each if event.kind == "Click"
    )

    assert_share(clicks[1], clicks.total(), 0.5)


@pytest.mark.parametrize(
    ("within", "share"),
    [(timedelta(minutes=1), 0.84), (timedelta(minutes=15), 0.96), (timedelta(hours=1), 0.99)],
)
def test_lags_keep_their_percentiles(
    plans: list[tuple[PlannedEvent, ...]], within: timedelta, share: float
) -> None:
    # Events soon after the send also wait for their SentEvent to show.
    lags = [
        event.visible_at - event.happens_at
        for each in plans
        for event in each
        if event.kind == "Sent" or event.happens_at >= SENT_AT + LONGEST_LAG
    ]

    assert_share(sum(lag <= within for lag in lags), len(lags), share)


@pytest.mark.parametrize("lag", [REALISTIC, WORST], ids=lambda lag: lag.name)
def test_nothing_of_a_message_shows_before_its_sent_event(lag: LagProfile) -> None:
    for number in range(500):
        sent, *others = plan(message_to(f"reader-{number}"), TYPICAL, lag, KeyedRandom("shown"))

        assert all(event.visible_at >= sent.visible_at for event in others)


def test_nearly_everything_is_visible_after_four_days(
    plans: list[tuple[PlannedEvent, ...]],
) -> None:
    seen = sum(event.visible_at <= SENT_AT + timedelta(days=4) for each in plans for event in each)

    assert 0.99 < seen / sum(map(len, plans)) < 1


def test_every_bounce_is_visible_within_72_hours(plans: list[tuple[PlannedEvent, ...]]) -> None:
    bounced = [event for each in plans for event in each if event.kind.endswith("Bounce")]

    assert max(event.visible_at for event in bounced) <= SENT_AT + timedelta(hours=72)
