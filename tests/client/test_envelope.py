"""Sent requests and parsed answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from tests.support import partner_answers
from tests.support.partner_answers import NILS, retrieved

from sfmc_client import APIObject, LoginFailed, Response, SoapFault, UnreadableAnswer
from sfmc_client.envelope import (
    OPERATIONS,
    Message,
    read_answer,
    token_header,
    username_token_header,
)

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"
URL = "http://service.test/Service.asmx"


def read(body: bytes, operation: str = "Retrieve", status: int = 200) -> APIObject:
    response = Response(status=status, headers={"content-type": "text/xml"}, body=body)
    return read_answer(response, OPERATIONS[operation], url=URL)


def written(content: APIObject) -> etree._Element:
    envelope = Message.of(OPERATIONS["Create"], content).envelope(URL, token_header("a<b"))
    return etree.fromstring(envelope)


def test_the_header_has_action_destination_and_credentials() -> None:
    header = written(APIObject(None, Objects=APIObject("Subscriber")))[0]

    texts = {etree.QName(element).localname: element.text for element in header.iter()}
    assert texts["Action"] == "Create"
    assert texts["To"] == URL
    assert texts["fueloauth"] == "a<b"
    assert str(texts["MessageID"]).startswith("urn:uuid:")


def test_a_user_name_and_password_go_out_as_a_username_token() -> None:
    header = etree.fromstring(
        Message.of(OPERATIONS["Delete"], APIObject(None)).envelope(
            URL, username_token_header("ada & co", "p<ss")
        )
    )

    texts = {etree.QName(element).localname: element.text for element in header.iter()}
    assert (texts["Username"], texts["Password"]) == ("ada & co", "p<ss")


def test_objects_with_a_type_carry_it_and_nested_mappings_do_not() -> None:
    body = written(APIObject(None, Objects=APIObject("Subscriber", Lists=[{"ID": 1}], Name=None)))[
        1
    ]

    objects = body[0][0]
    assert dict(objects.items()) == {
        "{http://www.w3.org/2001/XMLSchema-instance}type": "Subscriber"
    }
    assert dict(objects[0].items()) == {}
    assert dict(objects[1].items()) == {"{http://www.w3.org/2001/XMLSchema-instance}nil": "true"}


@pytest.mark.parametrize("text", ["<&>\"'", "ü €  \U0001f600", "two\r\nlines\t ", "]]>", ""])
def test_texts_arrive_as_they_were(text) -> None:
    body = written(APIObject(None, Objects=APIObject("Email", HTMLBody=text)))[1]

    assert (body[0][0][0].text or "") == text


def test_absent_nil_and_empty_are_three_things() -> None:
    answer = read(retrieved([f'<Results xsi:type="Email">{NILS}<Description /></Results>']))

    (email,) = answer.objects("Results")
    assert email["PartnerKey"] is None
    assert email["Description"] == ""
    assert "Name" not in email


def test_types_are_read_with_any_prefix() -> None:
    answer = read(
        retrieved(
            ['<Results xmlns:p="http://exacttarget.com/wsdl/partnerAPI" xsi:type="p:Email" />']
        )
    )

    assert [item.type_name for item in answer.objects("Results")] == ["Email"]


def test_typed_leaves_are_texts() -> None:
    answer = read(retrieved(['<Results xsi:type="Email"><ID xsi:type="xsd:int">7</ID></Results>']))

    assert answer.get("Results.ID") == "7"


def test_a_soap_12_answer_is_read_with_its_second_prefix() -> None:
    body = retrieved([partner_answers.subscriber("ada")]).replace(
        b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"
    )
    body = body.replace(
        b"<soap:Header>", b'<env:Header xmlns:env="http://www.w3.org/2003/05/soap-envelope">'
    ).replace(b"</soap:Header>", b"</env:Header>")

    assert read(body).get("Results.SubscriberKey") == "ada"


def test_a_soap_12_fault_is_read_from_its_reason() -> None:
    body = (
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender'
        b"</s:Value></s:Code><s:Reason><s:Text>Not like this</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"
    )

    with pytest.raises(SoapFault) as failure:
        read(body, status=500)

    assert (failure.value.fault_code, failure.value.fault_string) == ("Client", "Not like this")


def test_the_documentation_s_spelling_of_a_failed_login_is_understood() -> None:
    with pytest.raises(LoginFailed):
        read(partner_answers.fault("Login failed", code="soap:Client"), status=500)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"Bad Request", 400, "could not read the request as SOAP"),
        (b"", 200, "not well-formed XML"),
        (b"<html><body>Welcome</body></html>", 200, "should end in /Service.asmx"),
        (b"Service Unavailable", 503, "try again later"),
        (b"Log in first", 407, "check proxy and endpoint"),
        (b"\xff\xfe\x00", 200, "not well-formed XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 200, "document type declaration"),
        (b"<a>" * 300 + b"</a>" * 300, 200, "not well-formed XML"),
        (partner_answers.envelope("X", ""), 200, "nothing in its body"),
        (
            partner_answers.written("Create", []),
            200,
            "CreateResponse in place of RetrieveResponseMsg",
        ),
    ],
)
def test_a_reply_that_is_no_answer_is_quoted_with_what_to_do(body, status, words) -> None:
    with pytest.raises(UnreadableAnswer, match=words) as failure:
        read(body, status=status)

    assert failure.value.status == status
    assert URL in str(failure.value)
    assert len(str(failure.value)) < 600


def test_a_redirect_is_named_and_not_followed() -> None:
    response = Response(status=301, headers={"location": "https://elsewhere.test/"}, body=b"")

    with pytest.raises(
        UnreadableAnswer, match=r"redirects to https://elsewhere\.test/, which is not followed"
    ):
        read_answer(response, OPERATIONS["Retrieve"], url=URL)


@pytest.mark.parametrize(
    "capture",
    sorted(CAPTURES.rglob("*.xml"))
    or [pytest.param(None, marks=pytest.mark.skip("no ../shared/captures"))],
    ids=lambda path: path and str(path.relative_to(CAPTURES)),
)
def test_recorded_answers_of_the_service_are_read(capture: Path) -> None:
    """Every element of the answer is found, whatever the white space between elements."""
    root = etree.fromstring(capture.read_bytes())
    message = root[-1][0] if len(root) > 1 else root[0][0]
    name = etree.QName(message).localname
    operation = next((o.name for o in OPERATIONS.values() if o.answer == name), None)
    if operation is None:
        pytest.skip("a request or a fault")

    answer = read(capture.read_bytes(), operation)

    assert _count(answer) == len(list(message.iter("{*}*"))) - 1


def _count(value: object) -> int:
    if not isinstance(value, APIObject):
        return 0
    inside = [item for name in value for item in _all(value[name])]
    return sum(1 + _count(item) for item in inside)


def _all(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
