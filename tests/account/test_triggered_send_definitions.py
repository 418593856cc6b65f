"""The life cycle of a triggered send definition: its transitions, and the job of its sends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.support.sending import (
    advance,
    change,
    column,
    event_types,
    make_definition,
    make_list,
    messages,
    send,
)

from sfmc_mock.account import Account, triggered_send_definitions
from sfmc_mock.account.triggered_send_definitions import (
    DefinitionChange,
    change_definition,
    create_definition,
    delete_definition,
    find_definition,
    find_definition_named,
)
from sfmc_mock.errors import Refused
from sfmc_mock.store.row_types import Definition

# How a definition comes to each status.
STEPS = {
    "New": [],
    "Active": ["Active"],
    "Inactive": ["Active", "Inactive"],
    "Canceled": ["Active", "Canceled"],
}
ADDRESS = "ada@mail.example"


def definition_in(account: Account, status: str) -> Definition:
    definition = make_definition(account, status="New")
    if status == "Deleted":
        delete_definition(account, definition)
        return replace(definition, status=status)
    for step in STEPS[status]:
        definition = change_definition(account, definition, DefinitionChange({}, status=step))
    return definition


def refusal(account: Account, definition: Definition, change: DefinitionChange) -> tuple[int, str]:
    with pytest.raises(Refused) as refused, account.db.atomic():
        change_definition(account, definition, change)
    return refused.value.error_code, refused.value.message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("New", "Active"),
        ("New", "Canceled"),
        ("New", "New"),
        ("Active", "Inactive"),
        ("Active", "Canceled"),
        ("Active", "Active"),
        ("Inactive", "Active"),
        ("Inactive", "Canceled"),
        ("Inactive", "Inactive"),
        ("Canceled", "Canceled"),
    ],
)
def test_a_definition_goes_from_status_to_status(account: Account, before: str, after: str) -> None:
    definition = definition_in(account, before)

    changed = change_definition(account, definition, DefinitionChange({}, status=after))

    assert changed.status == after


@pytest.mark.parametrize(
    ("before", "after", "code", "text"),
    [
        ("New", "Inactive", 17002, "Triggered Send Definition Cannot Be Deactivated"),
        ("New", "Moved", 17003, "Triggered Send Definition Cannot Be Updated"),
        ("New", "Deleted", 17004, "Triggered Send Definition Cannot Be Deleted"),
        ("Active", "New", 17003, "Triggered Send Definition Cannot Be Updated"),
        ("Inactive", "New", 17003, "Triggered Send Definition Cannot Be Updated"),
        ("Canceled", "Active", 17000, "Triggered Send Definition Cannot Be Activated"),
        ("Canceled", "Inactive", 17002, "Triggered Send Definition Cannot Be Deactivated"),
        ("Deleted", "Active", 17015, "Triggered Send Definition Not Found"),
        ("Deleted", "Deleted", 17015, "Triggered Send Definition Not Found"),
    ],
)
def test_a_definition_does_not_go_there(
    account: Account, before: str, after: str, code: int, text: str
) -> None:
    definition = definition_in(account, before)
    row = account.db.find("triggered_send_definition", id=definition.id)

    found = refusal(account, definition, DefinitionChange({}, status=after))

    assert found == (code, text)
    assert account.db.find("triggered_send_definition", id=definition.id) == row


ACTIVE = "An active TriggeredSendDefinition can not be updated or have it's content refreshed"


@pytest.mark.parametrize(
    ("status", "wanted", "code", "text"),
    [
        ("Active", DefinitionChange({"from_name": "Ada"}), 17003, ACTIVE),
        ("Active", DefinitionChange({}, refresh_content=True), 17003, ACTIVE),
        ("Active", DefinitionChange({"keyword": "x"}, "Active"), 17003, ACTIVE),
        (
            "Canceled",
            DefinitionChange({"from_name": "Ada"}),
            17003,
            "Triggered Send Definition Cannot Be Updated",
        ),
        (
            "Canceled",
            DefinitionChange({}, refresh_content=True),
            17005,
            "Triggered Send Definition Content Cannot Be Refreshed",
        ),
    ],
)
def test_a_running_or_canceled_definition_cannot_be_changed(
    account: Account, status: str, wanted: DefinitionChange, code: int, text: str
) -> None:
    definition = definition_in(account, status)

    found = refusal(account, definition, wanted)

    assert found == (code, text)


@pytest.mark.parametrize("status", ["New", "Inactive"])
def test_content_is_refreshed_without_a_change_of_status(account: Account, status: str) -> None:
    definition = definition_in(account, status)

    changed = change_definition(account, definition, DefinitionChange({}, refresh_content=True))

    assert changed.status == status
    assert changed.content_version == 2


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ("Active", DefinitionChange({"from_name": "Ada"}, "Inactive"), "Inactive"),
        ("Inactive", DefinitionChange({"from_name": "Ada"}, "Active", True), "Active"),
        ("New", DefinitionChange({"from_name": "Ada"}, "Active"), "Active"),
    ],
)
def test_a_change_may_come_with_the_status_that_allows_it(
    account: Account, before: str, wanted: DefinitionChange, after: str
) -> None:
    definition = definition_in(account, before)

    changed = change_definition(account, definition, wanted)

    assert (changed.status, changed.from_name) == (after, "Ada")


@pytest.mark.parametrize(
    "wanted",
    [DefinitionChange({}), DefinitionChange({"name": "welcome"}), DefinitionChange({}, "Active")],
)
def test_an_update_that_changes_nothing_is_fine_while_active(
    account: Account, wanted: DefinitionChange
) -> None:
    definition = definition_in(account, "Active")

    changed = change_definition(account, definition, wanted)

    assert changed.status == "Active"


def test_a_key_is_used_once(account: Account) -> None:
    make_definition(account)

    with pytest.raises(Refused, match="Name already exists") as refused:
        make_definition(account, "WELCOME")

    assert refused.value.error_code == 1


def test_a_definition_is_not_given_another_ones_key(account: Account) -> None:
    make_definition(account, "other")
    definition = make_definition(account, status="New")

    found = refusal(account, definition, DefinitionChange({"customer_key": "Other"}))

    assert found == (1, "Name already exists")


def test_a_definition_without_a_key_gets_an_upper_case_guid(account: Account) -> None:
    definition = make_definition(account, "", name="welcome")

    assert len(definition.customer_key) == 36
    assert definition.customer_key.isupper()


def test_a_definition_without_a_name_is_refused(account: Account) -> None:
    with pytest.raises(Refused, match="Triggered Send Definition Name Invalid") as refused:
        create_definition(account, {"customer_key": "welcome", "name": "  ", "email_id": 1})

    assert refused.value.error_code == 17101


def test_a_deleted_definition_stays_and_its_key_can_be_used_again(account: Account) -> None:
    old = make_definition(account)
    delete_definition(account, old)

    new = make_definition(account)

    gone = find_definition(account, object_id=old.object_id)
    assert gone is not None
    assert (gone.status, new.status) == ("Deleted", "Active")
    assert new.object_id != old.object_id
    assert find_definition(account, key="welcome") == new


def test_a_definition_is_deleted_once(account: Account) -> None:
    definition = definition_in(account, "Deleted")

    with pytest.raises(Refused) as refused:
        delete_definition(account, definition)

    assert refused.value.error_code == 17015


def test_an_object_id_is_found_in_either_case(account: Account) -> None:
    definition = make_definition(account)

    found = find_definition(account, object_id=definition.object_id.upper())

    assert found == definition


def test_a_name_leads_to_the_definition_that_still_exists(account: Account) -> None:
    delete_definition(account, make_definition(account, "first", name="Welcome mail"))
    second = make_definition(account, "second", name="Welcome mail")

    found = find_definition_named(account, "welcome MAIL")

    assert found == second


def test_a_new_definition_has_the_subject_of_its_email(account: Account) -> None:
    definition = make_definition(account)

    assert definition.email_subject == definition.dynamic_email_subject == "Welcome, %%First Name%%"


@pytest.mark.parametrize(("own", "after"), [({}, "Bye"), ({"email_subject": "Mine"}, "Mine")])
def test_another_email_brings_its_subject_unless_the_definition_has_its_own(
    account: Account, own: dict[str, str], after: str
) -> None:
    definition = make_definition(account, status="New", **own)
    email = account.db.find("email", id=definition.email_id) or {}
    other = account.db.insert("email", {**email, "id": 5, "customer_key": "bye", "subject": "Bye"})

    changed = change_definition(account, definition, DefinitionChange({"email_id": other}))

    assert changed.email_subject == after


# Jobs.


def test_the_first_job_comes_with_the_first_start(account: Account) -> None:
    definition = make_definition(account, status="New")

    started = change(account, status="Active")

    assert definition.job_id is None
    assert started.job_id == 10_980_375


def test_a_restart_without_changes_goes_on_with_the_same_job(account: Account) -> None:
    before = make_definition(account)
    change(account, status="Inactive")

    after = change(account, status="Active")

    assert after.job_id == before.job_id


@pytest.mark.parametrize(
    "wanted",
    [
        {"refresh": True},
        {"email_subject": "Hello"},
        {"from_name": "Ada"},
        {"pre_header": "Read me"},
    ],
)
def test_a_restart_with_changed_content_makes_a_new_job(
    account: Account, wanted: dict[str, Any]
) -> None:
    before = make_definition(account)
    change(account, status="Inactive", **wanted)

    after = change(account, status="Active")

    assert after.job_id == (before.job_id or 0) + 1


def test_a_change_outside_the_content_makes_no_new_job(account: Account) -> None:
    before = make_definition(account)
    change(account, status="Inactive", description="for tests", is_send_logging=0)

    after = change(account, status="Active")

    assert after.job_id == before.job_id


def test_another_list_makes_a_new_job_for_it(account: Account) -> None:
    make_definition(account)
    news = make_list(account, "News")
    change(account, status="Inactive", list_id=news)
    change(account, status="Active")

    send(account, ADDRESS)

    (message,) = messages(account)
    assert (message["job_id"], message["list_id"]) == (10_980_376, news)


def test_links_are_those_of_the_email_when_it_was_published(account: Account) -> None:
    make_definition(account)
    html = '<a href="https://www.example.com/new">New</a>'
    account.db.update("email", {"html_body": html}, id=3_099_626)
    change(account, status="Inactive")
    change(account, status="Active")
    change(account, status="Inactive", refresh=True)

    change(account, status="Active")

    links = account.db.find_all("link", "url_id")
    assert [(row["job_id"], row["url"]) for row in links] == [
        (10_980_375, "https://www.example.com/start"),
        (10_980_375, "https://www.example.com/help"),
        (10_980_376, "https://www.example.com/new"),
    ]
    assert len(set(column(links, "url_id"))) == 3


def test_a_started_definition_sends_at_once(account: Account) -> None:
    make_definition(account, status="New")
    change(account, status="Active")

    send(account, ADDRESS)

    assert event_types(account) == ["Sent", "DeliveredEvent"]


def test_changes_of_a_definition_bear_their_time(account: Account) -> None:
    make_definition(account)
    advance(account, days=1)

    changed = change(account, status="Inactive")

    row = account.db.find("triggered_send_definition", id=changed.id) or {}
    assert row["created_at"] == "2026-01-01T12:00:00.000"
    assert row["modified_at"] == "2026-01-02T12:00:00.000"


def test_of_the_spellings_of_a_key_some_are_kept(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggered_send_definitions, "_MOST_KNOWN", 2)
    key = make_definition(account).customer_key

    for spelling in (key, key.upper(), key.title(), key.swapcase()):
        assert find_definition(account, key=spelling)
        assert len(account.cached("definitions")) <= 2
