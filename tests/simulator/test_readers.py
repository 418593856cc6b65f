"""Readers and mailboxes over many messages: habits, sleep, and dead addresses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sfmc_mock.simulator.engagement_profiles import INSTANT, TYPICAL, EngagementProfile
from sfmc_mock.simulator.event_plan import plan
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.messages import Message, PlannedEvent

MONDAY = datetime(2026, 3, 2, 12)
WEEK = timedelta(days=7)
READERS = 2_000


def planned(
    key: str, profile: EngagementProfile, *, at: datetime = MONDAY, job_id: int = 1
) -> tuple[PlannedEvent, ...]:
    """Return the events of a message in its own job."""
    message = Message(
        job_id=job_id,
        list_id=1,
        batch_id=1,
        subscriber_id=1,
        subscriber_key=key,
        email_address=f"{key}@mail.example",
        sent_at=at,
        repeat=0,
    )
    return plan(message, profile, INSTANT, KeyedRandom("readers"))


def weekly(key: str, profile: EngagementProfile, weeks: int = 5) -> list[tuple[PlannedEvent, ...]]:
    return [planned(key, profile, at=MONDAY + week * WEEK, job_id=week) for week in range(weeks)]


def of_kind(kind: str, events: tuple[PlannedEvent, ...]) -> list[PlannedEvent]:
    return [event for event in events if event.kind == kind]


def test_soft_bounces_are_spread_over_the_tries() -> None:
    full = replace(TYPICAL, soft_bounce=0.9, hard_bounce=0.0)

    delays = [
        event.happens_at - MONDAY
        for number in range(READERS)
        for event in of_kind("SoftBounce", planned(f"r{number}", full))
    ]

    assert len(set(delays)) > 100
    assert all(delay % timedelta(minutes=15) == timedelta() for delay in delays)
    assert timedelta(minutes=15) <= min(delays) < max(delays) <= timedelta(hours=72)


def test_a_soft_bounce_of_an_own_profile_comes_after_72_hours() -> None:
    full = EngagementProfile(name="full", soft_bounce=1.0)

    (bounce,) = of_kind("SoftBounce", planned("ada", full))

    assert bounce.happens_at == MONDAY + timedelta(hours=72)


def test_a_dead_address_bounces_always_and_with_the_same_answer() -> None:
    half = replace(TYPICAL, hard_bounce=0.5)

    for number in range(100):
        bounces = [of_kind("HardBounce", events) for events in weekly(f"r{number}", half)]

        reasons = {each[0].details["smtp_reason"] for each in bounces if each}
        assert all(bounces) or not any(bounces)
        assert len(reasons) <= 1


def test_a_full_mailbox_stays_full_for_one_month() -> None:
    half = replace(TYPICAL, soft_bounce=0.5, hard_bounce=0.0)
    by_reader = [
        [bool(of_kind("SoftBounce", events)) for events in weekly(f"r{number}", half, 9)]
        for number in range(100)
    ]

    # The first four Mondays are in March, the next four in April.
    assert all(len(set(weeks[:4])) == len(set(weeks[5:9])) == 1 for weeks in by_reader)
    assert any(weeks[0] != weeks[5] for weeks in by_reader)


@pytest.mark.parametrize("rate", [0.1, TYPICAL.open, 0.8])
def test_some_always_open_and_many_never(rate: float) -> None:
    reader = EngagementProfile(name="reader", open=rate)
    opens = Counter(
        sum(bool(of_kind("Open", events)) for events in weekly(f"r{number}", reader))
        for number in range(READERS)
    )

    assert opens[5] / READERS >= 0.6 * rate - 0.04
    assert opens[0] / READERS >= 0.6 * (1 - rate) - 0.04
    mean = sum(count * readers for count, readers in opens.items()) / (5 * READERS)
    assert mean == pytest.approx(rate, abs=0.04)


def test_habits_belong_to_the_key_in_any_case() -> None:
    reader = EngagementProfile(name="reader", open=0.5)
    same = [planned(f"Reader{n}", reader) == planned(f"rEADER{n}", reader) for n in range(50)]

    assert sum(same) > 25


def test_no_opens_happen_at_night() -> None:
    sleeper = replace(
        TYPICAL, open=1.0, further_opens=0.0, hard_bounce=0.0, soft_bounce=0.0, sleep=1.0
    )

    for number in range(10):
        hours = {
            event.happens_at.hour
            for at in range(200)
            for event in of_kind(
                "Open",
                planned(f"r{number}", sleeper, at=MONDAY + timedelta(hours=at), job_id=at),
            )
        }
        # Midnight differs between readers.
        assert len(hours) == 17
        assert any(hours.isdisjoint({(begin + h) % 24 for h in range(7)}) for begin in range(24))


def test_most_wait_for_the_morning() -> None:
    opens = [
        event.happens_at
        for number in range(READERS)
        for event in of_kind("Open", planned(f"r{number}", TYPICAL, at=MONDAY.replace(hour=23)))[:1]
    ]

    night = sum(moment < MONDAY.replace(hour=23) + timedelta(hours=3) for moment in opens)
    assert night / len(opens) < 0.35


def test_the_last_opens_come_after_days() -> None:
    delays = [
        event.happens_at - MONDAY
        for number in range(READERS)
        for event in of_kind("Open", planned(f"r{number}", TYPICAL))[:1]
    ]

    late = sum(delay > timedelta(hours=52) for delay in delays) / len(delays)
    assert 0.005 < late < 0.05
    assert max(delays) < timedelta(days=15)
