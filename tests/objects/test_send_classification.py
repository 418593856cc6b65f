"""SendClassification: Create, Update, Delete and Retrieve."""

from __future__ import annotations

import pytest
from tests.support.messages import (
    fields,
    only_result,
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
    "SendClassificationType": "Operational",
    "SenderProfile": {"CustomerKey": "Default"},
    "DeliveryProfile": {"CustomerKey": "Default"},
}


def test_a_new_classification_is_echoed_with_its_object_id(call: Call) -> None:
    answer = write_objects(call, "Create", struct("SendClassification", WHOLE))

    result = only_result(answer)
    assert status(answer) == ("OK", "SendClassification created", 0)
    assert result.number("NewID") == 0
    assert result.at("Object.ObjectID") == result.text("NewObjectID")
    assert result.at("Object.SenderProfile.CustomerKey") == "Default"


def test_the_account_has_its_built_in_classifications(call: Call) -> None:
    found = fields(
        retrieve(
            call,
            "SendClassification",
            [
                "CustomerKey",
                "SendClassificationType",
                "SenderProfile.CustomerKey",
                "DeliveryProfile.CustomerKey",
            ],
            simple("CustomerKey", "like", "Default"),
        )
    )

    assert [tuple(each.values()) for each in found] == [
        ("Default Commercial", "Marketing", "Default", "Default"),
        ("Default Transactional", "Operational", "Default", "Default"),
    ]


def test_profiles_are_named_by_object_id_too(call: Call) -> None:
    row = call.account.db.find("sender_profile", customer_key="Default")
    assert row is not None
    said = {**WHOLE, "SenderProfile": {"ObjectID": str(row["object_id"]).upper()}}

    answer = write_objects(call, "Create", struct("SendClassification", said))

    assert status(answer)[0] == "OK"


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"Name": None}, (24104, "SC_Name Invalid")),
        ({"CustomerKey": "x" * 37}, (24103, "SC_Customer Key Invalid")),
        ({"CustomerKey": "2239"}, (1, "Name already exists")),
        ({"SenderProfile": None}, (24101, "SC_Sender Profile Not Found")),
        ({"SenderProfile": {"CustomerKey": "nobody's"}}, (24101, "SC_Sender Profile Not Found")),
        ({"DeliveryProfile": {}}, (24102, "SC_Delivery Profile Not Found")),
        ({"SendPriority": "Burst"}, (24105, "SC_Burst Sending Not Configured")),
    ],
)
def test_an_invalid_classification_is_refused(
    call: Call, said: dict[str, object], refusal: tuple[int, str]
) -> None:
    answer = write_objects(call, "Create", struct("SendClassification", {**WHOLE, **said}))

    code, text = refusal
    assert status(answer) == ("Error", text, code)


def test_a_classification_is_changed(call: Call) -> None:
    answer = write_objects(
        call,
        "Update",
        struct(
            "SendClassification",
            CustomerKey="2239",
            SendClassificationType="Operational",
            HonorPublicationListOptOutsForTransactionalSends=True,
        ),
    )

    row = call.account.db.find("send_classification", customer_key="2239")
    assert status(answer) == ("OK", "SendClassification updated", 0)
    assert row is not None
    assert (row["type"], row["honors_list_opt_outs"]) == ("Operational", 1)


def test_a_deleted_classification_is_echoed_with_its_key(call: Call) -> None:
    answer = write_objects(call, "Delete", struct("SendClassification", CustomerKey="2239"))

    assert status(answer) == ("OK", "SendClassification deleted", 0)
    echo = only_result(answer).part("Object")
    assert echo is not None
    assert echo.values == {"CustomerKey": "2239"}


@pytest.mark.parametrize("operation", ["Update", "Delete"])
def test_an_unknown_classification_is_not_found(call: Call, operation: str) -> None:
    unknown = write_objects(call, operation, struct("SendClassification", CustomerKey="nobody's"))
    unnamed = write_objects(call, operation, struct("SendClassification", Name="?"))

    assert status(unknown) == ("Error", "SC_SendClassificationNot Found", 24100)
    assert status(unnamed) == ("Error", "SC_SendClassification Not Specified", 24000)


def test_a_classification_in_use_is_not_deleted(call: Call) -> None:
    definition = struct(
        "TriggeredSendDefinition",
        CustomerKey="welcome",
        Name="Welcome",
        Email={"ID": 3099626},
        SendClassification={"CustomerKey": "2239"},
    )
    write_objects(call, "Create", definition)

    answer = write_objects(call, "Delete", struct("SendClassification", CustomerKey="2239"))

    assert status(answer) == (
        "Error",
        "Exception occurred during [Delete]: SendClassification '2239' is used by "
        "TriggeredSendDefinition 'welcome'.",
        2,
    )


def test_archiving_is_only_shown_where_it_is_on(call: Call) -> None:
    """Recorded: it is left out when it was never set."""
    write_objects(
        call,
        "Create",
        struct(
            "SendClassification",
            CustomerKey="archived",
            Name="Archived",
            SenderProfile={"CustomerKey": "Default"},
            DeliveryProfile={"CustomerKey": "Default"},
            ArchiveEmail=True,
        ),
    )

    found = fields(retrieve(call, "SendClassification", ["CustomerKey", "ArchiveEmail"]))

    assert {"CustomerKey": "archived", "ArchiveEmail": "true"} in found
    assert {"CustomerKey": "Default Commercial"} in found
