"""Asset and Category: the content of Content Builder, and its folders."""

from __future__ import annotations

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import (
    BY_OBJECT_ID,
    ENTERPRISE,
    MID,
    REQUIRED,
    Property,
    sample,
)
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class AssetHandler(StoredObject):
    """An asset with its content as text. Its views, blocks and slots are not stored; a warning says so.

    Properties: wsdl; operations: documented; the rest, and that keys are unique: assumed.
    """

    scope = "saved_content"
    example = sample(CustomerKey="banner", Name="Banner", Content="<p>Hello</p>")
    fields = (
        *BY_OBJECT_ID,
        Property("ContentType"),
        Property("Version", default=1),
        Property("Locked", default=False),
        Property("Name", required=True, max_length=200, missing=REQUIRED),
        Property("Description", default=""),
        *Property.alike("ActiveDate", "ExpirationDate"),
        Property("MemberId", sql=MID),
        Property("EnterpriseId", sql=ENTERPRISE),
        Property("Content", default=""),
        *Property.alike("Design", "SuperContent", "MinBlocks", "MaxBlocks", "File"),
        *(
            Property(f"{part}.{name}", column=f"{part}_{name}".lower())
            for part in ("AssetType", "Status", "Category")
            for name in ("Id", "Name")
        ),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if row is not None and row["locked"] and sent.flag("Locked") is not False:
            raise Refused(2, "Asset: it is locked. Update it with Locked false first.")


class CategoryHandler(StoredObject):
    """A folder of assets, identified by its `Id`. One that contains others cannot be deleted.

    Properties: wsdl; operations: documented; the rest: assumed.
    """

    scope = "saved_content"
    table = "asset_category"
    example = sample(CustomerKey="banners", Name="Banners")
    fields = (
        *BY_OBJECT_ID,
        Property("Id", updatable=False, sql="t.id"),
        Property("Name", required=True, max_length=100, missing=REQUIRED),
        Property("ParentId", default=0),
        Property("MemberId", sql=MID),
        Property("EnterpriseId", sql=ENTERPRISE),
        Property("CategoryType", default="asset"),
        Property("Description", default=""),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        parent = sent.number("ParentId")
        if parent and not call.account.db.count(self.table, id=parent):
            raise Refused(2, "Category: no category has the ID that ParentId gives.")

    def check_unused(self, call: Call, row: Row) -> None:
        if call.account.db.count(self.table, parent_id=row["id"]):
            raise Refused(2, f"Category '{row['name']}' holds other categories.")
        super().check_unused(call, row)
