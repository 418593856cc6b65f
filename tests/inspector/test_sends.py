from __future__ import annotations

import pytest
from tests.support.browsing import Browsing
from tests.support.soap_app import envelope, username_token


def trigger(browsing: Browsing, to: str, definition: str = "welcome") -> None:
    message = (
        '<CreateRequest xmlns="http://exacttarget.com/wsdl/partnerAPI"><Objects xsi:type="TriggeredSend">'
        f"<TriggeredSendDefinition><CustomerKey>{definition}</CustomerKey></TriggeredSendDefinition>"
        f"<Subscribers><EmailAddress>{to}</EmailAddress><SubscriberKey>{to}</SubscriberKey></Subscribers>"
        "</Objects></CreateRequest>"
    )
    browsing.client.post(
        "/Service.asmx",
        data=envelope(message, username_token("mock-user", "mock-password")),
        headers={"SOAPAction": "Create"},
        content_type="text/xml; charset=utf-8",
    ).close()


def numbers(browsing: Browsing, query: str = "") -> list[int]:
    page = browsing.see(f"/sends{query}")
    assert page.status == 200, page.words
    return [int(each) for each in page.find("//tbody//td[1]/a/text()")]


def test_the_list_goes_page_by_page(browsing: Browsing) -> None:
    for number in range(53):
        browsing.send(f"a{number}@mock.test")
    assert numbers(browsing) == list(range(53, 3, -1))
    (more,) = browsing.see("/sends").find("//a[@rel='next']/@href")
    assert numbers(browsing, more.partition("/sends")[2]) == [3, 2, 1]


def test_the_list_is_filtered(browsing: Browsing) -> None:
    browsing.send("ada@mock.test")
    browsing.send("bob@mock.test", "paused")
    browsing.send("held@mock.test")
    browsing.send("nobody")

    assert numbers(browsing, "?recipient=ada@mock.test") == [1]
    assert numbers(browsing, "?definition=PAUSED") == [2]
    assert numbers(browsing, "?outcome=queued") == [2]
    assert 1 in numbers(browsing, "?outcome=sent")
    assert 4 in numbers(browsing, "?outcome=refused")
    assert "No send matches" in browsing.see("/sends?recipient=carol").words
    assert browsing.see("/sends?outcome=lost").status == 400


def test_sends_whose_call_was_warned_of_something_are_found(browsing: Browsing) -> None:
    trigger(browsing, "ada@mock.test")
    trigger(browsing, "bob@mock.test", "Welcome mail")
    warned = [each.sends for each in browsing.app.journal if each.warnings]
    assert warned == [(2,)]
    assert numbers(browsing, "?warning=1") == [2]


def test_a_send_shows_its_decision_its_timeline_and_the_calls_about_it(browsing: Browsing) -> None:
    browsing.post("/settings", {"lag": "worst"})
    trigger(browsing, "ada+open@mock.test")
    page = browsing.see("/sends/1")

    assert page.status == 200
    assert "No rule blocks ada+open@mock.test" in page.words
    titles = page.find("//*[local-name()='tspan'][@class='strong']/text()")
    assert titles[:3] == ["Requested", "Decided: sent", "Sent"]
    assert "Open" in titles
    assert "not shown yet" in page.words or "to come" in page.words
    assert page.links("/journal/1")


def test_a_send_that_was_not_sent_says_what_would_change_it(browsing: Browsing) -> None:
    browsing.send("nobody")
    words = browsing.see("/sends/1").words
    assert "To change this" in words
    assert "refused" in words


def test_a_queued_send_waits_in_the_picture(browsing: Browsing) -> None:
    browsing.send("ada@mock.test", "paused")
    browsing.submit("/clock", do="advance:1h")
    assert "It waits in the queue" in browsing.see("/sends/1").words


@pytest.mark.parametrize("path", ["/sends/1?message=7", "/sends/99999999999999999999999999"])
def test_messages_and_sends_that_are_not_there_are_errors_in_words(
    browsing: Browsing, path: str
) -> None:
    browsing.send("ada@mock.test")
    assert browsing.see(path).status in (400, 404)
