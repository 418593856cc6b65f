"""Account and BusinessUnit: the caller's own account."""

from __future__ import annotations

import pytest
from tests.support.messages import (
    fields,
    overall_status,
    retrieve,
    simple,
    status,
    struct,
    write_objects,
)

from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import HANDLERS

TYPES = ("Account", "BusinessUnit")


@pytest.mark.parametrize("object_type", TYPES)
def test_the_account_is_its_only_one(call: Call, object_type: str) -> None:
    call.account.change_setting("name", "Shop")

    (found,) = fields(retrieve(call, object_type, ["ID", "Name", "ParentID", "IsActive"]))
    others = retrieve(call, object_type, ["ID"], simple("ID", "notEquals", str(call.account.mid)))

    # AccountType comes unasked (recorded).
    assert found == {
        "ID": str(call.account.mid),
        "Name": "Shop",
        "ParentID": "0",
        "IsActive": "1",
        "AccountType": "None",
    }
    assert fields(others) == []


@pytest.mark.parametrize("object_type", TYPES)
def test_every_property_can_be_asked_for(call: Call, object_type: str) -> None:
    names = list(HANDLERS[object_type].retrievable)

    answer = retrieve(call, object_type, names)

    assert overall_status(answer) == "OK"
    (found,) = fields(answer)
    assert found["AccountType"] == "ENTERPRISE_2"


@pytest.mark.parametrize("object_type", TYPES)
def test_an_account_changes_what_is_said_of_it(call: Call, object_type: str) -> None:
    said = {"Name": "Other", "Email": "o@mock.test", "City": "Ulm", "CustomerKey": "other"}
    named = {"ID": call.account.mid, **said}
    answer = write_objects(call, "Update", struct(object_type, named))

    assert status(answer) == ("OK", "Account Updated / Created", 0)
    (found,) = fields(retrieve(call, object_type, [*said, "ModifiedDate"]))
    assert found.items() >= said.items()
    assert found["ModifiedDate"] == "2026-01-01T12:00:00"


@pytest.mark.parametrize("object_type", TYPES)
def test_what_is_updatable_of_an_account_is_what_an_update_changes(
    call: Call, object_type: str
) -> None:
    retrievable = HANDLERS[object_type].retrievable
    updatable = [name for name, prop in retrievable.items() if prop.updatable]
    said: dict[str, object] = {**dict.fromkeys(updatable, "7"), "IsActive": 1}

    write_objects(call, "Update", struct(object_type, {"ID": call.account.mid, **said}))

    (shown,) = fields(retrieve(call, object_type, list(retrievable)))
    assert {name: shown[name] for name in updatable} == {**said, "IsActive": "1"}
    assert not {"ID", "ParentID", "AccountType", "CreatedDate"} & set(updatable)


@pytest.mark.parametrize(
    ("operation", "said", "code"),
    [
        ("Delete", {}, 1000),
        ("Create", {"AccountType": "BUSINESS_UNIT", "ParentID": 1234567}, 1000),
        ("Update", {"AccountUsers": [{"UserID": "eve"}]}, 1001),
        ("Update", {"BusinessRules": [{"ID": 1}]}, 1002),
        ("Update", {"Subscription": {"SubscriptionID": 1}}, 1003),
        ("Update", {"PrivateLabels": [{"ID": 1}]}, 1004),
        ("Update", {"PrivateLabelID": 4}, 1008),
        ("Update", {"ID": 99}, 1009),
        ("Update", {"EditionID": 4}, 1012),
        ("Update", {"ParentID": 4}, 1012),
        ("Update", {"InheritAddress": True}, 1013),
        ("Update", {"ID": 1234567, "CustomerKey": "k" * 37}, 1015),
        ("Update", {"IsActive": 7}, 1016),
        ("Update", {"CustomerKey": "nobody's"}, 4),
    ],
)
def test_invalid_values_of_an_account_are_refused(
    call: Call, operation: str, said: dict[str, object], code: int
) -> None:
    answer = write_objects(call, operation, struct("Account", {"Name": "Other", **said}))

    assert status(answer)[2] == code


def test_an_account_that_is_not_active_cannot_be_changed_before_it_is(call: Call) -> None:
    write_objects(call, "Update", struct("Account", IsActive=0))
    refused = write_objects(call, "Update", struct("Account", Name="Other"))
    write_objects(call, "Update", struct("Account", IsActive=1))
    done = write_objects(call, "Update", struct("Account", Name="Other"))

    assert status(refused) == ("Error", "Account In Read only State", 1014)
    assert status(done)[0] == "OK"
