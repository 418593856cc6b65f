"""The format of errors, `{"error": {"code", "message"}}`, and their HTTP statuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.control import Control

MISSING = [
    ("GET", "/nothing", None),
    ("GET", "/sends/17", None),
    ("GET", "/sends/17/explain", None),
    ("GET", "/sends/" + "9" * 30, None),
    ("GET", "/sends/" + "9" * 5_000, None),
    ("GET", "/sends/-1", None),
    ("GET", "/explain?unique_id=none", None),
    ("GET", "/explain?subscriber=nobody", None),
    ("GET", "/journal/17", None),
    ("GET", "/clock?mid=17", None),
    ("DELETE", "/accounts/17", None),
    ("POST", "/restore", {"name": "none"}),
    ("POST", "/sends", {"definition": "none", "to": "ada@mock.test"}),
    ("POST", "/sends?mid=17", {}),
    ("POST", "/events", {"kind": "open", "send": 17}),
]

WRONG = [
    ("POST", "/clock", {}),
    ("POST", "/clock", {"advance": "2h", "freeze": True}),
    ("POST", "/clock", {"advance": "2 hours"}),
    ("POST", "/clock", {"advance": "-2h"}),
    ("POST", "/clock", {"advance": 2}),
    ("POST", "/clock", {"advance": "9999999d"}),
    ("POST", "/clock", {"advance": "999999999999999w"}),
    ("POST", "/clock", {"set": "2025-12-31T00:00:00"}),
    ("POST", "/clock", {"set": "9999-12-31T00:00:00"}),
    ("POST", "/clock", {"set": "tomorrow"}),
    ("POST", "/clock", {"freeze": False}),
    ("POST", "/clock", {"stop": True}),
    ("POST", "/clock", "not JSON"),
    ("POST", "/clock", b"\xff\xfe"),
    ("POST", "/clock", "[" * 100_000),
    ("POST", "/clock", '["advance", "2h"]'),
    ("POST", "/clock", '{"advance": "\\ud800"}'),
    ("POST", "/checkpoint", {"name": 5}),
    ("POST", "/checkpoint", {"nam": "before"}),
    ("POST", "/import", ""),
    ("POST", "/import", b"\xff\xfe"),
    ("POST", "/import", "key = "),
    ("POST", "/import", "/etc/hosts.toml"),
    ("POST", "/settings", {"engagement": "typicl"}),
    ("POST", "/settings", {"lag": "worse"}),
    ("POST", "/settings", {"strict": True}),
    ("POST", "/sends", {"to": "ada@mock.test"}),
    ("POST", "/sends", {"definition": "welcome"}),
    ("POST", "/sends", {"definition": "welcome", "to": []}),
    ("POST", "/sends", {"definition": "welcome", "to": {"address": "ada@mock.test"}}),
    ("POST", "/sends", {"definition": "welcome", "to": "ada@mock.test", "attributes": []}),
    ("POST", "/sends", {"definition": "welcome", "to": "a@b.test", "attributes": {"x": []}}),
    ("POST", "/sends", {"definition": "welcome", "to": "ada+opne@mock.test"}),
    ("POST", "/sends", {"definition": "draft", "to": "ada@mock.test"}),
    ("POST", "/events", {"kind": "open"}),
    ("POST", "/events", {"kind": "open", "send": "1"}),
    ("POST", "/events", {"kind": "open", "send": 10**30}),
    ("GET", "/explain", None),
    ("GET", "/explain?send=one", None),
    ("GET", "/sends?limit=0", None),
    ("GET", "/sends?limit=-1", None),
    ("GET", "/sends?limit=²", None),
    ("GET", "/sends?definitoin=welcome", None),
    ("GET", "/journal?bodies=perhaps", None),
    ("GET", "/clock?mid=first", None),
]


@pytest.fixture(scope="module")
def unharmed() -> Iterator[Control]:
    """A control API for requests that change nothing."""
    control = Control()
    yield control
    assert control.app.control.problems == []
    control.close()


def label(value: object) -> str | None:
    return str(value)[:40] if isinstance(value, str | dict | bytes) else None


@pytest.mark.parametrize(("method", "path", "body"), MISSING, ids=label)
def test_an_unknown_address_is_404(unharmed: Control, method: str, path: str, body: object) -> None:
    reply = unharmed.ask(method, path, body)

    assert (reply.status, reply.code) == (404, "not_found")
    assert len(reply.error) < 400


@pytest.mark.parametrize(("method", "path", "body"), WRONG, ids=label)
def test_wrong_input_is_400_and_changes_nothing(
    unharmed: Control, method: str, path: str, body: object
) -> None:
    before = unharmed.get("/accounts").body

    reply = unharmed.ask(method, path, body)

    assert (reply.status, reply.code) == (400, "wrong_input")
    assert unharmed.get("/accounts").body == before


def test_another_method_is_405_and_told_the_right_one(control: Control) -> None:
    reply = control.ask("PUT", "/clock", {"advance": "2h"})

    assert (reply.status, reply.code) == (405, "method_not_allowed")
    assert "GET" in reply.headers["Allow"]
    assert "POST" in reply.headers["Allow"]


def test_a_body_over_the_limit_is_413() -> None:
    control = Control(max_body=1_024)

    reply = control.post("/import", "#" * 2_000)

    control.close()
    assert (reply.status, reply.code) == (413, "request_entity_too_large")


def test_a_misspelt_parameter_is_not_passed_over(control: Control) -> None:
    reply = control.get("/sends", definitoin="welcome")

    assert reply.error == "There is no parameter 'definitoin'. Did you mean 'definition'?"


def test_a_failure_of_the_emulator_is_500_kept_and_shows_only_its_kind(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(mid: int) -> None:
        raise KeyError("password-500000001")

    monkeypatch.setattr(control.app.accounts, "by_mid", broken)

    reply = control.get("/clock", mid=5)

    (kept,) = control.app.control.problems
    control.app.control.problems.clear()
    assert (reply.status, reply.code) == (500, "internal")
    assert isinstance(kept, KeyError)
    assert "password" not in reply.error


def test_a_send_refused_as_a_whole_says_the_services_code_and_the_status(control: Control) -> None:
    reply = control.post("/sends", {"definition": "draft", "to": "ada@mock.test"})

    assert "18001" in reply.error
    assert reply.error.endswith("The definition is New.")
