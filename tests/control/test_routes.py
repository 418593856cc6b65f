"""The table of routes: each answers, reports its own address, and is in the list of all routes."""

from __future__ import annotations

import pytest
from tests.support.control import Control

from sfmc_mock.control import ROUTES
from sfmc_mock.control.request import Route


def test_no_two_routes_have_the_same_address_and_method() -> None:
    addresses = [(route.method, route.address) for route in ROUTES]

    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_each_route_describes_itself_in_a_sentence(route: Route) -> None:
    assert route.about[0].isupper()
    assert route.about.endswith(".")


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.method == "GET" and "<" not in route.address],
    ids=lambda route: route.path,
)
def test_each_route_without_arguments_answers(control: Control, route: Route) -> None:
    query = {"subscriber": "ada@mock.test"} if route.address.endswith("/explain") else {}
    control.send()

    reply = control.get(route.path, **query)

    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("application/")


def test_the_list_of_routes_is_the_table(control: Control) -> None:
    found = control.get("").body["routes"]

    assert found == [
        {"method": each.method, "path": each.address, "about": each.about} for each in ROUTES
    ]


def test_addresses_are_written_for_people() -> None:
    (found,) = [each for each in ROUTES if each.path.endswith("/explain") and "<" in each.path]

    assert found.address == "/_mock/sends/<id>/explain"


def test_a_slash_at_the_end_makes_no_difference(control: Control) -> None:
    assert control.get("/clock/").body == control.get("/clock").body


def test_health_shows_the_version_and_ready_the_accounts(control: Control) -> None:
    health, ready = control.get("/health").body, control.get("/ready").body

    assert health["status"] == "ok"
    assert health["version"].count(".") == 2
    assert ready == {"status": "ready", "mids": [1234567]}


def test_answers_are_readable_without_escapes_and_never_cached(control: Control) -> None:
    sent = control.send()

    reply = control.get(f"/sends/{sent['send_id']}/explain")

    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
