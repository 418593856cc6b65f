"""Rows of data extensions: accepted and refused values, and the errors in their results."""

from __future__ import annotations

import string
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfmc_mock.account import Account, data_extension_rows
from sfmc_mock.account import data_extensions as rules
from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extensions import DataExtension, DataExtensionChange
from sfmc_mock.clock import us_text
from sfmc_mock.errors import RowRefused
from sfmc_mock.store import data_extension_tables

FIELDS = (
    FieldChange(name="Id", field_type="Text", max_length=10, is_primary_key=True),
    FieldChange(name="Note", field_type="Text", max_length=5),
    FieldChange(name="Level", field_type="Number", is_required=True, default_value="7"),
    FieldChange(name="Needed", field_type="Text", is_required=True),
    FieldChange(name="Price", field_type="Decimal", max_length=6, scale=2),
    FieldChange(name="Paid", field_type="Boolean"),
    FieldChange(name="When", field_type="Date", default_value="GETDATE()"),
    FieldChange(name="Mail", field_type="EmailAddress"),
    FieldChange(name="Call", field_type="Phone"),
    FieldChange(name="Tongue", field_type="Locale"),
)


@pytest.fixture
def orders(account: Account) -> DataExtension:
    """A data extension with a field of each type, Id its key; Note, and those from Price on, are nullable."""
    return rules.create(account, DataExtensionChange(name="Orders", fields=FIELDS))


def held(account: Account, found: DataExtension) -> list[dict[str, object]]:
    return account.db.find_all(found.table, data_extension_tables.KEY)


def refused(account: Account, found: DataExtension, *cells: tuple[str, str | None]) -> RowRefused:
    given = {"Id": "1", "Needed": "", **dict(cells)}
    with pytest.raises(RowRefused) as caught:
        data_extension_rows.insert(account, found, list(given.items()))
    assert held(account, found) == []
    return caught.value


def test_a_row_gets_defaults_for_missing_fields(account: Account, orders: DataExtension) -> None:
    data_extension_rows.insert(account, orders, [("id", "1"), ("NEEDED", "yes")])

    (row,) = held(account, orders)
    assert (row["Level"], row["Needed"], row["Note"]) == (7, "yes", None)
    assert row["When"] == row[data_extension_tables.CREATED] == account.now_text()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("Note", "", ""),
        ("Note", None, None),
        ("Level", " 12 ", 12),
        ("Level", "-2147483648", -(2**31)),
        ("Price", "12.5", "12.50"),
        ("Price", "-.5", "-0.50"),
        ("Price", "-0", "0.00"),
        ("Price", "1.2300", "1.23"),
        ("Price", "", None),
        ("Paid", "True", 1),
        ("Paid", "0", 0),
        ("Paid", "no", 0),
        ("When", "2024-05-09", "2024-05-09T00:00:00.000"),
        ("When", "2024-05-09T12:00:00Z", "2024-05-09T06:00:00.000"),
        ("When", "5/9/2024 1:02:03 PM", "2024-05-09T13:02:03.000"),
        ("When", "5/9/2024", "2024-05-09T00:00:00.000"),
        ("When", "2024-05-09T00:00:00.001", "2024-05-09T00:00:00.000"),
        ("Mail", "ada@example.com", "ada@example.com"),
        ("Call", "+49 (30) 123-4567", "+49 (30) 123-4567"),
        ("Tongue", "en-US", "en-US"),
    ],
)
def test_a_value_is_held_as_its_type_demands(
    account: Account, orders: DataExtension, name: str, text: str | None, value: object
) -> None:
    given = {"Id": "1", "Needed": "", name: text}

    data_extension_rows.insert(account, orders, list(given.items()))

    assert held(account, orders)[0][name] == value


@pytest.mark.parametrize(
    ("name", "text", "code", "told"),
    [
        ("Note", "abcdef", 70002, "exceeds the column's maximum length"),
        ("Level", "many", 70000, "Parse error [InvalidNumber]"),
        ("Level", "1.0", 70000, "Parse error [InvalidNumber]"),
        ("Level", "2147483648", 70000, "Parse error [InvalidNumber]"),
        ("Level", "9" * 5_000, 70000, "Parse error [InvalidNumber]"),
        ("Level", "", 70001, "cannot be null"),
        ("Needed", None, 70001, "cannot be null"),
        ("Price", "1.234", 70000, "Parse error [InvalidDecimalScale]"),
        ("Price", "12345", 70000, "Parse error [InvalidDecimalPrecision]"),
        ("Price", "1e3", 70000, "Parse error [InvalidDecimalPrecision]"),
        ("Price", ".", 70000, "Parse error [InvalidDecimalPrecision]"),
        ("Paid", "perhaps", 70000, "Parse error [InvalidBoolean]"),
        ("When", "31/12/2024", 70000, "Parse error [InvalidDate]"),
        ("When", "1752-12-31", 70000, "Parse error [InvalidDate]"),
        ("When", "9999-12-31T23:59:59.999", 70000, "Parse error [InvalidDate]"),
        ("Mail", "ada at home", 70000, "is not a valid email address. Parse error [Invalid"),
        ("Mail", "a" * 250 + "@b.cd", 70000, "is not a valid email address"),
        ("Call", "call me", 70000, "is not a valid phone number"),
        ("Call", "1" * 51, 70002, "exceeds the column's maximum length"),
        ("Tongue", "english", 70000, "is not a valid locale"),
        ("Nothing", "x", 70000, "Invalid column name 'Nothing'."),
    ],
)
def test_a_value_that_does_not_fit_is_reported_with_its_column(
    account: Account, orders: DataExtension, name: str, text: str | None, code: int, told: str
) -> None:
    refusal = refused(account, orders, (name, text))

    (error,) = refusal.value_errors
    assert (error.name, error.code) == (name, code)
    assert told in error.text
    assert refusal.error_code == code


def test_everything_that_is_wrong_is_reported_at_once(
    account: Account, orders: DataExtension
) -> None:
    refusal = refused(account, orders, ("Note", "too long"), ("Paid", "perhaps"), ("Id", ""))

    assert [each.name for each in refusal.value_errors] == ["Note", "Paid"]
    assert [(each.name, each.code) for each in refusal.key_errors] == [("Id", 70004)]
    assert refusal.details.count("; ") == 2


def test_a_missing_required_field_is_reported(account: Account, orders: DataExtension) -> None:
    with pytest.raises(RowRefused) as caught:
        data_extension_rows.insert(account, orders, [("Id", "1")])

    assert [(each.name, each.code) for each in caught.value.value_errors] == [("Needed", 71003)]


def test_a_column_given_twice_is_reported(account: Account, orders: DataExtension) -> None:
    with pytest.raises(RowRefused) as caught:
        data_extension_rows.insert(
            account, orders, [("Id", "1"), ("Needed", ""), ("Note", "a"), ("NOTE", "b")]
        )

    assert [(each.name, each.code) for each in caught.value.value_errors] == [("NOTE", 71004)]


def test_a_key_that_exists_is_a_violation_and_the_row_stays(
    account: Account, orders: DataExtension
) -> None:
    data_extension_rows.insert(account, orders, [("Id", "a1"), ("Needed", "old")])

    with pytest.raises(RowRefused) as caught:
        data_extension_rows.insert(account, orders, [("Id", "A1"), ("Needed", "new")])

    assert caught.value.message.startswith("Violation of PRIMARY KEY constraint")
    assert "(A1)" in caught.value.message
    assert [row["Needed"] for row in held(account, orders)] == ["old"]


def test_a_row_is_changed_by_the_key_among_its_values(
    account: Account, orders: DataExtension
) -> None:
    data_extension_rows.insert(account, orders, [("Id", "a1"), ("Needed", "x"), ("Note", "old")])

    data_extension_rows.update(account, orders, [], [("Note", "new"), ("ID", "A1")])

    (row,) = held(account, orders)
    assert (row["Id"], row["Note"], row["Needed"]) == ("a1", "new", "x")


def test_a_key_given_apart_can_itself_be_changed(account: Account, orders: DataExtension) -> None:
    data_extension_rows.insert(account, orders, [("Id", "a1"), ("Needed", "")])
    data_extension_rows.insert(account, orders, [("Id", "a2"), ("Needed", "")])

    data_extension_rows.update(account, orders, [("Id", "a1")], [("Id", "b1")])
    with pytest.raises(RowRefused, match="Violation of PRIMARY KEY"):
        data_extension_rows.update(account, orders, [("Id", "a2")], [("Id", "b1")])

    assert [row["Id"] for row in held(account, orders)] == ["b1", "a2"]


@pytest.mark.parametrize(
    ("keys", "code", "told"),
    [
        ([("Id", "nobody")], 71005, "has no row with this primary key"),
        ([("Note", "x")], 71005, "Primary key 'Note' does not exist."),
        ([("Nothing", "x")], 71005, "Primary key 'Nothing' does not exist."),
        ([("Id", " ")], 70004, "null or empty"),
        ([], 70004, "null or empty"),
    ],
)
def test_a_row_that_cannot_be_found_is_reported(
    account: Account,
    orders: DataExtension,
    keys: list[tuple[str, str | None]],
    code: int,
    told: str,
) -> None:
    with pytest.raises(RowRefused) as caught:
        data_extension_rows.update(account, orders, keys, [("Note", "new")])

    first = caught.value.key_errors[0]
    assert first.code == code
    assert told in first.text


def test_a_required_value_cannot_be_taken_away(account: Account, orders: DataExtension) -> None:
    data_extension_rows.insert(account, orders, [("Id", "1"), ("Needed", "")])

    with pytest.raises(RowRefused) as caught:
        data_extension_rows.update(account, orders, [("Id", "1")], [("Needed", None)])

    assert [each.code for each in caught.value.value_errors] == [70001]


def test_an_upsert_adds_and_then_changes(account: Account, orders: DataExtension) -> None:
    data_extension_rows.upsert(account, orders, [("Id", "1")], [("Needed", "first")])
    data_extension_rows.upsert(account, orders, [], [("Id", "1"), ("Needed", "second")])

    assert [(row["Id"], row["Needed"]) for row in held(account, orders)] == [("1", "second")]


def test_a_row_is_deleted_by_its_key(account: Account, orders: DataExtension) -> None:
    data_extension_rows.insert(account, orders, [("Id", "1"), ("Needed", "")])
    data_extension_rows.insert(account, orders, [("Id", "2"), ("Needed", "")])

    data_extension_rows.delete(account, orders, [("id", "1")])

    assert [row["Id"] for row in held(account, orders)] == ["2"]


def test_a_row_that_is_not_there_cannot_be_deleted(account: Account, orders: DataExtension) -> None:
    with pytest.raises(RowRefused, match="has no row with this primary key"):
        data_extension_rows.delete(account, orders, [("Id", "1")])


def test_a_row_without_its_key_is_reported(account: Account, orders: DataExtension) -> None:
    with pytest.raises(RowRefused) as caught:
        data_extension_rows.insert(account, orders, [("Needed", "")])

    assert [(each.name, each.code) for each in caught.value.key_errors] == [("Id", 70004)]


def test_rows_without_a_primary_key_can_only_be_added_and_cleared(account: Account) -> None:
    found = rules.create(
        account, DataExtensionChange(name="Bag", fields=(FieldChange(name="Thing"),))
    )
    data_extension_rows.insert(account, found, [("Thing", "a")])
    data_extension_rows.insert(account, found, [("Thing", "a")])

    with pytest.raises(RowRefused, match="no primary key"):
        data_extension_rows.delete(account, found, [("Thing", "a")])
    assert data_extension_rows.clear(account, found) == 2
    assert not rules.has_rows(account, found)


def test_a_key_of_several_columns_is_unique_as_a_whole(account: Account) -> None:
    fields = (
        FieldChange(name="Order", field_type="Number", is_primary_key=True),
        FieldChange(name="Line", field_type="Decimal", scale=1, is_primary_key=True),
        FieldChange(name="On", field_type="Date", is_primary_key=True),
    )
    found = rules.create(account, DataExtensionChange(name="Lines", fields=fields))
    data_extension_rows.insert(
        account, found, [("Order", "1"), ("Line", "1"), ("On", "2024-01-01")]
    )
    data_extension_rows.insert(
        account, found, [("Order", "1"), ("Line", "2"), ("On", "2024-01-01")]
    )

    data_extension_rows.delete(
        account, found, [("On", "1/1/2024"), ("Line", "2.0"), ("Order", "1")]
    )

    assert [row["Line"] for row in held(account, found)] == ["1.0"]


# Any value is returned unchanged.

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=50)
_DATES = st.datetimes(datetime(1753, 1, 1), datetime(9999, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)


@given(
    text=_TEXT,
    number=st.integers(-(2**31), 2**31 - 1),
    price=st.decimals(Decimal("-9999.99"), Decimal("9999.99"), places=2),
    paid=st.booleans(),
    moment=_DATES,
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_values_are_held_without_loss(
    account: Account, text: str, number: int, price: Decimal, paid: bool, moment: datetime
) -> None:
    fields = (
        FieldChange(name="T"),
        FieldChange(name="N", field_type="Number"),
        FieldChange(name="P", field_type="Decimal", max_length=6, scale=2),
        FieldChange(name="B", field_type="Boolean"),
        FieldChange(name="D", field_type="Date"),
    )
    name = "Values"
    found = rules.find(account, name=name) or rules.create(
        account, DataExtensionChange(name=name, fields=fields)
    )
    data_extension_rows.clear(account, found)
    cells = [("T", text), ("N", str(number)), ("P", str(price)), ("B", str(paid))]

    data_extension_rows.insert(
        account, found, [*cells, ("D", us_text(moment.isoformat(timespec="seconds")))]
    )

    (row,) = held(account, found)
    assert (row["T"], row["N"], row["B"]) == (text, number, int(paid))
    assert Decimal(str(row["P"])) == price
    assert datetime.fromisoformat(str(row["D"])) == moment


@given(digits=st.text(string.digits, min_size=1, max_size=38))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_digit_of_a_long_decimal_is_lost(account: Account, digits: str) -> None:
    fields = (FieldChange(name="P", field_type="Decimal", max_length=38),)
    found = rules.find(account, name="Long") or rules.create(
        account, DataExtensionChange(name="Long", fields=fields)
    )
    data_extension_rows.clear(account, found)

    data_extension_rows.insert(account, found, [("P", digits)])

    assert held(account, found)[0]["P"] == str(int(digits))
