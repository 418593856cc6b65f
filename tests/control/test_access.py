"""Access to the control API: programs on this machine and callers with the token, but no web pages of other sites."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from tests.support.control import Control, Reply

from sfmc_mock.control import ROUTES
from sfmc_mock.control.access import Access
from sfmc_mock.control.request import Route
from sfmc_mock.errors import SetupError
from sfmc_mock.settings import Settings

FORM = "application/x-www-form-urlencoded"
TOKEN = "a-token-of-this-test"
CHANGING = [route for route in ROUTES if route.method != "GET"]


@pytest.fixture(scope="module")
def unharmed() -> Iterator[Control]:
    """A control API that refuses every request of these tests."""
    control = Control()
    before = control.get("/accounts").body
    yield control
    assert control.get("/accounts").body == before
    control.close()


def path_of(route: Route) -> str:
    """Return an address of the route; for routes with a number, one of the account."""
    return re.sub("<[^<>]*>", "1234567", route.path)


def ask(
    control: Control, route: Route, base_url: str = "http://localhost", **headers: str
) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return control.ask(route.method, path_of(route), base_url=base_url, headers=named)


def ask_all(
    control: Control, base_url: str = "http://localhost", **headers: str
) -> dict[str, Reply]:
    """Return the answers of all routes to the same headers, with method and path."""
    return {
        f"{route.method} {route.path}": ask(control, route, base_url, **headers) for route in ROUTES
    }


def refusals(replies: dict[str, Reply]) -> set[tuple[int, str]]:
    """Return the refusals among the answers; every route must answer."""
    assert len(replies) == len(ROUTES)
    return {(reply.status, reply.code) for reply in replies.values()}


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "evil.test:8025",
        "localhost.evil.test",
        "127.0.0.1.nip.test",
        "192.0.2.7",
        "a b",
    ],
)
def test_a_foreign_host_is_refused(unharmed: Control, host: str) -> None:
    replies = ask_all(unharmed, Host=host)

    assert refusals(replies) == {(403, "foreign_host")}
    assert all("--allow-host" in reply.error for reply in replies.values())


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "null",
        "http://localhost:3000",
        "https://localhost",
        "file://",
        "http://[",
        "",
    ],
)
def test_a_page_of_a_foreign_origin_is_refused(unharmed: Control, origin: str) -> None:
    assert refusals(ask_all(unharmed, Origin=origin)) == {(403, "foreign_origin")}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_a_page_of_another_site_embeds_is_refused(
    unharmed: Control, site: str
) -> None:
    replies = ask_all(unharmed, Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors")

    assert refusals(replies) == {(403, "foreign_origin")}


@pytest.mark.parametrize(
    "given", ["text/plain", "multipart/form-data", FORM, "", "application/jsonp"]
)
def test_a_change_that_any_page_could_send_is_refused(unharmed: Control, given: str) -> None:
    for route in CHANGING:
        if route.method == "DELETE" and not given:
            # No page can send it unasked: without a body it needs no type.
            continue
        reply = ask(unharmed, route, Content_Type=given)

        assert (reply.status, reply.code) == (415, "unsupported_media_type"), route
        wanted = "octet-stream" if route.reads == "file" else "json"
        assert f"Content-Type: application/{wanted}" in reply.error


def test_a_form_that_names_no_origin_is_refused(unharmed: Control) -> None:
    for route in CHANGING:
        assert ask(unharmed, route, Content_Type=FORM, Sec_Fetch_Site="none").status == 415, route


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}]
)
def test_a_form_of_an_own_page_is_taken(control: Control, headers: dict[str, str]) -> None:
    reply = control.ask("POST", "/clock", "advance=2h", headers={"Content-Type": FORM, **headers})

    assert reply.body["now"] == "2026-01-01T14:00:00.000"


@pytest.mark.parametrize(
    "base_url",
    ["http://localhost", "http://127.0.0.1:8025", "http://[::1]:8025", "http://tenant.localhost"],
)
def test_this_machine_is_answered_by_any_of_its_names(control: Control, base_url: str) -> None:
    assert control.ask("GET", "/health", base_url=base_url).status == 200


def test_an_own_page_is_answered(control: Control) -> None:
    reply = control.ask(
        "POST",
        "/clock",
        {"freeze": True},
        base_url="http://localhost:8025",
        headers={"Origin": "http://localhost:8025", "Sec-Fetch-Site": "same-origin"},
    )

    assert reply.status == 200


def test_a_link_may_lead_to_the_control_api(control: Control) -> None:
    reply = control.ask(
        "GET", "", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    )

    assert reply.status == 200


def test_no_answer_can_be_taken_for_a_script_or_a_page(control: Control) -> None:
    assert control.get("/health").headers["X-Content-Type-Options"] == "nosniff"


def test_other_names_can_be_allowed() -> None:
    control = Control(allow_host=("Mock", "emulator.test:8025"))

    found = [
        control.ask("GET", "/health", headers={"Host": host}).status
        for host in ("mock:8025", "emulator.test", "other.test")
    ]

    control.close()
    assert found == [200, 200, 403]


@pytest.mark.parametrize("host", ["evil.test", "mcx.soap.marketingcloudapis.com"])
def test_soap_tokens_and_the_wsdl_are_for_any_host(control: Control, host: str) -> None:
    client = control.client
    headers = {"Host": host, "Origin": "https://evil.test"}

    found = [
        client.get("/etframework.wsdl", headers=headers).status_code,
        client.post("/Service.asmx", data=b"<", headers=headers).status_code,
        client.post("/v2/token", json={}, headers=headers).status_code,
    ]

    assert found == [200, 400, 400]


# Tokens.


@pytest.fixture(scope="module")
def guarded() -> Iterator[Control]:
    control = Control(host="0.0.0.0", control_token=TOKEN)
    yield control
    control.close()


@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer wrong", f"Bearer {TOKEN}x", "Bearer ", "Basic !", "Bearer t\u00f6ken"],
)
def test_beyond_loopback_nothing_is_answered_without_the_token(
    guarded: Control, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    replies = ask_all(guarded, "http://192.0.2.1:8025", **headers)

    assert refusals(replies) == {(401, "token_required")}
    for reply in replies.values():
        assert "SFMC_MOCK_CONTROL_TOKEN" in reply.error
        assert TOKEN not in reply.error
        assert "Basic" in reply.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "authorization",
    [f"Bearer {TOKEN}", "Basic " + base64.b64encode(f"any:{TOKEN}".encode()).decode()],
)
def test_the_token_opens_as_a_bearer_token_and_as_a_password(
    guarded: Control, authorization: str
) -> None:
    reply = guarded.ask(
        "GET",
        "/health",
        base_url="http://192.0.2.1:8025",
        headers={"Authorization": authorization},
    )

    assert reply.status == 200


def test_the_token_does_not_open_to_foreign_hosts_and_pages(guarded: Control) -> None:
    token = f"Bearer {TOKEN}"

    hosts = ask_all(guarded, "http://evil.test", Authorization=token)
    pages = ask_all(guarded, Authorization=token, Origin="https://evil.test")

    assert refusals(hosts) == {(403, "foreign_host")}
    assert refusals(pages) == {(403, "foreign_origin")}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mock.test"])
def test_a_token_is_drawn_where_other_machines_can_call(host: str) -> None:
    first, second = (Access.of(Settings(host=host)).token for _ in range(2))

    assert first is not None
    assert len(first) >= 32
    assert first != second


def test_loopback_has_no_token_unless_one_is_given() -> None:
    assert Access.of(Settings()).token is None
    assert Access.of(Settings(control_token=TOKEN)).token == TOKEN


@pytest.mark.parametrize("token", ["", "short", "with blank in it", "l\u00e4nger-als-acht"])
def test_a_token_that_cannot_be_used_is_refused(token: str) -> None:
    with pytest.raises(SetupError, match="--control-token"):
        Access.of(Settings(control_token=token))


def test_an_application_that_another_server_opens_to_the_world_asks_for_a_token(
    control: Control,
) -> None:
    with control.client.get(
        "/_mock/health",
        base_url="http://localhost",
        environ_overrides={"REMOTE_ADDR": "192.0.2.9"},
    ) as response:
        assert response.status_code == 403
        assert "--control-token" in response.get_data(as_text=True)
