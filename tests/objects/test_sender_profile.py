"""SenderProfile: Create, Update, Delete and Retrieve."""

from __future__ import annotations

import pytest
from tests.support.messages import (
    fields,
    only_result,
    results,
    retrieve,
    simple,
    status,
    struct,
    write_objects,
)

from sfmc_mock.declarations.call import Call

WHOLE = {
    "CustomerKey": "shop",
    "Name": "Shop",
    "FromName": "The Shop",
    "FromAddress": "shop@mock.test",
}


def test_a_new_profile_is_echoed_with_its_object_id(call: Call) -> None:
    answer = write_objects(call, "Create", struct("SenderProfile", WHOLE))

    result = only_result(answer)
    assert status(answer) == ("OK", "SenderProfile created", 0)
    assert result.number("NewID") == 0
    assert result.at("Object.ObjectID") == result.text("NewObjectID")
    assert result.at("Object.FromName") == "The Shop"


def test_the_account_has_a_default_profile(call: Call) -> None:
    found = fields(
        retrieve(
            call,
            "SenderProfile",
            ["CustomerKey", "Name", "Description", "UseDefaultRMMRules", "FallbackFromAddress"],
        )
    )

    assert found == [
        {
            "CustomerKey": "Default",
            "Name": "Default",
            "Description": "Account defaults",
            "UseDefaultRMMRules": "true",
            "FallbackFromAddress": "",
        }
    ]


def test_properties_without_a_value_are_left_out_of_the_answer(call: Call) -> None:
    (found,) = results(
        retrieve(
            call,
            "SenderProfile",
            ["RMMRuleCollection.ObjectID", "ReplyToAddress", "Name"],
        )
    )

    assert [each.tag.rpartition("}")[2] for each in found] == ["PartnerKey", "ObjectID", "Name"]


def test_texts_that_the_default_profile_lacks_are_empty(call: Call) -> None:
    """Recorded."""
    names = [
        "AutoForwardToEmailAddress",
        "AutoForwardToName",
        "SenderHeaderEmailAddress",
        "SenderHeaderName",
    ]

    (found,) = results(retrieve(call, "SenderProfile", names))

    assert [each.tag.rpartition("}")[2] for each in found] == ["PartnerKey", "ObjectID", *names]
    assert fields(retrieve(call, "SenderProfile", names)) == [dict.fromkeys(names, "")]


@pytest.mark.parametrize("object_type", ["SenderProfile", "DataFolder"])
def test_client_shows_created_by_and_modified_by(call: Call, object_type: str) -> None:
    """Recorded; the number is that of the account's user."""
    asked = ["Client.CreatedBy", "Client.ModifiedBy"]

    found = fields(retrieve(call, object_type, asked))[0]

    assert set(found) == set(asked)
    assert found["Client.CreatedBy"] == found["Client.ModifiedBy"] == "701234567"


def test_dates_are_kept_to_the_minute(call: Call) -> None:
    """Recorded: they end in :00; SQL Server's smalldatetime rounds."""
    call.account.change_clock(lambda clock: clock.set(clock.now().replace(minute=7, second=31)))
    write_objects(call, "Create", struct("SenderProfile", WHOLE))

    found = fields(
        retrieve(call, "SenderProfile", ["CreatedDate"], simple("CustomerKey", "equals", "shop"))
    )

    assert found == [{"CreatedDate": "2026-01-01T12:08:00"}]


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"Name": None}, (40104, "SP_Name Invalid")),
        ({"Name": "x" * 101}, (40104, "SP_Name Invalid")),
        ({"FromName": ""}, (40101, "SP_From Name Not Specified")),
        ({"FromName": "x" * 131}, (40105, "SP_From Name Invalid")),
        ({"FromAddress": None}, (40102, "SP_From Address Not Specified")),
        ({"FromAddress": "nobody"}, (40106, "SP_From Address Invalid")),
        ({"FromAddress": "x" * 60 + "@" + "y" * 50 + ".com"}, (40106, "SP_From Address Invalid")),
        ({"CustomerKey": "x" * 37}, (40103, "SP_Customer Key Invalid")),
        ({"CustomerKey": "default"}, (1, "Name already exists")),
        (
            {"AutoForwardToEmailAddress": "nobody"},
            (40201, "SP_AutoForward Email Address Invalid"),
        ),
        ({"AutoForwardToName": "x" * 101}, (40202, "SP_AutoForward From Name Invalid")),
        (
            {"AutoReplyTriggeredSend": {"CustomerKey": "nobody's"}},
            (40203, "SP_AutoReplay Triggered Send Not Found"),
        ),
        (
            {"SenderHeaderEmailAddress": "nobody"},
            (40204, "SP_Sender Header Email Address Invalid"),
        ),
        (
            {"ReplyManagementRuleSet": {"ObjectID": "nobody's"}},
            (40207, "SP_RMManagement Rule Set Not Found"),
        ),
    ],
)
def test_an_invalid_profile_is_refused(
    call: Call, said: dict[str, object], refusal: tuple[int, str]
) -> None:
    answer = write_objects(call, "Create", struct("SenderProfile", {**WHOLE, **said}))

    code, text = refusal
    assert status(answer) == ("Error", text, code)


def test_a_personalization_string_is_accepted_as_an_address(call: Call) -> None:
    said = {**WHOLE, "FromAddress": "%%owner_email%%"}

    answer = write_objects(call, "Create", struct("SenderProfile", said))

    assert status(answer)[0] == "OK"


def test_a_definition_that_replies_is_read_back(call: Call) -> None:
    definition = struct(
        "TriggeredSendDefinition",
        CustomerKey="reply",
        Name="Reply",
        Email={"ID": 3099626},
        SendClassification={"CustomerKey": "Default Transactional"},
    )
    object_id = only_result(write_objects(call, "Create", definition)).text("NewObjectID")
    said = {**WHOLE, "AutoReply": True, "AutoReplyTriggeredSend": {"CustomerKey": "reply"}}

    write_objects(call, "Create", struct("SenderProfile", said))

    found = fields(
        retrieve(
            call,
            "SenderProfile",
            ["AutoReply", "AutoReplyTriggeredSend.ObjectID"],
            simple("CustomerKey", "equals", "shop"),
        )
    )
    assert found[0]["AutoReply"] == "true"
    assert found[0]["AutoReplyTriggeredSend.ObjectID"] == object_id


def test_a_profile_is_changed(call: Call) -> None:
    answer = write_objects(
        call, "Update", struct("SenderProfile", CustomerKey="Default", FromName="Somebody")
    )

    result = only_result(answer)
    assert status(answer) == ("OK", "SenderProfile updated", 0)
    assert "NewID" not in result
    assert "ObjectID" not in (result.part("Object") or struct("SenderProfile"))
    assert call.account.db.count("sender_profile", from_name="Somebody") == 1


def test_an_update_cannot_empty_the_from_name(call: Call) -> None:
    answer = write_objects(
        call, "Update", struct("SenderProfile", CustomerKey="Default", FromName=None)
    )

    assert status(answer) == ("Error", "SP_From Name Not Specified", 40101)


def test_a_profile_gets_another_key_by_its_object_id(call: Call) -> None:
    answer = write_objects(call, "Create", struct("SenderProfile", WHOLE))
    object_id = only_result(answer).text("NewObjectID")

    renamed = struct("SenderProfile", ObjectID=object_id, CustomerKey="store")
    write_objects(call, "Update", renamed)

    assert call.account.db.count("sender_profile", customer_key="store", name="Shop") == 1


def test_a_deleted_profile_is_echoed_with_its_key(call: Call) -> None:
    write_objects(call, "Create", struct("SenderProfile", WHOLE))

    answer = write_objects(call, "Delete", struct("SenderProfile", CustomerKey="shop"))

    assert status(answer) == ("OK", "SenderProfile deleted", 0)
    echo = only_result(answer).part("Object")
    assert echo is not None
    assert echo.values == {"CustomerKey": "shop"}


@pytest.mark.parametrize("operation", ["Update", "Delete"])
def test_an_unknown_profile_is_not_found(call: Call, operation: str) -> None:
    unknown = write_objects(call, operation, struct("SenderProfile", CustomerKey="nobody's"))
    unnamed = write_objects(call, operation, struct("SenderProfile", Name="?"))

    assert status(unknown) == ("Error", "SP_Sender Profile Not Found", 40100)
    assert status(unnamed) == ("Error", "SP_Sender Profile Not Specified", 40000)


def test_a_profile_in_use_is_not_deleted(call: Call) -> None:
    answer = write_objects(call, "Delete", struct("SenderProfile", CustomerKey="Default"))

    assert status(answer)[2] == 2
    assert "used by SendClassification 'Default Commercial'" in (status(answer)[1] or "")
