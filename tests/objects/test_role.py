"""Role: behaviour that other objects do not have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.messages import results, retrieve, status, struct, write_objects

from sfmc_mock.account import Account
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import SetupError
from sfmc_mock.seeds import dump, load, parse_seed
from sfmc_mock.store.database import Database

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


PERMISSIONS = """
[[role]]
key = "readers"
name = "Readers"
permissions = [{object_type = "List", operation = "create", is_denied = true}]

[[account_user]]
user_id = "mock-user"
name = "Eve"
email = "eve@mock.test"
roles = ["readers"]
permissions = [{id = 9, name = "Send"}]
"""


@pytest.fixture
def denied() -> Iterator[Account]:
    """An account with a user whose role denies creating lists."""
    copy = Account(Database())
    load(copy, parse_seed(PERMISSIONS))
    yield copy
    copy.db.close()


def test_a_seed_file_says_what_a_role_denies(denied: Account) -> None:
    answer = write_objects(Call(denied, caller="mock-user"), "Create", struct("List", ListName="A"))

    assert status(answer)[1] == "API Permission Failed"


def test_an_export_holds_the_permissions_of_roles_and_users(denied: Account) -> None:
    sets = {"PermissionSet": [{"Name": "All", "Permissions": {"Permission": [DENIED]}}]}
    other = struct("Role", CustomerKey="other", Name="Other", PermissionSets=sets)
    write_objects(Call(denied), "Create", other)

    exported = dump(denied)

    found = parse_seed(exported)
    again = Account(Database())
    load(again, found)
    assert dump(again) == exported
    again.db.close()
    assert 'object_type = "List"' in exported
    assert 'name = "Send"' in exported


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ('permissions = [{object_type = "Painting"}]', "permissions: Role Invalid Object"),
        ('permissions = [{operation = "paint"}]', "permissions: Role Invalid Action"),
        ('permission_sets = "all"', "permission_sets': it is not what an export writes"),
        (
            'permission_sets = \'{"type": "Role"}\'',
            "permission_sets: it is not what an export writes",
        ),
    ],
)
def test_permissions_that_cannot_be_are_refused_in_a_seed_file(said: str, sentence: str) -> None:
    copy = Account(Database())

    with pytest.raises(SetupError, match=sentence):
        load(copy, parse_seed(f'[[role]]\nkey = "r"\nname = "R"\n{said}\n'))

    copy.db.close()
