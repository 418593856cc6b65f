"""AccountUser: the users of an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.account.users import change_access, forget_denials, has_access, users_of
from sfmc_mock.declarations.call import Call, Outcome, echoed
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import MID, USER, Key, Property, sample
from sfmc_mock.declarations.seed_entries import Entry, Loading, Refer
from sfmc_mock.declarations.stored_object import Messages, StoredObject, stored_object
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.simulator.addresses import is_valid_address
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_ASSIGNMENTS = "Roles.Role.AssignmentConfigurations"
_ASSIGNMENT = ("AccountUserId", "AssignmentConfigureType", "IsDelete")

_CLIENT = (
    f"json_object('type', 'ClientID', 'ID', {MID}, "
    f"'CreatedBy', {USER}, 'ModifiedBy', {USER}, 'EnterpriseID', {MID})"
)
_DATES = ", ".join(
    f"'{name}', rtrim(rtrim(r.{column}, '0'), '.')"
    for name, column in (("CreatedDate", "created_at"), ("ModifiedDate", "modified_at"))
)

_ROLE = (
    f"json_object('type', 'Role', 'Client', {_CLIENT}, {_DATES}, "
    "'ObjectID', r.object_id, 'CustomerKey', r.customer_key, 'Name', r.name, 'Description', r.description, "
    "'IsPrivate', json(iif(r.is_private, 'true', 'false')), "
    "'IsSystemDefined', json(iif(r.is_system_defined, 'true', 'false')))"
)

# The roles of a user, as a list of parts (their elements: recorded).
_ROLES = (
    "(SELECT CASE WHEN count(*) THEN json_array(json_object('type', 'AccountUser.Roles', 'Role', "  # noqa: S608 - constants
    f"json_group_array({_ROLE}))) END "
    "FROM user_role u JOIN role r ON r.id = u.role_id WHERE u.user_id = t.id)"
)

# The minimum lengths of a user name and a password: assumed.
_LEAST_NAME, _LEAST_PASSWORD = 2, 8

_PERMISSIONS = (
    "(SELECT CASE WHEN count(*) THEN json_group_array(json_object('element', 'UserPermissions', 'type', 'UserAccess', "
    "'ID', p.permission_id, 'Name', p.name, 'Value', p.value, 'Description', p.description)) END "
    "FROM user_access p WHERE p.user_id = t.id)"
)
_SAID_OF_PERMISSION = ("name", "value", "description")
_OF_NO_ACCOUNT = (11002, "AccountUser Does Not Belong to Account")
_INCOMPLETE = (11003, "AccountUser Required Fields Not Specified")


def _is_long_enough(name: str) -> bool:
    return len(name) >= _LEAST_NAME


class AccountUserHandler(StoredObject):
    """A user. Passwords are checked and not stored: a seed file lists the credentials of callers.

    Properties and success messages: recorded; codes and texts of refusals: documented; limits: assumed. What the roles
    of a user deny is denied to the caller with the same name. Users belong to an enterprise and can have access to
    several of its accounts: to the one that they were created in, and to those that Configure `assign` adds (recorded).
    """

    scope = "users"
    operations = ("Create", "Update")
    identities = ("ID", "CustomerKey", "UserID")
    messages = Messages("Account User Updated / Created", "Account User Updated / Created")
    not_specified = _INCOMPLETE
    not_found = _OF_NO_ACCOUNT
    key_taken = (11019, "AccountUser Customer Key Exists")
    example = sample(CustomerKey="eve", UserID="eve", Name="Eve", Email="eve@mock.test")
    of_enterprise = True
    units_by = ("ID", users_of)
    # Results have these even if the request does not ask for them (recorded).
    always_shown = ("UserPermissions", "DefaultBusinessUnitObject.ID")
    reads: ClassVar = {
        "": (
            *("Client", "UserID", "UserPermissions", "Roles", "Unlock"),
            *("Password", "ChallengePhrase", "ChallengeAnswer"),
        ),
        "Roles": ("Role",),
        "Roles.Role": ("ObjectID", "CustomerKey", "Name", "AssignmentConfigurations"),
        _ASSIGNMENTS: ("AssignmentConfiguration",),
        f"{_ASSIGNMENTS}.AssignmentConfiguration": _ASSIGNMENT,
        "UserPermissions": ("ID", "Name", "Value", "Description", "Delete"),
    }
    without_effect: ClassVar = dict.fromkeys(
        ("Password", "ChallengePhrase", "ChallengeAnswer"),
        "it is checked and not kept; a seed file has the credentials of callers",
    )
    fields = (
        Property("ID"),
        Property("AccountUserID", sql="t.id"),
        Property.key(),
        *Property.alike("Client.ID", "Client.ModifiedBy", "CreatedDate", "ModifiedDate"),
        Property(
            "UserID",
            required=True,
            any_case=True,
            unique=True,
            missing=_INCOMPLETE,
            forms=((_is_long_enough, (11013, "AccountUser User ID Min Length Violation")),),
            taken=(11014, "AccountUser User ID Not Available"),
        ),
        Property("Name", required=True, missing=(11009, "AccountUser Name Required")),
        Property(
            "Email",
            required=True,
            missing=(11010, "AccountUser Email Required"),
            forms=((is_valid_address, (11011, "AccountUser Email Not Valid")),),
        ),
        Property("MustChangePassword", default=False),
        Property("ActiveFlag", default=True),
        Property("IsAPIUser", default=False),
        Property(
            "NotificationEmailAddress",
            forms=((is_valid_address, (11012, "AccountUser Notification Email Not Valid")),),
        ),
        Property("IsLocked", updatable=False, default=False),
        Property("DefaultBusinessUnit"),
        Property("DefaultBusinessUnitObject.ID", sql="t.default_business_unit"),
        Property("UserPermissions", "parts", retrievable=False, sql=_PERMISSIONS),
        # For users who never logged in: the time of their creation (sdk: mcdev recognizes such users by that).
        Property("LastSuccessfulLogin", sql="t.created_at", updatable=False),
        # The user's locale. Any value is accepted: no source lists the valid ones.
        Property("Locale.LocaleCode", column="locale_code"),
        Property("LanguageLocale.LocaleCode", column="language_code"),
        Property("Roles", "parts", sql=_ROLES),
        Property("TimeZone.ID", column="time_zone_id"),
        Property("TimeZone.Name", column="time_zone_name"),
        Property("Delete", sql="0", updatable=False),
        # Set for users of a business unit who have no access to the enterprise itself.
        Property.internal("is_of_unit", "flag", default=False, seed=None),
    )

    statements = (
        "CREATE TABLE IF NOT EXISTS user_role (user_id INTEGER NOT NULL REFERENCES account_user (id) ON DELETE "
        "CASCADE, role_id INTEGER NOT NULL REFERENCES role (id) ON DELETE CASCADE, PRIMARY KEY (user_id, role_id)) "
        "STRICT, WITHOUT ROWID",
    )
    further_keys: ClassVar = (
        Key("business_units", form="texts"),
        Key(
            "roles",
            form="items",
            refers="role",
            short="role",
            items=(Key("role", required=True, refers="role"),),
        ),
        Key(
            "permissions",
            form="items",
            items=(Key("id", "number", required=True), *map(Key, _SAID_OF_PERMISSION)),
        ),
    )

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        roles = [seed.number("role", role["role"]) for role in entry["roles"]]
        _say_once("roles", [role["role"] for role in entry["roles"]], roles)
        for role in roles:
            seed.account.db.insert("user_role", {"user_id": number, "role_id": role})
        numbers = [permission["id"] for permission in entry["permissions"]]
        _say_once("permissions", numbers, numbers)
        for permission in entry["permissions"]:
            said = {name: permission[name] for name in _SAID_OF_PERMISSION}
            row = {"user_id": number, "permission_id": permission["id"], **said}
            seed.account.db.insert("user_access", row)

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        units = account.units.items()
        names = [
            unit.setting("name") for mid, unit in units if has_access(account, row["id"], [mid])
        ]
        roles = account.db.find_all("user_role", "role_id", user_id=row["id"])
        rows = account.db.find_all("user_access", "permission_id", user_id=row["id"])
        permissions = [
            {"id": row["permission_id"], **{name: row[name] for name in _SAID_OF_PERMISSION}}
            for row in rows
        ]
        said_roles = [{"role": refer("role", role["role_id"])} for role in roles]
        return {**entry, "permissions": permissions, "business_units": names, "roles": said_roles}

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        return {**changes, "is_locked": 0} if sent.flag("Unlock") else changes

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        self._account_of(call, sent)
        name = sent.text("UserID") or str((row or {}).get("user_id"))
        _check_password(sent.text("Password"), name)
        _check_challenge(sent)
        if any(permission.number("ID") is None for permission in sent.parts("UserPermissions")):
            raise Refused(54001, "User Access ID Not Specified")
        if row is not None and sent.parts("UserPermissions"):
            self._check_reach(call, row)

    def _check_reach(self, call: Call, row: Row) -> None:
        """Refuse to change the permissions of a user who also has access to accounts that the caller cannot see.

        Raises `Refused`.
        """
        seen = {unit.mid for unit in call.home.seen()}
        above = [unit.mid for unit in call.account.seen() if unit.mid not in seen]
        if has_access(call.account, row["id"], above):
            raise Refused(54000, "User Access Invalid Permissions")

    def _account_of(self, call: Call, sent: Struct) -> Account:
        """Return the account to create a user in: that of its Client, by default the caller's. Raises `Refused`."""
        client = sent.part("Client")
        if client is None or not any(client.values.values()):
            return call.home
        mid = client.number("ID")
        if mid is None:
            raise Refused(11000, "AccountUser Client ID Not Specified")
        unit = call.home.related(mid)
        if unit is None and call.account.related(mid):
            raise Refused(11001, "AccountUser Invalid Permissions")
        if unit is None:
            raise Refused(*_OF_NO_ACCOUNT)
        return unit

    def find(self, call: Call, sent: Struct) -> Row | None:
        """Return the user that a call names, or None if the user has no access to the caller's account."""
        row = super().find(call, sent)
        if row is None or call.home is call.account:
            return row
        mids = [unit.mid for unit in call.home.seen()]
        return row if has_access(call.account, row["id"], mids) else None

    def assign(self, call: Call, sent: Struct) -> Outcome:
        """Grant or remove a user's access to accounts of the enterprise."""
        row = self.find_or_refuse(call, sent)
        said = sent.part("BusinessUnitAssignmentConfiguration") or Struct("")
        units = said.part("BusinessUnitIds") or Struct("")
        mids = [int(text) for text in units.texts("BusinessUnitId")]
        if any(call.home.related(mid) is None for mid in mids):
            raise Refused(1009, "Account Invalid ID Specified")
        change_access(call.account, row["id"], mids, is_taken=bool(said.flag("IsDelete")))
        # Text: recorded.
        return Outcome("User Business Unit assignments successfully updated", sent)

    actions: ClassVar = {"Configure": {"assign": assign}}

    def written(self, call: Call, sent: Struct, row: Row, *, is_new: bool) -> None:
        forget_denials(call.account)
        owner = self._account_of(call, sent) if is_new else call.account
        if owner is not call.account:
            call.account.db.update("account_user", {"is_of_unit": 1}, id=row["id"])
            change_access(call.account, row["id"], [owner.mid], is_taken=False)
        _keep_permissions(call, row, sent)
        _keep_roles(call, self.others, row, sent)

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        # The result has no NewID (recorded).
        return Outcome(self.messages.create, _echo(sent, row))

    def updated(self, sent: Struct, row: Row) -> Outcome:
        return Outcome(self.messages.update, _echo(sent, row))


def _echo(sent: Struct, row: Row) -> Struct:
    """Return the user for a result: with its ID, and with an empty text as Password."""
    hidden = {"Password": ""} if sent.text("Password") else {}
    return echoed(sent, ID=row["id"], **hidden)


def _check_challenge(sent: Struct) -> None:
    """Refuse a security question or answer that contains the user name or password. Raises `Refused`."""
    question, answer = sent.text("ChallengePhrase"), sent.text("ChallengeAnswer")
    name, password = sent.text("UserID"), sent.text("Password")
    for text, secret, code, said in (
        (question, name, 11015, "AccountUser Security Question Cannot Contain User ID"),
        (answer, name, 11016, "AccountUser Security Answer Cannot Contain User ID"),
        (question, password, 11017, "AccountUser Security Question Cannot Contain Password"),
    ):
        if text and secret and secret.casefold() in text.casefold():
            raise Refused(code, said)


def _say_once(key: str, said: Sequence[object], numbers: Sequence[int]) -> None:
    """Raise `SetupError` if a list of a seed file has an entry twice; `said` has the entries as written."""
    for place, number in enumerate(numbers):
        if number in numbers[:place]:
            raise SetupError(f"key '{key}': {said[place]!r} is given twice. Give it once.")


def _keep_permissions(call: Call, row: Row, sent: Struct) -> None:
    db = call.account.db
    for permission in sent.parts("UserPermissions"):
        number = permission.number("ID")
        db.delete("user_access", user_id=row["id"], permission_id=number)
        if not permission.number("Delete"):
            said = {name: permission.text(name.capitalize()) for name in _SAID_OF_PERMISSION}
            db.insert("user_access", {"user_id": row["id"], "permission_id": number, **said})


def _check_password(password: str | None, name: str) -> None:
    if not password:
        return
    if len(password) < _LEAST_PASSWORD:
        raise Refused(11005, "AccountUser Min Password Length Violation")
    if password.isalpha() or password.isdigit():
        # The service's rule depends on the account (assumed here: letters and at least one other character).
        raise Refused(11006, "AccountUser Password Complexity Violation")
    if name and name.lower() in password.lower():
        raise Refused(11007, "AccountUser Password Contains Username")


def _keep_roles(call: Call, handlers: Mapping[str, Handler], row: Row, sent: Struct) -> None:
    """Add the roles that a call gives a user, and remove those whose AssignmentConfiguration has IsDelete.

    IsDelete: sdk (mcdev). That a role without a configuration is added: assumed. Raises `Refused` for an unknown role.
    """
    for role in sent.wrapped("Roles", "Role"):
        pair = {"user_id": row["id"], "role_id": _number_of_role(call, handlers, role)}
        call.account.db.delete("user_role", **pair)
        settings = role.wrapped("AssignmentConfigurations", "AssignmentConfiguration")
        if not any(setting.flag("IsDelete") for setting in settings):
            call.account.db.insert("user_role", pair)


def _number_of_role(call: Call, handlers: Mapping[str, Handler], role: Struct) -> object:
    """Return the number of the role with the given ObjectID, CustomerKey or Name. Raises `Refused`."""
    known = stored_object(handlers, "Role")
    row = known.find(call, role)
    if row is None and not any(role.text(name) for name in known.identities):
        rows = call.account.db.find_all("role", "id", name=role.text("Name") or "")
        row = rows[0] if rows else None
    if row is None:
        # Code and text: documented; that they apply to the role of a user: assumed.
        raise Refused(332000, "Role Invalid ID")
    return row["id"]
