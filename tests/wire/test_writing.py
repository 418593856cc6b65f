"""From values to XML text: order, missing values, and characters that XML does not allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sfmc_mock.wire import writing
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import Rendered, escape, write, write_pieces

NILS = '<PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" />'


def content_of(value: Struct) -> str:
    """Return the children of a value's element."""
    return "".join(write_pieces(value))


def test_fields_are_written_in_the_order_of_the_wsdl_inherited_ones_first() -> None:
    value = Struct("DataExtension", {"Name": "n", "ObjectID": "o", "CustomerKey": "k", "ID": 3})

    assert write(value, "Object") == (
        '<Object><PartnerKey xsi:nil="true" /><ID>3</ID><ObjectID>o</ObjectID><CustomerKey>k</CustomerKey>'
        "<Name>n</Name></Object>"
    )


def test_every_api_object_has_its_two_nils_and_nothing_else_unasked() -> None:
    """Recorded: PartnerKey and ObjectID are in every APIObject, top-level or nested."""
    value = Struct(
        "List", {"ListName": "n", "Category": 1, "Client": Struct("ClientID", {"ID": 7})}
    )

    assert content_of(value) == (
        '<Client><ID>7</ID></Client><PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" />'
        "<ListName>n</ListName><Category>1</Category>"
    )


def test_nested_api_objects_have_the_nils_too() -> None:
    email = Struct("Email", {"ID": 5})

    text = write(Struct("TriggeredSendDefinition", {"Email": email}), "Object")

    assert f"<Email>{NILS.replace('<ObjectID', '<ID>5</ID><ObjectID')}</Email>" in text


def test_a_nil_is_written_where_the_schema_allows_one() -> None:
    value = Struct("DataExtension", {"ModifiedDate": None, "Name": None})

    assert content_of(value) == (
        '<PartnerKey xsi:nil="true" /><ModifiedDate xsi:nil="true" /><ObjectID xsi:nil="true" />'
    )


def test_an_empty_text_is_an_empty_element_with_a_blank() -> None:
    value = Struct("DataExtension", {"Description": "", "CustomerKey": ""})

    assert content_of(value) == (
        '<PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" /><CustomerKey /><Description />'
    )


def test_a_value_without_content_is_an_empty_element_with_a_blank() -> None:
    assert write(Struct("ClientID"), "Client") == "<Client />"


def test_a_repeated_field_is_written_as_often_as_it_has_values() -> None:
    value = Struct("RetrieveRequest", {"ObjectType": "List", "Properties": ["ID", "", "ListName"]})

    assert content_of(value) == (
        "<ObjectType>List</ObjectType><Properties>ID</Properties><Properties /><Properties>ListName</Properties>"
    )


def test_a_class_other_than_the_declared_one_is_named_without_a_prefix() -> None:
    value = Struct("CreateResult", {"Object": Struct("List"), "StatusCode": "OK", "OrdinalID": 0})

    assert write(value, "Results") == (
        "<Results><StatusCode>OK</StatusCode><OrdinalID>0</OrdinalID><NewID>0</NewID>"
        f'<Object xsi:type="List">{NILS}</Object></Results>'
    )


def test_the_declared_class_can_be_given_for_the_element_itself() -> None:
    value = Struct("TriggeredSendCreateResult", {"StatusCode": "OK"})

    text = write(value, "Results", declared="CreateResult")

    assert text.startswith('<Results xsi:type="TriggeredSendCreateResult"><StatusCode>OK')


def test_flags_are_written_in_lower_case_and_numbers_as_digits() -> None:
    value = Struct("DataExtension", {"IsSendable": True, "IsTestable": False, "CategoryID": 2**40})

    text = content_of(value)

    assert "<IsSendable>true</IsSendable><IsTestable>false</IsTestable>" in text
    assert "<CategoryID>1099511627776</CategoryID>" in text


def test_text_that_is_finished_already_stands_where_its_field_belongs() -> None:
    value = Struct(
        "RetrieveResponseMsg",
        {
            "Results": Rendered(["<Results>", "1</Results>"]),
            "RequestID": "r",
            "OverallStatus": "OK",
        },
    )

    assert content_of(value) == (
        "<OverallStatus>OK</OverallStatus><RequestID>r</RequestID><Results>1</Results>"
    )


def test_fields_that_the_class_does_not_have_are_not_written() -> None:
    """Strict clients fail on elements outside the schema."""
    assert "Nope" not in content_of(Struct("DataExtension", {"Nope": "x"}))


def test_required_numbers_flags_and_words_have_the_defaults_of_net() -> None:
    """Recorded: NewID is 0 where nothing new has a number, AccountType is the first word of its enumeration."""
    result = content_of(Struct("CreateResult", {"StatusCode": "OK"}))
    account = content_of(Struct("Account"))

    assert result == "<StatusCode>OK</StatusCode><NewID>0</NewID>"
    assert "<AccountType>None</AccountType>" in account


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("\"quotes\" and 'apostrophes'", "\"quotes\" and 'apostrophes'"),
        ("]]>", "]]&gt;"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("bell\x07 nul\x00 and \ud800 half \uffff", "bell nul and  half "),
        ("Ünï ☃ 𝄞", "Ünï ☃ 𝄞"),
    ],
)
def test_characters_that_xml_cannot_carry_are_escaped_or_dropped(text: str, written: str) -> None:
    assert escape(text) == written


@given(st.text(st.characters()))
def test_any_text_makes_well_formed_xml_that_says_the_same(text: str) -> None:
    written = f"<a>{escape(text)}</a>".encode()

    found = etree.fromstring(written).text or ""

    kept = "".join(each for each in text if escape(each))
    assert found == kept.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    "name", sorted({each.response for each in catalogue().operations.values()})
)
def test_every_answering_message_can_be_written_empty(name: str) -> None:
    text = write(Struct(name), name).replace("xsi:nil", "nil")

    assert etree.fromstring(text).tag == name


def test_a_long_list_is_written_like_a_short_one_and_let_go_of() -> None:
    def answer(items: int) -> Struct:
        results: list[object] = [
            Struct("CreateResult", {"StatusCode": "OK", "OrdinalID": number})
            for number in range(items)
        ]
        return Struct("CreateResponse", {"Results": results, "OverallStatus": "OK"})

    short, long = answer(2), answer(2_000)

    assert content_of(short)[:150] == content_of(long)[:150]
    assert content_of(answer(2_000)).count("<Results>") == 2_000
    assert long.values["Results"] == []


def test_how_a_class_is_written_is_kept_after_many_others(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[tuple[str, ...], object] = {}
    monkeypatch.setattr(writing, "_shapes", known)
    monkeypatch.setattr(writing, "_MOST_SHAPES", 3)

    for name in ("ID", "ObjectID", "CustomerKey", "Name"):
        content_of(Struct("DataExtension", {name: "1"}))

    assert ("DataExtension", "Name") in known
    assert len(known) <= 3
