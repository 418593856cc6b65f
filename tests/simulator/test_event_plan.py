"""The tracking events of one message."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfmc_mock.simulator.bounces import RETRIED_FOR
from sfmc_mock.simulator.engagement_profiles import (
    INSTANT,
    LAGS,
    QUIET,
    REALISTIC,
    TYPICAL,
    WORST,
    Delay,
    EngagementProfile,
    LagProfile,
)
from sfmc_mock.simulator.event_plan import plan
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.links import Link
from sfmc_mock.simulator.magic_addresses import parse
from sfmc_mock.simulator.messages import EVENT_TYPES, OBJECT_TYPES, Message, PlannedEvent

NOON = datetime(2026, 3, 1, 12)
LINKS = (Link(1, "https://shop.example"), Link(2, "https://blog.example"))
DRAWS = KeyedRandom("seed")
NOTHING: dict[str, str] = {}


def message(address: str = "ada@mail.example", **changes: object) -> Message:
    standard = Message(
        job_id=7,
        list_id=3,
        batch_id=1,
        subscriber_id=11,
        subscriber_key=address,
        email_address=address,
        sent_at=NOON,
        links=LINKS,
    )
    return replace(standard, **changes)  # type: ignore[arg-type]


def wished(
    labels: str,
    profile: EngagementProfile = QUIET,
    lag: LagProfile = INSTANT,
    **changes: object,
) -> tuple[PlannedEvent, ...]:
    sent = message(f"ada{labels}@mock.test", **changes)
    return plan(sent, profile, lag, DRAWS, parse(sent.email_address))


def kinds(events: tuple[PlannedEvent, ...]) -> list[str]:
    return [event.kind for event in events]


def test_a_quiet_message_is_sent_and_delivered_at_once() -> None:
    events = plan(message(), QUIET, INSTANT, DRAWS)

    assert events == (
        PlannedEvent("Sent", NOON, NOON, NOTHING),
        PlannedEvent("Delivered", NOON, NOON, NOTHING),
    )


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("", ["Sent", "Delivered"]),
        ("+delivered", ["Sent", "Delivered"]),
        ("+deferred", ["Sent", "Delivered"]),
        ("+open", ["Sent", "Delivered", "Open"]),
        ("+click", ["Sent", "Delivered", "Open", "Click"]),
        ("+open+click", ["Sent", "Delivered", "Open", "Click"]),
        ("+unsub", ["Sent", "Delivered", "Unsubscribe"]),
        ("+masterunsub", ["Sent", "Delivered", "Unsubscribe"]),
        ("+complaint", ["Sent", "Delivered", "Unsubscribe"]),
        ("+forward", ["Sent", "Delivered", "ForwardedEmail"]),
        ("+optin", ["Sent", "Delivered", "ForwardedEmail", "ForwardedEmailOptIn"]),
        ("+survey", ["Sent", "Delivered", "Survey"]),
        ("+hardbounce", ["Sent", "HardBounce"]),
        ("+softbounce", ["Sent", "SoftBounce"]),
        ("+blockbounce", ["Sent", "OtherBounce"]),
        ("+technicalbounce", ["Sent", "OtherBounce"]),
        ("+unknownbounce", ["Sent", "OtherBounce"]),
        (
            "+click+survey+optin+unsub",
            [
                "Sent",
                "Delivered",
                "Open",
                "Click",
                "ForwardedEmail",
                "ForwardedEmailOptIn",
                "Survey",
                "Unsubscribe",
            ],
        ),
    ],
)
def test_a_label_brings_about_its_events(labels: str, expected: list[str]) -> None:
    assert kinds(wished(labels)) == expected


@pytest.mark.parametrize("labels", ["+open+click", "+hardbounce", "+unsub", "+delivered"])
def test_labels_of_an_address_happen_at_once(labels: str) -> None:
    assert {event.happens_at for event in wished(labels)} == {NOON}


@pytest.mark.parametrize(
    ("labels", "waiting"),
    [
        ("+open+click+after-2h", ["Delivered", "Open", "Click"]),
        ("+unsub+after-2h", ["Delivered", "Unsubscribe"]),
        ("+softbounce+after-2h", ["SoftBounce"]),
        ("+delivered+after-2h", ["Delivered"]),
        ("+deferred+open+after-2h", ["Delivered", "Open"]),
    ],
)
def test_after_moves_everything_but_the_send(labels: str, waiting: list[str]) -> None:
    events = wished(labels)

    assert kinds(tuple(event for event in events if event.happens_at > NOON)) == waiting
    assert events[-1].happens_at == NOON + timedelta(hours=2)


def test_a_deferred_message_goes_through_at_the_next_try() -> None:
    assert [event.happens_at - NOON for event in wished("+deferred+open")] == [
        timedelta(0),
        timedelta(minutes=15),
        timedelta(minutes=15),
    ]


def test_a_wish_goes_before_the_profile() -> None:
    everything_bounces = EngagementProfile(name="bad day", hard_bounce=1.0)

    assert kinds(wished("+open", everything_bounces)) == ["Sent", "Delivered", "Open"]


def test_a_magic_address_without_an_outcome_follows_the_profile() -> None:
    everybody_opens = EngagementProfile(name="eager", open=1.0)

    assert kinds(wished("", everybody_opens)) == ["Sent", "Delivered", "Open"]


def test_after_moves_what_a_profile_brings_too() -> None:
    everybody_opens = EngagementProfile(name="eager", open=1.0)

    events = wished("+after-2h", everybody_opens)

    assert [event.happens_at - NOON for event in events] == [
        timedelta(0),
        timedelta(hours=2),
        timedelta(hours=2),
    ]


@pytest.mark.parametrize("lag", LAGS.values(), ids=LAGS)
def test_a_wished_lag_goes_before_the_lag_profile(lag: LagProfile) -> None:
    events = wished("+open+after-2h+lag-20m", lag=lag)

    assert {event.visible_at - event.happens_at for event in events} == {timedelta(minutes=20)}


def test_a_click_goes_to_the_first_link() -> None:
    click = wished("+click")[-1]

    assert click.details == {"url": "https://shop.example", "url_id": 1, "alias": ""}


def test_a_click_on_an_email_without_links_has_none() -> None:
    click = wished("+click", links=())[-1]

    assert click.details == {"url": "", "url_id": 0, "alias": ""}


@pytest.mark.parametrize(
    ("labels", "master", "reason"),
    [
        ("+unsub", False, "unsubscribed"),
        ("+masterunsub", True, "unsubscribed"),
        ("+complaint", True, "complaint"),
    ],
)
def test_an_unsubscribe_says_from_what(labels: str, master: bool, reason: str) -> None:
    assert wished(labels)[-1].details == {
        "is_master_unsubscribed": master,
        "list_id": 3,
        "reason": reason,
    }


def test_a_bounce_says_what_the_mail_server_said() -> None:
    assert wished("+hardbounce")[-1].details == {
        "smtp_code": "550",
        "smtp_reason": "550 5.1.1 <ada+hardbounce@mock.test>: there is no such mailbox",
        "bounce_category": "Hard bounce",
        "bounce_category_id": 1,
        "bounce_subcategory": "User Unknown",
        "bounce_subcategory_id": 2001,
        "bounce_type": "immediate",
    }


def test_a_bounce_of_later_tries_is_a_delayed_one() -> None:
    assert wished("+softbounce+after-72h")[-1].details["bounce_type"] == "delayed"


def test_a_forwarded_opt_in_has_another_subscriber_key() -> None:
    opt_in = wished("+optin")[-1]

    assert opt_in.details == {"opt_in_key": "friend-of-ada+optin@mock.test"}


def test_a_survey_has_its_question_and_answer() -> None:
    assert wished("+survey")[-1].details.keys() == {"question", "answer"}


@pytest.mark.parametrize("labels", ["+notsent-held", ""])
def test_a_message_that_is_not_sent_has_one_event(labels: str) -> None:
    refused = message(f"ada{labels}@mock.test")

    events = plan(refused, TYPICAL, INSTANT, DRAWS, parse(refused.email_address), sent=False)

    assert events == (PlannedEvent("NotSent", NOON, NOON, NOTHING),)


def certain(**rates: float) -> EngagementProfile:
    """Return a profile in which everything takes an hour."""
    hour = Delay(timedelta(hours=1))
    return EngagementProfile(
        name="certain",
        **rates,  # type: ignore[arg-type]
        bounce_delay=hour,
        retry_delay=hour,
        open_delay=hour,
        further_open_delay=hour,
        reaction_delay=hour,
    )


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (certain(hard_bounce=1.0), [("Sent", 0.0), ("HardBounce", 1.0)]),
        (certain(soft_bounce=1.0), [("Sent", 0.0), ("SoftBounce", 72.0)]),
        (certain(block_bounce=1.0), [("Sent", 0.0), ("OtherBounce", 1.0)]),
        (certain(technical_bounce=1.0), [("Sent", 0.0), ("OtherBounce", 1.0)]),
        (certain(deferred=1.0), [("Sent", 0.0), ("Delivered", 1.25)]),
        (
            certain(open=1.0, click=1.0, unsubscribe=1.0),
            [
                ("Sent", 0.0),
                ("Delivered", 0.0),
                ("Open", 1.0),
                ("Click", 2.0),
                ("Unsubscribe", 2.0),
            ],
        ),
        (
            certain(open=1.0, forward=1.0, opt_in=1.0, survey=1.0),
            [
                ("Sent", 0.0),
                ("Delivered", 0.0),
                ("Open", 1.0),
                ("ForwardedEmail", 2.0),
                ("Survey", 2.0),
                ("ForwardedEmailOptIn", 3.0),
            ],
        ),
    ],
)
def test_a_certain_profile_happens(
    profile: EngagementProfile, expected: list[tuple[str, float]]
) -> None:
    events = plan(message(), profile, INSTANT, DRAWS)

    assert [
        (event.kind, (event.happens_at - NOON) / timedelta(hours=1)) for event in events
    ] == expected


def test_the_last_try_is_within_72_hours() -> None:
    patient = replace(certain(deferred=1.0), retry_delay=Delay(timedelta(days=9)))

    delivered = plan(message(), patient, INSTANT, DRAWS)[-1]

    assert delivered.happens_at == NOON + timedelta(hours=71, minutes=45)


@pytest.mark.parametrize(
    ("rate", "master", "reason"),
    [
        ("unsubscribe", False, "unsubscribed"),
        ("master_unsubscribe", True, "unsubscribed"),
        ("complaint", True, "complaint"),
    ],
)
def test_readers_leave_in_the_way_of_their_rate(rate: str, master: bool, reason: str) -> None:
    left = plan(message(), certain(open=1.0, **{rate: 1.0}), INSTANT, DRAWS)[-1]

    assert left.details["is_master_unsubscribed"] is master
    assert left.details["reason"] == reason


def test_every_event_has_a_lag_of_its_own() -> None:
    events = plan(message(), certain(open=1.0, further_opens=1.0), REALISTIC, DRAWS)

    assert len({event.visible_at - event.happens_at for event in events}) > 15


@pytest.mark.parametrize("rate", ["further_opens", "further_clicks"])
def test_repeats_come_to_an_end(rate: str) -> None:
    endless = certain(open=1.0, click=1.0, **{rate: 1.0})

    assert len(plan(message(), endless, INSTANT, DRAWS)) == 2 + 1 + 20


def test_an_email_without_links_gets_no_clicks() -> None:
    events = plan(message(links=()), certain(open=1.0, click=1.0), INSTANT, DRAWS)

    assert kinds(events) == ["Sent", "Delivered", "Open"]


def test_the_unsubscribe_page_is_not_clicked_by_chance() -> None:
    links = (Link(1, "%%unsub_center_url%%"), Link(2, "https://shop.example"))

    clicked = {
        event.details["url_id"]
        for number in range(50)
        for event in plan(
            message(f"{number}@mail.example", links=links),
            certain(open=1.0, click=1.0),
            INSTANT,
            DRAWS,
        )
        if event.kind == "Click"
    }

    assert clicked == {2}


def test_a_bounce_shows_within_72_hours_of_the_send() -> None:
    events = plan(message(), certain(soft_bounce=1.0), WORST, DRAWS)

    assert events[-1].visible_at == NOON + RETRIED_FOR


def everyone(count: int) -> list[Message]:
    return [message(f"{number}@mail.example", subscriber_id=number) for number in range(count)]


def test_the_order_of_the_calls_makes_no_difference() -> None:
    shuffled = everyone(300)
    random.Random(1).shuffle(shuffled)

    planned = {each.subscriber_key: plan(each, TYPICAL, REALISTIC, DRAWS) for each in shuffled}

    assert planned == {
        each.subscriber_key: plan(each, TYPICAL, REALISTIC, KeyedRandom("seed"))
        for each in everyone(300)
    }


def test_the_number_of_threads_makes_no_difference() -> None:
    def planned(each: Message) -> tuple[PlannedEvent, ...]:
        return plan(each, TYPICAL, REALISTIC, DRAWS)

    with ThreadPoolExecutor(8) as pool:
        by_eight = list(pool.map(planned, everyone(300)))

    assert by_eight == [planned(each) for each in everyone(300)]


def test_numbers_given_in_the_order_of_calls_make_no_difference() -> None:
    """BatchID and SubscriberID depend on the order of threads; with `repeat`, the events do not."""
    one = message(repeat=0, batch_id=4, subscriber_id=20)
    other = message(repeat=0, batch_id=9, subscriber_id=31)

    assert plan(one, TYPICAL, REALISTIC, DRAWS) == plan(other, TYPICAL, REALISTIC, DRAWS)


def numbered(field: str, number: int) -> Message:
    return replace(message(), **{field: number})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["repeat", "batch_id", "job_id"])
def test_the_next_message_to_the_same_reader_has_its_own_fate(field: str) -> None:
    fates = {
        plan(numbered(field, number), TYPICAL, REALISTIC, DRAWS)[1].happens_at
        for number in range(20)
    }

    assert len(fates) > 10


def test_another_seed_is_another_life() -> None:
    assert plan(message(), TYPICAL, REALISTIC, KeyedRandom("one")) != plan(
        message(), TYPICAL, REALISTIC, KeyedRandom("two")
    )


rates = st.floats(0.0, 1.0)
shares = st.floats(0.0, 0.2)
delays = st.builds(
    Delay,
    st.timedeltas(timedelta(0), timedelta(days=2)) | st.timedeltas(timedelta(0), timedelta.max),
    st.sampled_from(["fixed", "uniform", "exponential", "lognormal"]),
    st.floats(0.1, 5.0),
)
profiles = st.builds(
    EngagementProfile,
    name=st.just("any"),
    hard_bounce=shares,
    soft_bounce=shares,
    block_bounce=shares,
    technical_bounce=shares,
    deferred=shares,
    open=rates,
    further_opens=rates,
    click=rates,
    further_clicks=rates,
    unsubscribe=shares,
    master_unsubscribe=shares,
    complaint=shares,
    forward=rates,
    opt_in=rates,
    survey=rates,
    delivery_delay=delays,
    bounce_delay=delays,
    retry_delay=delays,
    open_delay=delays,
    further_open_delay=delays,
    reaction_delay=delays,
)
any_wish = st.sampled_from(["", "+open", "+click+after-2h", "+softbounce", "+after-3h", "+lag-1h"])


@settings(deadline=None, max_examples=200)
@given(profiles, st.sampled_from(list(LAGS.values())), st.text(max_size=8), any_wish)
def test_no_plan_is_against_the_nature_of_things(
    profile: EngagementProfile, lag: LagProfile, seed: str, labels: str
) -> None:
    sent = message(f"ada{labels}@mock.test")

    events = plan(sent, profile, lag, KeyedRandom(seed), parse(sent.email_address))

    assert_natural(events)


def assert_natural(events: tuple[PlannedEvent, ...]) -> None:
    names = kinds(events)
    assert names[0] == "Sent"
    assert names.count("Sent") == 1
    assert names.count("Delivered") + sum(name.endswith("Bounce") for name in names) == 1
    assert len(events) == 2 or "Delivered" in names
    assert [event.happens_at for event in events] == sorted(event.happens_at for event in events)
    assert all(event.visible_at >= event.happens_at >= NOON for event in events)
    assert "Click" not in names or "Open" in names[: names.index("Click")]
    assert names.count("Unsubscribe") <= 1


def test_a_send_at_the_end_of_the_calendar_is_planned() -> None:
    events = plan(message(sent_at=datetime.max), certain(open=1.0, click=1.0), WORST, DRAWS)

    assert {event.happens_at for event in events} == {datetime.max}


def test_every_kind_has_its_object_and_its_event_type() -> None:
    assert OBJECT_TYPES.keys() == EVENT_TYPES.keys()
    assert EVENT_TYPES["Delivered"] == "DeliveredEvent"
    assert EVENT_TYPES["HardBounce"] == "HardBounce"
