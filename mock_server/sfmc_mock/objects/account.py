"""Account and BusinessUnit: the caller's account, the business units below it, private labels and business rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from sfmc_mock.account import Account
from sfmc_mock.declarations.call import Call, Outcome, echoed
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import BY_ID, KEY_LIMIT, MID, Property
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_ABOUT = "about."


def _setting(name: str, otherwise: str = "NULL") -> str:
    """Return the SQL that reads a setting; `otherwise` is the SQL of its default."""
    return f"COALESCE((SELECT value FROM setting WHERE name = '{name}'), {otherwise})"  # noqa: S608 - constants


def _kept(name: str, otherwise: str = "NULL", **more: Any) -> Property:
    """Return a property whose value is stored as a setting of the account."""
    return Property(name, sql=_setting(f"{_ABOUT}{name}", otherwise), **more)


def _fixed(name: str, sql: str = "NULL") -> Property:
    """Return a property that callers cannot set."""
    return Property(name, sql=sql, updatable=False)


_PARENT = f"CAST({_setting('parent', '0')} AS INTEGER)"

# What callers can set on an account, besides its name and key.
_SET = (
    Property("IsActive", sql=f"CAST({_setting(f'{_ABOUT}IsActive', '1')} AS INTEGER)"),
    *map(_kept, ("Email", "FromName")),
    _kept("BusinessName", _setting("name", "''")),
    *map(_kept, ("Phone", "Address", "Fax", "City", "State", "Zip", "Country", "PartnerKey")),
)
_SET_OF_UNIT = (
    _kept("Description", "''"),
    _kept("MasterUnsubscribeBehavior", "'ENTIRE_ENTERPRISE'"),
)
_ACCOUNT = (
    _fixed("ID", "t.mid"),
    *Property.alike("Client.ID", "Client.EnterpriseID", updatable=False),
    _fixed("ParentID", _PARENT),
    *map(_fixed, ("BrandID", "PrivateLabelID")),
    _fixed("ReportingParentID", _PARENT),
    _fixed("EditionID"),
    Property("Name", sql=_setting("name", "''")),
    *_SET,
    _fixed("ParentName", _setting("parent_name")),
    _fixed(
        "AccountType",
        "CASE WHEN EXISTS (SELECT 1 FROM setting WHERE name = 'enterprise') THEN 'BUSINESS_UNIT' "
        "ELSE 'ENTERPRISE_2' END",
    ),
    Property("CustomerKey", sql=_setting("customer_key", "CAST(t.mid AS TEXT)")),
    *map(_fixed, ("Client.PartnerClientKey", "Locale.LocaleCode", "LanguageLocale.LocaleCode")),
    _fixed("TimeZone.Name"),
    *(_kept(name, updatable=False) for name in ("CreatedDate", "ModifiedDate", "DeletedDate")),
    *Property.alike("IsTestAccount", "InheritAddress", "IsTrialAccount", sql="0", updatable=False),
)
_KEPT = tuple(prop.name for prop in (*_SET, *_SET_OF_UNIT))


# Codes and texts: documented; which condition has which code: assumed.
_NO_PERMISSION = (1000, "Account Invalid Permissions")
_INVALID_ID = (1009, "Account Invalid ID Specified")
_FIXED_FIELD = (1012, "Account Invalid Permissions To Set Field")

# Parts of an account that callers cannot set through it.
_PARTS = {
    "AccountUsers": (1001, "User Invalid Permissions"),
    "BusinessRules": (1002, "Business Rule Invalid Permissions"),
    "Subscription": (1003, "Subscription Invalid Permissions"),
    "PrivateLabels": (1004, "Private Label Invalid Permissions"),
}

_FIXED = ("BrandID", "EditionID")
_DELETED_AT = f"{_ABOUT}DeletedDate"


class OwnAccountHandler(DeclaredObject):
    """The account that the caller works with, and the business units below it.

    Properties: sdk and wsdl. Success messages: documented. An enterprise account can create business units; each
    account can change itself and the units below it (assumed: the required permissions are not published).
    """

    scope = "accounts"
    reads: ClassVar = {
        "": (
            *("ID", "Name", "CustomerKey", "ParentID", "AccountType", "Client", "PrivateLabelID"),
            *("InheritAddress", *_KEPT, *_FIXED, *_PARTS),
        )
    }
    reads_from = "account_id t"
    rowkey = "1"

    def create(self, call: Call, sent: Struct) -> Outcome:
        account = call.account
        if account.enterprise is not None or account.make_unit is None:
            raise Refused(*_NO_PERMISSION)
        if not (sent.text("Name") or "").strip():
            raise Refused(1005, "Account Required Fields Not Specified")
        said_type = sent.text("AccountType") or "None"
        if said_type != "BUSINESS_UNIT" and (said_type != "None" or self.object_type == "Account"):
            raise Refused(1017, "Invalid Account Type For Operation")
        parent = sent.number("ParentID")
        if parent is None:
            raise Refused(1011, "Account No Parent ID For Account Type")
        above = account.related(parent)
        if above is None:
            raise Refused(*_INVALID_ID)
        self._check(call, sent, None)
        mid = account.ids.fresh_number(
            lambda drawn: drawn in account.units, "business unit", str(sent.text("Name"))
        )
        dates = (f"{_ABOUT}CreatedDate", f"{_ABOUT}ModifiedDate")
        settings = {**_settings(sent), **dict.fromkeys(dates, account.now_text())}
        account.make_unit(mid, above, settings)
        return Outcome("Account Updated / Created", echoed(sent, ID=mid), mid)

    def update(self, call: Call, sent: Struct) -> Outcome:
        account = _named(call, sent)
        there = call.on(account)
        is_closed = account.setting(f"{_ABOUT}IsActive") == "0" and "IsActive" not in sent
        if is_closed or account.setting(_DELETED_AT):
            raise Refused(1014, "Account In Read only State")
        self._check(there, sent, account)
        with account.db.atomic():
            for name, value in _settings(sent).items():
                account.change_setting(name, value)
            account.change_setting(f"{_ABOUT}ModifiedDate", account.now_text())
        return Outcome("Account Updated / Created", sent)

    def _check(self, call: Call, sent: Struct, account: Account | None) -> None:
        """Refuse values that an account cannot have; `account` is None for a new one. Raises `Refused`."""
        for part, refusal in _PARTS.items():
            if sent.values.get(part):
                raise Refused(*refusal)
        if sent.number("PrivateLabelID"):
            raise Refused(1008, "Account Private Label ID Invalid")
        if any(sent.number(name) for name in _FIXED):
            raise Refused(*_FIXED_FIELD)
        if sent.number("IsActive") not in (None, 0, 1):
            raise Refused(1016, "Account Invalid Status")
        is_top = account is not None and account.enterprise is None
        if sent.flag("InheritAddress") and is_top:
            raise Refused(1013, "Account Inherit Address Not Valid")
        key = sent.text("CustomerKey")
        units = (call.home.enterprise or call.home).seen()
        if key and (len(key) > KEY_LIMIT or {*_with_key(units, key)} - {account}):
            raise Refused(1015, "Account External Key Invalid")
        parent = sent.number("ParentID")
        if account is not None and parent not in (None, 0, account.parent_mid or 0):
            raise Refused(*_FIXED_FIELD)


def _with_key(accounts: Iterable[Account], key: str) -> list[Account]:
    """Return the accounts that have the given key."""
    return [
        account
        for account in accounts
        if (account.setting("customer_key") or str(account.mid)).casefold() == key.casefold()
    ]


def _named(call: Call, sent: Struct) -> Account:
    """Return the account to change: the one with the given ID, ClientID or key, by default the caller's.

    Raises `Refused`.
    """
    mid = sent.number("ID") or (sent.part("Client") or Struct("")).number("ID")
    if mid:
        unit = call.account.related(mid)
        if unit is None:
            raise Refused(*_INVALID_ID)
        return unit
    key = sent.text("CustomerKey")
    if not key:
        return call.account
    for unit in _with_key(call.account.seen(), key):
        return unit
    raise Refused(4, f"You don't have access to an account with customer key of {key}.")


def _settings(sent: Struct) -> dict[str, str]:
    """Return the properties that a call gives of an account, as settings."""
    settings = {
        f"{_ABOUT}{name}": sent.text(name) or ""
        for name in _KEPT
        if sent.values.get(name) is not None
    }
    for name, setting in (("Name", "name"), ("CustomerKey", "customer_key")):
        if value := sent.text(name):
            settings[setting] = value
    return settings


class AccountHandler(OwnAccountHandler):
    """The caller's own account."""

    fields = _ACCOUNT

    def delete(self, call: Call, sent: Struct) -> Outcome:
        """Close an account below the caller's.

        It can still be retrieved, with its DeletedDate (assumed, the success message too).
        """
        account = _named(call, sent)
        above = account.enterprise
        units = above.units.values() if above is not None else ()
        has_units = any(unit.parent_mid == account.mid for unit in units)
        if above is None or account is call.home or has_units:
            raise Refused(*_NO_PERMISSION)
        if account.setting(_DELETED_AT):
            raise Refused(*_INVALID_ID)
        with account.db.atomic():
            account.change_setting(f"{_ABOUT}IsActive", "0")
            account.change_setting(_DELETED_AT, account.now_text())
        return Outcome("Account deleted", sent)


class BusinessUnitHandler(OwnAccountHandler):
    """The caller's account as a business unit."""

    fields = (*_ACCOUNT, *_SET_OF_UNIT)


OWN_ACCOUNT = (AccountHandler(), BusinessUnitHandler())


class AccountPrivateLabelHandler(StoredObject):
    """A private label from a seed file. Properties: wsdl; that it is read-only: documented."""

    scope = "accounts"
    operations = ()
    fields = (
        *BY_ID,
        Property("Name", required=True),
        Property("OwnerMemberID", sql=MID),
        Property("ColorPaletteXML", default=""),
    )


class BusinessRuleHandler(StoredObject):
    """A business rule from a seed file; callers can change it.

    Properties: wsdl. Operations, codes and their names: documented; which condition has which code: assumed.
    """

    scope = "accounts"
    operations = ("Update",)
    not_specified = (56001, "Business Rule Name Not Specified")
    not_found = (56002, "Business Rule Invalid Business Rule Name")
    fields = (
        *BY_ID,
        Property("MemberBusinessRuleID", sql="t.id"),
        *Property.alike("BusinessRuleID", "Data", default=0),
        Property("Quality", default=""),
        Property("Name", required=True),
        *Property.alike("Type", "Description", default=""),
        Property("IsViewable", default=True),
        Property("IsInheritedFromParent", default=False),
        *Property.alike("DisplayName", "ProductCode", default=""),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if row is not None and row["is_inherited_from_parent"]:
            raise Refused(56000, "Business Rule Save Exception")
