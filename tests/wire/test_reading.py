"""From XML to values: accepted, ignored and refused elements, and the texts of refusals."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from tests.support.filled import filled

from sfmc_mock.errors import RequestUnreadable
from sfmc_mock.wire.catalogue import NAMESPACE, catalogue
from sfmc_mock.wire.reading import Leniency, read
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import write

XSI = "http://www.w3.org/2001/XMLSchema-instance"
UNREADABLE = "Server was unable to read request. ---> There is an error in the XML document. ---> "


def taken(content: str, type_name: str, leniency: Leniency | None = None) -> Struct:
    """Return the value of an element of the service's namespace with this content."""
    document = f'<It xmlns="{NAMESPACE}" xmlns:xsi="{XSI}">{content}</It>'
    return read(etree.fromstring(document), type_name, leniency or Leniency())


def plain(value: object) -> Any:
    """Return the value as dicts and lists, each dict with the name of its type."""
    if isinstance(value, Struct):
        return {"": value.type, **{name: plain(each) for name, each in value.values.items()}}
    return [plain(each) for each in value] if isinstance(value, list) else value


def refused(content: str, type_name: str, *, lenient: bool = True) -> str:
    """Return the text of a refusal when reading, without .NET's beginning."""
    with pytest.raises(RequestUnreadable) as refusal:
        taken(content, type_name, Leniency(lenient))
    assert refusal.value.faultstring.startswith(UNREADABLE)
    return refusal.value.faultstring.removeprefix(UNREADABLE)


# Accepted values.


def test_fields_may_come_in_any_order() -> None:
    forth = taken("<CustomerKey>a</CustomerKey><Name>b</Name>", "DataExtension")
    back = taken("<Name>b</Name><CustomerKey>a</CustomerKey>", "DataExtension")

    assert forth.values == back.values == {"CustomerKey": "a", "Name": "b"}


@pytest.mark.parametrize("prefix", ["ns0", "et", "tns", "a.b-c", "xsd"])
def test_any_prefix_means_the_service_as_long_as_it_is_bound_to_its_namespace(prefix: str) -> None:
    document = (
        f'<{prefix}:It xmlns:{prefix}="{NAMESPACE}"><{prefix}:Name>b</{prefix}:Name></{prefix}:It>'
    )

    found = read(etree.fromstring(document), "DataExtension", Leniency())

    assert found.text("Name") == "b"


@pytest.mark.parametrize(
    "stranger",
    [
        "<Nope>1</Nope>",
        "<Nope><Name>inner</Name></Nope>",
        '<Name xmlns="">strong-soap writes inherited members so</Name>',
        '<Name xmlns="urn:other">1</Name>',
        "<name>1</name>",
    ],
)
def test_unknown_elements_are_passed_over(stranger: str) -> None:
    found = taken(f"{stranger}<Name>b</Name>{stranger}", "DataExtension")

    assert found.values == {"Name": "b"}


def test_the_first_of_a_repeated_single_field_counts() -> None:
    found = taken("<Name>first</Name><Name>second</Name>", "DataExtension")

    assert found.text("Name") == "first"


def test_repeated_fields_become_a_list_even_when_they_come_once() -> None:
    once = taken("<Properties>ID</Properties>", "RetrieveRequest")
    apart = taken(
        "<Properties>ID</Properties><ObjectType>List</ObjectType><Properties>Name</Properties>",
        "RetrieveRequest",
    )

    assert once.values["Properties"] == ["ID"]
    assert apart.values["Properties"] == ["ID", "Name"]


def test_comments_and_cdata_do_not_cut_a_text() -> None:
    found = taken("<Name>a<!-- no -->b<![CDATA[<c> & ]]>d</Name>", "DataExtension")

    assert found.text("Name") == "ab<c> & d"


def test_a_text_keeps_its_white_space_and_other_scalars_lose_theirs() -> None:
    found = taken("<Name>  b\n</Name><CategoryID>\n 12 </CategoryID>", "DataExtension")

    assert (found.text("Name"), found.number("CategoryID")) == ("  b\n", 12)


def test_an_empty_text_is_a_text() -> None:
    assert taken("<Name/>", "DataExtension").values == {"Name": ""}


# Nil and absent.


@pytest.mark.parametrize(
    "nil",
    [
        '<ObjectID xsi:nil="true"/>',
        '<ObjectID xsi:nil="1"/>',
        '<ObjectID xsi:nil="true">\n        </ObjectID>',
        '<ObjectID xsi:nil="true">left over</ObjectID>',
        '<Template xsi:nil="true"/>',
        '<Template xsi:nil="true"><Name>left over</Name></Template>',
        '<CategoryID xsi:nil="true"/>',
        '<IsSendable xsi:nil="true"> </IsSendable>',
    ],
)
def test_a_nil_field_is_there_as_none(nil: str) -> None:
    found = taken(nil, "DataExtension")

    assert list(found.values.values()) == [None]


def test_an_absent_field_is_not_there() -> None:
    found = taken("", "DataExtension")

    assert "Name" not in found
    assert found.text("Name") is None


def test_nil_that_says_false_is_no_nil() -> None:
    assert taken('<Name xsi:nil="false">b</Name>', "DataExtension").text("Name") == "b"


# xsi:type.

_TYPED = "<Objects {}><Name>b</Name></Objects>"


@pytest.mark.parametrize(
    "attributes",
    [
        'xsi:type="DataExtension"',
        f'xmlns:ns1="{NAMESPACE}" xsi:type="ns1:DataExtension"',
        f'xmlns:very.odd-prefix="{NAMESPACE}" xsi:type=" very.odd-prefix:DataExtension "',
        'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="DataExtension"',
    ],
)
def test_a_class_is_named_with_a_prefix_or_without(attributes: str) -> None:
    found = taken(_TYPED.format(attributes), "CreateRequest")

    assert plain(found) == {
        "": "CreateRequest",
        "Objects": [{"": "DataExtension", "Name": "b"}],
    }


def test_a_class_without_a_prefix_is_the_services_even_outside_its_default_namespace() -> None:
    document = (
        f'<a:It xmlns:a="{NAMESPACE}" xmlns:xsi="{XSI}">'
        '<a:Objects xsi:type="DataExtension"><a:Name>b</a:Name></a:Objects></a:It>'
    )

    found = read(etree.fromstring(document), "CreateRequest", Leniency())

    assert found.parts("Objects")[0].type == "DataExtension"


def test_without_xsi_type_a_value_is_of_the_declared_class() -> None:
    found = taken("<Objects><CustomerKey>b</CustomerKey><Name>c</Name></Objects>", "CreateRequest")

    assert plain(found.values["Objects"]) == [{"": "APIObject", "CustomerKey": "b"}]


@pytest.mark.parametrize("name", ["string", "int", "boolean", "dateTime"])
def test_leaves_may_say_what_they_are_in_xml_schema(name: str) -> None:
    """SOAP::Lite does so with every leaf, on enumerations too."""
    typed = f'xmlns:x="http://www.w3.org/2001/XMLSchema" xsi:type="x:{name}"'

    found = taken(
        f"<Property {typed}>a</Property><SimpleOperator {typed}>equals</SimpleOperator>",
        "SimpleFilterPart",
    )

    assert found.values == {"Property": "a", "SimpleOperator": "equals"}


def test_a_schema_type_on_a_class_says_nothing() -> None:
    typed = 'xmlns:x="http://www.w3.org/2001/XMLSchema" xsi:type="x:anyType"'

    found = taken(f"<Email {typed}><ID>5</ID></Email>", "TriggeredSendDefinition")

    assert plain(found.values["Email"]) == {"": "Email", "ID": 5}


@pytest.mark.parametrize(
    ("attributes", "name", "namespace"),
    [
        ('xsi:type="ET_DataExtensionColumn"', "ET_DataExtensionColumn", NAMESPACE),
        ('xsi:type=""', "", NAMESPACE),
        ('xsi:type="dataextension"', "dataextension", NAMESPACE),
        ('xmlns:o="urn:other" xsi:type="o:DataExtension"', "DataExtension", "urn:other"),
        ('xsi:type="unbound:DataExtension"', "DataExtension", NAMESPACE),
        # A class, but none that can stand there.
        ('xsi:type="SimpleFilterPart"', "SimpleFilterPart", NAMESPACE),
        # The name that the catalogue gives to a type without one.
        ('xsi:type="DataExtension.Fields"', "DataExtension.Fields", NAMESPACE),
        ('xsi:type="SimpleOperators"', "SimpleOperators", NAMESPACE),
    ],
)
def test_an_unknown_class_refuses_the_request(attributes: str, name: str, namespace: str) -> None:
    """Text: seen live."""
    assert refused(_TYPED.format(attributes), "CreateRequest") == (
        f"The specified type was not recognized: name='{name}', namespace='{namespace}', "
        f"at <Objects xmlns='{NAMESPACE}'>."
    )


def test_a_class_without_a_name_cannot_be_named() -> None:
    """The catalogue names it by its path, which the service does not know."""
    content = '<Fields xsi:type="DataExtension.Fields"/>'

    assert refused(content, "DataExtension").startswith(
        "The specified type was not recognized: name='DataExtension.Fields'"
    )


# Values that do not parse.

FORMAT = "Input string was not in a correct format."


@pytest.mark.parametrize("text", ["5", "-5", "+5", "005", "2147483647", "-2147483648"])
def test_numbers_are_taken(text: str) -> None:
    assert taken(f"<ID>{text}</ID>", "Email").values == {"ID": int(text)}


@pytest.mark.parametrize(
    "text", ["five", "5.0", "1e3", "1_000", "0x5", "1,000", "٣", "5 5", "- 5", "9" * 5000]
)
def test_a_text_in_a_number_refuses_the_request(text: str) -> None:
    assert refused(f"<ID>{text}</ID>", "Email") == FORMAT


@pytest.mark.parametrize("text", ["2147483648", "-2147483649", "99999999999999999999"])
def test_a_number_out_of_range_refuses_the_request(text: str) -> None:
    assert refused(f"<ID>{text}</ID>", "Email") == (
        "Value was either too large or too small for an Int32."
    )


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("false", False), (" 0 ", False)]
)
def test_flags_are_taken(text: str, value: bool) -> None:
    assert taken(f"<IsSendable>{text}</IsSendable>", "DataExtension").values == {
        "IsSendable": value
    }


@pytest.mark.parametrize("text", ["yes", "2", "tru", "-1"])
def test_anything_else_in_a_flag_refuses_the_request(text: str) -> None:
    assert refused(f"<IsSendable>{text}</IsSendable>", "DataExtension") == (
        f"The string '{text}' is not a valid Boolean value."
    )


def test_a_flag_in_another_case_is_taken_with_a_warning() -> None:
    leniency = Leniency()

    found = taken("<IsSendable>True</IsSendable>", "DataExtension", leniency)

    assert found.values == {"IsSendable": True}
    assert leniency.warnings == [
        "IsSendable holds 'True': taken as true; the live service refuses the request "
        "(The string 'True' is not a valid Boolean value.)"
    ]


def test_strictly_a_flag_in_another_case_refuses_the_request() -> None:
    assert refused("<IsSendable>True</IsSendable>", "DataExtension", lenient=False) == (
        "The string 'True' is not a valid Boolean value."
    )


@pytest.mark.parametrize("text", ["Equals", "=", "eq", "like%"])
def test_a_word_that_the_enumeration_has_not_refuses_the_request(text: str) -> None:
    assert refused(f"<SimpleOperator>{text}</SimpleOperator>", "SimpleFilterPart") == (
        f"Instance validation error: '{text}' is not a valid value for SimpleOperators."
    )


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02",
        "2026-01-02Z",
        "2026-01-02T03:04",
        "2026-01-02 03:04:05",
        "2026-01-02T03:04:05.1234567",
        "2026-01-02T03:04:05.10-06:00",
        "0001-01-01T00:00:00Z",
    ],
)
@pytest.mark.parametrize("lenient", [True, False])
def test_dates_keep_the_callers_text(text: str, lenient: bool) -> None:
    leniency = Leniency(lenient)

    found = taken(f"<DateValue> {text} </DateValue>", "SimpleFilterPart", leniency)

    assert found.values == {"DateValue": [text]}
    assert leniency.warnings == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-11-07T17:26:19.142Z", "2019-11-07T11:26:19.142-06:00"),
        ("2026-01-02T03:04Z", "2026-01-01T21:04:00-06:00"),
        ("2026-01-02T03:04:05.1234500Z", "2026-01-01T21:04:05.12345-06:00"),
        ("2028-02-29T23:59:59.000+14:00", "2028-02-29T03:59:59-06:00"),
    ],
)
def test_dates_with_a_zone_become_server_time(text: str, expected: str) -> None:
    found = taken(f"<CreatedDate>{text}</CreatedDate>", "Subscriber")

    assert found.values == {"CreatedDate": expected}


@pytest.mark.parametrize(
    "text",
    [
        "today",
        "1/2/2026",
        "2026-13-01",
        "2026-02-30T00:00:00",
        "2026-01-02T25:00:00",
        "2026-01-02T03:04:05-99:00",
        "2026-01-02T03:04:05EST",
        "20260102",
    ],
)
def test_a_date_that_is_none_refuses_the_request(text: str) -> None:
    assert refused(f"<CreatedDate>{text}</CreatedDate>", "Email") == (
        f"The string '{text}' is not a valid AllXsd value."
    )


def test_a_text_in_a_date_value_is_taken_with_a_warning() -> None:
    """The documented sample for the send log needs it."""
    leniency = Leniency()

    found = taken("<DateValue>111-111-23</DateValue>", "SimpleFilterPart", leniency)

    assert found.texts("DateValue") == ["111-111-23"]
    assert leniency.warnings == [
        "DateValue holds '111-111-23', which is not a date: taken as the value; the live service refuses the request"
    ]


def test_strictly_a_text_in_a_date_value_refuses_the_request() -> None:
    assert refused("<DateValue>111</DateValue>", "SimpleFilterPart", lenient=False) == (
        "The string '111' is not a valid AllXsd value."
    )


@pytest.mark.parametrize("text", ["1.5", "-.5e-3", "+2.", "INF", "-INF", "NaN"])
def test_decimal_numbers_keep_the_callers_text(text: str) -> None:
    assert taken(f"<Score> {text} </Score>", "ValidationResult").values == {"Score": text}


@pytest.mark.parametrize("text", ["1_0.0", "infinity", "nan", "1,5", "e3", "."])
def test_an_invalid_number_refuses_the_request(text: str) -> None:
    assert refused(f"<Score>{text}</Score>", "ValidationResult") == FORMAT


@pytest.mark.parametrize(
    ("type_name", "name", "reason"),
    [
        ("Email", "ID", FORMAT),
        ("DataExtension", "IsSendable", "The string '' is not a valid Boolean value."),
        ("Email", "CreatedDate", "The string '' is not a valid AllXsd value."),
        (
            "SimpleFilterPart",
            "SimpleOperator",
            "Instance validation error: '' is not a valid value for SimpleOperators.",
        ),
    ],
)
def test_an_empty_value_is_not_given_to_the_lenient_and_refused_by_the_strict(
    type_name: str, name: str, reason: str
) -> None:
    leniency = Leniency()

    found = taken(f"<{name}> </{name}>", type_name, leniency)

    assert found.values == {}
    assert leniency.warnings == [
        f"{name} is empty: taken as not given; the live service refuses the request ({reason})"
    ]
    assert refused(f"<{name}/>", type_name, lenient=False) == reason


# Every class.


def test_every_class_is_read_as_it_was_written() -> None:
    for type_name in (each.name for each in catalogue().named_types()):
        value = filled(type_name, 1)
        text = write(value, "It").replace("<It", f'<It xmlns="{NAMESPACE}" xmlns:xsi="{XSI}"', 1)

        found = read(etree.fromstring(text), type_name, Leniency(lenient=False))

        assert _of_given_fields(plain(found), plain(value)) == plain(value), type_name


def _of_given_fields(found: Any, given: Any) -> Any:
    """Return the parsed value without the nils and defaults that the writer adds for missing fields."""
    if isinstance(found, dict):
        return {name: _of_given_fields(found[name], given[name]) for name in found if name in given}
    if isinstance(found, list):
        return [_of_given_fields(*each) for each in zip(found, given, strict=True)]
    return found
