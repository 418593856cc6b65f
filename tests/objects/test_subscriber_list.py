"""SubscriberList: behaviour that other objects do not have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import fields, retrieve, simple, status, struct, write_objects
from tests.support.sending import make_list, make_subscriber

from sfmc_mock.declarations.call import Call
from sfmc_mock.wire.struct import Struct


def subscription(**changes: Any) -> Struct:
    """The subscription of ada to the list of news."""
    named = {"List": {"CustomerKey": "news"}, "Subscriber": {"SubscriberKey": "ada"}}
    return struct("SubscriberList", {**named, **changes})


@pytest.fixture
def call(call: Call) -> Call:
    """A call on an account with a list and a subscriber who is not on it."""
    make_list(call.account, "news")
    make_subscriber(call.account, "ada")
    return call


def members(call: Call) -> list[dict[str, str]]:
    number = call.account.db.find_all("list", customer_key="news")[0]["id"]
    found = retrieve(
        call, "ListSubscriber", ["SubscriberKey", "Status"], simple("ListID", "equals", str(number))
    )
    return fields(found)


def test_a_subscriber_is_put_on_a_list_changed_and_taken_off(call: Call) -> None:
    created = write_objects(call, "Create", subscription())
    active = members(call)
    updated = write_objects(call, "Update", subscription(Status="Unsubscribed"))
    unsubscribed = members(call)
    deleted = write_objects(call, "Delete", subscription())

    assert [status(each)[0] for each in (created, updated, deleted)] == ["OK"] * 3
    assert active == [{"SubscriberKey": "ada", "Status": "Active"}]
    assert unsubscribed == [{"SubscriberKey": "ada", "Status": "Unsubscribed"}]
    assert members(call) == []


def test_the_id_names_the_list_as_in_the_lists_of_a_subscriber(call: Call) -> None:
    number = call.account.db.find_all("list", customer_key="news")[0]["id"]

    answer = write_objects(call, "Create", subscription(List=None, ID=number))

    assert status(answer)[0] == "OK"
    assert len(members(call)) == 1


@pytest.mark.parametrize(
    ("operation", "sent", "code"),
    [
        ("Create", subscription(Subscriber=None), 408),
        ("Create", subscription(Subscriber={}), 408),
        ("Create", subscription(List=None), 409),
        ("Create", subscription(List={}), 409),
        ("Create", subscription(List={"CustomerKey": "nobody's"}), 13000),
        ("Create", subscription(Subscriber={"SubscriberKey": "nobody"}), 12015),
        ("Create", subscription(Subscriber={"EmailAddress": "no@mock.test"}), 12001),
        ("Create", subscription(Status="Bounced"), 13014),
        ("Update", subscription(), 13007),
        ("Update", subscription(Status="Unsubscribed"), 12009),
        ("Delete", subscription(), 13007),
    ],
)
def test_an_invalid_membership_is_refused(
    call: Call, operation: str, sent: Struct, code: int
) -> None:
    answer = write_objects(call, operation, sent)

    assert status(answer)[2] == code
    assert members(call) == []


def test_a_subscriber_is_put_on_a_list_once(call: Call) -> None:
    write_objects(call, "Create", subscription())

    again = write_objects(call, "Create", subscription())
    upserted = write_objects(call, "Create", subscription(Status="Unsubscribed"), save="UpdateAdd")

    assert status(again) == ("Error", "OnListAlready", 13006)
    assert status(upserted)[0] == "OK"
    assert members(call)[0]["Status"] == "Unsubscribed"
