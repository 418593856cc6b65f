"""Role: what is peculiar to it."""

from __future__ import annotations

import pytest
from tests.support.messages import results, retrieve, status, struct, write_objects

from sfmc_mock.declarations.handler import Call

DENIED = {"Name": "Send", "ObjectType": "Email", "Operation": "Delete", "IsDenied": True}


@pytest.mark.parametrize("missing", ["ObjectType", "Operation"])
def test_a_permission_that_denies_nothing_is_warned_of(call: Call, missing: str) -> None:
    permission = {name: value for name, value in DENIED.items() if name != missing}
    role = struct("Role", Name="Editors", Permissions={"Permission": [permission]})

    answer = write_objects(call, "Create", role)

    assert status(answer)[0] == "OK"
    (warning,) = call.warnings
    assert "denies nothing" in warning


def test_permissions_are_read_back_as_they_were_given(call: Call) -> None:
    inner = {"Name": "Inner", "Permissions": {"Permission": [DENIED]}}
    sets = {"PermissionSet": [{"Name": "Outer", "PermissionSets": {"PermissionSet": [inner]}}]}
    role = struct("Role", Name="Editors", PermissionSets=sets, Permissions={"Permission": [DENIED]})
    write_objects(call, "Create", role)

    answer = retrieve(call, "Role", ["Permissions", "PermissionSets"])

    (found,) = results(answer)
    permission = "{*}Permissions/{*}Permission/{*}Operation"
    assert [each.text for each in found.iterfind(permission)] == ["Delete"]
    assert [
        each.text
        for each in found.iterfind(f"{'{*}PermissionSets/{*}PermissionSet/' * 2}{permission}")
    ] == ["Delete"]
    assert call.warnings == []


@pytest.mark.parametrize(
    ("permission", "code"),
    [
        ({"ObjectType": "Email", "Operation": "Paint"}, 332001),
        ({"ObjectType": "Painting", "Operation": "View"}, 332002),
        ({"ObjectType": "Email", "IsAllowed": True, "IsDenied": True}, 332004),
    ],
)
def test_an_invalid_permission_is_refused(
    call: Call, permission: dict[str, object], code: int
) -> None:
    inner = {"PermissionSet": [{"Permissions": {"Permission": [permission]}}]}
    answer = write_objects(call, "Create", struct("Role", Name="Editors", PermissionSets=inner))

    assert status(answer)[2] == code
