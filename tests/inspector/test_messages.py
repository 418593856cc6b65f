"""A message as the recipient sees it, and the recipient's actions."""

from __future__ import annotations

import email
from email.policy import default

import pytest
from tests.support.browsing import Browsing, Seen

EMAIL = """
[account]
clock = "2026-01-01T12:00:00"
lag = "worst"

[[profile_attribute]]
name = "FirstName"
max_length = 500

[[email]]
key = "mail"
name = "Mail"
subject = "Dear %%FirstName%%"
html_body = '''{body}'''

[[triggered_send_definition]]
key = "welcome"
name = "Welcome mail"
email = "mail"
status = "Active"
auto_add_subscribers = true
"""

BODY = """<html><head><base href="https://evil.test/"><meta http-equiv="refresh" content="0;url=https://evil.test/">
<script>alert(1)</script><style>p {color: red}</style></head><body onload="alert(2)" background="https://evil.test/b.png">
<p>Hello %%FirstName%% at %%emailaddr%%, %%=v(@x)=%%.</p>
<a href="https://example.com/start?who=%%subscriberkey%%" onclick="alert(3)" target="_blank" ping="https://evil.test/">Start</a>
<a id="js" href="javascript:alert(4)">Bad</a><a id="free" href="ftp://evil.test/">Free</a>
<img src="https://evil.test/pixel.gif" srcset="https://evil.test/2.gif 2x" onerror="alert(5)">
<img id="own" src="data:image/png;base64,AAAA"><iframe src="https://evil.test/"></iframe>
<form action="https://evil.test/"><input name="a"><button formaction="https://evil.test/">Go</button></form>
<svg onload="alert(6)"><a xlink:href="https://evil.test/"><text>x</text></a></svg>
</body></html>"""


@pytest.fixture
def browsing():
    found = Browsing(EMAIL.format(body=BODY))
    yield found
    assert found.app.control.problems == []
    found.close()


def shown(browsing: Browsing) -> Seen:
    return browsing.see("/sends/1/messages/0/body")


def send(browsing: Browsing, name: str = "Ada") -> None:
    browsing.send("ada@mock.test", attributes={"FirstName": name})


def test_everything_is_filled_in(browsing: Browsing) -> None:
    send(browsing)
    page = browsing.see("/sends/1/messages/0")
    assert page.find("//h1//text()")[0].strip() == "Dear Ada"
    assert "which the emulator does not run" in page.words
    assert "Hello Ada at ada@mock.test, %%=v(@x)=%%." in shown(browsing).words


def test_nothing_in_the_frame_runs_loads_or_leads_away(browsing: Browsing) -> None:
    send(browsing, "</p><script>alert(7)</script><a href='https://evil.test/' target='_top'>x</a>")
    body = shown(browsing)
    policy = body.headers["Content-Security-Policy"]
    assert "sandbox allow-top-navigation-by-user-activation;" in policy
    assert "default-src 'none'" in policy
    for name in ("script", "base", "meta", "iframe", "form", "svg", "button", "link"):
        assert not body.find(f"//{name}"), name
    assert not [each for each in body.find("//@*") if str(each.attrname).startswith("on")]
    loaded = body.find("//@src | //@srcset | //@background | //@ping | //@action | //@formaction")
    assert loaded == ["data:image/png;base64,AAAA"]
    assert all(each.startswith("/_mock/ui/") for each in body.find("//@href"))
    assert len(body.find("//@href")) == 1
    (frame,) = browsing.see("/sends/1/messages/0").find("//iframe")
    assert "allow-scripts" not in frame.get("sandbox")


def test_a_click_on_a_link_is_an_event(browsing: Browsing) -> None:
    send(browsing)
    (href,) = shown(browsing).find("//a/@href")
    done = browsing.see(href)
    assert done.status == 303
    assert "Click at 12:00:00: a Retrieve shows it from" in browsing.see(done.location).words
    (explained,) = browsing.get("/sends/1/explain").body["messages"]
    assert {"Open", "Click"} <= {each["type"] for each in explained["events"]}


def test_a_look_ahead_is_no_click(browsing: Browsing) -> None:
    send(browsing)
    (href,) = shown(browsing).find("//a/@href")
    with browsing.client.head(href, base_url="http://localhost") as answer:
        assert answer.status_code == 204
    with browsing.client.get(
        href, base_url="http://localhost", headers={"Sec-Purpose": "prefetch"}
    ) as answer:
        assert answer.status_code == 204
    (explained,) = browsing.get("/sends/1/explain").body["messages"]
    assert "Click" not in {each["type"] for each in explained["events"]}


def test_a_click_address_cannot_be_forged(browsing: Browsing) -> None:
    send(browsing)
    (href,) = shown(browsing).find("//a/@href")
    head, _, rest = href.partition("/click/")
    for token in ("0" * 24, "é", rest.partition("/")[0][:-1]):
        assert browsing.see(f"{head}/click/{token}/40001").status == 400
    (explained,) = browsing.get("/sends/1/explain").body["messages"]
    assert "Click" not in {each["type"] for each in explained["events"]}


def test_a_link_that_is_not_in_the_email_is_refused_in_words(browsing: Browsing) -> None:
    send(browsing)
    (href,) = shown(browsing).find("//a/@href")
    done = browsing.see(href.rpartition("/")[0] + "/1")
    assert "no link with url_id 1" in browsing.see(done.location).words


@pytest.mark.parametrize(
    ("kind", "event_type"),
    [("open", "Open"), ("hardbounce", "HardBounce"), ("unsub", "Unsubscribe")],
)
def test_buttons_make_events(browsing: Browsing, kind: str, event_type: str) -> None:
    send(browsing)
    done = browsing.submit("/sends/1/messages/0/events", kind=kind)
    assert done.status == 303
    (explained,) = browsing.get("/sends/1/explain").body["messages"]
    assert event_type in {each["type"] for each in explained["events"]}


def test_the_message_is_a_file_for_mail_programs(browsing: Browsing) -> None:
    send(browsing, "Ada\r\nBcc: evil@evil.test")
    answer = browsing.see("/sends/1/messages/0/message.eml")
    assert answer.headers["Content-Type"] == "message/rfc822"
    found = email.message_from_string(answer.text, policy=default)
    assert found["Subject"] == "Dear Ada Bcc: evil@evil.test"
    assert found["Bcc"] is None
    assert found["To"].addresses[0].addr_spec == "ada@mock.test"
    assert "Hello Ada" in found.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "Hello Ada" in found.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_there_is_no_message_of_what_was_not_sent(browsing: Browsing) -> None:
    browsing.send("nobody")
    page = browsing.see("/sends/1/messages/0")
    assert page.status == 400
    assert "it has no content to show" in page.words


@pytest.mark.parametrize(
    "body", ["", "   ", "<", "\\u0000", "<a href=", "%%[", "<p>" * 5000, "plain"]
)
def test_broken_emails_are_shown_as_far_as_they_go(body: str) -> None:
    browsing = Browsing(EMAIL.format(body=body))
    send(browsing)
    assert shown(browsing).status == 200
    assert browsing.see("/sends/1/messages/0").status == 200
    assert browsing.see("/sends/1/messages/0/message.eml").status == 200
    assert browsing.app.control.problems == []
    browsing.close()
