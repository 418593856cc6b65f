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

from sfmc_mock.declarations.handler import Call
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
@pytest.mark.parametrize("operation", ["Create", "Update", "Delete"])
def test_callers_may_not_change_accounts(call: Call, object_type: str, operation: str) -> None:
    answer = write_objects(call, operation, struct(object_type, Name="Other"))

    assert status(answer) == ("Error", "Account Invalid Permissions", 1000)
