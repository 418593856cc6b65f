"""Objects that mainly support Perform in the emulator."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import act_on, result_of, status, struct, write_objects
from tests.support.sending import advance, make_subscriber

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.wire.struct import Struct


def perform(call: Call, action: str, sent: Struct) -> tuple[str | None, int]:
    """Return StatusCode and ErrorCode of an action with an object."""
    result = result_of(act_on(call, "Perform", action, sent))
    return result.text("StatusCode"), result.number("ErrorCode") or 0


def place(call: Call, object_type: str, **columns: object) -> None:
    """Give the account an object that only a seed file can create."""
    thing = HANDLERS[object_type]
    assert isinstance(thing, StoredObject)
    row = thing.defaults(call.account, Struct(object_type))
    thing.place(call.account, {**row, **columns})


@pytest.mark.parametrize(
    ("action", "sent", "outcome"),
    [
        ("start", {"CustomerKey": "spring"}, ("OK", 0)),
        ("stop", {"CustomerKey": "spring"}, ("OK", 0)),
        ("pause", {"CustomerKey": "spring"}, ("Error", 44000)),
        ("cancel", {"CustomerKey": "spring"}, ("Error", 44000)),
        ("start", {}, ("Error", 44001)),
        ("start", {"CustomerKey": "nobody's"}, ("Error", 44002)),
        ("start", {"CustomerKey": "x" * 37}, ("Error", 44100)),
        ("start", {"CustomerKey": "spring", "Name": "x" * 101}, ("Error", 44101)),
    ],
)
def test_a_campaign_is_started_and_stopped(
    call: Call, action: str, sent: dict[str, Any], outcome: tuple[str, int]
) -> None:
    place(call, "Campaign", customer_key="spring", name="Spring")

    assert perform(call, action, struct("Campaign", sent)) == outcome


@pytest.mark.parametrize(("action", "status_now"), [("start", "Started"), ("stop", "Stopped")])
def test_a_campaign_keeps_whether_it_runs(call: Call, action: str, status_now: str) -> None:
    place(call, "Campaign", customer_key="spring", name="Spring", status="Any")

    perform(call, action, struct("Campaign", CustomerKey="spring"))

    (row,) = call.account.db.find_all("campaign")
    assert row["status"] == status_now


def test_a_campaign_is_started_at_its_times(call: Call) -> None:
    place(call, "Campaign", customer_key="spring", name="Spring")
    schedule = struct(
        "ScheduleDefinition",
        RecurrenceType="Daily",
        RecurrenceRangeType="EndAfter",
        Occurrences=1,
        StartDateTime="2026-01-02T09:00:00",
        Recurrence={
            "xsi:type": "DailyRecurrence",
            "DailyRecurrencePatternType": "Interval",
            "DayInterval": 1,
        },
    )
    wrapper = Struct(
        "ScheduleRequestMsg.Interactions",
        {"Interaction": [struct("Campaign", CustomerKey="spring")]},
    )
    values = {"Action": "start", "Schedule": schedule, "Interactions": wrapper}

    answer = OPERATIONS["Schedule"](call, Struct("ScheduleRequestMsg", values))
    before = call.account.db.find_all("campaign")[0]["status"]
    advance(call.account, days=1)

    assert answer.text("OverallStatus") == "OK"
    assert before == "Stopped"
    assert call.account.db.find_all("campaign")[0]["status"] == "Started"


CONTENT = {"ValidationType": "Content"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"ValidationAction": None}, 350000),
        ({"ValidationAction": {"ValidationType": "Colour"}}, 350001),
        ({"Email": None}, 350002),
        ({"Email": {"ID": 1}}, 350002),
        ({"Subscribers": {"Subscriber": []}}, 350005),
        ({"Subscribers": {"Subscriber": [{"SubscriberKey": "nobody"}]}}, 350005),
        ({"ValidationAction": {"xsi:type": "SpamAssassinValidation"}}, 350007),
    ],
)
def test_content_is_validated_with_an_email_and_a_subscriber(
    call: Call, changes: dict[str, Any], code: int
) -> None:
    make_subscriber(call.account, "ada")
    (email, *_) = call.account.db.find_all("email")
    parts: dict[str, Any] = {
        "ValidationAction": CONTENT,
        "Email": {"ID": email["id"]},
        "Subscribers": {"Subscriber": [{"SubscriberKey": "ada"}]},
        **changes,
    }

    outcome = perform(call, "validate", struct("ContentValidation", parts))

    assert outcome == ("Error" if code else "OK", code)
    assert any("finds nothing" in each for each in call.warnings) is (code == 0)


@pytest.mark.parametrize(
    ("action", "status_now"), [("publish", "Published"), ("deploy", "Deployed")]
)
def test_an_application_is_published_and_deployed(call: Call, action: str, status_now: str) -> None:
    write_objects(call, "Create", struct("PlatformApplication", CustomerKey="shop"))

    outcome = perform(call, action, struct("PlatformApplication", CustomerKey="shop"))

    assert outcome == ("OK", 0)
    (row,) = call.account.db.find_all("platform_application")
    assert row["status"] == status_now


def test_a_manifest_is_started_and_says_that_nothing_runs(call: Call) -> None:
    made = struct("ProgramManifestTemplate", CustomerKey="m", Type="Automation")
    write_objects(call, "Create", made)

    outcome = perform(call, "start", struct("ProgramManifestTemplate", CustomerKey="m"))

    assert outcome == ("OK", 0)
    assert any("runs nothing" in each for each in call.warnings)


@pytest.mark.parametrize(("inherited", "code"), [(0, 0), (1, 56000)], ids=["own", "inherited"])
def test_a_business_rule_of_a_parent_is_not_changed(call: Call, inherited: int, code: int) -> None:
    place(call, "BusinessRule", customer_key="r", name="Rule", is_inherited_from_parent=inherited)

    answer = write_objects(call, "Update", struct("BusinessRule", CustomerKey="r", Data=1))

    assert status(answer)[2] == code


def test_an_asset_keeps_its_type_and_category(call: Call) -> None:
    sent = struct(
        "Asset",
        CustomerKey="banner",
        Name="Banner",
        AssetType={"Id": 197, "Name": "textblock"},
        Category={"Id": 12},
    )
    write_objects(call, "Create", sent)

    (row,) = call.account.db.find_all("asset")
    assert (row["assettype_id"], row["assettype_name"], row["category_id"]) == (
        197,
        "textblock",
        12,
    )


def test_a_locked_asset_is_unlocked_first(call: Call) -> None:
    write_objects(call, "Create", struct("Asset", CustomerKey="b", Name="B", Locked=True))

    locked = write_objects(call, "Update", struct("Asset", CustomerKey="b", Content="new"))
    unlocked = write_objects(call, "Update", struct("Asset", CustomerKey="b", Locked=False))

    assert (status(locked)[0], status(unlocked)[0]) == ("Error", "OK")


def test_a_category_that_holds_others_is_not_deleted(call: Call) -> None:
    write_objects(call, "Create", struct("Category", CustomerKey="a", Name="A"))
    (row,) = call.account.db.find_all("asset_category")
    inner = struct("Category", CustomerKey="b", Name="B", ParentId=row["id"])
    assert status(write_objects(call, "Create", inner))[0] == "OK"
    orphan = struct("Category", CustomerKey="c", Name="C", ParentId=99)

    deleted = write_objects(call, "Delete", struct("Category", CustomerKey="a"))

    assert status(deleted)[0] == "Error"
    assert status(write_objects(call, "Create", orphan))[0] == "Error"


def test_a_contact_event_names_a_contact_and_says_that_no_journey_listens(call: Call) -> None:
    nobody = struct("ContactEvent", EventDefinitionKey="purchase")
    somebody = struct("ContactEvent", EventDefinitionKey="purchase", ContactKey="ada")

    refused = write_objects(call, "Create", nobody)
    answer = write_objects(call, "Create", somebody)

    assert status(refused)[0] == "Error"
    assert status(answer)[0] == "OK"
    assert answer.parts("Results")[0].text("EventInstanceID")
    assert any("starts no journey" in each for each in call.warnings)
