"""The scrubber: what it keeps, and above all what it replaces."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.planting import ANYTHING, PLACES, SPELLINGS, envelope, forms, found_in
from tests.support.soap_app import shared

from sfmc_client.exchanges import Request, Response
from sfmc_conformance.leak_check import check_folder
from sfmc_conformance.messages import Unreadable
from sfmc_conformance.references import OnlyReferences
from sfmc_conformance.scrubber import Scrubber
from sfmc_conformance.transcripts import Recorder


def scrubbed(body: str, scrubber: Scrubber | None = None) -> str:
    """Return the scrubbed content of a message."""
    text = (scrubber or Scrubber()).soap(envelope(body).encode()).decode()
    start = text.index("<CreateRequest")
    return text[text.index(">", start) + 1 : text.index("</CreateRequest>")]


SAMPLES = (
    "Ada Lovelace",
    "ada.lovelace@analytical-engine.co.uk",
    "eyJhbGciOiJIUzI1NiIsImtpZCI6IjQifQ",
    "hunter<2>&'x\"",
    "7281698",
    "21711373-72c1-ec11-b83b-48df37d1deb7",
    "mct0l7nxfq2r988t1kxfy8sc47ma.soap.marketingcloudapis.com",
)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_no_place_of_a_message_lets_anything_through(place: Callable[[str], str]) -> None:
    for value in SAMPLES:
        try:
            found = Scrubber().message(place(value).encode(), "text/plain").body
        except Unreadable:
            continue

        assert [form for form in forms(value) if form in found.lower()] == []


@given(value=ANYTHING, place=st.sampled_from([*PLACES]), spelling=st.sampled_from([*SPELLINGS]))
@settings(max_examples=400, deadline=None)
def test_nothing_planted_anywhere_in_a_message_gets_through(
    value: str, place: str, spelling: str
) -> None:
    raw = PLACES[place](SPELLINGS[spelling](value)).encode()

    try:
        found = Scrubber().message(raw, "text/plain").body
    except Unreadable as unreadable:
        found = str(unreadable).encode()

    assert [form for form in forms(value) if form in found.lower()] == []


@given(value=ANYTHING, place=st.sampled_from([*PLACES]), spelling=st.sampled_from([*SPELLINGS]))
@settings(max_examples=100, deadline=None)
def test_nothing_planted_in_an_exchange_is_in_any_file_and_the_folder_is_clean(
    value: str, place: str, spelling: str
) -> None:
    planted = SPELLINGS[spelling](value)
    body = PLACES[place](planted).encode()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "recording")
        request = Request(
            url=f"https://{value}/Service.asmx?{planted}",
            headers={
                "SOAPAction": planted,
                "Content-Type": f"text/xml; charset={value}; action={value}",
                "Authorization": f"Bearer {value}",
                value: value,
            },
            body=body,
            timeout=1.0,
        )
        response = Response(status=200, headers={"content-type": planted}, body=body)
        Recorder(folder).record(request, response)

        assert found_in(folder, value) == []
        assert check_folder(folder) == []


@given(value=ANYTHING, place=st.sampled_from([*PLACES]), spelling=st.sampled_from([*SPELLINGS]))
@settings(max_examples=100, deadline=None)
def test_scrubbing_again_changes_nothing(value: str, place: str, spelling: str) -> None:
    try:
        first = Scrubber().message(PLACES[place](SPELLINGS[spelling](value)).encode())
    except Unreadable:
        return
    found: list[str] = []
    checking = Scrubber(references=OnlyReferences(lambda value, _: found.append(value)))

    again = checking.message(first.body)

    assert again == first
    assert found == []


def test_a_secret_of_the_services_own_words_is_not_told_in_a_sentence() -> None:
    """Words of the vocabulary stay in sentences, unless they are a known password."""
    header = (
        "<wsse:Security><wsse:UsernameToken><wsse:Username>u</wsse:Username>"
        "<wsse:Password>invalid subscriber</wsse:Password></wsse:UsernameToken></wsse:Security>"
    )
    scrubber = Scrubber()
    scrubber.soap(envelope("<Options />", header).encode())

    found = scrubbed("<StatusMessage>No invalid subscriber here</StatusMessage>", scrubber)

    assert found == "<StatusMessage>No password-1 here</StatusMessage>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<StatusCode>OK</StatusCode>", "OK"),
        ("<OrdinalID>12</OrdinalID>", "12"),
        ("<ErrorCode>180008</ErrorCode>", "180008"),
        ("<IsActive>true</IsActive>", "true"),
        ("<ObjectType>DataExtensionObject[SendLog]</ObjectType>", "DataExtensionObject[SendLog]"),
        (
            "<Properties>SendClassification.CustomerKey</Properties>",
            "SendClassification.CustomerKey",
        ),
        ("<CustomerKey>dataextension_default</CustomerKey>", "dataextension_default"),
        (
            "<StatusMessage>Unable to queue Triggered Send request.  There are no valid subscribers.</StatusMessage>",
            "Unable to queue Triggered Send request.  There are no valid subscribers.",
        ),
        (
            "<OverallStatus>Error: The Request Property(s) EmailID do not match with the fields of Send retrieve"
            "</OverallStatus>",
            "Error: The Request Property(s) EmailID do not match with the fields of Send retrieve",
        ),
    ],
)
def test_the_services_own_words_stay(content: str, expected: str) -> None:
    found = scrubbed(content)

    assert f">{expected}</" in found


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<EmailAddress>Ada.L@firm.co.uk</EmailAddress>", "person-1@mock.test"),
        ("<EmailAddress>ada@example.com</EmailAddress>", "person-1@example.com"),
        ("<EmailAddress>ada+open+after-2h@mock.test</EmailAddress>", "person-1+open+after-2h@mock.test"),
        ("<EmailAddress>ada+lovelace@mock.test</EmailAddress>", "person-1@mock.test"),
        ("<EmailAddress>no address</EmailAddress>", "text-1"),
        ("<ID>756891044</ID>", "970000001"),
        ("<ID>0</ID>", "0"),
        ("<ObjectID>30400c03-0ec4-ec11-b83c-48df37d1de8a</ObjectID>", "facade00-0000-4000-8000-000000000001"),
        ("<CustomerKey>DC91A414-6240-48BC-BB89-7F3910D41580</CustomerKey>", "FACADE00-0000-4000-8000-000000000001"),
        ("<CustomerKey>[parts].[Size]</CustomerKey>", "[key-1].[name-1]"),
        ("<Name>Loyalty %</Name>", "name-1"),
        ("<MaxLength>756891044</MaxLength>", "970000001"),
        ("<Attributes><Name>City</Name><Value>1815-12-10</Value></Attributes>", "2001-01-02"),
        ("<RetainUntil>5/9/2024 12:00:00 AM</RetainUntil>", "1/2/2001 12:00:00 AM"),
        ("<Phone>+43 664 1234567</Phone>", "970000001"),
        ("<Value>12.50</Value>", "970000001.00"),
        ("<Value>-4</Value>", "970000001"),
        ("<faultactor>https://mc1x.soap.marketingcloudapis.com/Service.asmx</faultactor>",
         "https://tenant-1.soap.marketingcloudapis.com/Service.asmx"),
        ("<URL>https://shop.firm.co.uk/x?id=9</URL>", "https://host-1.example.com/text-1?text-2"),
        ("<Email>a</Email><Ada>b</Ada>", "<element-1>text-2</element-1>"),
    ],
)  # fmt: skip
def test_a_value_is_replaced_by_one_that_is_valid_in_its_place(content: str, expected: str) -> None:
    assert expected in scrubbed(content)


def test_the_same_value_has_the_same_reference_in_every_message() -> None:
    scrubber = Scrubber()
    scrubber.json(json.dumps({"access_token": "T0ken-of-18-minutes"}).encode())
    header = '<fueloauth xmlns="http://exacttarget.com">T0ken-of-18-minutes</fueloauth>'

    request = scrubber.soap(envelope("<Options />", header).encode()).decode()
    answer = scrubbed("<StatusMessage>T0ken-of-18-minutes expired</StatusMessage>", scrubber)

    assert ">token-1</fueloauth>" in request
    assert ">token-1 expired<" in answer


def test_a_short_number_is_distinguished_by_the_property_it_belongs_to() -> None:
    """Batch 5 of a log row is batch 5 of a filter, but not list 5."""
    row = "<Property><Name>BatchID</Name><Value>5</Value></Property>"
    condition = "<Filter><Property>BatchID</Property><Value>5</Value></Filter>"

    found = scrubbed(f"<ListID>5</ListID>{row}{condition}")

    assert found.count("970000001") == 1
    assert found.count("970000002") == 2


@pytest.mark.parametrize(
    ("value", "sentence", "expected"),
    [
        ("Summer Sale", "Summer Sale already exists", "key-1 already exists"),
        (
            "nothing",
            "Data extension does not exist: nothing",
            "Data extension does not exist: key-1",
        ),
        ("nothing", "There is nothing to do", "There is nothing to do"),
        ("value", "Invalid column name 'value'.", "Invalid column name 'key-1'."),
        ("4711", "The duplicate key value is (4711).", "The duplicate key value is (970000002)."),
        ("ada", "InvalidEmailAddress: AdaLovelace", "InvalidEmailAddress: text-1"),
        ("ada", "Error Code: 24 - see 12345", "Error Code: 24 - text-1 970000001"),
    ],
)
def test_a_sentence_keeps_the_services_words_and_no_value(
    value: str, sentence: str, expected: str
) -> None:
    content = f"<CustomerKey>{value}</CustomerKey><StatusMessage>{sentence}</StatusMessage>"

    assert scrubbed(content).endswith(f"<StatusMessage>{expected}</StatusMessage>")


def test_a_date_has_one_reference_in_both_of_its_forms() -> None:
    """Rows are answered in another date format than they are written in."""
    written = "<Property><Name>Born</Name><Value>1815-12-10</Value></Property>"
    answered = "<Property><Name>Born</Name><Value>12/10/1815 12:00:00 AM</Value></Property>"

    found = scrubbed(written + answered)

    assert "<Value>2001-01-02</Value>" in found
    assert "<Value>1/2/2001 12:00:00 AM</Value>" in found


def test_dates_of_the_service_move_by_one_span() -> None:
    scrubber = Scrubber(shift=timedelta(days=-365, hours=1))

    found = scrubbed(
        "<CreatedDate>2022-04-21T06:56:27.927</CreatedDate><EventDate>2022-04-22T06:56:00Z</EventDate>",
        scrubber,
    )

    assert ">2021-04-21T07:56:27.927<" in found
    assert ">2021-04-22T07:56:00Z<" in found


def test_links_stay_for_clicks_and_the_page_around_them_goes() -> None:
    page = '&lt;p&gt;Dear Ada, &lt;a href="https://shop.firm.uk/me"&gt;look&lt;/a&gt;&lt;/p&gt;'

    found = scrubbed(f"<HTMLBody>{page}</HTMLBody>")

    link = '&lt;a href="https://host-1.example.com/text-1"&gt;link&lt;/a&gt;'
    assert found == f"<HTMLBody>text-2{link}</HTMLBody>"


def test_structure_prefixes_and_nil_stay() -> None:
    body = (
        '<Objects xsi:type="ns1:DataExtension" xmlns:ns1="http://exacttarget.com/wsdl/partnerAPI">'
        '<PartnerKey xsi:nil="true" /><ns1:Name>SendLog</ns1:Name></Objects>'
    )

    assert scrubbed(body) == body.replace(
        'xsi:type="ns1:DataExtension" xmlns:ns1="http://exacttarget.com/wsdl/partnerAPI"',
        'xmlns:ns1="http://exacttarget.com/wsdl/partnerAPI" xsi:type="ns1:DataExtension"',
    )


@pytest.mark.parametrize("name", ["seed", "requests", "captures"])
def test_every_known_message_of_real_clients_and_the_service_can_be_scrubbed(name: str) -> None:
    files = sorted(shared(name).rglob("*.xml"))

    found = [Scrubber().soap(file.read_bytes()) for file in files]

    assert len(found) == len(files) > 0
    assert all(b"Envelope" in each for each in found)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<a/>", "it is no SOAP envelope"),
        (b"<a", "it is no well-formed XML"),
        (b"\x89PNG\r\n", "it is neither SOAP nor JSON"),
        (b'{"a":', "it is no JSON"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "it carries a DTD"),
        (b"[" * 200 + b"]" * 200, "it is nested deeper than 100 levels"),
    ],
)
def test_unreadable_messages_are_refused_with_a_reason_that_reveals_nothing(
    raw: bytes, reason: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        Scrubber().message(raw)

    assert str(refused.value) == reason


def test_a_form_stays_a_form() -> None:
    raw = b"grant_type=client_credentials&client_id=abc123&client_secret=s%26cret&extra=Ada"

    found = Scrubber().message(raw, "application/x-www-form-urlencoded")

    expected = (
        b"grant_type=client_credentials&client_id=client-1&client_secret=secret-1&field-1=text-1"
    )
    assert (found.kind, found.body) == ("form", expected)


@pytest.mark.parametrize(
    ("show", "given", "expected"),
    [
        (Scrubber.content_type, "text/xml; charset=utf-8", "text/xml; charset=utf-8"),
        (Scrubber.content_type, 'text/xml; action="Create"; x=Ada', 'text/xml; action="Create"'),
        (Scrubber.content_type, "image/ada", "text-1"),
        (Scrubber.action, '"Create"', '"Create"'),
        (Scrubber.action, "Ada", "text-1"),
        (Scrubber.action, '""', '""'),
    ],
)  # fmt: skip
def test_of_http_headers_only_ordinary_values_stay(
    show: Callable[[Scrubber, str], str], given: str, expected: str
) -> None:
    assert show(Scrubber(), given) == expected
