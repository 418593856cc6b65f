"""Manually added tracking events."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sfmc_mock.errors import SetupError
from sfmc_mock.simulator.engagement_profiles import INSTANT, REALISTIC
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.links import Link
from sfmc_mock.simulator.manual_events import manual_events
from sfmc_mock.simulator.messages import Details, Message, PlannedEvent

NOON = datetime(2026, 3, 1, 12)
LATER = NOON + timedelta(hours=1)
MESSAGE = Message(
    job_id=7,
    list_id=3,
    batch_id=1,
    subscriber_id=11,
    subscriber_key="ada",
    email_address="ada@mail.example",
    sent_at=NOON,
    links=(Link(1, "https://shop.example"), Link(2, "https://blog.example", "Blog")),
)
DRAWS = KeyedRandom("seed")


def made(
    kind: str, details: Details | None = None, *, opened: bool = True, at: datetime = LATER
) -> tuple[PlannedEvent, ...]:
    return manual_events(kind, MESSAGE, at, INSTANT, DRAWS, opened=opened, details=details)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Open", "Open"),
        ("open", "Open"),
        ("OpenEvent", "Open"),
        ("Click", "Click"),
        ("Delivered", "Delivered"),
        ("DeliveredEvent", "Delivered"),
        ("hardbounce", "HardBounce"),
        ("SoftBounce", "SoftBounce"),
        ("OtherBounce", "OtherBounce"),
        ("blockbounce", "OtherBounce"),
        ("unknownbounce", "OtherBounce"),
        ("Unsubscribe", "Unsubscribe"),
        ("UnsubEvent", "Unsubscribe"),
        ("masterunsub", "Unsubscribe"),
        ("complaint", "Unsubscribe"),
        ("ForwardedEmail", "ForwardedEmail"),
        ("forward", "ForwardedEmail"),
        ("ForwardedEmailOptIn", "ForwardedEmailOptIn"),
        ("SurveyEvent", "Survey"),
    ],
)
def test_an_event_goes_by_its_kind_its_object_or_its_label(name: str, kind: str) -> None:
    events = made(name)

    assert [(event.kind, event.happens_at, event.visible_at) for event in events] == [
        (kind, LATER, LATER)
    ]


def test_a_click_brings_an_open_where_there_was_none() -> None:
    assert [event.kind for event in made("click", opened=False)] == ["Open", "Click"]


@pytest.mark.parametrize(
    ("details", "url_id"),
    [
        ({}, 1),
        ({"url_id": 2}, 2),
        ({"url": "https://blog.example"}, 2),
        ({"url": "https://blog.example", "url_id": 2}, 2),
    ],
)
def test_a_click_picks_its_link(details: Details, url_id: int) -> None:
    assert made("click", details)[0].details["url_id"] == url_id


def test_details_replace_those_proposed() -> None:
    bounce = made("softbounce", {"smtp_code": "421", "smtp_reason": "421 come back later"})[0]

    assert bounce.details["smtp_reason"] == "421 come back later"
    assert bounce.details["bounce_category"] == "Soft bounce"


def test_a_master_unsubscribe_says_so() -> None:
    assert made("masterunsub")[0].details["is_master_unsubscribed"] is True


def test_the_lag_is_drawn_and_stays_the_same() -> None:
    one = manual_events("open", MESSAGE, LATER, REALISTIC, DRAWS)
    again = manual_events("open", MESSAGE, LATER, REALISTIC, KeyedRandom("seed"))

    assert one == again
    assert one[0].visible_at > LATER


@pytest.mark.parametrize(
    ("kind", "details", "text"),
    [
        ("opne", {}, "no tracking event 'opne' to make happen. Did you mean open?"),
        ("zzz", {}, "Known: delivered, open, click"),
        ("Sent", {}, "Sent cannot be made to happen: it comes of a send. Trigger one."),
        ("NotSentEvent", {}, "it comes of a send"),
        ("open", {"url": "x"}, "open has no detail 'url'; it takes no details."),
        ("survey", {"anwser": "x"}, "survey has no detail 'anwser'; it takes question, answer."),
        ("survey", {"answer": 3}, "survey: answer is 3; give a text."),
        (
            "unsub",
            {"is_master_unsubscribed": 1},
            "is_master_unsubscribed is 1; give true or false.",
        ),
        ("hardbounce", {"bounce_category_id": "1"}, "bounce_category_id is '1'; give a number."),
        ("click", {"url_id": 9}, "no link with url_id 9. Its links: 1 https://shop.example, 2 "),
        ("click", {"url": "https://x.example"}, "no link with url 'https://x.example'."),
    ],
)
def test_an_impossible_event_is_refused_with_the_possible_ones(
    kind: str, details: Details, text: str
) -> None:
    with pytest.raises(SetupError) as refusal:
        made(kind, details)

    assert text in str(refusal.value)


def test_nothing_happens_before_the_send() -> None:
    with pytest.raises(SetupError, match="nothing happens to it before"):
        made("open", at=NOON - timedelta(seconds=1))


def test_a_manual_click_needs_an_email_with_links() -> None:
    without = replace(MESSAGE, links=())

    with pytest.raises(SetupError, match=r"has no links to click\."):
        manual_events("click", without, LATER, INSTANT, DRAWS, opened=True)
