"""Account and BusinessUnit: the caller's own account, the business units below it, its labels and rules."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.account import Account
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.handler import Call, Outcome, echoed
from sfmc_mock.declarations.properties import BY_ID, KEY_LIMIT, Property
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_ABOUT = "about."
_NAME = "(SELECT value FROM setting WHERE name = 'name')"
_PARENT = "COALESCE((SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'parent'), 0)"


def _kept(name: str, kind: str = "", otherwise: str = "NULL") -> Property:
    """Return a property that is kept as a setting; `otherwise` is what is shown of one that was never set."""
    sql = f"(SELECT value FROM setting WHERE name = '{_ABOUT}{name}')"  # noqa: S608 - constants
    if kind == "number":
        sql = f"CAST({sql} AS INTEGER)"
    return Property(name, kind, sql=f"COALESCE({sql}, {otherwise})")


# What callers set of an account beside its name and key.
_SET = (
    _kept("IsActive", "number", "1"),
    _kept("Email"),
    _kept("FromName"),
    _kept("BusinessName", otherwise=f"{_NAME}, ''"),
    *map(_kept, ("Phone", "Address", "Fax", "City", "State", "Zip", "Country", "PartnerKey")),
)
_SET_OF_UNIT = (
    _kept("Description", otherwise="''"),
    _kept("MasterUnsubscribeBehavior", otherwise="'ENTIRE_ENTERPRISE'"),
)
_ACCOUNT = (
    Property("ID", "number", sql="t.mid"),
    Property("Client.ID", "number"),
    Property("Client.EnterpriseID", "number"),
    Property("ParentID", "number", sql=_PARENT),
    Property.unset("BrandID", "number"),
    Property.unset("PrivateLabelID", "number"),
    Property("ReportingParentID", "number", sql=_PARENT),
    Property.unset("EditionID", "number"),
    Property("Name", "text", sql=f"COALESCE({_NAME}, '')"),
    *_SET,
    Property("ParentName", "text", sql="(SELECT value FROM setting WHERE name = 'parent_name')"),
    Property(
        "AccountType",
        "text",
        sql="CASE WHEN EXISTS (SELECT 1 FROM setting WHERE name = 'enterprise') THEN 'BUSINESS_UNIT' "
        "ELSE 'ENTERPRISE_2' END",
    ),
    Property(
        "CustomerKey",
        "text",
        sql="COALESCE((SELECT value FROM setting WHERE name = 'customer_key'), CAST(t.mid AS TEXT))",
    ),
    Property.unset("Client.PartnerClientKey", "text"),
    Property.unset("Locale.LocaleCode", "text"),
    Property.unset("LanguageLocale.LocaleCode", "text"),
    Property.unset("TimeZone.Name", "text"),
    _kept("CreatedDate", "date"),
    _kept("ModifiedDate", "date"),
    _kept("DeletedDate", "date"),
    *(
        Property(name, "flag", sql="0")
        for name in ("IsTestAccount", "InheritAddress", "IsTrialAccount")
    ),
)
_BUSINESS_UNIT = (*_ACCOUNT, *_SET_OF_UNIT)
_KEPT = tuple(prop.name for prop in (*_SET, *_SET_OF_UNIT))


# Codes and texts: documented; which of them is said of what: assumed.
_NO_PERMISSION = (1000, "Account Invalid Permissions")
_NAMELESS = (1005, "Account Required Fields Not Specified")
_INVALID_LABEL = (1008, "Account Private Label ID Invalid")
_INVALID_ID = (1009, "Account Invalid ID Specified")
_NO_PARENT = (1011, "Account No Parent ID For Account Type")
_FIXED_FIELD = (1012, "Account Invalid Permissions To Set Field")
_INVALID_INHERITING = (1013, "Account Inherit Address Not Valid")
_READ_ONLY = (1014, "Account In Read only State")
_INVALID_KEY = (1015, "Account External Key Invalid")
_INVALID_STATUS = (1016, "Account Invalid Status")
_INVALID_TYPE = (1017, "Invalid Account Type For Operation")
_NO_ACCESS = "You don't have access to an account with customer key of {}."

# What goes with an account, and callers do not set through it.
_PARTS = {
    "AccountUsers": (1001, "User Invalid Permissions"),
    "BusinessRules": (1002, "Business Rule Invalid Permissions"),
    "Subscription": (1003, "Subscription Invalid Permissions"),
    "PrivateLabels": (1004, "Private Label Invalid Permissions"),
}

_FIXED = ("BrandID", "EditionID")
_DELETED_AT = f"{_ABOUT}DeletedDate"


class OwnAccountHandler(DeclaredObject):
    """The account as one of its callers sees it, and the business units below it.

    Properties: sdk and wsdl. An account that stands by itself makes business units; each changes itself and those below
    it (assumed: who may do that is decided by permissions that are not published). Texts of success: documented.
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

    def takes(self, operation: str) -> bool:
        return operation in ("Create", "Update")

    def create(self, call: Call, sent: Struct) -> Outcome:
        account = call.account
        if account.enterprise is not None or account.make_unit is None:
            raise Refused(*_NO_PERMISSION)
        if not (sent.text("Name") or "").strip():
            raise Refused(*_NAMELESS)
        said_type = sent.text("AccountType") or "None"
        if said_type != "BUSINESS_UNIT" and (said_type != "None" or self.object_type == "Account"):
            raise Refused(*_INVALID_TYPE)
        parent = sent.number("ParentID")
        if parent is None:
            raise Refused(*_NO_PARENT)
        above = account.related(parent)
        if above is None:
            raise Refused(*_INVALID_ID)
        self._check(call, sent, None)
        mid = account.ids.fresh_number(
            lambda drawn: drawn in account.units, "business unit", str(sent.text("Name"))
        )
        settings = {**_settings(sent), f"{_ABOUT}CreatedDate": account.now_text()}
        account.make_unit(mid, above, {**settings, f"{_ABOUT}ModifiedDate": account.now_text()})
        return Outcome("Account Updated / Created", echoed(sent, ID=mid), mid)

    def update(self, call: Call, sent: Struct) -> Outcome:
        account = _named(call, sent)
        there = call.on(account)
        is_closed = account.setting(f"{_ABOUT}IsActive") == "0" and "IsActive" not in sent
        if is_closed or account.setting(_DELETED_AT):
            raise Refused(*_READ_ONLY)
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
            raise Refused(*_INVALID_LABEL)
        if any(sent.number(name) for name in _FIXED):
            raise Refused(*_FIXED_FIELD)
        if sent.number("IsActive") not in (None, 0, 1):
            raise Refused(*_INVALID_STATUS)
        is_top = account is not None and account.enterprise is None
        if sent.flag("InheritAddress") and is_top:
            raise Refused(*_INVALID_INHERITING)
        key = sent.text("CustomerKey")
        if key and (len(key) > KEY_LIMIT or _has_key(call.home, key, besides=account)):
            raise Refused(*_INVALID_KEY)
        parent = sent.number("ParentID")
        if account is not None and parent not in (None, 0, account.parent_mid or 0):
            raise Refused(*_FIXED_FIELD)


def _has_units(enterprise: Account, account: Account) -> bool:
    return any(unit.parent_mid == account.mid for unit in enterprise.units.values())


def _key_of(account: Account) -> str:
    return account.setting("customer_key") or str(account.mid)


def _has_key(account: Account, key: str, *, besides: Account | None) -> bool:
    """Say whether an account of the same enterprise has a key."""
    top = account.enterprise or account
    return any(
        unit is not besides and _key_of(unit).casefold() == key.casefold() for unit in top.seen()
    )


def _named(call: Call, sent: Struct) -> Account:
    """Return the account that is to be changed: by its ID, ClientID or key, else the caller's. Raises `Refused`."""
    client = sent.part("Client")
    mid = sent.number("ID") or (client.number("ID") if client is not None else None)
    if mid:
        unit = call.account.related(mid)
        if unit is None:
            raise Refused(*_INVALID_ID)
        return unit
    key = sent.text("CustomerKey")
    if not key:
        return call.account
    for unit in call.account.seen():
        if _key_of(unit).casefold() == key.casefold():
            return unit
    raise Refused(4, _NO_ACCESS.format(key))


def _settings(sent: Struct) -> dict[str, str]:
    """Return what is said of an account as its settings."""
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

    object_type = "Account"
    fields = _ACCOUNT

    def takes(self, operation: str) -> bool:
        return operation == "Delete" or super().takes(operation)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        """Close an account below the caller's: it stays to be read with its DeletedDate (assumed, its text too)."""
        account = _named(call, sent)
        above = account.enterprise
        if above is None or account is call.home or _has_units(above, account):
            raise Refused(*_NO_PERMISSION)
        if account.setting(_DELETED_AT):
            raise Refused(*_INVALID_ID)
        with account.db.atomic():
            account.change_setting(f"{_ABOUT}IsActive", "0")
            account.change_setting(_DELETED_AT, account.now_text())
        return Outcome("Account deleted", sent)


class BusinessUnitHandler(OwnAccountHandler):
    """The caller's own account, as a business unit."""

    object_type = "BusinessUnit"
    fields = _BUSINESS_UNIT


OWN_ACCOUNT = (AccountHandler(), BusinessUnitHandler())


class AccountPrivateLabelHandler(StoredObject):
    """A label of a seed file. Properties: wsdl; that it can only be read: documented."""

    object_type = "AccountPrivateLabel"
    scope = "accounts"
    table = "account_private_label"
    operations = ()
    identities = ("ID", "CustomerKey")
    fields = (
        *BY_ID,
        Property("Name", required=True),
        Property("OwnerMemberID", sql="(SELECT mid FROM account_id)"),
        Property("ColorPaletteXML", default=""),
    )


class BusinessRuleHandler(StoredObject):
    """A rule of a seed file, which callers change.

    Properties: wsdl; operations, codes and names of what is refused: documented, of what: assumed.
    """

    object_type = "BusinessRule"
    scope = "accounts"
    table = "business_rule"
    operations = ("Update",)
    identities = ("ID", "CustomerKey")
    not_specified = (56001, "Business Rule Name Not Specified")
    not_found = (56002, "Business Rule Invalid Business Rule Name")
    fields = (
        *BY_ID,
        Property("MemberBusinessRuleID", sql="t.id"),
        Property("BusinessRuleID", default=0),
        Property("Data", default=0),
        Property("Quality", default=""),
        Property("Name", required=True, any_case=True),
        Property("Type", default=""),
        Property("Description", default=""),
        Property("IsViewable", default=True),
        Property("IsInheritedFromParent", default=False),
        Property("DisplayName", default=""),
        Property("ProductCode", default=""),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if row is not None and row["is_inherited_from_parent"]:
            raise Refused(56000, "Business Rule Save Exception")
