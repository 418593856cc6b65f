"""Account and BusinessUnit: the caller's own account."""

from __future__ import annotations

from sfmc_mock.declarations.handler import Call, Handler, Outcome, Property, Source
from sfmc_mock.errors import Refused
from sfmc_mock.wire.struct import Struct

_NUMBERS = ("ParentID", "BrandID", "PrivateLabelID", "ReportingParentID", "IsActive", "EditionID")
_TEXTS = (
    *("Name", "Email", "FromName", "BusinessName", "Phone", "Address", "Fax", "City", "State"),
    *("Zip", "Country", "ParentName", "AccountType", "CustomerKey", "PartnerKey"),
    *("Client.PartnerClientKey", "Locale.LocaleCode", "LanguageLocale.LocaleCode", "TimeZone.Name"),
)

_ACCOUNT = (
    *(Property(name, "number") for name in ("ID", "Client.ID", "Client.EnterpriseID", *_NUMBERS)),
    *(Property(name) for name in _TEXTS),
    *(Property(name, "date") for name in ("CreatedDate", "ModifiedDate", "DeletedDate")),
    *(Property(name, "flag") for name in ("IsTestAccount", "InheritAddress", "IsTrialAccount")),
)
_BUSINESS_UNIT = (*_ACCOUNT, Property("Description"), Property("MasterUnsubscribeBehavior"))


class OwnAccountHandler(Handler):
    """The account as one of its callers sees it.

    Properties: sdk and wsdl. To make and change accounts takes a permission that callers do not have here (the code
    and its text: documented; who has the permission: assumed).
    """

    scope = "accounts"

    def __init__(self, object_type: str, properties: tuple[Property, ...]) -> None:
        self.object_type = object_type
        self.properties = properties

    def takes(self, operation: str) -> bool:
        return False

    def create(self, call: Call, sent: Struct) -> Outcome:
        raise _no_permission()

    def update(self, call: Call, sent: Struct) -> Outcome:
        raise _no_permission()

    def delete(self, call: Call, sent: Struct) -> Outcome:
        raise _no_permission()

    def source(self, call: Call, argument: str | None) -> Source:
        return Source(self.object_type, "api_account", self.retrievable)


def _no_permission() -> Refused:
    return Refused(1000, "Account Invalid Permissions")


OWN_ACCOUNT = (
    OwnAccountHandler("Account", _ACCOUNT),
    OwnAccountHandler("BusinessUnit", _BUSINESS_UNIT),
)
