"""AccountUser: who works with an account."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.handler import Call, Outcome, echoed
from sfmc_mock.declarations.properties import KEY_LIMIT, Property, sample, unset
from sfmc_mock.declarations.stored_object import Messages, StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.decisions import is_valid_address
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

# How short a user name and a password may be: assumed.
_LEAST_NAME, _LEAST_PASSWORD = 2, 8

_ADDRESSES = {
    "Email": (11011, "AccountUser Email Not Valid"),
    "NotificationEmailAddress": (11012, "AccountUser Notification Email Not Valid"),
}
# What is taken and does nothing here.
_NOT_KEPT = ("Roles", "UserPermissions", "AssociatedBusinessUnits", "SsoIdentities", "Unlock")


class AccountUserHandler(StoredObject):
    """A user. Passwords are looked at and never kept: seed files say who may call.

    Properties and texts of success: recorded; codes and texts of what is refused: documented; the limits, and that
    users have no roles here: assumed.
    """

    object_type = "AccountUser"
    scope = "users"
    table = "account_user"
    operations = ("Create", "Update")
    identities = ("ID", "CustomerKey", "UserID")
    messages = Messages("Account User Updated / Created", "Account User Updated / Created")
    not_specified = (11003, "AccountUser Required Fields Not Specified")
    not_found = (11002, "AccountUser Does Not Belong to Account")
    key_taken = (11019, "AccountUser Customer Key Exists")
    called = "name"
    example = sample(CustomerKey="eve", UserID="eve", Name="Eve", Email="eve@mock.test")
    reads: ClassVar = {"": ("Client", "Password", "UserID")}
    fields = (
        Property("ID"),
        Property("AccountUserID", sql="t.id"),
        Property("CustomerKey", max_length=KEY_LIMIT),
        Property("Client.ID"),
        unset("Client.ModifiedBy"),
        Property("CreatedDate"),
        Property("ModifiedDate"),
        Property(
            "UserID",
            required=True,
            any_case=True,
            unique=True,
            missing=(11003, "AccountUser Required Fields Not Specified"),
        ),
        Property("Name", required=True, missing=(11009, "AccountUser Name Required")),
        Property("Email", required=True, missing=(11010, "AccountUser Email Required")),
        Property("MustChangePassword", default=False),
        Property("ActiveFlag", default=True),
        Property("IsAPIUser", default=False),
        Property("NotificationEmailAddress"),
        Property("IsLocked", updatable=False, default=False),
        Property("DefaultBusinessUnit"),
        unset("LastSuccessfulLogin"),
        unset("Locale.LocaleCode"),
        unset("LanguageLocale.LocaleCode"),
        unset("TimeZone.ID"),
        unset("TimeZone.Name"),
        Property("Delete", "number", sql="0", updatable=False),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        client = sent.part("Client")
        mid = client.number("ID") if client is not None else None
        if mid is not None and mid != call.account.mid:
            raise Refused(11002, "AccountUser Does Not Belong to Account")
        for name, refusal in _ADDRESSES.items():
            address = sent.text(name)
            if address and not is_valid_address(address):
                raise Refused(*refusal)
        self._check_name(call, sent, row)
        _check_password(
            sent.text("Password"), sent.text("UserID") or str((row or {}).get("user_id"))
        )
        for name in _NOT_KEPT:
            if sent.values.get(name):
                call.warn(f"{name} of a user is passed over: the emulator does not keep it")

    def _check_name(self, call: Call, sent: Struct, row: Row | None) -> None:
        name = sent.text("UserID")
        if not name:
            return
        if len(name) < _LEAST_NAME:
            raise Refused(11013, "AccountUser User ID Min Length Violation")
        other = self.find_by(call.account, "UserID", name)
        if other is not None and (row is None or other["id"] != row["id"]):
            raise Refused(11014, "AccountUser User ID Not Available")

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        echo = echoed(sent, ID=row["id"])
        if sent.text("Password"):
            echo.values["Password"] = ""
        # No NewID (recorded).
        return Outcome(self.messages.create, echo)

    def updated(self, sent: Struct, row: Row) -> Outcome:
        echo = echoed(sent, ID=row["id"])
        if sent.text("Password"):
            echo.values["Password"] = ""
        return Outcome(self.messages.update, echo)


def _check_password(password: str | None, name: str) -> None:
    if not password:
        return
    if len(password) < _LEAST_PASSWORD:
        raise Refused(11005, "AccountUser Min Password Length Violation")
    if password.isalpha() or password.isdigit():
        # What the service asks for depends on the account (assumed: letters and something else).
        raise Refused(11006, "AccountUser Password Complexity Violation")
    if name and name.lower() in password.lower():
        raise Refused(11007, "AccountUser Password Contains Username")
