"""UserAccess and AccountUserAccount: the permissions of users, and the accounts that they have access to."""

from __future__ import annotations

from sfmc_mock.account.users import users_of
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property, Reference


class UserAccessHandler(DeclaredObject):
    """A permission of a user, set with the UserPermissions of an AccountUser.

    The class: wsdl; that Retrieve lists them, and that Owner.User.ID is the user's: assumed. Only the scopes of a
    caller decide what the caller may do.
    """

    scope = "users"
    of_enterprise = True
    units_by = ("Owner.User.ID", users_of)
    dated = False
    fields = (
        Property("ID", column="permission_id"),
        *Property.alike("Name", "Value", "Description", "Client.ID"),
        Property("Owner.User.ID", sql="t.user_id"),
        Property.internal("user_id", "number"),
    )
    statements = ("CREATE INDEX IF NOT EXISTS user_access_user ON user_access (user_id)",)


# Users of the enterprise itself have access to it without a row in this table.
_OF_ENTERPRISE = """
SELECT u.id << 31 AS rowkey, u.id AS "AccountUser.AccountUserID", u.customer_key AS "AccountUser.CustomerKey",
  u.user_id AS "AccountUser.UserID", u.name AS "AccountUser.Name", (SELECT mid FROM account_id) AS "Account.ID",
  (SELECT mid FROM account_id) AS "Client.ID", u.created_at AS "CreatedDate", u.modified_at AS "ModifiedDate"
FROM account_user u WHERE u.is_of_unit = 0"""
_OF_UNITS = """
SELECT (u.id << 31) + t.id, u.id, u.customer_key, u.user_id, u.name, t.mid, (SELECT mid FROM account_id),
  t.created_at, t.modified_at
FROM account_user_account t JOIN account_user u ON u.id = t.user_id"""


class AccountUserAccountHandler(DeclaredObject):
    """A user's access to an account, read-only.

    That it can be retrieved, with AccountUser.AccountUserID and Account.ID: recorded; the other properties: assumed.
    """

    scope = "users"
    of_enterprise = True
    units_by = ("Account.ID", lambda enterprise, mids: mids)
    table = "account_user_account"
    fields = (
        Reference(
            "AccountUser",
            column="user_id",
            shows=(Property("AccountUserID", "number"), "CustomerKey", "UserID", "Name"),
            protects=False,
            cascades=True,
        ),
        Property("Account.ID", column="mid"),
        *Property.alike("Client.ID", "CreatedDate", "ModifiedDate"),
    )
    statements = (
        "CREATE UNIQUE INDEX IF NOT EXISTS account_user_account_both ON account_user_account (user_id, mid)",
    )
    selects = f"{_OF_ENTERPRISE} UNION ALL {_OF_UNITS}"
