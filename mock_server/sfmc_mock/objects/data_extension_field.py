"""DataExtensionField: the fields of data extensions, to be read; they are changed through their data extension."""

from __future__ import annotations

from sfmc_mock.account.data_extensions import shared_keys
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property, Reference
from sfmc_mock.errors import Refused


class DataExtensionFieldHandler(DeclaredObject):
    """Which properties can be asked for is recorded, but for Client.ID, the dates and StorageType (assumed).

    Their order is recorded: ascending ObjectID, as SQL Server sorts those.
    """

    scope = "data_extensions"
    shared_by = ("DataExtension.CustomerKey", shared_keys)
    fields = (
        Property("ObjectID", unique=True),
        # [CustomerKey of the data extension].[name], kept to be found by.
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
    # The last six bytes count first, then the two before them, then the first three groups from the right, each
    # group's bytes from its end.
    ordered_by = " || ".join(
        f"substr(t.object_id, {start}, {length})"
        for start, length in (
            (25, 12),
            (20, 4),
            *((start, 2) for start in (17, 15, 12, 10, 7, 5, 3, 1)),
        )
    )

    def _unsupported(self, operation: str) -> Refused:
        # Text and the absence of a code: seen live, of Delete; of the others assumed.
        return Refused(0, f"Unable to find a handler for object type: {self.object_type}.")
