"""AccountUser: behaviour that other objects do not have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import (
    fields,
    only_result,
    results,
    retrieve,
    shape,
    simple,
    status,
    struct,
    write_objects,
)

from sfmc_mock.account import Account
from sfmc_mock.declarations.call import Call
from sfmc_mock.objects import HANDLERS
from sfmc_mock.operations.unused_elements import warn_of_unused_elements
from sfmc_mock.seeds import dump, load, parse_seed
from sfmc_mock.store.database import Database
from sfmc_mock.wire.catalogue import NAMESPACE

EVE = {"CustomerKey": "eve", "UserID": "eve", "Name": "Eve", "Email": "eve@mock.test"}


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        ({"Email": "eve"}, 11011, "AccountUser Email Not Valid"),
        ({"NotificationEmailAddress": "eve"}, 11012, "AccountUser Notification Email Not Valid"),
        ({"UserID": "e"}, 11013, "AccountUser User ID Min Length Violation"),
        ({"Client": {"ID": 99}}, 11002, "AccountUser Does Not Belong to Account"),
        ({"Password": "short1!"}, 11005, "AccountUser Min Password Length Violation"),
        ({"Password": "onlyletters"}, 11006, "AccountUser Password Complexity Violation"),
        ({"Password": "xEVEx-2026!"}, 11007, "AccountUser Password Contains Username"),
        (
            {"ChallengePhrase": "Who is Eve?"},
            11015,
            "AccountUser Security Question Cannot Contain User ID",
        ),
        ({"ChallengeAnswer": "eve"}, 11016, "AccountUser Security Answer Cannot Contain User ID"),
        (
            {"ChallengePhrase": "Is it Pa55word!!?", "Password": "Pa55word!!"},
            11017,
            "AccountUser Security Question Cannot Contain Password",
        ),
    ],
)
def test_invalid_values_are_refused(call: Call, said: dict[str, Any], code: int, text: str) -> None:
    answer = write_objects(call, "Create", struct("AccountUser", {**EVE, **said}))

    assert status(answer) == ("Error", text, code)


def test_a_user_id_of_another_user_is_refused(call: Call) -> None:
    write_objects(call, "Create", struct("AccountUser", EVE))

    again = struct("AccountUser", {**EVE, "CustomerKey": "other", "UserID": "EVE"})
    answer = write_objects(call, "Create", again)

    assert status(answer) == ("Error", "AccountUser User ID Not Available", 11014)


def test_a_password_is_neither_shown_nor_kept(call: Call) -> None:
    user = struct("AccountUser", {**EVE, "Password": "Pa55word!!"})

    result = only_result(write_objects(call, "Create", user))

    echo = result.part("Object")
    assert echo is not None
    assert (echo.text("Password"), result.number("NewID")) == ("", 0)
    (row,) = call.account.db.find_all("account_user")
    assert echo.number("ID") == row["id"]
    assert "Pa55word!!" not in map(str, row.values())


def test_a_user_is_found_by_its_number(call: Call) -> None:
    write_objects(call, "Create", struct("AccountUser", EVE))
    (row,) = call.account.db.find_all("account_user")

    asked = ["UserID", "ActiveFlag", "AccountUserID"]
    condition = simple("AccountUserID", "equals", str(row["id"]))
    (found,) = fields(retrieve(call, "AccountUser", asked, condition))

    assert found == {
        "AccountUserID": str(row["id"]),
        "UserID": "eve",
        "ActiveFlag": "true",
        "Delete": "0",
    }


EDITOR = {"CustomerKey": "editor", "Name": "Editor"}


def roles_of(call: Call) -> list[str | None]:
    """Return the names of Eve's roles, as Retrieve returns them."""
    answer = retrieve(call, "AccountUser", ["UserID", "Roles"], simple("UserID", "equals", "eve"))
    return [role.findtext(f"{{{NAMESPACE}}}Name") for role in answer.iter(f"{{{NAMESPACE}}}Role")]


@pytest.mark.parametrize("named", [EDITOR, {"Name": "editor"}, {"CustomerKey": "EDITOR"}])
def test_a_user_has_the_roles_that_it_is_given(call: Call, named: dict[str, str]) -> None:
    write_objects(call, "Create", struct("Role", EDITOR), struct("Role", CustomerKey="b", Name="B"))

    write_objects(call, "Create", struct("AccountUser", {**EVE, "Roles": {"Role": [named]}}))

    assert roles_of(call) == ["Editor"]
    assert not call.warnings


def test_an_update_adds_roles_and_takes_them_away(call: Call) -> None:
    write_objects(call, "Create", struct("Role", EDITOR), struct("Role", CustomerKey="b", Name="B"))
    write_objects(call, "Create", struct("AccountUser", {**EVE, "Roles": {"Role": [EDITOR]}}))
    gone = {"AssignmentConfigurations": {"AssignmentConfiguration": [{"IsDelete": True}]}}

    for roles in ([{"CustomerKey": "b"}], [{**EDITOR, **gone}]):
        write_objects(call, "Update", struct("AccountUser", UserID="eve", Roles={"Role": roles}))

    assert roles_of(call) == ["B"]


def test_a_user_without_roles_shows_none_and_one_that_is_unknown_is_refused(call: Call) -> None:
    answer = write_objects(
        call, "Create", struct("AccountUser", {**EVE, "Roles": {"Role": [EDITOR]}})
    )
    write_objects(call, "Create", struct("AccountUser", EVE))

    assert status(answer) == ("Error", "Role Invalid ID", 332000)
    (found,) = fields(retrieve(call, "AccountUser", ["UserID", "Roles"]))
    assert found.keys() == {"UserID", "Delete"}


def test_a_seed_file_gives_roles(call: Call) -> None:
    write_objects(call, "Create", struct("Role", EDITOR))
    write_objects(call, "Create", struct("AccountUser", {**EVE, "Roles": {"Role": [EDITOR]}}))
    copy = Account(Database())

    load(copy, parse_seed(dump(call.account)))

    assert roles_of(Call(copy)) == ["Editor"]
    copy.db.close()


def test_properties_of_a_user_that_are_not_kept_are_warnings(call: Call) -> None:
    user = struct("AccountUser", {**EVE, "SsoIdentities": {"SsoIdentity": [{"FederatedID": "e"}]}})

    write_objects(call, "Create", user)

    assert any("SsoIdentities of an AccountUser has no effect" in each for each in call.warnings)


def test_a_user_without_a_time_zone_has_none(call: Call) -> None:
    write_objects(call, "Create", struct("AccountUser", EVE))

    (user,) = fields(retrieve(call, "AccountUser", ["Name", "TimeZone.Name"]))

    assert (user["Name"], user.get("TimeZone.Name")) == ("Eve", None)


def test_a_user_keeps_where_they_are(call: Call) -> None:
    places = {
        "Locale": {"LocaleCode": "de-DE"},
        "LanguageLocale": {"LocaleCode": "en-US"},
        "TimeZone": {"ID": 5, "Name": "(GMT+01:00) Amsterdam"},
    }
    sent = struct("AccountUser", CustomerKey="eve", UserID="eve", Name="Eve", Email="eve@mock.test")

    answer = write_objects(call, "Create", struct("AccountUser", sent.values, **places))

    assert status(answer)[0] == "OK"
    assert not call.warnings
    asked = ["Locale.LocaleCode", "LanguageLocale.LocaleCode", "TimeZone.ID", "TimeZone.Name"]
    (found,) = fields(retrieve(call, "AccountUser", asked, simple("CustomerKey", "equals", "eve")))
    assert [found[name] for name in asked] == ["de-DE", "en-US", "5", "(GMT+01:00) Amsterdam"]


def test_a_user_shows_what_was_recorded_unasked(call: Call) -> None:
    more = {
        "DefaultBusinessUnit": 1_234_567,
        "UserPermissions": [{"ID": 9, "Name": "Send"}],
        "Roles": {"Role": [EDITOR]},
    }
    write_objects(call, "Create", struct("Role", EDITOR))
    write_objects(call, "Create", struct("AccountUser", {**EVE, **more}))

    answer = retrieve(call, "AccountUser", ["Name", "Roles"])

    (found,) = results(answer)
    permission, unit, role = (
        f"Results/{name}" for name in ("UserPermissions", "DefaultBusinessUnitObject", "Roles/Role")
    )
    lines = [line for line in shape(found) if line.startswith((permission, unit, role))]
    assert lines == [
        permission,
        *(f"{permission}/{name}" for name in ("PartnerKey=nil", "ID", "ObjectID=nil", "Name")),
        *(f"{permission}/{name}" for name in ("Value=nil", "Description=nil", "Delete")),
        unit,
        *(f"{unit}/{name}" for name in ("PartnerKey=nil", "ID", "ObjectID=nil")),
        *(f"{unit}/{name}" for name in ("AccountType", "Subscription=nil")),
        role,
        *(f"{role}/Client{name}" for name in ("", "/ID", "/CreatedBy", "/ModifiedBy")),
        f"{role}/Client/EnterpriseID",
        *(f"{role}/{name}" for name in ("PartnerKey=nil", "CreatedDate", "ModifiedDate")),
        *(f"{role}/{name}" for name in ("ObjectID", "CustomerKey", "Name", "Description=empty")),
        *(f"{role}/{name}" for name in ("IsPrivate", "IsSystemDefined")),
    ]
    assert found.findtext("{*}Roles/{*}Role/{*}CreatedDate") == "2026-01-01T12:00:00"


def test_unlock_takes_the_lock_from_a_user(call: Call) -> None:
    write_objects(call, "Create", struct("AccountUser", EVE))
    call.account.db.update("account_user", {"is_locked": 1}, user_id="eve")

    sent = struct("AccountUser", UserID="eve", Unlock=True)
    write_objects(call, "Update", sent)
    warn_of_unused_elements(call, "Update", HANDLERS["AccountUser"], sent)

    (found,) = fields(retrieve(call, "AccountUser", ["IsLocked"]))
    assert found["IsLocked"] == "false"
    assert not call.warnings
