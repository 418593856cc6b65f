from __future__ import annotations

import ast

import pytest
from tests.support.browsing import Browsing
from tests.support.soap_app import envelope, fueloauth, username_token

USER = username_token("mock-user", "mock-password")
RETRIEVE = (
    '<RetrieveRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><RetrieveRequest>'
    "<ObjectType>List</ObjectType><Properties>ID</Properties><Properties>listname</Properties>"
    '<Filter xsi:type="SimpleFilterPart"><Property>ID</Property><SimpleOperator>greaterThan</SimpleOperator>'
    "<Value>1</Value></Filter></RetrieveRequest></RetrieveRequestMsg>"
)


def call(browsing: Browsing, message: str = RETRIEVE, header: str = USER) -> None:
    browsing.client.post(
        "/Service.asmx",
        data=envelope(message, header),
        headers={"SOAPAction": "Retrieve"},
        content_type="text/xml; charset=utf-8",
    ).close()


def test_calls_are_listed_and_found(browsing: Browsing) -> None:
    call(browsing)
    browsing.soap_as("mock-user", "wrong")
    assert len(browsing.see("/journal").links("/journal/")) >= 2
    found = browsing.see("/journal?text=listname&operation=Retrieve&status=OK")
    assert [each for each in found.links("/journal/") if each.endswith("/1")]
    nothing = browsing.see("/journal?operation=Retrieve&object_type=Subscriber")
    assert "No call matches. Nearest:" in nothing.words
    assert "#1 Retrieve List" in nothing.words


def test_a_call_shows_its_documents_and_where_its_warnings_are(browsing: Browsing) -> None:
    call(browsing)
    page = browsing.see("/journal/1")
    (marked,) = page.find("//*[contains(@class, 'marked')]")
    assert "listname" in marked.text_content()
    assert "mock-password" not in page.text
    assert "List has no property 'listname'" in page.words


def test_a_call_is_copied_as_programs(browsing: Browsing) -> None:
    call(browsing)
    curl, program, zeep = browsing.see("/journal/1").find("//pre[@data-copy]")
    assert curl.text_content().startswith("curl 'http://localhost/Service.asmx'")
    ast.parse(program.text_content())
    ast.parse(zeep.text_content())
    assert "client.service.Retrieve(" in zeep.text_content()
    assert 'kind.SimpleFilterPart(Property="ID"' in zeep.text_content()


@pytest.mark.parametrize("header", ["user", "token"])
def test_a_call_is_sent_again_with_credentials_of_the_account(
    browsing: Browsing, header: str
) -> None:
    call(browsing, header=USER if header == "user" else fueloauth(browsing.token()))
    number = browsing.app.journal.recorded
    done = browsing.submit(f"/journal/{number}/again", back="")
    assert f"Sent again as #{number + 1}" in browsing.see(done.location).words
    again = browsing.app.journal.get(number + 1)
    assert again is not None
    assert (again.overall_status, again.operation) == ("OK", "Retrieve")


def test_a_shortened_request_cannot_be_sent_again(browsing: Browsing) -> None:
    browsing.token()
    call(browsing, RETRIEVE.replace("<Value>1<", f"<Value>{'1' * 70_000}<"))
    for number in (1, 2, 99):
        done = browsing.submit(f"/journal/{number}/again", back="")
        page = browsing.see(done.location)
        assert "cannot be sent again" in page.words or "holds no" in page.words


def test_calls_are_forgotten(browsing: Browsing) -> None:
    call(browsing)
    browsing.submit("/journal/clear", do="clear")
    assert len(browsing.app.journal) == 0
    assert "There were no calls yet" in browsing.see("/journal").words
