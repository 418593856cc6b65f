"""Publication and PublicationSubscriber: behaviour that other objects do not have."""

from __future__ import annotations

import pytest
from tests.support.messages import fields, retrieve, status, struct, write_objects
from tests.support.sending import make_subscriber

from sfmc_mock.account import Account
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import HANDLERS
from sfmc_mock.operations.unused_elements import warn_of_unused_elements
from sfmc_mock.seeds import dump, load, parse_seed
from sfmc_mock.store.database import Database
from sfmc_mock.wire.struct import Struct

ASKED = ["Publication.Name", "Subscriber.SubscriberKey"]


def offers(*keys: str) -> Struct:
    subscribers = [{"SubscriberKey": key, "EmailAddress": f"{key}@mock.test"} for key in keys]
    return struct("Publication", Name="Offers", Subscribers={"Subscriber": subscribers})


def members(call: Call) -> list[str]:
    found = fields(retrieve(call, "PublicationSubscriber", ASKED))
    assert {each["Publication.Name"] for each in found} <= {"Offers"}
    return [each["Subscriber.SubscriberKey"] for each in found]


def test_its_subscribers_are_known_ones_and_new_ones(call: Call) -> None:
    make_subscriber(call.account, "ada")

    answer = write_objects(call, "Create", offers("ada", "bob"))

    assert status(answer)[0] == "OK"
    assert members(call) == ["ada", "bob"]
    assert call.account.db.count("subscriber") == 2


@pytest.mark.parametrize("operation", ["Create", "Update"])
def test_nothing_is_said_of_its_subscribers(call: Call, operation: str) -> None:
    warn_of_unused_elements(call, operation, HANDLERS["Publication"], offers("ada"))

    assert call.warnings == []


def test_an_update_adds_subscribers_once(call: Call) -> None:
    write_objects(call, "Create", struct("Publication", offers("ada").values, CustomerKey="o"))

    for _ in range(2):
        write_objects(
            call, "Update", struct("Publication", offers("ada", "bob").values, CustomerKey="o")
        )

    assert members(call) == ["ada", "bob"]


@pytest.mark.parametrize("gone", ["Publication", "Subscriber"])
def test_a_deleted_subscriber_leaves_its_publications(call: Call, gone: str) -> None:
    write_objects(call, "Create", struct("Publication", offers("ada").values, CustomerKey="o"))

    named = {"CustomerKey": "o"} if gone == "Publication" else {"SubscriberKey": "ada"}
    answer = write_objects(call, "Delete", struct(gone, named))

    assert status(answer)[0] == "OK"
    assert members(call) == []


def test_a_name_is_taken_once(call: Call) -> None:
    write_objects(call, "Create", struct("Publication", Name="Offers"))

    answer = write_objects(call, "Create", struct("Publication", Name="OFFERS"))

    assert status(answer) == ("Error", "Publication Name Already Exists Error", 111001)


def test_an_export_keeps_the_subscribers_of_a_publication(call: Call) -> None:
    write_objects(call, "Create", offers("ada", "bob"))

    copy = Account(Database())
    load(copy, parse_seed(dump(call.account)))

    assert members(Call(copy)) == ["ada", "bob"]
    copy.db.close()
