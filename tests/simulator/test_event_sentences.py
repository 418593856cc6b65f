"""Events of a message as sentences."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sfmc_mock.simulator.engagement_profiles import INSTANT, QUIET
from sfmc_mock.simulator.event_plan import plan
from sfmc_mock.simulator.event_sentences import event_sentence
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.links import Link
from sfmc_mock.simulator.magic_addresses import parse
from sfmc_mock.simulator.messages import OBJECT_TYPES, Kind, Message, PlannedEvent

SENT_AT = datetime(2026, 3, 1, 10)
OPEN = PlannedEvent("Open", SENT_AT + timedelta(minutes=2), SENT_AT + timedelta(minutes=14), {})


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        (
            1,
            "is opened at 2026-03-01 10:02:00, visible from 2026-03-01 10:14:00; "
            "the clock stands at 2026-03-01 10:01:00",
        ),
        (
            5,
            "was opened at 2026-03-01 10:02:00, visible from 2026-03-01 10:14:00; "
            "the clock stands at 2026-03-01 10:05:00",
        ),
        (14, "was opened at 2026-03-01 10:02:00, visible since 2026-03-01 10:14:00"),
    ],
)
def test_the_sentence_of_an_event_depends_on_the_clock(minutes: int, sentence: str) -> None:
    assert event_sentence(OPEN, SENT_AT + timedelta(minutes=minutes)) == sentence


@pytest.mark.parametrize(
    ("labels", "particular"),
    [
        ("+click", "(https://shop.example)"),
        ("+softbounce", "(Soft bounce: 452 4.2.2 <ada+softbounce@mock.test>: mailbox over quota)"),
        ("+masterunsub", "(All Subscribers: unsubscribed)"),
        ("+unsub", "(the list: unsubscribed)"),
        ("+complaint", "(All Subscribers: complaint)"),
    ],
)
def test_an_event_is_reported_with_its_particulars(labels: str, particular: str) -> None:
    message = Message(
        job_id=7,
        list_id=3,
        batch_id=1,
        subscriber_id=11,
        subscriber_key="ada",
        email_address=f"ada{labels}@mock.test",
        sent_at=SENT_AT,
        links=(Link(1, "https://shop.example"),),
    )

    events = plan(message, QUIET, INSTANT, KeyedRandom("seed"), parse(message.email_address))

    assert particular in event_sentence(events[-1], SENT_AT)


def test_an_event_is_reported_without_the_details_that_it_lacks() -> None:
    left = PlannedEvent("Unsubscribe", SENT_AT, SENT_AT, {"is_master_unsubscribed": True})
    bounced = PlannedEvent("HardBounce", SENT_AT, SENT_AT, {})

    assert "unsubscribed from at 2026-03-01 10:00:00 (All Subscribers)," in event_sentence(
        left, SENT_AT
    )
    assert "bounced at 2026-03-01 10:00:00, visible" in event_sentence(bounced, SENT_AT)


@pytest.mark.parametrize("kind", ["Sent", "NotSent", "Delivered", "ForwardedEmail", "Survey"])
def test_plain_events_have_their_words(kind: Kind) -> None:
    assert kind in OBJECT_TYPES
    assert " at 2026-03-01 10:00:00.250" in event_sentence(
        PlannedEvent(kind, SENT_AT + timedelta(milliseconds=250), SENT_AT, {}), SENT_AT
    )
