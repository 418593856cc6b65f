"""DataExtensionField: the fields of data extensions, to be read; they are changed through their data extension."""

from __future__ import annotations

from sfmc_mock.declarations.handler import Call, Handler, Source
from sfmc_mock.declarations.properties import Property


class DataExtensionFieldHandler(Handler):
    """Which properties can be asked for is recorded, but for Client.ID, the dates and StorageType (assumed)."""

    object_type = "DataExtensionField"
    view = "api_DataExtensionField"
    properties = (
        Property("ObjectID", updatable=False),
        Property("CustomerKey"),
        Property("CreatedDate", "date", updatable=False),
        Property("ModifiedDate", "date", updatable=False),
        Property("Client.ID", "number", updatable=False),
        Property("Name", required=True),
        Property("Scale", "number"),
        Property("DefaultValue"),
        Property("MaxLength", "number"),
        Property("IsRequired", "flag"),
        Property("Ordinal", "number"),
        Property("IsPrimaryKey", "flag"),
        Property("FieldType"),
        Property("DataExtension.CustomerKey", updatable=False),
        Property("StorageType"),
    )

    def source(self, call: Call, argument: str | None) -> Source:
        return Source(
            self.object_type, "api_DataExtensionField", self.retrievable, newness="ModifiedDate"
        )
