"""Role: what is peculiar to it."""

from __future__ import annotations

import pytest
from tests.support.messages import status, struct, write_objects

from sfmc_mock.declarations.handler import Call


def test_permissions_of_a_role_are_warned_of(call: Call) -> None:
    role = struct("Role", Name="Editors", Permissions={"Permission": [{"Name": "Send"}]})

    answer = write_objects(call, "Create", role)

    assert status(answer)[0] == "OK"
    assert any("permissions of a role" in each for each in call.warnings)


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
