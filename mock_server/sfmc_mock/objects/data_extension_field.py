"""DataExtensionField: the fields of data extensions, read-only; a DataExtension changes its fields."""

from __future__ import annotations

from sfmc_mock.account.data_extensions import shared_keys
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property, Reference
from sfmc_mock.errors import Refused


class DataExtensionFieldHandler(DeclaredObject):
    """A field of a data extension.

    Retrievable properties: recorded, but for Client.ID, the dates and StorageType (assumed). The order of results:
    recorded; ascending ObjectID, sorted like SQL Server's uniqueidentifier.
    """

    scope = "data_extensions"
    shared_by = ("DataExtension.CustomerKey", shared_keys)
    fields = (
        Property("ObjectID", unique=True),
        # [CustomerKey of the data extension].[name], stored to make it searchable.
        Property("CustomerKey", unique=False),
        *Property.alike("CreatedDate", "ModifiedDate", "Client.ID"),
        Property("Name", required=True),
        Property("Scale"),
        Property("DefaultValue", default=""),
        Property("MaxLength"),
        Property("IsRequired", default=False),
        Property("Ordinal", default=0),
        Property("IsPrimaryKey", default=False),
        Property("FieldType", default="Text"),
        Reference("DataExtension", shows=("CustomerKey",), protects=False, cascades=True),
        Property("StorageType", default="Plain"),
    )
    statements = (
        "CREATE UNIQUE INDEX IF NOT EXISTS data_extension_field_name "
        "ON data_extension_field (data_extension_id, name)",
        "CREATE INDEX IF NOT EXISTS data_extension_field_customer_key ON data_extension_field (customer_key)",
    )
    # Sort order: the last six bytes, then the two before them, then the first three groups from right to left, with the
    # bytes of each group reversed.
    ordered_by = " || ".join(
        f"substr(t.object_id, {start}, {length})"
        for start, length in (
            (25, 12),
            (20, 4),
            *((start, 2) for start in (17, 15, 12, 10, 7, 5, 3, 1)),
        )
    )

    def _unsupported(self, operation: str) -> Refused:
        # Text, and that there is no code: seen live for Delete; assumed for the other operations.
        return Refused(0, f"Unable to find a handler for object type: {self.object_type}.")
