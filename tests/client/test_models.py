from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sfmc_client import (
    SERVER_TIME,
    UNSET,
    APIObject,
    ConfigurationError,
    UnreadableAnswer,
    name_values,
    parse_moment,
    row,
)


@pytest.fixture
def sent() -> APIObject:
    """A SentEvent as an answer has it: SubscriberID is no field of the class and comes as a PartnerProperty."""
    return APIObject(
        "SentEvent",
        PartnerKey=None,
        PartnerProperties=name_values({"SubscriberID": "8039923", "ListID": "12"}),
        ObjectID=None,
        SendID="11",
        EventDate="2014-03-26T10:02:01.987",
        TriggeredSendDefinition={"Email": {"ID": "7", "Name": ""}},
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ada", "ada"),
        (True, "true"),
        (0, "0"),
        (1.5, "1.5"),
        (Decimal("0.0000001"), "0.0000001"),
        (date(2024, 5, 1), "2024-05-01"),
        (datetime(2024, 5, 1, 12, tzinfo=UTC), "2024-05-01T12:00:00+00:00"),
        (
            datetime(2024, 5, 1, 12, 0, 0, 500_000, tzinfo=SERVER_TIME),
            "2024-05-01T12:00:00.500000-06:00",
        ),
    ],
)
def test_values_are_kept_as_the_text_of_the_wire(value, text) -> None:
    assert APIObject("Subscriber", Anything=value)["Anything"] == text


def test_a_datetime_without_a_zone_is_refused_with_the_two_ways_out() -> None:
    with pytest.raises(ConfigurationError) as failure:
        APIObject("Send", SendDate=datetime(2024, 5, 1))

    assert str(failure.value) == (
        "Send, property SendDate: 2024-05-01T00:00:00 has no time zone, and the service would read it as UTC-6. "
        "Give the zone: tzinfo=datetime.UTC, or tzinfo=sfmc_client.SERVER_TIME for the server's own time."
    )


@pytest.mark.parametrize(
    "value", [b"bytes", {1, 2}, object(), float("nan"), float("inf"), "\x00", "\ud800"]
)
def test_characters_that_xml_cannot_carry_are_refused_by_name(value) -> None:
    with pytest.raises(ConfigurationError, match=r"^Subscriber, property Anything: "):
        APIObject("Subscriber", Anything=value)


@pytest.mark.parametrize("name", ["Client.ID", "", "a b", "<x>", "1st"])
def test_names_that_are_no_elements_are_refused(name) -> None:
    with pytest.raises(ConfigurationError, match="not a name of a type or property"):
        APIObject("Subscriber", {name: 1})


def test_unset_is_left_out_and_none_is_nil() -> None:
    change = APIObject("Subscriber", EmailAddress=UNSET, PreferredName=None)

    assert list(change) == ["PreferredName"]
    assert change["PreferredName"] is None
    assert change.get("EmailAddress", UNSET) is UNSET


def test_absent_properties_raise_like_a_dictionary(sent) -> None:
    with pytest.raises(KeyError, match="BatchID"):
        sent["BatchID"]

    assert "BatchID" not in sent


def test_properties_without_a_field_are_found_under_their_own_name(sent) -> None:
    assert sent.integer("SubscriberID") == 8039923
    assert sent["ListID"] == "12"
    assert "ListID" in sent


def test_columns_of_a_row_are_found_under_their_own_name() -> None:
    logged = row("SendLog", {"JobID": 11, "UniqueID": "a"})

    assert logged["JobID"] == "11"
    assert logged.pairs("Properties.Property") == {"JobID": "11", "UniqueID": "a"}


def test_a_dotted_path_reaches_into_nested_objects(sent) -> None:
    assert sent.get("TriggeredSendDefinition.Email.ID") == "7"
    assert sent.get("TriggeredSendDefinition.Email.Name") == ""
    assert sent.get("TriggeredSendDefinition.List.ID") is None
    assert sent.get("SendID.ID", "none") == "none"


def test_one_and_several_are_both_lists_when_asked_for_as_a_list() -> None:
    one = APIObject("Subscriber", Lists=[{"ID": 1}])
    two = APIObject("Subscriber", Lists=[{"ID": 1}, {"ID": 2}])

    assert [each["ID"] for each in one.objects("Lists")] == ["1"]
    assert [each["ID"] for each in two.objects("Lists")] == ["1", "2"]
    assert two.objects("Attributes") == []


def test_times_without_an_offset_are_server_time_all_year() -> None:
    winter, summer = parse_moment("2026-01-15T12:00:00"), parse_moment("2026-07-15T12:00:00.64")

    assert winter == datetime(2026, 1, 15, 18, tzinfo=UTC)
    assert summer == datetime(2026, 7, 15, 18, 0, 0, 640_000, tzinfo=UTC)


def test_an_empty_element_is_no_number_no_boolean_and_no_time() -> None:
    empty = APIObject("AccountUser", LastSuccessfulLogin="", ID="", IsAPIUser="")

    assert empty.moment("LastSuccessfulLogin") is None
    assert empty.integer("ID") is None
    assert empty.boolean("IsAPIUser") is None
    assert empty.text("ID") == ""


@pytest.mark.parametrize("read", [APIObject.integer, APIObject.boolean, APIObject.moment])
def test_a_text_that_does_not_fit_its_type_is_named(read) -> None:
    with pytest.raises(UnreadableAnswer, match="Email has 'soon' for Name, which is not a"):
        read(APIObject("Email", Name="soon"), "Name")


def test_replace_makes_another_object() -> None:
    ada = APIObject("Subscriber", SubscriberKey="ada", Status="Active")

    held = ada.replace(Status="Held", SubscriberKey=UNSET)

    assert held == APIObject("Subscriber", Status="Held")
    assert ada["Status"] == "Active"


def test_equal_objects_are_equal_however_they_were_built() -> None:
    built = APIObject("Email", ID=3, Tags=[{"A": 1}])
    read = APIObject("Email", {"ID": "3", "Tags": APIObject(None, A="1")})

    assert built == read
    assert hash(built) == hash(read)
    assert built != APIObject("List", ID=3)
    assert pickle.loads(pickle.dumps(built)) == built


def test_the_repr_hides_passwords_and_shortens_long_texts() -> None:
    user = APIObject(
        "AccountUser", Password="hunter-two", Name="x" * 500, Lists=[{"ID": 1}, {"ID": 2}]
    )

    assert repr(user) == (
        f"AccountUser(Password=***, Name='{'x' * 120}'… (500 characters), Lists=[{{ID='1'}}, {{ID='2'}}])"
    )
