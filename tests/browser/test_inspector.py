"""The inspector in a browser."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.request import Request, urlopen

import pytest
from tests.browser.conftest import Opening

from sfmc_client import Client, P, SfmcError, UsernameToken
from sfmc_mock import MockServer

expect = pytest.importorskip(
    "playwright.sync_api", reason="needs playwright, of the group dev of pyproject.toml"
).expect

LOGIN = UsernameToken("mock-user", "mock-password")


def send(server: MockServer, to: str, definition: str = "welcome", **attributes: str) -> Any:
    return server.account.send(definition, to=to, attributes=attributes)


def clicks(server: MockServer) -> list[str]:
    with Client(server.url, auth=LOGIN) as client:
        found = client.retrieve(
            "ClickEvent", ["SubscriberKey", "URL"], filter=P("SubscriberKey") == "ada@mock.test"
        )
        return [str(each["URL"]) for each in found]


def test_from_a_send_that_does_not_arrive_to_a_click_that_a_retrieve_shows(
    server: MockServer, opening: Opening
) -> None:
    # curl's header.
    body = {"definition": "paused", "to": "ada@mock.test", "attributes": {"FirstName": "Ada"}}
    asked = Request(
        f"{server.base_url}/_mock/sends",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    urlopen(asked).close()

    page = opening("/sends")
    page.get_by_role("cell").get_by_role("link", name="1", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("queued")
    expect(page.locator(".verdict")).to_contain_text("waits")

    page.get_by_role("link", name="Data", exact=True).click()
    page.get_by_role("link", name="TriggeredSendDefinition", exact=True).click()
    page.get_by_role("button", name="Start paused").click()
    expect(page.get_by_role("status").filter(has_text="is started")).to_be_visible()
    page.get_by_role("link", name="Sends", exact=True).click()
    page.get_by_role("cell").get_by_role("link", name="1", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("No rule blocks ada@mock.test")

    page.get_by_role("button", name="Advance the clock by 1 hour").click()
    expect(page.locator("#clock")).to_contain_text("2026-01-01 13:00:00")
    page.get_by_role("link", name="Show the message").click()
    page.frame_locator("iframe").get_by_role("link", name="Start").click()
    expect(page.get_by_role("status").filter(has_text="Click at 13:00:00")).to_be_visible()

    assert clicks(server) == []
    page.get_by_label("Advance the clock by a duration, or to a time").fill("2d")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator("#clock")).to_contain_text("2026-01-03 13:00:00")
    assert clicks(server) == ["https://example.com/start"]


def test_pages_update_themselves(server: MockServer, opening: Opening) -> None:
    page = opening("/sends")
    expect(page.locator("#live")).to_have_text("live")
    send(server, "ada@mock.test")
    expect(page.get_by_role("cell", name="ada@mock.test")).to_be_visible()
    server.clock.advance("1h")
    expect(page.locator("#clock")).to_contain_text("2026-01-01 13:00:00")

    journal = opening("/journal")
    expect(journal.locator("#live")).to_have_text("live")
    with Client(server.url, auth=LOGIN) as client:
        list(client.retrieve("List", ["ID"]))
    expect(journal.get_by_role("cell", name="Retrieve List")).to_be_visible()


def test_a_server_with_open_pages_stops_at_once(server: MockServer, opening: Opening) -> None:
    page = opening("/")
    expect(page.locator("#live")).to_have_text("live")
    server.app.inspector.stop()
    expect(page.locator("#live")).to_have_text("not live")


def test_keyboard_shortcuts_navigate_pages(server: MockServer, opening: Opening) -> None:
    send(server, "ada@mock.test")
    page = opening("/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sends")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("ada@mock.test")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sends?recipient=ada*")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sends/1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.go_back()
    page.wait_for_url("**/sends?recipient=ada*")


def test_a_chosen_theme_stays(server: MockServer, opening: Opening) -> None:
    page = opening("/", color_scheme="light")
    page.keyboard.press("t")
    page.keyboard.press("t")
    page.get_by_role("link", name="Sends", exact=True).click()
    page.wait_for_url("**/sends")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 19, 24)"


def test_pages_work_without_scripts(server: MockServer, opening: Opening) -> None:
    send(server, "ada@mock.test", FirstName="Ada")
    page = opening("/", java_script_enabled=False)
    page.get_by_role("link", name="Sends", exact=True).click()
    page.get_by_role("cell").get_by_role("link", name="1", exact=True).click()
    expect(page.locator(".timeline")).to_contain_text("Decided: sent")
    page.get_by_role("button", name="Next event").click()
    expect(page.get_by_role("status")).to_contain_text("the time of the next event or action")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Open at")


# Parts of every page.

PAGES = (
    "/", "/sends", "/sends/1", "/sends/2", "/sends/1/messages/0", "/data", "/data/Subscriber",
    "/data/TriggeredSendDefinition", "/data/DataFolder", "/data/Subscriber/{subscriber}",
    "/subscriber?key=ada@mock.test", "/journal", "/journal/2", "/journal?text=nothing", "/chaos?recipient=x",
    "/docs", "/docs/inspector", "/sends/99", "/data/ContentArea",
)  # fmt: skip

HOSTILE = (
    "<script>alert(1)</script>",
    "\u202egnp.exe\u2066",
    '"><img src=x onerror=alert(2)>',
    "x" * 10_000,
    "{{ 7 * 7 }} {% raw %}",
    "&lt;b&gt; \u200f\u0007",
)

HOSTILE_HTML = """
<iframe src="https://evil.test"></iframe><meta http-equiv="refresh" content="0;url=https://evil.test">
<a href="https://evil.test" target="_top">out</a><form action="https://evil.test"><button>Go</button></form>
<style>@import "https://evil.test/x.css"; p { background: url(https://evil.test/y.png) }</style>
<p style="background-image: url('https://evil.test/z.png')">style</p><img srcset="https://evil.test/2.png 2x">
"""


def fill(server: MockServer) -> None:
    server.account.chaos.add(name="slow", operation="Query", delay="1s")
    send(server, "ada@mock.test", FirstName="Ada")
    send(server, "nobody")
    server.clock.advance("5m")
    send(server, "bob+open+click+after-1h@mock.test", FirstName="Bob")
    with Client(server.url, auth=LOGIN) as client:
        list(client.retrieve("List", ["ID"]))
        list(client.retrieve("List", ["ID", "listname"]))


def axe_problems(page: Any) -> list[str]:
    source = pytest.importorskip(
        "axe_playwright_python.base", reason="needs axe-playwright-python"
    ).AXE_FILE_PATH
    page.evaluate(source.read_text(encoding="utf-8"))
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "iframes": False}
    found = page.evaluate("rules => axe.run(document, rules)", rules)
    assert found["passes"]
    return [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(
    server: MockServer, opening: Opening, theme: str
) -> None:
    fill(server)
    ada = server.account.subscriber("ada@mock.test")
    assert ada is not None
    page = opening("/", color_scheme=theme)
    root = re.sub(r"/$", "", page.url)
    problems = []
    for path in PAGES:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(root + path.format(subscriber=ada.id))
        problems += [f"{path}: {each}" for each in axe_problems(page)]
        for width in (1280, 400):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                problems.append(f"{path} is wider than {width}")
    assert problems == []


def test_hostile_names_run_nothing_and_break_nothing(server: MockServer, opening: Opening) -> None:
    evil = "".join(f"<p>{each}</p>" for each in HOSTILE) + HOSTILE_HTML
    with server.account.account.db.atomic():
        server.account.account.db.update(
            "email", {"html_body": evil, "name": HOSTILE[0]}, customer_key="mail"
        )
        server.account.account.db.update(
            "triggered_send_definition", {"name": HOSTILE[2]}, customer_key="welcome"
        )
    for number, text in enumerate(HOSTILE):
        key = f"{text[:200]}{number}"
        server.account.send(
            "welcome",
            to={"key": key, "email": f"a{number}@mock.test"},
            attributes={"FirstName": text},
        )
    with Client(server.url, auth=LOGIN) as client:
        for text in HOSTILE[:3]:
            with pytest.raises(SfmcError):
                list(client.retrieve(text, ["ID"]))
    page = opening("/")
    root = re.sub(r"/$", "", page.url)
    paths = [
        "/", "/sends", "/data/Subscriber", "/data/Email", "/data/TriggeredSendDefinition", "/journal", "/journal/1",
        "/journal/2", "/docs/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        *(f"/sends/{number}" for number in range(1, 7)), *(f"/sends/{number}/messages/0" for number in range(1, 7)),
    ]  # fmt: skip
    for path in paths:
        for width in (1280, 400):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(root + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert "\u202e" not in page.inner_text("main"), path
    page.goto(f"{root}/sends/1/messages/0")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("out")).to_be_visible()
    frame.get_by_text("out").click()
    assert page.url == f"{root}/sends/1/messages/0"
    # The frame by itself, too.
    page.goto(f"{root}/sends/1/messages/0/body")
    assert page.locator("script").count() == 0
