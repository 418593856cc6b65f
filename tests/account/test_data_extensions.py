"""Data extensions and their fields: creation, changes and deletion."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfmc_mock.account import Account, data_extension_lookup, data_extension_rows
from sfmc_mock.account import data_extensions as rules
from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extension_templates import create_from, find_template
from sfmc_mock.account.data_extensions import DataExtension, DataExtensionChange
from sfmc_mock.account.folders import root_folder
from sfmc_mock.errors import Refused
from sfmc_mock.store import data_extension_tables

ID = FieldChange(name="Id", field_type="Text", is_primary_key=True)
NOTE = FieldChange(name="Note", field_type="Text")


def make(account: Account, *fields: FieldChange, name: str = "Orders", **said: object):
    wanted = DataExtensionChange(name=name, fields=fields or (ID, NOTE), **said)  # type: ignore[arg-type]
    return rules.create(account, wanted)


def refusal(account: Account, found: DataExtension, *fields: FieldChange, **said: object) -> str:
    wanted = DataExtensionChange(fields=fields, **said)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        rules.change(account, found, wanted)
    assert refused.value.error_code == 310007
    return refused.value.message


# Making.


def test_a_data_extension_without_a_key_gets_an_upper_case_guid(account: Account) -> None:
    made = make(account)

    assert made.customer_key == made.customer_key.upper()
    assert len(made.customer_key) == 36
    assert made.object_id == made.object_id.lower()


def test_a_data_extension_is_created_in_the_root_folder(account: Account) -> None:
    root = root_folder(account, "dataextension")

    made = make(account)

    assert root is not None
    assert made.category_id == root["id"]


@pytest.mark.parametrize(
    ("field_type", "max_length", "scale"),
    [
        (None, 50, 0),
        ("Text", 50, 0),
        ("EmailAddress", 254, 0),
        ("Phone", 50, 0),
        ("Locale", 5, 0),
        ("Decimal", 18, 0),
        ("Number", None, 0),
        ("Date", None, 0),
        ("Boolean", None, 0),
    ],
)
def test_a_field_has_the_length_of_its_type(
    account: Account, field_type: str | None, max_length: int | None, scale: int
) -> None:
    made = make(account, FieldChange(name="F", field_type=field_type))

    (field,) = made.fields
    assert field.field_type == (field_type or "Text")
    assert (field.max_length, field.scale) == (max_length, scale)


def test_a_primary_key_field_is_required(account: Account) -> None:
    made = make(account, ID)

    assert made.fields[0].is_required


@pytest.mark.parametrize(
    "field",
    [
        FieldChange(),
        FieldChange(name=" "),
        FieldChange(name="_customobjectkey"),
        FieldChange(name="x" * 129),
        FieldChange(name="F", field_type="Blob"),
        FieldChange(name="F", max_length=0),
        FieldChange(name="F", max_length=4_001),
        FieldChange(name="F", field_type="Decimal", max_length=3, scale=4),
        FieldChange(name="F", field_type="Number", default_value="many"),
        FieldChange(name="F", max_length=2, default_value="abc"),
        FieldChange(name="F", is_primary_key=True, is_required=False),
    ],
)
def test_a_field_that_makes_no_sense_refuses_the_data_extension(
    account: Account, field: FieldChange
) -> None:
    with pytest.raises(Refused) as refused:
        make(account, field)

    assert refused.value.error_code == 310007
    assert rules.find(account, name="Orders") is None


def test_two_fields_cannot_have_the_same_name_in_different_case(account: Account) -> None:
    with pytest.raises(Refused, match="more than one field named nOTE"):
        make(account, NOTE, FieldChange(name="nOTE"))


def test_a_data_extension_needs_a_field(account: Account) -> None:
    with pytest.raises(Refused, match="at least one field"):
        rules.create(account, DataExtensionChange(name="Orders"))


def test_a_data_extension_has_no_more_fields_than_a_table_has_room_for(account: Account) -> None:
    fields = [FieldChange(name=f"F{number}") for number in range(1_001)]

    with pytest.raises(Refused, match="more than 1000 fields"):
        make(account, *fields)


def test_names_and_keys_are_compared_without_case(account: Account) -> None:
    make(account, customer_key="orders-key")

    with pytest.raises(Refused, match="A data extension named ORDERS already exists"):
        make(account, name="ORDERS")
    with pytest.raises(Refused, match="already exists"):
        make(account, name="Other", customer_key="ORDERS-KEY")


def test_a_folder_of_another_kind_is_refused(account: Account) -> None:
    emails = root_folder(account, "email")
    assert emails is not None

    with pytest.raises(Refused, match="not a folder for data extensions"):
        make(account, category_id=int(str(emails["id"])))


def test_a_failing_creation_leaves_nothing(account: Account) -> None:
    before = account.db.content()

    with pytest.raises(Refused):
        make(account, is_sendable=True)

    assert account.db.content() == before


# The send relationship.


def test_a_send_relationship_reads_otherwise_than_it_is_written(account: Account) -> None:
    made = make(
        account,
        ID,
        is_sendable=True,
        sendable_field="id",
        sendable_subscriber_field="Subscriber Key",
    )

    assert (made.sendable_field, made.sendable_subscriber_field) == ("Id", "_SubscriberKey")


@pytest.mark.parametrize(
    ("field", "subscriber_field"),
    [
        ("Nothing", "Subscriber Key"),
        (None, "Subscriber Key"),
        ("Id", None),
        ("Id", "_SubscriberKey"),
    ],
)
def test_a_send_relationship_must_be_whole(
    account: Account, field: str | None, subscriber_field: str | None
) -> None:
    with pytest.raises(Refused, match="Sendable"):
        make(
            account,
            ID,
            is_sendable=True,
            sendable_field=field,
            sendable_subscriber_field=subscriber_field,
        )


def test_a_renamed_field_stays_in_the_send_relationship(account: Account) -> None:
    made = make(
        account,
        ID,
        is_sendable=True,
        sendable_field="Id",
        sendable_subscriber_field="Email Address",
    )
    wanted = FieldChange(object_id=made.fields[0].object_id, name="Address")

    changed = rules.change(account, made, DataExtensionChange(fields=(wanted,)))

    assert changed.sendable_field == "Address"


# Retention.


def test_retain_until_is_kept_as_the_services_culture_writes_it(account: Account) -> None:
    made = make(account, retain_until="2024-05-09")

    assert made.retain_until == "5/9/2024 12:00:00 AM"


def test_a_retain_until_that_is_no_date_is_refused(account: Account) -> None:
    with pytest.raises(Refused, match="RetainUntil is not a date: someday"):
        make(account, retain_until="someday")


def test_an_unknown_unit_of_retention_is_refused(account: Account) -> None:
    with pytest.raises(Refused, match="DataRetentionPeriodUnitOfMeasure"):
        make(account, retention_length=6, retention_unit=7)


# Templates.


def test_a_template_gives_its_fields_before_the_callers_own(account: Account) -> None:
    template = find_template(account, name="TriggeredSendDataExtension")
    assert template is not None

    made = create_from(account, template, DataExtensionChange(name="Receipts", fields=(NOTE,)))

    assert [field.name for field in made.fields] == ["SubscriberKey", "EmailAddress", "Note"]
    assert (made.is_sendable, made.sendable_field) == (True, "SubscriberKey")


def test_every_template_of_the_default_account_makes_a_data_extension(account: Account) -> None:
    keys = [str(row["customer_key"]) for row in account.db.find_all("data_extension_template")]
    assert keys

    for number, key in enumerate(keys):
        template = find_template(account, customer_key=key)
        assert template is not None
        fields = () if template.defaults.fields else (NOTE,)
        made = create_from(
            account, template, DataExtensionChange(name=f"Made {number}", fields=fields)
        )
        assert made.is_send_log == template.makes_send_log


def test_an_account_has_one_send_log(account: Account) -> None:
    template = find_template(account, name="SendLog")
    assert template is not None
    create_from(account, template, DataExtensionChange(name="SendLog"))

    with pytest.raises(Refused, match="already has a send log"):
        create_from(account, template, DataExtensionChange(name="Another"))


def test_a_deleted_send_log_makes_room_for_another(account: Account) -> None:
    template = find_template(account, name="SendLog")
    assert template is not None
    rules.delete(account, create_from(account, template, DataExtensionChange(name="SendLog")))

    made = create_from(account, template, DataExtensionChange(name="Another"))

    assert rules.send_log(account) == made


# Changing.


def test_a_new_field_comes_last(account: Account) -> None:
    made = make(account)

    changed = rules.change(account, made, DataExtensionChange(fields=(FieldChange(name="Amount"),)))

    assert [(each.name, each.ordinal) for each in changed.fields] == [
        ("Id", 0),
        ("Note", 1),
        ("Amount", 2),
    ]


def test_a_field_named_like_an_existing_one_is_a_change_of_it(account: Account) -> None:
    made = make(account)

    changed = rules.change(
        account, made, DataExtensionChange(fields=(FieldChange(name="NOTE", max_length=200),))
    )

    assert [(each.name, each.max_length) for each in changed.fields] == [("Id", 50), ("Note", 200)]


def test_fields_can_swap_their_names_with_their_values(account: Account) -> None:
    made = make(account, ID, FieldChange(name="A"), FieldChange(name="B"))
    data_extension_rows.insert(account, made, [("Id", "1"), ("A", "of a"), ("B", "of b")])
    _, a, b = made.fields
    swap = (
        FieldChange(object_id=a.object_id, name="B"),
        FieldChange(object_id=b.object_id, name="A"),
    )

    changed = rules.change(account, made, DataExtensionChange(fields=swap))

    assert [each.name for each in changed.fields] == ["Id", "B", "A"]
    (row,) = account.db.find_all(made.table, data_extension_tables.KEY)
    assert (row["A"], row["B"]) == ("of b", "of a")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (FieldChange(max_length=49), "cannot be decreased"),
        (FieldChange(is_required=True), "cannot be changed to be required"),
        (FieldChange(is_primary_key=True), "cannot be changed to be required"),
        (FieldChange(field_type="Text"), "FieldType of the existing field"),
        (FieldChange(name="ID"), "more than one field named"),
        (FieldChange(default_value="x" * 51), "DefaultValue"),
        (FieldChange(is_primary_key=True, is_required=False), "must be required"),
    ],
)
def test_invalid_changes_of_a_field_are_refused(
    account: Account, change: FieldChange, reason: str
) -> None:
    made = make(account)
    object_id = made.fields[1].object_id
    wanted = FieldChange(
        **{
            "object_id": object_id,
            **{
                name: value
                for name in FieldChange.__slots__
                if (value := getattr(change, name)) is not None
            },
        }
    )

    assert reason in refusal(account, made, wanted)


def test_the_scale_of_a_decimal_stays_and_its_length_may_grow(account: Account) -> None:
    made = make(account, FieldChange(name="P", field_type="Decimal", max_length=6, scale=2))

    wider = FieldChange(name="P", max_length=8, scale=2)
    changed = rules.change(account, made, DataExtensionChange(fields=(wider,)))

    assert (changed.fields[0].max_length, changed.fields[0].scale) == (8, 2)
    assert "scale" in refusal(account, changed, FieldChange(name="P", scale=3))


def test_a_field_of_another_data_extension_is_refused(account: Account) -> None:
    other = make(account, name="Other")
    made = make(account)

    assert "no field with the ObjectID" in refusal(
        account, made, FieldChange(object_id=other.fields[0].object_id, max_length=60)
    )


def test_rows_forbid_new_primary_keys_and_required_fields_without_a_default(
    account: Account,
) -> None:
    made = make(account)
    data_extension_rows.insert(account, made, [("Id", "1")])

    assert "primary key" in refusal(account, made, FieldChange(name="K", is_primary_key=True))
    assert "nullable" in refusal(account, made, FieldChange(name="R", is_required=True))


def test_rows_get_the_default_of_a_new_required_field(account: Account) -> None:
    made = make(account)
    data_extension_rows.insert(account, made, [("Id", "1")])
    wanted = FieldChange(name="Level", field_type="Number", is_required=True, default_value="3")

    rules.change(account, made, DataExtensionChange(fields=(wanted,)))

    (row,) = account.db.find_all(made.table, data_extension_tables.KEY)
    assert row["Level"] == 3


def test_a_primary_key_can_grow_while_there_are_no_rows(account: Account) -> None:
    made = make(account)
    wanted = FieldChange(name="Line", field_type="Number", is_primary_key=True)

    changed = rules.change(account, made, DataExtensionChange(fields=(wanted,)))

    data_extension_rows.insert(account, changed, [("Id", "1"), ("Line", "1")])
    data_extension_rows.insert(account, changed, [("Id", "1"), ("Line", "2")])
    with pytest.raises(Refused, match="Violation of PRIMARY KEY"):
        data_extension_rows.insert(account, changed, [("Id", "1"), ("Line", "2")])


def test_a_renamed_primary_key_is_still_unique(account: Account) -> None:
    made = make(account)
    wanted = FieldChange(object_id=made.fields[0].object_id, name="Number")
    changed = rules.change(account, made, DataExtensionChange(fields=(wanted,)))
    data_extension_rows.insert(account, changed, [("Number", "a")])

    with pytest.raises(Refused, match="Violation of PRIMARY KEY"):
        data_extension_rows.insert(account, changed, [("Number", "A")])


def test_a_new_key_shows_in_the_keys_of_the_fields(account: Account) -> None:
    made = make(account)

    rules.change(account, made, DataExtensionChange(customer_key="new key"))

    keys = [row["customer_key"] for row in account.db.find_all("data_extension_field")]
    assert "[new key].[Note]" in keys


def test_a_change_that_fails_halfway_leaves_the_definition_as_it_was(account: Account) -> None:
    made = make(account)
    make(account, name="Taken")

    refusal(account, made, FieldChange(name="Added"), name="Taken")

    assert rules.find(account, name="Orders") == made
    assert "Added" not in account.db.tools.table(made.table).columns_dict


def test_a_rolled_back_data_extension_is_not_remembered(account: Account) -> None:
    """Definitions are cached: a rolled-back change must not stay in the cache."""
    made = make(account)

    def change_and_fail() -> None:
        with account.db.atomic():
            rules.change(account, made, DataExtensionChange(fields=(FieldChange(name="Lost"),)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()

    rules.change(account, made, DataExtensionChange(fields=(FieldChange(name="Kept"),)))

    found = rules.find(account, name="Orders")
    assert found is not None
    assert [each.name for each in found.fields] == ["Id", "Note", "Kept"]


def test_caches_notice_a_replaced_database(account: Account) -> None:
    empty = account.db.content()
    make(account)

    account.db.replace_content(empty)
    account.forget_memory()

    assert rules.find(account, name="Orders") is None


# Deleting.


def test_a_deleted_data_extension_leaves_no_table(account: Account) -> None:
    made = make(account)

    rules.delete(account, made)

    assert rules.find(account, name="Orders") is None
    assert made.table not in account.db.tools.table_names()
    assert account.db.count("data_extension_field", data_extension_id=made.id) == 0


def test_a_deleted_field_takes_its_values_along(account: Account) -> None:
    made = make(account)
    data_extension_rows.insert(account, made, [("Id", "1"), ("Note", "gone")])

    rules.delete_fields(account, made, [made.fields[1].object_id.upper()])

    found = rules.find(account, name="Orders")
    assert found is not None
    assert [each.name for each in found.fields] == ["Id"]
    assert "Note" not in account.db.tools.table(made.table).columns_dict


@pytest.mark.parametrize(
    ("which", "reason"),
    [
        ([0], "primary key field Id"),
        ([0, 1], "at least one field"),
        ([None], "no field with the ObjectID"),
    ],
)
def test_fields_that_are_needed_or_unknown_are_not_deleted(
    account: Account, which: list[int | None], reason: str
) -> None:
    made = make(account)
    data_extension_rows.insert(account, made, [("Id", "1")])
    ids = ["nothing" if each is None else made.fields[each].object_id for each in which]

    with pytest.raises(Refused, match=reason):
        rules.delete_fields(account, made, ids)


def test_a_field_of_the_send_relationship_is_not_deleted(account: Account) -> None:
    relation = {"sendable_field": "Note", "sendable_subscriber_field": "Email Address"}
    made = make(account, is_sendable=True, **relation)

    with pytest.raises(Refused, match="send relationship"):
        rules.delete_fields(account, made, [made.fields[1].object_id])


def test_a_primary_key_that_lost_a_column_is_unique(account: Account) -> None:
    line = FieldChange(name="Line", is_primary_key=True)
    made = make(account, ID, line, NOTE)

    rules.delete_fields(account, made, [made.fields[1].object_id])

    found = rules.find(account, name="Orders")
    assert found is not None
    data_extension_rows.insert(account, found, [("Id", "1")])
    with pytest.raises(Refused, match="Violation of PRIMARY KEY"):
        data_extension_rows.insert(account, found, [("Id", "1")])


# Any name.

_NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\"'[]`;-%_?* "),
    min_size=1,
    max_size=20,
).filter(lambda name: name.strip() == name)


@given(first=_NAMES, second=_NAMES, third=_NAMES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fields_may_be_called_anything(
    account: Account, first: str, second: str, third: str
) -> None:
    reserved = {each.casefold() for each in data_extension_tables.OWN_COLUMNS}
    if len({first.casefold(), second.casefold(), third.casefold(), *reserved}) < 6:
        return
    key = FieldChange(name=first, is_primary_key=True)
    made = make(account, key, FieldChange(name=second), name=f"n{first}")
    try:
        data_extension_rows.insert(account, made, [(first, "key"), (second, "value")])
        renamed = FieldChange(object_id=made.fields[1].object_id, name=third)
        made = rules.change(account, made, DataExtensionChange(fields=(renamed,)))
        found = account.db.find_all(made.table, data_extension_tables.KEY)

        assert [(row[first], row[third]) for row in found] == [("key", "value")]
    finally:
        rules.delete(account, made)


@pytest.mark.parametrize("name", ["rowid", "ROWID", "oid", "select", "table", "rowkey", "type"])
def test_words_of_sql_are_names_like_others(account: Account, name: str) -> None:
    made = make(account, FieldChange(name=name, is_primary_key=True), FieldChange(name="Other"))
    data_extension_rows.insert(account, made, [(name, "one"), ("Other", "value")])
    renamed = FieldChange(object_id=made.fields[1].object_id, name="Renamed")

    changed = rules.change(account, made, DataExtensionChange(fields=(renamed,)))

    data_extension_rows.update(account, changed, [(name, "one")], [("Renamed", "changed")])
    found = account.db.find_all(changed.table, data_extension_tables.KEY)
    assert [(row[name], row["Renamed"]) for row in found] == [("one", "changed")]


def test_of_many_data_extensions_each_is_found_and_one_by_all_its_names(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_extension_lookup, "_MOST_LOADED", 2)
    made = [make(account, name=name, customer_key=name) for name in ("one", "two", "three")]

    for each in (*made, *made):
        found = data_extension_lookup.find(account, name=each.name)

        assert found is not None
        assert found.object_id == each.object_id
        assert found is data_extension_lookup.find(account, customer_key=each.customer_key)
        assert found is data_extension_lookup.load(account, found.id)
    assert len(data_extension_lookup._known(account).loaded) <= 2
