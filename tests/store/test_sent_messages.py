"""Queries on sends and messages."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.sending import (
    advance,
    change,
    happen,
    make_definition,
    make_subscriber,
    send,
)

from sfmc_mock.account import Account
from sfmc_mock.account.sends import Recipient
from sfmc_mock.store import sent_messages
from sfmc_mock.store.event_log import visible_events


@pytest.fixture
def mailing(account: Account) -> Account:
    """An account with two definitions, and three sends: to zoe and ada, to bob, and without recipients."""
    make_definition(account)
    make_definition(account, "other")
    make_subscriber(account, "bob")
    send(account, "zoe@mail.example", Recipient("ada", "ada@mail.example", {"UniqueID": "u-1"}))
    send(account, "bob", key="other")
    send(account, "nobody")
    return account


def test_a_send_shows_what_became_of_its_messages(mailing: Account) -> None:
    change(mailing, status="Inactive")
    send(mailing, "ada@mail.example", "nobody", "x+notsent-suppressed@mock.test")

    newest, *_, oldest = sent_messages.sends(mailing.db)

    counts = ("messages", "sent", "not_sent", "refused", "queued")
    assert [dict(newest)[name] for name in counts] == [3, 0, 0, 1, 2]
    assert [dict(oldest)[name] for name in counts] == [2, 2, 0, 0, 0]


def test_a_send_is_known_by_the_first_whom_it_names(mailing: Account) -> None:
    found = sent_messages.sends(mailing.db)

    assert [row["first_address"] for row in found] == [
        "",
        "bob@mail.example",
        "zoe@mail.example",
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [3, 2, 1]),
        ({"limit": 2}, [3, 2]),
        ({"definition": "WELCOME"}, [3, 1]),
        ({"subscriber": "ada"}, [1]),
        ({"subscriber": "BOB@mail.example"}, [2]),
        ({"subscriber": "bob", "definition": "welcome"}, []),
        ({"send_id": 2}, [2]),
    ],
)
def test_sends_are_found(mailing: Account, asked: dict[str, Any], found: list[int]) -> None:
    assert [row["id"] for row in sent_messages.sends(mailing.db, **asked)] == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [(3, 0), (2, 0), (1, 1), (1, 0)]),
        ({"send_id": 1}, [(1, 1), (1, 0)]),
        ({"subscriber": "ada"}, [(1, 1)]),
        ({"unique_id": "u-1"}, [(1, 1)]),
        ({"unique_id": "UniqueID"}, []),
        ({"definition": "Other"}, [(2, 0)]),
    ],
)
def test_messages_are_found(
    mailing: Account, asked: dict[str, Any], found: list[tuple[int, int]]
) -> None:
    rows = sent_messages.messages(mailing.db, **asked)

    assert [(row["send_id"], row["ordinal"]) for row in rows] == found


def test_tracking_is_that_of_one_subscriber_or_of_all(mailing: Account) -> None:
    advance(mailing, hours=1)
    happen(mailing, "open", send(mailing, "bob"))

    of_bob = visible_events(mailing.db, subscriber="BOB", until=mailing.now_text())
    of_all = visible_events(mailing.db, subscriber=None, until=mailing.now_text())

    assert [row["type"] for row in of_bob] == [
        "Sent",
        "DeliveredEvent",
        "Sent",
        "DeliveredEvent",
        "Open",
    ]
    assert len(of_all) == 9
