"""Group and GroupDefinition: behaviour that other objects do not have."""

from __future__ import annotations

import pytest
from tests.support.messages import status, struct, write_objects
from tests.support.sending import make_subscriber

from sfmc_mock.account import Account
from sfmc_mock.account.subscribers import set_list_status
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.seeds import dump, load, parse_seed
from sfmc_mock.store.database import Database
from sfmc_mock.wire.struct import Struct

SEED = """
version = 1
[[subscriber]]
key = "ada"
email = "ada@mock.test"
[[subscriber]]
key = "bob"
email = "bob@mock.test"
[[list]]
id = 7
name = "News"
members = ["ada", "bob"]
[[subscriber_group]]
key = "readers"
name = "Readers"
list = 7
members = ["ada"]
"""


@pytest.fixture
def call() -> Call:
    """A call on an account with a group of a list."""
    account = Account(Database(), due_actions=DUE_ACTIONS)
    load(account, parse_seed(SEED))
    return Call(account)


def members(account: Account) -> list[object]:
    found = account.db.rows(
        "SELECT s.subscriber_key FROM group_member m JOIN subscriber s ON s.id = m.subscriber_id ORDER BY 1"
    )
    return [key for (key,) in found]


def refresh(call: Call, key: str = "readers") -> Struct:
    definition = struct("GroupDefinition", CustomerKey=key)
    wrapper = Struct("PerformRequestMsg.Definitions", {"Definition": [definition]})
    message = Struct("PerformRequestMsg", {"Action": "start", "Definitions": wrapper})
    answer = OPERATIONS["Perform"](call, message).part("Results")
    assert answer is not None
    (result,) = answer.parts("Result")
    return result


def test_a_refresh_takes_the_active_subscribers_of_the_list(call: Call) -> None:
    bob = call.account.db.find("subscriber", subscriber_key="bob")
    assert bob is not None

    refreshed = refresh(call)
    everybody = members(call.account)
    set_list_status(call.account, int(str(bob["id"])), 7, "Unsubscribed")
    refresh(call)

    assert refreshed.text("StatusCode") == "OK"
    assert everybody == ["ada", "bob"]
    assert members(call.account) == ["ada"]


def test_refreshing_a_missing_group_is_refused(call: Call) -> None:
    result = refresh(call, "nobody's")

    assert (result.text("StatusMessage"), result.number("ErrorCode")) == ("Group not found.", 2)


def test_an_update_adds_subscribers_that_are_known(call: Call) -> None:
    make_subscriber(call.account, "cyd")

    added = struct("Group", CustomerKey="readers", Subscribers=[{"SubscriberKey": "cyd"}])
    unknown = struct("Group", CustomerKey="readers", Subscribers=[{"SubscriberKey": "dan"}])

    assert status(write_objects(call, "Update", added))[0] == "OK"
    assert status(write_objects(call, "Update", unknown))[2] == 12001
    assert members(call.account) == ["ada", "cyd"]


def test_a_deleted_group_leaves_its_subscribers(call: Call) -> None:
    answer = write_objects(call, "Delete", struct("Group", CustomerKey="readers"))

    assert status(answer)[0] == "OK"
    assert call.account.db.count("subscriber") == 2


def test_an_export_keeps_the_members(call: Call) -> None:
    copy = Account(Database(), due_actions=DUE_ACTIONS)
    load(copy, parse_seed(dump(call.account)))

    assert members(copy) == ["ada"]
    assert refresh(Call(copy)).text("StatusCode") == "OK"
    assert members(copy) == ["ada", "bob"]
    copy.db.close()
