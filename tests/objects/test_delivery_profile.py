"""DeliveryProfile: Create, Update and Delete, but no Retrieve."""

from __future__ import annotations

import pytest
from tests.support.messages import (
    only_result,
    overall_status,
    retrieve,
    status,
    struct,
    write_objects,
)

from sfmc_mock.declarations.call import Call

WHOLE = {
    "CustomerKey": "fast",
    "Name": "Fast",
    "SourceAddressType": "DefaultPrivateIPAddress",
}


def test_a_new_profile_is_echoed_with_its_object_id(call: Call) -> None:
    answer = write_objects(call, "Create", struct("DeliveryProfile", WHOLE))

    result = only_result(answer)
    assert status(answer) == ("OK", "DeliveryProfile created", 0)
    assert result.at("Object.ObjectID") == result.text("NewObjectID")


def test_a_profile_cannot_be_retrieved(call: Call) -> None:
    """Recorded, with this text."""
    answer = retrieve(call, "DeliveryProfile", ["Name"])

    assert overall_status(answer) == (
        "Error: Unable to find a handler for object type: DeliveryProfile. "
        "Object types are case-sensitive, check spelling."
    )


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"Name": ""}, (41105, "DP_Name Invalid")),
        ({"CustomerKey": "x" * 37}, (41104, "DP_Customer Key Invalid")),
        ({"CustomerKey": "Default"}, (1, "Name already exists")),
        ({"SourceAddressType": None}, (41100, "DP_Source Address Type Not Specified")),
        (
            {"SourceAddressType": "CustomPrivateIPAddress"},
            (41101, "DP_Private IP Not Specified"),
        ),
        ({"PrivateIP": {"ID": 1}}, (41200, "DP_Private IP Invalid")),
        ({"DomainType": "CustomDomain"}, (41107, "DP_Private Domain Set Invalid")),
        ({"PrivateDomain": {"ObjectID": "?"}}, (41107, "DP_Private Domain Set Invalid")),
        ({"HeaderSalutationSource": "ContentLibrary"}, (41102, "DP_Content Area Not Specified")),
        ({"FooterContentArea": {"ID": 1}}, (41300, "DP_Content Area Not Found")),
        (
            {"SMIMESignatureCertificate": {"ObjectID": "?"}},
            (41106, "DP_SMIME Signature Certificate Invalid"),
        ),
    ],
)
def test_an_invalid_profile_is_refused(
    call: Call, said: dict[str, object], refusal: tuple[int, str]
) -> None:
    answer = write_objects(call, "Create", struct("DeliveryProfile", {**WHOLE, **said}))

    code, text = refusal
    assert status(answer) == ("Error", text, code)


def test_a_profile_is_changed_and_deleted(call: Call) -> None:
    write_objects(call, "Create", struct("DeliveryProfile", WHOLE))

    changed = write_objects(
        call,
        "Update",
        struct("DeliveryProfile", CustomerKey="fast", FooterSalutationSource="None", Name="Faster"),
    )

    row = call.account.db.find("delivery_profile", customer_key="fast")
    assert status(changed) == ("OK", "DeliveryProfile updated", 0)
    assert row is not None
    assert (row["name"], row["footer_salutation_source"]) == ("Faster", "None")
    deleted = write_objects(call, "Delete", struct("DeliveryProfile", CustomerKey="fast"))
    assert status(deleted) == ("OK", "DeliveryProfile deleted", 0)
    assert call.account.db.count("delivery_profile", customer_key="fast") == 0


@pytest.mark.parametrize("operation", ["Update", "Delete"])
def test_an_unknown_profile_is_not_found(call: Call, operation: str) -> None:
    unknown = write_objects(call, operation, struct("DeliveryProfile", CustomerKey="nobody's"))
    unnamed = write_objects(call, operation, struct("DeliveryProfile", Name="?"))

    assert status(unknown) == ("Error", "DP_Delivery Profile Not Found", 41301)
    assert status(unnamed) == ("Error", "DP_Delivery Profile Not Specified", 41103)


def test_a_profile_in_use_is_not_deleted(call: Call) -> None:
    answer = write_objects(call, "Delete", struct("DeliveryProfile", CustomerKey="Default"))

    assert status(answer)[2] == 2
