"""Subscribers: creation, changes and deletion, with status, attributes and lists."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.sending import (
    advance,
    make_attribute,
    make_list,
    make_subscriber,
    profile_of,
    status_of,
    subscriber_of,
)

from sfmc_mock.account import Account
from sfmc_mock.account.subscribers import (
    ListChange,
    SubscriberChange,
    change_subscriber,
    create_subscriber,
    find_subscriber,
    set_status,
)
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Database
from sfmc_mock.store.row_types import Subscriber
from sfmc_mock.store.subscribers import folded

MASTER = 8421


@pytest.fixture
def ada(account: Account) -> Subscriber:
    """A subscriber `ada`."""
    make_subscriber(account, "ada", attributes={"First Name": "Ada"})
    return subscriber_of(account, "ada")


def refused_change(account: Account, subscriber: Subscriber, **said: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as refused, account.db.atomic():
        change_subscriber(account, subscriber, SubscriberChange(**said))
    return refused.value.error_code, refused.value.message


def list_statuses(account: Account) -> dict[object, object]:
    return {row["list_id"]: row["status"] for row in account.db.find_all("list_subscriber")}


def test_a_subscriber_begins_active_in_html(account: Account) -> None:
    create_subscriber(account, SubscriberChange(key="ada", email_address=" ada@mail.example "))

    subscriber = subscriber_of(account, "ada")
    assert (subscriber.email_address, subscriber.status) == ("ada@mail.example", "Active")
    assert subscriber.email_type == "HTML"


def test_without_a_key_the_address_is_it(account: Account) -> None:
    create_subscriber(account, SubscriberChange(email_address="ada@mail.example"))

    assert find_subscriber(account, key="ADA@mail.example") is not None


def test_one_address_may_belong_to_several_keys(account: Account) -> None:
    make_subscriber(account, "ada", "home@mail.example")

    number = make_subscriber(account, "bob", "home@mail.example")

    assert subscriber_of(account, "bob").id == number


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        ({"key": "ADA", "email_address": "x@mail.example"}, 12014, "already on the list"),
        ({"key": "bob"}, 12000, "InvalidEmailAddress"),
        ({"key": "bob", "email_address": "bob at home"}, 12000, "InvalidEmailAddress"),
        (
            {"key": "bob", "email_address": "bob@mail.example", "status": "Bounced"},
            12016,
            'when creating a subscriber the status cannot be "Bounced"',
        ),
        (
            {"key": "bob", "email_address": "bob@mail.example", "status": "Deleted"},
            12016,
            'when creating a subscriber the status cannot be "Deleted"',
        ),
        (
            {"email_address": "bob@mail.example", "attributes": {"First Name": "B" * 51}},
            12004,
            "InvalidDPV",
        ),
        (
            {"key": "k" * 255, "email_address": "bob@mail.example"},
            12010,
            "SubscriberKey has 255 characters, 254 are allowed",
        ),
    ],
)
def test_invalid_values_of_a_subscriber_are_refused(
    account: Account, ada: Subscriber, said: dict[str, Any], code: int, text: str
) -> None:
    with pytest.raises(Refused) as refused, account.db.atomic():
        create_subscriber(account, SubscriberChange(**said))

    assert refused.value.error_code == code
    assert text in refused.value.message
    assert account.db.count("subscriber") == 1


def test_required_attributes_are_asked_for(account: Account) -> None:
    make_attribute(account, "Town", is_required=1)

    with pytest.raises(Refused, match="MissingRequiredDPV") as refused:
        make_subscriber(account, "ada")

    assert refused.value.error_code == 12006


def test_strict_accounts_refuse_addresses_that_list_detective_knows(account: Account) -> None:
    account.strict = True

    with pytest.raises(Refused, match="TriggeredSpamFilter") as refused:
        make_subscriber(account, "ada", "ada@example.com")

    assert refused.value.error_code == 12002


def test_a_change_keeps_properties_that_it_does_not_name(account: Account, ada: Subscriber) -> None:
    change_subscriber(account, ada, SubscriberChange(email_type="Text"))

    subscriber = subscriber_of(account, "ada")
    assert subscriber.email_type == "Text"
    assert (subscriber.email_address, subscriber.status) == ("ada@mail.example", "Active")
    assert profile_of(account, "ada") == {"First Name": "Ada"}


def test_attributes_are_merged(account: Account, ada: Subscriber) -> None:
    given = {"LAST NAME": "King", "Unknown": "x"}

    change_subscriber(account, ada, SubscriberChange(attributes=given))

    assert profile_of(account, "ada") == {"First Name": "Ada", "Last Name": "King"}


def test_a_key_can_be_changed_and_the_id_stays(account: Account, ada: Subscriber) -> None:
    change_subscriber(account, ada, SubscriberChange(key="augusta"))

    assert subscriber_of(account, "augusta").id == ada.id


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"key": "BOB"}, (12014, "The subscriber is already on the list")),
        ({"email_address": "ada at home"}, (12000, "InvalidEmailAddress")),
        ({"attributes": {"First Name": "A" * 51}}, (12004, "InvalidDPV")),
        ({"lists": (ListChange(7, "Active", ""),)}, (13004, "Unknown List ID")),
        ({"lists": (ListChange(9000, "Active", "update"),)}, (13007, "Not On List")),
        ({"lists": (ListChange(9000, "Active", "delete"),)}, (13007, "Not On List")),
    ],
)
def test_an_invalid_change_is_refused(
    account: Account, ada: Subscriber, said: dict[str, Any], found: tuple[int, str]
) -> None:
    make_subscriber(account, "bob")
    make_list(account, "News", id=9000)

    assert refused_change(account, ada, **said) == found
    assert subscriber_of(account, "ada") == ada


def test_an_unsubscribe_has_a_date_until_it_is_taken_back(
    account: Account, ada: Subscriber
) -> None:
    advance(account, hours=1)

    change_subscriber(account, ada, SubscriberChange(status="Unsubscribed"))
    unsubscribed = subscriber_of(account, "ada")
    change_subscriber(account, unsubscribed, SubscriberChange(status="Active"))

    assert unsubscribed.unsubscribed_at == "2026-01-01T13:00:00.000"
    assert subscriber_of(account, "ada").unsubscribed_at is None


def test_the_date_of_an_unsubscribe_stays_when_it_is_said_again(
    account: Account, ada: Subscriber
) -> None:
    set_status(account, ada.id, "Unsubscribed")
    advance(account, hours=1)

    change_subscriber(
        account, subscriber_of(account, "ada"), SubscriberChange(status="Unsubscribed")
    )

    assert subscriber_of(account, "ada").unsubscribed_at == "2026-01-01T12:00:00.000"


# Lists.


@pytest.mark.parametrize("action", ["", "create"])
def test_a_subscriber_joins_a_list(account: Account, ada: Subscriber, action: str) -> None:
    news = make_list(account, "News")

    change_subscriber(
        account, ada, SubscriberChange(lists=(ListChange(news, "Unsubscribed", action),))
    )

    assert list_statuses(account) == {news: "Unsubscribed"}


@pytest.mark.parametrize("action", ["", "update"])
def test_a_status_on_a_list_is_changed(account: Account, ada: Subscriber, action: str) -> None:
    news = make_list(account, "News")
    change_subscriber(account, ada, SubscriberChange(lists=(ListChange(news, "Active", ""),)))

    change_subscriber(
        account, ada, SubscriberChange(lists=(ListChange(news, "Unsubscribed", action),))
    )

    assert list_statuses(account) == {news: "Unsubscribed"}


def test_a_subscriber_leaves_a_list(account: Account, ada: Subscriber) -> None:
    news = make_list(account, "News")
    change_subscriber(account, ada, SubscriberChange(lists=(ListChange(news, "Active", ""),)))

    change_subscriber(account, ada, SubscriberChange(lists=(ListChange(news, "Active", "delete"),)))

    assert list_statuses(account) == {}


def test_joining_a_list_twice_is_refused(account: Account, ada: Subscriber) -> None:
    news = make_list(account, "News")
    joins = (ListChange(news, "Active", "create"),) * 2

    assert refused_change(account, ada, lists=joins) == (13006, "OnListAlready")
    assert list_statuses(account) == {}


def test_the_status_on_all_subscribers_is_the_subscribers_own(
    account: Account, ada: Subscriber
) -> None:
    change_subscriber(account, ada, SubscriberChange(lists=(ListChange(MASTER, "Held", ""),)))

    assert status_of(account, "ada") == "Held"
    assert list_statuses(account) == {}


def test_a_list_change_cannot_delete_from_all_subscribers(
    account: Account, ada: Subscriber
) -> None:
    gone = (ListChange(MASTER, "Active", "delete"),)

    refusal = refused_change(account, ada, lists=gone)

    assert refusal == (13012, "List Cannot Be Updated: everybody is on All Subscribers.")
    assert status_of(account, "ada") == "Active"


def test_a_deleted_subscriber_leaves_its_lists(account: Account, ada: Subscriber) -> None:
    news = make_list(account, "News")
    change_subscriber(account, ada, SubscriberChange(lists=(ListChange(news, "Active", ""),)))

    account.db.delete("subscriber", id=ada.id)

    assert find_subscriber(account, key="ada") is None
    assert list_statuses(account) == {}


# IDs.


def test_ids_follow_from_the_key_alone(account: Account) -> None:
    together = account.subscriber_ids({key: key for key in ("ada", "bob", "cyd")})

    apart = {key: account.subscriber_ids({key: key})[key] for key in ("cyd", "ada", "bob")}

    assert apart == together
    assert all(10**8 <= number < 2**31 for number in together.values())


def test_an_id_that_is_taken_is_not_given_again(account: Account) -> None:
    (number,) = account.subscriber_ids({"ada": "ada"}).values()
    make_subscriber(account, "other")
    account.db.update("subscriber", {"id": number}, subscriber_key="other")

    (another,) = account.subscriber_ids({"ada": "ada"}).values()

    assert another != number


def test_two_new_keys_that_draw_the_same_id_get_two(account: Account) -> None:
    found = account.subscriber_ids({"one": "ada", "two": "ADA"})

    assert found["one"] != found["two"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8))
def test_keys_are_folded_as_the_store_compares_them(key: str) -> None:
    db = Database()
    other = folded(key)

    same, upper = db.rows(
        "SELECT ? = ? COLLATE NOCASE, ? = ? COLLATE NOCASE", (key, other, key, key.upper())
    )[0]

    assert same
    assert bool(upper) == (folded(key.upper()) == other)
    db.close()
