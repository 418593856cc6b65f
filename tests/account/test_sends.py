"""Triggered sends: the decision on each subscriber, and the resulting message, log row, events and subscriber."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from tests.support.sending import (
    TRANSACTIONAL,
    advance,
    change,
    column,
    event_types,
    events,
    explained,
    log_rows,
    make_attribute,
    make_definition,
    make_list,
    make_log,
    make_subscriber,
    messages,
    outcomes,
    profile_of,
    send,
    status_of,
    subscriber_of,
    taken_back,
)

from sfmc_mock.account import Account, send_context
from sfmc_mock.account import data_extensions as extensions
from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extensions import DataExtension, DataExtensionChange
from sfmc_mock.account.explanations import explain
from sfmc_mock.account.recipients import Owner
from sfmc_mock.account.send_batches import BATCH_SIZE
from sfmc_mock.account.send_exclusions import DOMAIN_EXCLUSIONS, SUPPRESSION_LISTS
from sfmc_mock.account.send_queue import take_back
from sfmc_mock.account.sends import Recipient, Sent, trigger
from sfmc_mock.account.subscribers import find_subscriber, join_list, set_status
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.candidates import Rule
from sfmc_mock.simulator.send_rules import GIVEN, RULES
from sfmc_mock.store.database import Database

ADA = "ada@mail.example"


@pytest.fixture
def logging(account: Account) -> Account:
    """An account with a send log, and an active commercial definition `welcome` that writes into it."""
    make_attribute(account, "UniqueID", max_length=200)
    make_log(account, "UniqueID")
    make_definition(account)
    return account


def whole_content(account: Account) -> list[str]:
    return list(account.db.tools.conn.iterdump())


def picklist(*values: str) -> str:
    return json.dumps([{"value": each, "label": "", "is_default": False} for each in values])


# Effects of a send.


def add_column(account: Account, name: str) -> None:
    """Give the send log another column."""
    log = extensions.send_log(account)
    assert log is not None
    extensions.change(account, log, DataExtensionChange(fields=(FieldChange(name=name),)))


def test_a_column_that_the_log_gets_is_filled_from_the_next_send_on(logging: Account) -> None:
    ulm = Recipient("ada", ADA, {"City": "Ulm"})
    send(logging, ulm)
    add_column(logging, "City")
    send(logging, ulm)

    assert log_rows(logging, "City") == [None, "Ulm"]


def test_a_column_that_is_taken_back_is_not_filled(logging: Account) -> None:
    ulm = Recipient("ada", ADA, {"City": "Ulm", "Land": "DE"})
    with suppress(ValueError), logging.db.atomic():
        add_column(logging, "City")
        send(logging, ulm)
        raise ValueError
    add_column(logging, "Land")
    send(logging, ulm)

    assert log_rows(logging, "Land") == ["DE"]


def test_a_send_becomes_a_message_a_log_row_and_two_events(logging: Account) -> None:
    sent = send(logging, Recipient("ada", ADA, {"UniqueID": "u-1"}))

    (message,) = messages(logging, sent)
    number = message["subscriber_id"]
    assert (message["outcome"], message["job_id"], message["batch_id"]) == ("sent", 10_980_375, 1)
    assert log_rows(logging, "JobID", "BatchID", "SubID", "ListID", "ErrorCode", "UniqueID") == [
        (10_980_375, 1, number, 8421, None, "u-1")
    ]
    assert [(row["type"], row["subscriber_id"]) for row in events(logging)] == [
        ("Sent", number),
        ("DeliveredEvent", number),
    ]


def test_a_log_row_names_definition_key_and_address(logging: Account) -> None:
    send(logging, Recipient("ada", ADA))

    definition = logging.db.find("triggered_send_definition") or {}
    assert log_rows(logging, "TriggeredSendID", "SubscriberKey", "EmailAddress") == [
        (definition["object_id"], "ada", ADA)
    ]


def test_a_definition_without_send_logging_writes_no_log(account: Account) -> None:
    make_log(account)
    make_definition(account, is_send_logging=0)

    send(account, ADA)

    assert log_rows(account) == []
    assert event_types(account) == ["Sent", "DeliveredEvent"]


def test_an_account_without_a_send_log_sends_anyway(account: Account) -> None:
    make_definition(account)

    send(account, ADA)

    assert outcomes(account) == [("sent", None)]


def test_every_subscriber_of_a_request_has_a_message_and_a_log_row(logging: Account) -> None:
    sent = send(logging, ADA, "nobody", "bob@mail.example")

    assert (sent.accepted, [each.ordinal for each in sent.failures]) == (2, [1])
    assert outcomes(logging) == [("sent", None), ("refused", 4), ("sent", None)]
    assert sorted(log_rows(logging, "SubscriberKey")) == sorted([ADA, "nobody", "bob@mail.example"])


def test_columns_of_the_log_take_attributes_as_given_on_record_or_by_default(
    account: Account,
) -> None:
    for name, default in [("Given", "x"), ("Kept", "x"), ("Town", "Ulm")]:
        make_attribute(account, name, default_value=default)
    make_log(account, "Given", "Kept", "Town", "Unknown")
    make_definition(account)
    make_subscriber(account, "ada", attributes={"Given": "on record", "Kept": "on record"})

    send(account, "ada", attributes={"given": "now", "Unknown": "free"})

    assert log_rows(account, "Given", "Kept", "Town", "Unknown") == [
        ("now", "on record", "Ulm", "free")
    ]


def test_attributes_cannot_pretend_to_be_the_logs_own_columns(logging: Account) -> None:
    send(logging, ADA, attributes={"JobID": "7", "suBid": "8", "ErrorCode": "9"})

    (row,) = log_rows(logging)
    assert row["JobID"] == 10_980_375
    assert row["SubID"] != 8
    assert row["ErrorCode"] is None


@pytest.mark.parametrize("status", ["New", "Canceled", "Deleted"])
def test_a_definition_that_takes_no_sends_refuses_them_all(account: Account, status: str) -> None:
    definition = make_definition(account, status="New")
    account.db.update("triggered_send_definition", {"status": status}, id=definition.id)
    before = whole_content(account)

    with pytest.raises(Refused) as refused:
        trigger(account, replace(definition, status=status), [Recipient(ADA, ADA)])

    expected = {
        "New": (
            18001,
            "The Triggered Send Definition is not completely configured or in a new status. "
            "Please check Triggered Send Definition configuration.",
        )
    }.get(status, (18002, "Triggered Send must be in an Active or Inactive status"))
    assert (refused.value.error_code, refused.value.message) == expected
    assert whole_content(account) == before


def test_a_send_without_recipients_is_refused(logging: Account) -> None:
    with pytest.raises(Refused, match="must have subscribers associated with it") as refused:
        send(logging)

    assert refused.value.error_code == 180007
    assert messages(logging) == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ada+opne@mock.test", "ada+opne@mock.test: there is no label +opne. Nearest: +open"),
        ("ada+open+hardbounce@mock.test", "+open and +hardbounce contradict each other"),
        ("ada+after-soon@mock.test", "'soon' is not a valid duration"),
    ],
)
def test_an_unknown_label_refuses_the_request_and_writes_nothing(
    logging: Account, address: str, told: str
) -> None:
    before = whole_content(logging)

    with pytest.raises(Refused) as refused:
        send(logging, "bob@mail.example", address)

    assert refused.value.error_code == 2
    assert told in refused.value.message
    assert whole_content(logging) == before


def test_the_address_on_record_is_magic_too(logging: Account) -> None:
    make_subscriber(logging, "ada", "ada+open@mock.test")

    send(logging, "ada")

    assert event_types(logging) == ["Sent", "DeliveredEvent", "Open"]


# Subscribers.


def test_a_new_recipient_is_added_to_the_account(logging: Account) -> None:
    make_attribute(logging, "Town")

    send(logging, Recipient("ada", ADA, {"town": "Ulm", "Unknown": "x"}))

    ada = subscriber_of(logging, "ada")
    assert (ada.email_address, ada.status) == (ADA, "Active")
    assert profile_of(logging, "ada") == {"Town": "Ulm"}


def test_send_time_attributes_reach_the_log_and_not_the_profile(account: Account) -> None:
    make_attribute(account, "Coupon", is_send_time=1)
    make_log(account, "Coupon")
    make_definition(account)

    send(account, ADA, attributes={"Coupon": "X-1"})

    assert log_rows(account, "Coupon") == ["X-1"]
    assert profile_of(account, ADA) == {}


def test_the_subscriber_key_determines_the_id(default_content: bytes) -> None:
    numbers = []
    for others in ([], ["bob@mail.example"]):
        account = Account(Database(content=default_content))
        make_definition(account)
        send(account, *others, Recipient("Ada", ADA))
        numbers.append(subscriber_of(account, "ada").id)
        account.db.close()

    assert numbers[0] == numbers[1]
    assert len(str(numbers[0])) >= 9


def test_the_address_is_the_key_of_a_recipient_without_one(logging: Account) -> None:
    send(logging, Recipient(None, ADA))

    assert find_subscriber(logging, key=ADA) is not None


def test_a_recipient_without_address_gets_it_at_the_address_on_record(logging: Account) -> None:
    make_subscriber(logging, "ada")

    send(logging, "ada")

    assert column(messages(logging), "email_address") == [ADA]


def test_keys_are_compared_without_case_of_latin_letters(logging: Account) -> None:
    send(logging, Recipient("Ädá", ADA), Recipient("ÄdÁ", ADA), Recipient("äDá", ADA))

    numbers = column(messages(logging), "subscriber_id")
    assert len(set(numbers)) == 3


def test_the_same_new_key_twice_is_one_subscriber_in_two_batches(logging: Account) -> None:
    send(logging, Recipient("ada", ADA), Recipient("ADA", None))

    first, second = messages(logging)
    assert first["subscriber_id"] == second["subscriber_id"]
    assert (first["batch_id"], second["batch_id"]) == (1, 2)
    assert second["email_address"] == ADA


def test_without_auto_update_the_call_changes_nothing_on_record(logging: Account) -> None:
    make_subscriber(logging, "ada", attributes={"First Name": "Ada"})

    send(logging, Recipient("ada", "new@mail.example", {"First Name": "Augusta"}))

    ada = subscriber_of(logging, "ada")
    assert ada.email_address == ADA
    assert profile_of(logging, "ada") == {"First Name": "Ada"}
    assert column(messages(logging), "email_address") == ["new@mail.example"]


def test_auto_update_takes_over_address_and_attributes(account: Account) -> None:
    make_definition(account, auto_update_subscribers=1)
    make_subscriber(account, "ada", attributes={"First Name": "Ada", "Last Name": "King"})

    send(account, Recipient("ada", "new@mail.example", {"first name": "Augusta", "Other": "x"}))

    ada = subscriber_of(account, "ada")
    assert ada.email_address == "new@mail.example"
    assert profile_of(account, "ada") == {"First Name": "Augusta", "Last Name": "King"}


def test_auto_update_keeps_the_last_of_what_a_request_says(account: Account) -> None:
    make_definition(account, auto_update_subscribers=1)
    make_subscriber(account, "ada")

    send(
        account,
        Recipient("ada", "first@mail.example", {"First Name": "Ada"}),
        Recipient("ada", "second@mail.example", {"Last Name": "King"}),
        Recipient("new", "first@mail.example", {"First Name": "New"}),
        Recipient("new", "second@mail.example", {"Last Name": "Person"}),
    )

    both = [subscriber_of(account, key) for key in ("ada", "new")]
    assert [subscriber.email_address for subscriber in both] == ["second@mail.example"] * 2
    assert profile_of(account, "ada") == {"First Name": "Ada", "Last Name": "King"}
    assert profile_of(account, "new") == {"First Name": "New", "Last Name": "Person"}


@pytest.mark.parametrize(("auto_add", "members"), [(0, []), (1, ["Active", "Active"])])
def test_auto_add_puts_subscribers_on_the_definitions_list(
    account: Account, auto_add: int, members: list[str]
) -> None:
    news = make_list(account, "News")
    make_definition(account, list_id=news, auto_add_subscribers=auto_add)
    make_subscriber(account, "known")

    send(account, "known", "new@mail.example", "new@mail.example")

    assert column(account.db.find_all("list_subscriber", list_id=news), "status") == members


def test_auto_add_does_not_resubscribe(account: Account) -> None:
    news = make_list(account, "News")
    make_definition(account, list_id=news, auto_add_subscribers=1, classification=TRANSACTIONAL)
    join_list(account, make_subscriber(account, "ada"), news, "Unsubscribed")

    send(account, "ada")

    assert outcomes(account) == [("sent", None)]
    assert column(account.db.find_all("list_subscriber"), "status") == ["Unsubscribed"]


def test_a_refused_newcomer_is_not_added(logging: Account) -> None:
    send(logging, Recipient("ada", "ada at home"))

    assert find_subscriber(logging, key="ada") is None
    assert log_rows(logging, "SubscriberKey", "SubID", "BatchID", "ErrorCode") == [
        ("ada", None, None, 5)
    ]


def test_a_deleted_subscriber_comes_back_with_the_old_id_and_a_new_batch(
    logging: Account,
) -> None:
    send(logging, "ada@mail.example")
    logging.db.delete("subscriber", id=subscriber_of(logging, ADA).id)

    send(logging, "ada@mail.example")

    first, second = messages(logging)
    assert first["subscriber_id"] == second["subscriber_id"]
    assert (first["batch_id"], second["batch_id"]) == (1, 2)


# Batches.


def test_sends_at_one_time_share_a_batch(logging: Account) -> None:
    send(logging, "a@mail.example", "b@mail.example")
    send(logging, "c@mail.example")

    assert column(messages(logging), "batch_id") == [1, 1, 1]


def test_a_later_send_begins_the_next_batch(logging: Account) -> None:
    send(logging, "a@mail.example", "a@mail.example")
    advance(logging, seconds=1)

    send(logging, "b@mail.example")

    assert column(messages(logging), "batch_id") == [1, 2, 3]


def test_a_batch_holds_five_hundred_subscribers(logging: Account) -> None:
    send(logging, *(f"s{number}@mail.example" for number in range(2 * BATCH_SIZE + 1)))

    batches = column(messages(logging), "batch_id")
    assert [batches.count(number) for number in (1, 2, 3)] == [500, 500, 1]


def test_a_repeat_gets_the_first_batch_that_is_free_for_them(logging: Account) -> None:
    many = [f"s{number}@mail.example" for number in range(BATCH_SIZE)]
    send(logging, *many, ADA)

    send(logging, ADA, ADA)

    assert [row["batch_id"] for row in messages(logging) if row["email_address"] == ADA] == [
        2,
        1,
        3,
    ]


def test_batches_begin_again_with_each_job(logging: Account) -> None:
    send(logging, ADA, ADA)
    change(logging, status="Inactive", refresh=True)
    change(logging, status="Active")

    send(logging, ADA)

    assert [(row["job_id"], row["batch_id"]) for row in messages(logging)] == [
        (10_980_375, 1),
        (10_980_375, 2),
        (10_980_376, 1),
    ]


# Reasons not to send.


def by_label(rule: str) -> Callable[[Account], Sent]:
    return lambda account: send(account, f"ada+notsent-{rule}@mock.test")


def make_source(account: Account) -> DataExtension:
    """Create a data extension that requires an OrderID, and a number as Total."""
    fields = (
        FieldChange(name="SubscriberKey", max_length=254, is_required=True),
        FieldChange(name="EmailAddress", field_type="EmailAddress", is_required=True),
        FieldChange(name="OrderID", is_required=True),
        FieldChange(name="Total", field_type="Number"),
    )
    return extensions.create(account, DataExtensionChange(name="Orders", fields=fields))


def missing_key(account: Account) -> Sent:
    return send(account, Recipient("", ""))


def long_key(account: Account) -> Sent:
    return send(account, Recipient("k" * 255, ADA))


def missing_address(account: Account) -> Sent:
    return send(account, "ada")


def invalid_address(account: Account) -> Sent:
    return send(account, Recipient("ada", "ada at home"))


def list_detective(account: Account) -> Sent:
    account.strict = True
    return send(account, "help@example.com")


def domain_exclusion(account: Account) -> Sent:
    account.change_setting(DOMAIN_EXCLUSIONS, json.dumps({"Rivals": ["Mail.Example"]}))
    return send(account, ADA)


def missing_attribute(account: Account) -> Sent:
    make_attribute(account, "Town", is_required=1)
    return send(account, ADA)


def invalid_attribute(account: Account) -> Sent:
    make_attribute(account, "Age", property_type="double")
    return send(account, ADA, attributes={"age": "old"})


def long_attribute(account: Account) -> Sent:
    return send(account, ADA, attributes={"First Name": "A" * 51})


def with_source(account: Account, **given: str) -> Sent:
    source = make_source(account)
    account.db.update("triggered_send_definition", {"send_source_data_extension_id": source.id})
    return send(account, ADA, attributes=given)


def missing_field(account: Account) -> Sent:
    return with_source(account)


def invalid_field(account: Account) -> Sent:
    return with_source(account, OrderID="7", Total="much")


def cleared(account: Account) -> Sent:
    change(account, status="Inactive")
    sent = send(account, ADA)
    change(account, status="Canceled")
    return sent


def expired(account: Account) -> Sent:
    change(account, status="Inactive")
    sent = send(account, ADA)
    advance(account, days=3, seconds=1)
    return sent


def with_status(status: str) -> Callable[[Account], Sent]:
    def scene(account: Account) -> Sent:
        set_status(account, make_subscriber(account, "ada"), status)
        return send(account, "ada")

    return scene


def list_opt_out(account: Account) -> Sent:
    news = make_list(account, "News")
    change(account, status="Inactive", list_id=news)
    change(account, status="Active")
    join_list(account, make_subscriber(account, "ada"), news, "Unsubscribed")
    return send(account, "ada")


def suppressed(account: Account) -> Sent:
    account.change_setting(SUPPRESSION_LISTS, json.dumps({"Never": ["Ada@mail.example"]}))
    return send(account, ADA)


def from_nobody(owner: Owner) -> Callable[[Account], Sent]:
    return lambda account: send(account, Recipient("ada", "ada@mock.test", {}, owner))


def taken_back_again(account: Account) -> Sent:
    definition = change(account, status="Inactive")
    sent = send(account, "ada@mail.example")
    take_back(account, definition, [])
    return sent


SCENES: dict[str, Callable[[Account], Sent]] = {
    "missingkey": missing_key,
    "longkey": long_key,
    "missingaddress": missing_address,
    "invalidaddress": invalid_address,
    "listdetective": list_detective,
    "domainexclusion": domain_exclusion,
    "unknownowner": from_nobody(Owner("", "", is_known=False)),
    "invalidowner": from_nobody(Owner("Ann", "ann at home")),
    "missingattribute": missing_attribute,
    "invalidattribute": invalid_attribute,
    "longattribute": long_attribute,
    "missingfield": missing_field,
    "invalidfield": invalid_field,
    "takenback": taken_back_again,
    "cleared": cleared,
    "expired": expired,
    "deleted": with_status("Deleted"),
    "restricted": by_label("restricted"),
    "held": with_status("Held"),
    "globalunsub": by_label("globalunsub"),
    "unsubscribed": with_status("Unsubscribed"),
    "accountoptout": by_label("accountoptout"),
    "listoptout": list_opt_out,
    "optoutlist": by_label("optoutlist"),
    "suppressed": suppressed,
    "excluded": by_label("excluded"),
    "builderror": by_label("builderror"),
}
"""What brings each rule about: by what the account holds where it can hold it, else by the label of an address."""


def test_every_code_that_a_triggered_send_can_give_has_its_scene_here() -> None:
    assert list(SCENES) == [rule.name for rule in GIVEN.values()]


@pytest.mark.parametrize("rule", GIVEN.values(), ids=lambda rule: rule.name)
def test_a_reason_gives_its_code_in_message_and_log(logging: Account, rule: Rule) -> None:
    sent = SCENES[rule.name](logging)

    (message,) = messages(logging, sent)
    outcome = "refused" if rule.outcome == "refuse" else "not sent"
    assert (message["outcome"], message["error_code"]) == (outcome, rule.code)
    assert log_rows(logging, "ErrorCode") == [rule.code]


@pytest.mark.parametrize("rule", GIVEN.values(), ids=lambda rule: rule.name)
def test_exclusions_have_a_not_sent_event_and_refusals_have_none(
    logging: Account, rule: Rule
) -> None:
    SCENES[rule.name](logging)

    found = [(row["type"], row["error_code"]) for row in events(logging)]
    assert found == ([] if rule.outcome == "refuse" else [("NotSent", rule.code)])


@pytest.mark.parametrize("rule", GIVEN.values(), ids=lambda rule: rule.name)
def test_an_explanation_names_code_rule_and_remedy(logging: Account, rule: Rule) -> None:
    sent = SCENES[rule.name](logging)

    found = explained(logging, sent)
    assert (found.code, found.rule) == (rule.code, rule.name)
    assert f"code {rule.code} ({found.name})" in str(found)
    assert f"rule      {rule.name} ({rule.origin})" in str(found)
    assert f"change    {found.remedy}" in str(found)
    assert found.remedy
    assert found.why


@pytest.mark.parametrize("rule", GIVEN.values(), ids=lambda rule: rule.name)
def test_a_label_asks_for_each_reason(logging: Account, rule: Rule) -> None:
    send(logging, f"ada+notsent-{rule.name}@mock.test")

    (message,) = messages(logging)
    assert message["error_code"] == rule.code


def test_a_pause_is_the_only_reason_without_a_code() -> None:
    assert [rule.name for rule in RULES if rule.code is None] == ["paused"]


def test_a_reason_that_applies_goes_before_the_one_that_was_asked_for(logging: Account) -> None:
    number = make_subscriber(logging, "ada", "ada+notsent-suppressed@mock.test")
    set_status(logging, number, "Held")

    send(logging, "ada")

    assert outcomes(logging) == [("not sent", 2)]


@pytest.mark.parametrize(
    ("status", "commercial", "transactional"),
    [
        ("Active", ("sent", None), ("sent", None)),
        ("Bounced", ("sent", None), ("sent", None)),
        ("Unsubscribed", ("not sent", 1), ("sent", None)),
        ("Held", ("not sent", 2), ("not sent", 2)),
        ("Deleted", ("not sent", 40), ("not sent", 40)),
    ],
)
def test_a_status_stops_messages(
    account: Account,
    status: str,
    commercial: tuple[str, int | None],
    transactional: tuple[str, int | None],
) -> None:
    make_definition(account, "offer")
    make_definition(account, "receipt", classification=TRANSACTIONAL)
    set_status(account, make_subscriber(account, "ada"), status)

    send(account, "ada", key="offer")
    send(account, "ada", key="receipt")

    assert outcomes(account) == [commercial, transactional]


@pytest.mark.parametrize(
    ("kind", "honors", "outcome"),
    [
        ("PublicationList", 1, ("not sent", 31)),
        ("PublicationList", 0, ("sent", None)),
        ("ExactTargetList", 1, ("sent", None)),
    ],
)
def test_a_transactional_send_honors_opt_outs_of_publication_lists_if_it_says_so(
    account: Account, kind: str, honors: int, outcome: tuple[str, int | None]
) -> None:
    news = make_list(account, "News", classification=kind)
    account.db.update(
        "send_classification", {"honors_list_opt_outs": honors}, customer_key=TRANSACTIONAL
    )
    make_definition(account, list_id=news, classification=TRANSACTIONAL)
    join_list(account, make_subscriber(account, "ada"), news, "Unsubscribed")

    send(account, "ada")

    assert outcomes(account) == [outcome]


@pytest.mark.parametrize(
    ("columns", "value", "wanted"),
    [
        ({"property_type": "boolean"}, "perhaps", "wanted was a boolean"),
        ({"property_type": "datetime"}, "soon", "wanted was a datetime"),
        ({"property_type": "double", "min_value": "18"}, "17.5", "wanted was at least 18"),
        ({"property_type": "double", "max_value": "99"}, "100", "wanted was at most 99"),
        ({"min_length": 3}, "ab", "wanted was at least 3 characters"),
        (
            {"picklist": picklist("red", "blue"), "is_restricted_picklist": 1},
            "green",
            "wanted was one of red, blue",
        ),
    ],
)
def test_a_value_that_does_not_fit_its_attribute_is_named(
    logging: Account, columns: dict[str, Any], value: str, wanted: str
) -> None:
    make_attribute(logging, "Own", **columns)

    sent = send(logging, ADA, attributes={"Own": value})

    found = explained(logging, sent)
    assert found.code == 16
    assert f"Own is {value!r}, {wanted}." in found.why


@pytest.mark.parametrize(
    ("name", "code"), [("Anything", 17), ("HTML__Body", None), ("html__body", 17)]
)
def test_only_attributes_named_html_hold_more_than_two_thousand_characters(
    logging: Account, name: str, code: int | None
) -> None:
    send(logging, ADA, attributes={name: "x" * 2_001})

    assert column(messages(logging), "error_code") == [code]


def test_a_required_attribute_on_record_or_with_a_default_need_not_be_given(
    logging: Account,
) -> None:
    make_attribute(logging, "Town", is_required=1, default_value="Ulm")
    make_subscriber(logging, "ada", attributes={})
    make_attribute(logging, "Street", is_required=1)
    logging.db.update("subscriber", {"attributes": '{"Street": "Main"}'}, subscriber_key="ada")

    send(logging, "ada", "new@mail.example")

    assert outcomes(logging) == [("sent", None), ("refused", 10)]


# The data extension that a definition's sends come from.


def test_a_send_adds_a_row_to_the_definitions_data_extension(account: Account) -> None:
    source = make_source(account)
    make_definition(account, send_source_data_extension_id=source.id)

    send(account, Recipient("ada", ADA, {"orderid": "A-7", "Total": "12", "Other": "x"}))

    (row,) = account.db.find_all(source.table)
    assert (row["SubscriberKey"], row["EmailAddress"]) == ("ada", ADA)
    assert (row["OrderID"], row["Total"]) == ("A-7", 12)


@pytest.mark.parametrize(("related", "kept"), [("Subscriber Key", "ada"), ("Email Address", ADA)])
def test_the_field_of_the_send_relationship_takes_key_or_address(
    account: Account, related: str, kept: str
) -> None:
    field = FieldChange(name="Contact", max_length=254)
    wanted = DataExtensionChange(
        name="Orders",
        fields=(field,),
        is_sendable=True,
        sendable_field="Contact",
        sendable_subscriber_field=related,
    )
    source = extensions.create(account, wanted)
    make_definition(account, send_source_data_extension_id=source.id)

    send(account, Recipient("ada", ADA))

    assert column(account.db.find_all(source.table), "Contact") == [kept]


def test_refused_recipients_have_no_row(account: Account) -> None:
    source = make_source(account)
    make_definition(account, send_source_data_extension_id=source.id)

    send(account, Recipient("ada", ADA, {"Total": "12"}))

    assert outcomes(account) == [("refused", 19)]
    assert account.db.find_all(source.table) == []


def test_a_definition_whose_data_extension_is_gone_sends_nothing(account: Account) -> None:
    source = make_source(account)
    make_definition(account, send_source_data_extension_id=source.id)
    extensions.delete(account, source)

    with pytest.raises(Refused, match="missing or misconfigured") as refused:
        send(account, ADA)

    assert refused.value.error_code == 180015


def test_a_data_extension_with_a_primary_key_cannot_be_sent_from(account: Account) -> None:
    field = FieldChange(name="SubscriberKey", max_length=254, is_primary_key=True)
    source = extensions.create(account, DataExtensionChange(name="Orders", fields=(field,)))
    make_definition(account, send_source_data_extension_id=source.id)

    with pytest.raises(Refused, match="missing or misconfigured") as refused:
        send(account, ADA)

    assert refused.value.error_code == 180015


# SendContext are read again when they change.


def test_a_new_required_attribute_holds_for_the_next_send(logging: Account) -> None:
    send(logging, ADA)
    make_attribute(logging, "Town", is_required=1)

    send(logging, ADA)

    assert outcomes(logging) == [("sent", None), ("refused", 10)]


def test_a_rolled_back_send_leaves_nothing(logging: Account) -> None:
    with taken_back(logging):
        make_attribute(logging, "Town", is_required=1)
        send(logging, ADA)

    send(logging, ADA)

    assert outcomes(logging) == [("sent", None)]


def test_another_type_of_classification_holds_for_the_next_send(logging: Account) -> None:
    set_status(logging, make_subscriber(logging, "ada"), "Unsubscribed")
    send(logging, "ada")
    logging.db.update("send_classification", {"type": "Operational"})

    send(logging, "ada")

    assert outcomes(logging) == [("not sent", 1), ("sent", None)]


def test_an_unsubscribed_subscriber_gets_no_further_message(logging: Account) -> None:
    send(logging, "ada+masterunsub@mock.test")

    send(logging, "ada+masterunsub@mock.test")

    assert status_of(logging, "ada+masterunsub@mock.test") == "Unsubscribed"
    assert outcomes(logging) == [("sent", None), ("not sent", 1)]


def test_an_exclusion_filter_decides_by_what_is_given_and_what_is_on_record(
    account: Account,
) -> None:
    make_attribute(account, "City")
    make_subscriber(account, "bob", attributes={"City": "Bonn"})
    make_definition(
        account, exclusion_filter='[City] == "Bonn" OR Domain(emailaddr) == "mail.test"'
    )

    given = Recipient("ada", ADA, {"City": "bonn"})
    sent = send(account, given, Recipient("bob", "bob@mock.test"), Recipient("cyd", "c@mail.test"))

    assert [row["outcome"] for row in messages(account, sent)] == ["not sent"] * 3
    reasons = [each.why for each in explain(account, send_id=sent.send_id)]
    assert all(why.startswith("The definition excludes ") for why in reasons)


def test_another_exclusion_filter_counts_from_the_next_send_on(account: Account) -> None:
    make_definition(account, exclusion_filter="1 == 1")
    send(account, Recipient("ada", ADA))

    change(account, status="Inactive")
    change(account, status="Active", exclusion_filter="Empty(emailaddr)")
    send(account, Recipient("ada", ADA))

    assert [outcome for outcome, _ in outcomes(account)] == ["not sent", "sent"]


def test_the_contexts_of_many_definitions_are_kept_one_after_the_other(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_context, "_MOST_CONTEXTS", 2)
    keys = ("one", "two", "three")
    for key in keys:
        make_definition(account, key)

    for key in (*keys, *keys):
        send(account, ADA, key=key)

    assert len(account.cached("send contexts")) <= 2
    assert [
        job for (job,) in account.db.rows("SELECT job_id FROM message ORDER BY id LIMIT 3")
    ] == [
        job for (job,) in account.db.rows("SELECT job_id FROM message ORDER BY id LIMIT 3 OFFSET 3")
    ]
