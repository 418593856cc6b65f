"""Accounts on a running server: created, listed, removed, and selected."""

from __future__ import annotations

import gc
from weakref import ref

import pytest
from tests.support.control import SEED, Control


@pytest.fixture
def fresh(control: Control) -> dict[str, str]:
    """Return the server's answer for a new account."""
    return dict(control.post("/accounts").body)


def test_a_fresh_account_takes_a_call_with_its_password_at_once(
    control: Control, fresh: dict[str, str]
) -> None:
    status = control.soap_as(fresh["username"], fresh["password"])

    assert status == 200


def test_a_fresh_account_gives_a_token_that_takes_a_call(
    control: Control, fresh: dict[str, str]
) -> None:
    token = control.token(fresh["client_id"], fresh["client_secret"])

    assert control.soap_with_token(token) == 200


def test_a_fresh_account_comes_with_the_addresses_of_the_server(fresh: dict[str, str]) -> None:
    assert fresh["url"] == "http://localhost/Service.asmx"
    assert fresh["auth_url"] == "http://localhost"


def test_fresh_accounts_have_nothing_in_common(control: Control, fresh: dict[str, str]) -> None:
    other = control.post("/accounts").body

    shared = {name for name in fresh if fresh[name] == other[name]}
    assert shared == {"url", "auth_url"}


def test_a_fresh_account_starts_from_the_servers_seed(
    control: Control, fresh: dict[str, str]
) -> None:
    clock = control.get("/clock", mid=fresh["mid"])

    assert clock.body["now"] == "2026-01-01T12:00:00.000"


def test_a_fresh_account_can_start_from_a_seed_of_its_own(control: Control) -> None:
    seed = SEED.replace("2026-01-01", "2030-06-01")

    made = control.post("/accounts", {"seed": seed}).body

    clock = control.get("/clock", mid=made["mid"])
    assert clock.body["now"] == "2030-06-01T12:00:00.000"


def test_a_fresh_account_can_have_profiles_and_a_mode_of_its_own(control: Control) -> None:
    wanted = {"engagement": "typical", "lag": "worst", "strict": True}

    made = control.post("/accounts", wanted).body

    settings = control.get("/settings", mid=made["mid"]).body
    assert {name: settings[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"seed": "[acount]"}, "Did you mean 'account'?"),
        ({"engagement": "typicl"}, "Did you mean typical?"),
        ({"strict": "yes"}, "must be true or false"),
        ({"strikt": True}, "Did you mean 'strict'?"),
    ],
)
def test_an_account_that_is_asked_for_wrongly_is_not_made(
    control: Control, body: dict[str, object], message: str
) -> None:
    reply = control.post("/accounts", body)

    assert reply.status == 400
    assert message in reply.error
    assert len(control.get("/accounts").body["accounts"]) == 1


def test_one_account_does_not_see_events_of_another(
    control: Control, fresh: dict[str, str]
) -> None:
    control.send()

    assert control.get("/sends", mid=fresh["mid"]).body["sends"] == []


def test_the_clocks_of_two_accounts_are_two(control: Control, fresh: dict[str, str]) -> None:
    control.post("/clock", {"advance": "2h"}, mid=fresh["mid"])

    assert control.get("/clock").body["now"] == "2026-01-01T12:00:00.000"


def test_an_account_that_was_removed_takes_no_more_calls(
    control: Control, fresh: dict[str, str]
) -> None:
    control.ask("DELETE", f"/accounts/{fresh['mid']}")

    assert control.soap_as(fresh["username"], fresh["password"]) == 500
    assert control.get("/clock", mid=fresh["mid"]).status == 404


def test_beyond_so_many_accounts_none_is_made_until_one_is_removed(control: Control) -> None:
    control.app.accounts.max_accounts = 2
    made = control.post("/accounts").body

    refused = control.post("/accounts")

    assert refused.status == 400
    assert "has 2 accounts, the most that it may. Remove one (DELETE" in refused.error
    control.ask("DELETE", f"/accounts/{made['mid']}")
    assert control.post("/accounts").status == 200


def test_a_server_without_any_account_says_how_to_make_one(control: Control) -> None:
    control.ask("DELETE", "/accounts/1234567")

    reply = control.get("/clock")

    assert reply.status == 404
    assert reply.error == "There is no account. Make one: POST /_mock/accounts."


def test_the_list_shows_what_each_account_holds(control: Control) -> None:
    control.send()

    (found,) = control.get("/accounts").body["accounts"]

    assert found["mid"] == 1234567
    assert found["kept_in"] == ":memory:"
    assert found["holds"]["triggered_send_definition"] == 3
    assert found["holds"]["send"] == 1


def test_several_accounts_of_one_seed_have_credentials_of_their_own() -> None:
    control = Control(accounts=(":memory:", ":memory:"))

    statuses = [
        control.soap_as("mock-user", "mock-password"),
        control.soap_as("mock-user-2", "mock-password"),
    ]

    mids = [each["mid"] for each in control.get("/accounts").body["accounts"]]
    control.close()
    assert statuses == [200, 200]
    assert mids == [1234567, 1234568]


WITH_UNIT = f"""{SEED}
[[business_unit]]
name = "Germany"
"""


def test_nothing_is_kept_of_an_account_that_was_removed(control: Control) -> None:
    lookup = control.app.control.lookup
    made = control.post("/accounts", {"seed": WITH_UNIT}).body
    (unit,) = lookup.find(int(made["mid"])).account.units
    kept = [ref(lookup.find(int(mid))) for mid in (made["mid"], unit)]

    control.ask("DELETE", f"/accounts/{made['mid']}")
    gc.collect()

    assert [each() for each in kept] == [None, None]


def test_nothing_is_kept_of_an_account_that_its_handle_removed(control: Control) -> None:
    lookup = control.app.control.lookup
    kept = ref(lookup.fresh())

    handle = kept()
    assert handle is not None
    handle.remove()
    del handle
    lookup.find()
    lookup.fresh()
    gc.collect()

    assert kept() is None


def test_a_business_unit_that_cannot_be_removed_keeps_its_checkpoints(control: Control) -> None:
    lookup = control.app.control.lookup
    made = control.post("/accounts", {"seed": WITH_UNIT}).body
    (unit,) = lookup.find(int(made["mid"])).account.units
    control.post("/checkpoint", {"name": "before"}, mid=unit)

    refused = control.ask("DELETE", f"/accounts/{unit}")

    assert refused.status == 400
    assert "is a business unit of" in refused.error
    assert lookup.find(unit).checkpoints == ["before"]
