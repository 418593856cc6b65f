"""Asynchronous requests in the control API and in the inspector."""

from __future__ import annotations

from tests.support.browsing import Browsing
from tests.support.soap_app import envelope, username_token


def queue(browsing: Browsing) -> None:
    message = (
        '<CreateRequest xmlns="http://exacttarget.com/wsdl/partnerAPI"><Options><ConversationID>c1</ConversationID>'
        '<RequestType>Asynchronous</RequestType></Options><Objects xsi:type="Subscriber"><SubscriberKey>ada'
        "</SubscriberKey></Objects></CreateRequest>"
    )
    browsing.client.post(
        "/Service.asmx",
        data=envelope(message, username_token("mock-user", "mock-password")),
        headers={"SOAPAction": "Create"},
        content_type="text/xml; charset=utf-8",
    ).close()


def test_the_queue_shows_the_results_of_requests(browsing: Browsing) -> None:
    queue(browsing)

    (found,) = browsing.get("/queue").body["requests"]
    assert (found["operation"], found["summary"]) == ("Create", "Subscriber ada")
    assert (found["status"], found["error_code"]) == ("Error", 12000)
    assert browsing.get("/queue?request_id=none").body["requests"] == []


def test_the_inspector_lists_them(browsing: Browsing) -> None:
    assert "There were no asynchronous requests yet" in browsing.see("/queue").words
    queue(browsing)

    words = browsing.see("/queue").words
    assert "Create Subscriber ada" in words
    assert "12000" in words
