"""Events of messages after their send, and the changes of subscribers that they cause."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.support.sending import (
    TRANSACTIONAL,
    advance,
    change,
    column,
    event_types,
    events,
    give_status,
    happen,
    make_definition,
    make_list,
    make_subscriber,
    messages,
    outcomes,
    send,
    status_of,
    subscriber_of,
)

from sfmc_mock.account import Account, simulation_settings
from sfmc_mock.account.subscribers import find_subscriber
from sfmc_mock.account.tracking_events import make_happen, message_of, record_events
from sfmc_mock.clock import stored
from sfmc_mock.errors import SetupError
from sfmc_mock.simulator.messages import PlannedEvent
from sfmc_mock.store.event_log import events_of

NOON = datetime(2026, 1, 1, 12)


@pytest.fixture
def mailing(account: Account) -> Account:
    """An account with an active commercial definition `welcome`, and a subscriber `ada`."""
    make_definition(account)
    make_subscriber(account, "ada")
    return account


@pytest.mark.parametrize(
    ("labels", "seen"),
    [
        ("delivered", ["Sent", "DeliveredEvent"]),
        ("open", ["Sent", "DeliveredEvent", "Open"]),
        ("click", ["Sent", "DeliveredEvent", "Open", "Click"]),
        ("unsub", ["Sent", "DeliveredEvent", "Unsubscribe"]),
        ("complaint", ["Sent", "DeliveredEvent", "Unsubscribe"]),
        ("forward", ["Sent", "DeliveredEvent", "ForwardedEmail"]),
        ("optin", ["Sent", "DeliveredEvent", "ForwardedEmail", "ForwardedEmailOptIn"]),
        ("survey", ["Sent", "DeliveredEvent", "Survey"]),
        ("hardbounce", ["Sent", "HardBounce"]),
        ("softbounce", ["Sent", "SoftBounce"]),
        ("blockbounce", ["Sent", "OtherBounce"]),
        ("technicalbounce", ["Sent", "OtherBounce"]),
        ("notsent-held", ["NotSent"]),
    ],
)
def test_labels_become_events(mailing: Account, labels: str, seen: list[str]) -> None:
    send(mailing, f"ada+{labels}@mock.test")

    assert event_types(mailing) == seen


def test_a_click_names_the_link_with_its_number(mailing: Account) -> None:
    send(mailing, "ada+click@mock.test")

    (click,) = (row for row in events(mailing) if row["type"] == "Click")
    assert (click["url"], click["url_id"]) == ("https://www.example.com/start", 40_001)


def test_a_bounce_has_what_the_mail_server_said(mailing: Account) -> None:
    send(mailing, "ada+softbounce@mock.test")

    (bounce,) = (row for row in events(mailing) if row["type"] == "SoftBounce")
    assert (bounce["smtp_code"], bounce["bounce_category"]) == ("452", "Soft bounce")
    assert bounce["bounce_type"] == "immediate"
    assert str(bounce["smtp_reason"]).startswith("452 4.2.2 <ada+softbounce@mock.test>")


def test_event_times_end_like_those_of_the_service(mailing: Account) -> None:
    send(mailing, "ada+open+click+after-1.2345s@mock.test")

    advance(mailing, hours=1)

    assert events(mailing)[-1]["happens_at"] == "2026-01-01T12:00:01.233"


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("hardbounce", "Active", "Bounced"),
        ("softbounce", "Active", "Bounced"),
        ("blockbounce", "Active", "Bounced"),
        ("hardbounce", "Unsubscribed", "Unsubscribed"),
        ("hardbounce", "Held", "Held"),
        ("open", "Bounced", "Active"),
        ("click", "Bounced", "Active"),
        ("open", "Held", "Held"),
        ("open", "Unsubscribed", "Unsubscribed"),
        ("unsub", "Active", "Unsubscribed"),
        ("masterunsub", "Bounced", "Unsubscribed"),
        ("complaint", "Active", "Unsubscribed"),
        ("survey", "Bounced", "Bounced"),
    ],
)
def test_events_change_the_status(mailing: Account, kind: str, before: str, after: str) -> None:
    sent = send(mailing, "ada")
    give_status(mailing, "ada", before)

    happen(mailing, kind, sent)

    assert status_of(mailing, "ada") == after


@pytest.mark.parametrize(
    ("days", "after"),
    [
        ((0, 7), "Bounced"),
        ((0, 7, 14), "Bounced"),
        ((0, 7, 15), "Held"),
        ((0, 15), "Bounced"),
        ((0, 15, 16), "Held"),
    ],
)
def test_three_bounces_in_a_row_over_more_than_two_weeks_make_held(
    mailing: Account, days: tuple[int, ...], after: str
) -> None:
    for before, day in zip((0, *days), days, strict=False):
        advance(mailing, days=day - before)
        happen(mailing, "softbounce", send(mailing, "ada"))

    assert status_of(mailing, "ada") == after


def test_an_open_between_begins_the_row_anew(mailing: Account) -> None:
    for kind in ("hardbounce", "hardbounce", "open", "hardbounce"):
        happen(mailing, kind, send(mailing, "ada"))
        advance(mailing, days=8)

    assert status_of(mailing, "ada") == "Bounced"


def test_a_held_subscriber_gets_no_message(mailing: Account) -> None:
    for _ in range(3):
        happen(mailing, "hardbounce", send(mailing, "ada"))
        advance(mailing, days=8)

    send(mailing, "ada")

    assert outcomes(mailing)[-1] == ("not sent", 2)


def test_an_unsubscribe_stops_the_next_commercial_message_and_no_transactional_one(
    mailing: Account,
) -> None:
    make_definition(mailing, "receipt", classification=TRANSACTIONAL)
    happen(mailing, "unsub", send(mailing, "ada"))

    send(mailing, "ada")
    send(mailing, "ada", key="receipt")

    assert outcomes(mailing)[1:] == [("not sent", 1), ("sent", None)]


def test_leaving_all_subscribers_is_a_master_unsubscribe(mailing: Account) -> None:
    happen(mailing, "unsub", send(mailing, "ada"))

    (event,) = (row for row in events(mailing) if row["type"] == "Unsubscribe")
    assert event["is_master_unsubscribed"] == 1


@pytest.mark.parametrize(
    ("kind", "on_list", "on_all", "master"),
    [("unsub", ["Unsubscribed"], "Active", 0), ("masterunsub", [], "Unsubscribed", 1)],
)
def test_an_unsubscribe_leaves_the_list_of_the_send_or_all(
    account: Account, kind: str, on_list: list[str], on_all: str, master: int
) -> None:
    news = make_list(account, "News")
    make_definition(account, list_id=news)
    make_subscriber(account, "ada")

    happen(account, kind, send(account, "ada"))

    assert column(account.db.find_all("list_subscriber", list_id=news), "status") == on_list
    assert status_of(account, "ada") == on_all
    assert events(account)[-1]["is_master_unsubscribed"] == master


def test_a_subscriber_who_left_a_list_still_gets_sends_to_others(account: Account) -> None:
    make_definition(account, "news", list_id=make_list(account, "News"))
    make_definition(account, "offers", list_id=make_list(account, "Offers"))
    make_subscriber(account, "ada")
    happen(account, "unsub", send(account, "ada", key="news"))

    send(account, "ada", key="news")
    send(account, "ada", key="offers")

    assert outcomes(account)[1:] == [("not sent", 31), ("sent", None)]


def test_a_past_event_changes_its_subscriber_as_of_its_time(mailing: Account) -> None:
    sent = send(mailing, "ada")
    advance(mailing, days=2)

    happen(mailing, "masterunsub", sent, after=timedelta(days=-1))

    assert subscriber_of(mailing, "ada").unsubscribed_at == "2026-01-02T12:00:00.000"


def test_an_event_to_come_changes_nothing_before(mailing: Account) -> None:
    happen(mailing, "hardbounce", send(mailing, "ada"), after=timedelta(hours=1))

    before = status_of(mailing, "ada")
    advance(mailing, hours=1)

    assert (before, status_of(mailing, "ada")) == ("Active", "Bounced")


def test_events_outlive_their_subscriber(mailing: Account) -> None:
    sent = send(mailing, "ada")
    happen(mailing, "hardbounce", sent, after=timedelta(hours=1))
    mailing.db.delete("subscriber", id=subscriber_of(mailing, "ada").id)

    advance(mailing, hours=2)

    assert event_types(mailing, "ada") == ["Sent", "DeliveredEvent", "HardBounce"]
    assert find_subscriber(mailing, key="ada") is None


def test_a_manual_click_adds_an_open_once(mailing: Account) -> None:
    sent = send(mailing, "ada")

    happen(mailing, "click", sent)
    happen(mailing, "click", sent, url="https://www.example.com/help")

    assert event_types(mailing)[2:] == ["Open", "Click", "Click"]
    assert events(mailing)[-1]["url_id"] == 40_002


@pytest.mark.parametrize(
    ("kind", "after", "told"),
    [
        ("opened", timedelta(), "There is no tracking event 'opened' to make happen. Did you mean"),
        ("SentEvent", timedelta(), "it comes of a send. Trigger one."),
        ("open", timedelta(seconds=-1), "nothing happens to it before. Give a later time."),
    ],
)
def test_an_impossible_event_is_reported_and_leaves_nothing(
    mailing: Account, kind: str, after: timedelta, told: str
) -> None:
    sent = send(mailing, "ada")
    before = event_types(mailing)

    with pytest.raises(SetupError) as refused:
        happen(mailing, kind, sent, after=after)

    assert told in str(refused.value)
    assert event_types(mailing) == before


@pytest.mark.parametrize("how", ["refused", "queued", "not sent"])
def test_nothing_happens_to_what_was_not_sent(mailing: Account, how: str) -> None:
    if how == "queued":
        change(mailing, status="Inactive")
    to = {"refused": "ada@home", "queued": "ada", "not sent": "ada+notsent-held@mock.test"}[how]
    sent = send(mailing, to)

    with pytest.raises(SetupError, match=f"was {how}: nothing can happen to it"):
        happen(mailing, "open", sent)

    assert len(messages(mailing)) == 1


def test_the_lag_says_from_when_an_event_can_be_seen(mailing: Account) -> None:
    simulation_settings.choose_lag(mailing, "worst")
    send(mailing, "ada")

    early = event_types(mailing)
    advance(mailing, hours=4)

    assert (early, event_types(mailing)) == ([], ["Sent", "DeliveredEvent"])


def test_an_effect_does_not_wait_for_the_event_to_be_seen(mailing: Account) -> None:
    simulation_settings.choose_lag(mailing, "worst")

    send(mailing, "ada+hardbounce@mock.test")

    assert event_types(mailing) == []
    assert status_of(mailing, "ada+hardbounce@mock.test") == "Bounced"


def test_a_profile_of_the_accounts_own_is_followed(mailing: Account) -> None:
    mailing.change_setting(
        simulation_settings.PROFILES, '{"eager": {"open": 1, "open_delay": "5m"}}'
    )
    simulation_settings.choose_engagement(mailing, "eager")
    send(mailing, "ada@mail.example")

    advance(mailing, minutes=5)

    assert event_types(mailing) == ["Sent", "DeliveredEvent", "Open"]


def test_another_profile_holds_for_the_next_send(mailing: Account) -> None:
    mailing.change_setting(simulation_settings.PROFILES, '{"eager": {"open": 1}}')
    send(mailing, "ada")
    simulation_settings.choose_engagement(mailing, "eager")

    send(mailing, "ada")

    assert event_types(mailing).count("Open") == 1


def test_events_beyond_the_calendar_happen_at_its_end(mailing: Account) -> None:
    sent = send(mailing, "ada")
    (message,) = messages(mailing, sent)
    survey = PlannedEvent("Survey", NOON, datetime.max, {})

    record_events(mailing, [(message_of(mailing, message), survey, "")])

    rows = events_of(mailing.db, message)
    assert "9999-12-31T23:59:59.997" in column(rows, "visible_at")


def test_an_event_made_to_happen_is_reported(mailing: Account) -> None:
    sent = send(mailing, "ada")
    (message,) = messages(mailing, sent)

    happened = make_happen(mailing, message, "click", mailing.now(), {})

    assert [each.kind for each in happened] == ["Open", "Click"]


def test_an_event_that_is_made_to_happen_shows_after_its_sent_event(mailing: Account) -> None:
    simulation_settings.choose_lag(mailing, "worst")
    sent = send(mailing, "ada")
    simulation_settings.choose_lag(mailing, "instant")
    (message,) = messages(mailing, sent)

    make_happen(mailing, message, "open", mailing.now(), {})

    visible = {row["type"]: row["visible_at"] for row in events_of(mailing.db, message)}
    assert visible["Open"] == visible["Sent"]
    assert str(visible["Sent"]) > stored(mailing.now())


def test_dead_addresses_of_a_profile_become_held(mailing: Account) -> None:
    mailing.change_setting(simulation_settings.PROFILES, '{"half": {"hard_bounce": 0.5}}')
    simulation_settings.choose_engagement(mailing, "half")
    keys = [f"reader-{number}@mail.example" for number in range(20)]
    for _ in range(4):
        send(mailing, *keys)
        advance(mailing, days=7)

    dead = [key for key in keys if "HardBounce" in event_types(mailing, key)]

    assert {status_of(mailing, key) for key in dead} == {"Held"}
    assert {status_of(mailing, key) for key in set(keys) - set(dead)} == {"Active"}


def test_sent_events_show_in_the_order_of_their_priorities(account: Account) -> None:
    simulation_settings.choose_lag(account, "worst")
    for key, priority in (("low", "5"), ("medium", "4"), ("high", "3")):
        make_definition(account, key, priority=priority)
        send(account, "ada@mail.example", key=key)

    rows = account.db.find_all("event", "visible_at", type="Sent")

    jobs = {row["id"]: row["definition_object_id"] for row in account.db.find_all("job")}
    keys = {
        row["object_id"]: row["customer_key"]
        for row in account.db.find_all("triggered_send_definition")
    }
    assert [keys[str(jobs[row["job_id"]])] for row in rows] == ["high", "medium", "low"]
