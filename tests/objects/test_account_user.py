"""AccountUser: what is peculiar to it."""

from __future__ import annotations

from typing import Any

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

from sfmc_mock.declarations.handler import Call

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


def test_what_is_not_kept_of_a_user_is_warned_of(call: Call) -> None:
    user = struct("AccountUser", {**EVE, "Roles": {"Role": [{"Name": "Editor"}]}})

    write_objects(call, "Create", user)

    assert any("Roles of an AccountUser has no effect" in each for each in call.warnings)


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
