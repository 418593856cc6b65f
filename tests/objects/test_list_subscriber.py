"""ListSubscriber: the members of lists, read-only."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import (
    fields,
    only_result,
    retrieve,
    simple,
    status,
    struct,
    write_objects,
)
from tests.support.page_sql import page_sql

from sfmc_mock.account.subscribers import insert_subscriber, join_list
from sfmc_mock.declarations.call import Call
from sfmc_mock.store.conditions import comparison
from sfmc_mock.store.page_queries import Selection

ALL = "8421"


@pytest.fixture
def news(call: Call) -> str:
    """A list with two of three subscribers, one of whom has unsubscribed from it; the third is Held."""
    answer = write_objects(call, "Create", struct("List", ListName="News"))
    number = only_result(answer).number("NewID") or 0
    for key, list_status in (("ada", "Active"), ("bob", "Unsubscribed")):
        person = insert_subscriber(call.account, key, f"{key}@mock.test", attributes={})
        join_list(call.account, person, number, list_status)
    insert_subscriber(call.account, "eve", "eve@mock.test", attributes={}, status="Held")
    return str(number)


def members(call: Call, list_id: str) -> set[tuple[str, str]]:
    answer = retrieve(
        call, "ListSubscriber", ["SubscriberKey", "Status"], simple("ListID", "equals", list_id)
    )
    return {(each["SubscriberKey"], each["Status"]) for each in fields(answer)}


def test_a_list_shows_its_members_with_their_status_there(call: Call, news: str) -> None:
    assert members(call, news) == {("ada", "Active"), ("bob", "Unsubscribed")}


def test_all_subscribers_holds_every_subscriber_with_its_status(call: Call, news: str) -> None:
    assert members(call, ALL) == {("ada", "Active"), ("bob", "Active"), ("eve", "Held")}


def test_a_subscriber_shows_their_lists(call: Call, news: str) -> None:
    answer = retrieve(call, "ListSubscriber", ["ListID"], simple("SubscriberKey", "equals", "ADA"))

    assert {each["ListID"] for each in fields(answer)} == {news, ALL}


def test_pages_hold_each_subscription_once(call: Call, news: str) -> None:
    call.page_size = 2
    seen = []
    continued: dict[str, Any] = {}

    while True:
        answer = retrieve(call, "ListSubscriber", ["ListID", "SubscriberKey"], **continued)
        seen += [(each["ListID"], each["SubscriberKey"]) for each in fields(answer)]
        if answer[0].text == "OK":
            break
        continued = {"ContinueRequest": call.request_id}
        call.request_id += "+"

    assert len(seen) == len(set(seen)) == 5


def test_members_come_in_the_order_of_an_index(call: Call) -> None:
    """Sorting a list of 300,000 members for each page took 80 ms; the index takes 5."""
    condition = comparison("ListID", "equals", (5,))
    selection = Selection("api_ListSubscriber", ("SubscriberKey", "Status"), condition)

    sql, bound = page_sql(selection, 0, 2_500)
    plan = call.account.db.rows(f"EXPLAIN QUERY PLAN {sql}", bound)

    assert not [step for *_, step in plan if "TEMP B-TREE" in str(step)]


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete"])
def test_it_cannot_be_written(call: Call, operation: str) -> None:
    answer = write_objects(call, operation, struct("ListSubscriber", ListID=1))

    assert status(answer) == (
        "Error",
        f"Cannot perform {operation} on objects of type ListSubscriber",
        5,
    )
