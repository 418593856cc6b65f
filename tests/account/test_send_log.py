"""The send log: rows that sends add, with any content, and the indexes that find them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.page_sql import page_sql
from tests.support.sending import (
    add_log_rows,
    log_rows,
    make_attribute,
    make_definition,
    make_log,
    send,
)

from sfmc_mock.account import Account
from sfmc_mock.account import data_extensions as rules
from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extension_rows import log_plan
from sfmc_mock.account.data_extension_templates import create_from, find_template
from sfmc_mock.account.data_extensions import DataExtension, DataExtensionChange
from sfmc_mock.account.sends import Recipient
from sfmc_mock.store import data_extension_tables
from sfmc_mock.store.conditions import Condition, all_of, comparison
from sfmc_mock.store.page_queries import Selection


@pytest.fixture
def log(account: Account) -> DataExtension:
    """A send log with a column UniqueID of ten characters."""
    template = find_template(account, name="SendLog")
    assert template is not None
    unique_id = FieldChange(name="UniqueID", max_length=10)
    return create_from(account, template, DataExtensionChange(name="SendLog", fields=(unique_id,)))


def added(account: Account, log: DataExtension, field: FieldChange) -> DataExtension:
    return rules.change(account, log, DataExtensionChange(fields=(field,)))


def held(account: Account, log: DataExtension) -> list[dict[str, object]]:
    return account.db.find_all(log.table, data_extension_tables.KEY)


def plan(account: Account, log: DataExtension, condition: Condition) -> str:
    """Return SQLite's query plan for a page of the log."""
    selection = Selection(log.table, ("JobID",), condition, data_extension_tables.KEY)
    sql, bound = page_sql(selection, 0, 2_500)
    return "; ".join(str(row[-1]) for row in account.db.rows(f"EXPLAIN QUERY PLAN {sql}", bound))


def test_without_a_log_there_is_no_plan(account: Account) -> None:
    assert rules.send_log(account) is None
    assert log_plan(account) is None


def test_columns_are_filled_by_name_in_any_case(account: Account, log: DataExtension) -> None:
    add_log_rows(account, [{"JobID": 1, "uniqueid": "u1", "Other": "x"}, {"SUBID": 2}])

    first, second = held(account, log)
    assert (first["JobID"], first["UniqueID"], first["SubID"]) == (1, "u1", None)
    assert (second["JobID"], second["SubID"]) == (None, 2)
    assert first[data_extension_tables.CREATED] == account.now_text()


@pytest.mark.parametrize(
    ("field_type", "value", "kept"),
    [
        ("Text", "much too long for it", "much too l"),
        ("Text", 12, "12"),
        ("Number", "12", 12),
        ("Number", "many", None),
        ("Number", 2**70, None),
        ("Decimal", "1.5", "1.50"),
        ("Decimal", "1.555", None),
        ("Boolean", "true", 1),
        ("Date", "2024-05-09", "2024-05-09T00:00:00.000"),
        ("Date", "never", None),
        ("EmailAddress", "no address", "no address"),
    ],
)
def test_a_value_that_does_not_fit_never_fails_the_send(
    account: Account, log: DataExtension, field_type: str, value: object, kept: object
) -> None:
    length = 10 if field_type == "Text" else None
    scale = 2 if field_type == "Decimal" else None
    field = FieldChange(name="F", field_type=field_type, max_length=length, scale=scale)
    log = added(account, log, field)

    add_log_rows(account, [{"F": value}])

    assert held(account, log)[0]["F"] == kept


def test_a_column_with_a_default_gets_it(account: Account, log: DataExtension) -> None:
    log = added(account, log, FieldChange(name="At", field_type="Date", default_value="GetDate()"))
    log = added(account, log, FieldChange(name="Unit", default_value="EU"))

    add_log_rows(account, [{"JobID": 1}])

    (row,) = held(account, log)
    assert (row["At"], row["Unit"]) == (account.now_text(), "EU")


def test_a_column_added_later_is_filled_from_then_on(account: Account, log: DataExtension) -> None:
    add_log_rows(account, [{"City": "Ulm"}])

    log = added(account, log, FieldChange(name="City"))

    add_log_rows(account, [{"City": "Bonn"}])
    assert [row["City"] for row in held(account, log)] == [None, "Bonn"]


def test_a_second_row_of_the_same_key_is_passed_over(account: Account, log: DataExtension) -> None:
    log = added(account, log, FieldChange(name="K", is_primary_key=True))

    add_log_rows(account, [{"K": "a", "JobID": 1}, {"K": "A", "JobID": 2}])

    assert [row["JobID"] for row in held(account, log)] == [1]


@given(value=st.none() | st.text(st.characters(exclude_categories=["Cs"])) | st.integers())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_can_be_logged(account: Account, value: object) -> None:
    template = find_template(account, name="SendLog")
    assert template is not None
    log = rules.send_log(account) or create_from(
        account, template, DataExtensionChange(name="SendLog")
    )
    before = len(held(account, log))

    add_log_rows(account, [dict.fromkeys((each.name for each in log.fields), value)])

    assert len(held(account, log)) == before + 1


def test_an_attribute_called_like_a_column_of_every_log_does_not_fill_it(account: Account) -> None:
    make_attribute(account, "ErrorCode", default_value="5")
    make_attribute(account, "City", default_value="Ulm")
    make_log(account, "City")
    make_definition(account)

    given = {"SUBSCRIBERKEY": "other", "JobID": "9"}
    send(account, Recipient("ada", "ada@mail.test.org", given))

    (row,) = log_rows(account, "SubscriberKey", "ErrorCode", "City")
    assert row == ("ada", None, "Ulm")
    assert log_rows(account, "JobID") != [9]


# How rows are found.


def test_an_added_text_column_is_searched_by_an_index(account: Account, log: DataExtension) -> None:
    log = added(account, log, FieldChange(name="Later", max_length=200))

    for name in ("UniqueID", "Later"):
        found = plan(account, log, comparison(name, "equals", ("x",), log.compared))
        assert f"SEARCH {log.table} USING INDEX" in found
        assert "USE TEMP B-TREE" not in found


def test_the_flow_is_searched_by_an_index(account: Account, log: DataExtension) -> None:
    names = ("JobID", "BatchID", "SubID")

    found = plan(
        account, log, all_of([comparison(each, "equals", (1,), log.compared) for each in names])
    )

    assert f"INDEX {log.table}_flow (JobID=? AND BatchID=? AND SubID=?" in found
    assert "USE TEMP B-TREE" not in found


def test_a_renamed_column_is_still_searched_by_its_index(
    account: Account, log: DataExtension
) -> None:
    unique_id = log.by_key["uniqueid"]
    log = added(account, log, FieldChange(object_id=unique_id.object_id, name="Own id"))

    found = plan(account, log, comparison("Own id", "IN", ("x", "y"), log.compared))

    assert f"SEARCH {log.table} USING INDEX" in found


def test_a_page_of_the_flow_goes_on_within_the_index(account: Account, log: DataExtension) -> None:
    found = plan(account, log, comparison("UniqueID", "equals", ("x",), log.compared))

    assert "UniqueID=? AND rowid>?" in found
