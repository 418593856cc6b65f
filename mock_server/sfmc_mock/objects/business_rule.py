"""BusinessRule: what an account is allowed to do."""

from __future__ import annotations

from sfmc_mock.declarations.handler import Call
from sfmc_mock.declarations.properties import BY_ID, Property
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


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
