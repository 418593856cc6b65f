"""Role: what is peculiar to it."""

from __future__ import annotations

from tests.support.messages import status, struct, write_objects

from sfmc_mock.declarations.handler import Call


def test_permissions_of_a_role_are_warned_of(call: Call) -> None:
    role = struct("Role", Name="Editors", Permissions={"Permission": [{"Name": "Send"}]})

    answer = write_objects(call, "Create", role)

    assert status(answer)[0] == "OK"
    assert any("permissions of a role" in each for each in call.warnings)
