"""The roles of users: given with an AccountUser, and taken away by it.

A role is one that exists, by its ObjectID, CustomerKey or Name; those that are named are added, and one whose
AssignmentConfiguration says IsDelete is taken away (sdk: mcdev; that a role without one is added: assumed).
"""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.declarations.handler import Call, Handler
from sfmc_mock.declarations.properties import MID, USER
from sfmc_mock.declarations.stored_object import stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

ROLE_ELEMENTS: Mapping[str, tuple[str, ...]] = {
    "Roles": ("Role",),
    "Roles.Role": ("ObjectID", "CustomerKey", "Name", "AssignmentConfigurations"),
    "Roles.Role.AssignmentConfigurations": ("AssignmentConfiguration",),
    "Roles.Role.AssignmentConfigurations.AssignmentConfiguration": (
        "AccountUserId",
        "AssignmentConfigureType",
        "IsDelete",
    ),
}
"""The elements of an AccountUser that say roles."""

USER_ROLE_TABLE = (
    "CREATE TABLE IF NOT EXISTS user_role (user_id INTEGER NOT NULL REFERENCES account_user (id) ON DELETE CASCADE, "
    "role_id INTEGER NOT NULL REFERENCES role (id) ON DELETE CASCADE, PRIMARY KEY (user_id, role_id)) "
    "STRICT, WITHOUT ROWID"
)

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

ROLES_OF_USER = (
    "(SELECT CASE WHEN count(*) THEN json_array(json_object('type', 'AccountUser.Roles', 'Role', "  # noqa: S608 - constants
    f"json_group_array({_ROLE}))) END "
    "FROM user_role u JOIN role r ON r.id = u.role_id WHERE u.user_id = t.id)"
)
"""SQL of a user's roles, as a list of parts (what is shown of each: recorded)."""

# Code and text: documented; that they are said of a user's role: assumed.
_INVALID_ID = (332000, "Role Invalid ID")


def change_roles(call: Call, handlers: Mapping[str, Handler], row: Row, sent: Struct) -> None:
    """Add and take away the roles that a user says. Raises `Refused` for one that does not exist."""
    for role in sent.wrapped("Roles", "Role"):
        pair = {"user_id": row["id"], "role_id": _number(call, handlers, role)}
        call.account.db.delete("user_role", **pair)
        settings = role.wrapped("AssignmentConfigurations", "AssignmentConfiguration")
        if not any(setting.flag("IsDelete") for setting in settings):
            call.account.db.insert("user_role", pair)


def _number(call: Call, handlers: Mapping[str, Handler], role: Struct) -> object:
    known = stored_object(handlers, "Role")
    row = known.find(call, role)
    if row is None and not any(role.text(name) for name in known.identities):
        rows = call.account.db.find_all("role", "id", name=role.text("Name") or "")
        row = rows[0] if rows else None
    if row is None:
        raise Refused(*_INVALID_ID)
    return row["id"]
