"""UserAccess: the permissions that users were given one by one."""

from __future__ import annotations

from collections.abc import Sequence

from sfmc_mock.account.user_access import users_of
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.handler import Call
from sfmc_mock.declarations.properties import Property, internal
from sfmc_mock.store.conditions import Condition, comparison


class UserAccessHandler(DeclaredObject):
    """A permission of a user, given with the UserPermissions of an AccountUser.

    The class: wsdl; that Retrieve lists them, and Owner.User.ID for whose they are: assumed. What a permission allows
    is decided by the scopes of a caller alone.
    """

    object_type = "UserAccess"
    scope = "users"
    of_enterprise = True
    table = "user_access"
    dated = False
    fields = (
        Property("ID", "number", column="permission_id"),
        Property("Name", any_case=False),
        Property("Value"),
        Property("Description"),
        Property("Client.ID"),
        Property("Owner.User.ID", "number", sql="t.user_id"),
        internal("user_id", "number"),
    )
    statements = ("CREATE INDEX IF NOT EXISTS user_access_user ON user_access (user_id)",)

    def of_units(self, call: Call, mids: Sequence[int]) -> Condition | None:
        return comparison("Owner.User.ID", "IN", users_of(call.account, mids))
