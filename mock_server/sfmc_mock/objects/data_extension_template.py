"""DataExtensionTemplate: what data extensions can be made from, to be read."""

from __future__ import annotations

from sfmc_mock.objects.handler import Call, Handler, Property, Source


class DataExtensionTemplateHandler(Handler):
    """The class has but a name and a description: everything else comes back as PartnerProperties (recorded)."""

    object_type = "DataExtensionTemplate"
    view = "api_DataExtensionTemplate"
    properties = (
        Property("ObjectID", updatable=False),
        Property("CustomerKey", updatable=False),
        Property("CreatedDate", "date", updatable=False),
        Property("ModifiedDate", "date", updatable=False),
        Property("Client.ID", "number", updatable=False),
        Property("Name", updatable=False),
        Property("Description", updatable=False),
        Property("IsSendable", "flag", updatable=False, partner=True),
        Property("IsTestable", "flag", updatable=False, partner=True),
        Property("SendableCustomObjectField", updatable=False, partner=True),
        Property("SendableSubscriberField", updatable=False, partner=True),
        Property("DataRetentionPeriodLength", "number", updatable=False, partner=True),
        Property("DataRetentionPeriodUnitOfMeasure", "number", updatable=False, partner=True),
        Property("RowBasedRetention", "flag", updatable=False, partner=True),
        Property("ResetRetentionPeriodOnImport", "flag", updatable=False, partner=True),
        Property("DeleteAtEndOfRetentionPeriod", "flag", updatable=False, partner=True),
        Property("RetainUntil", updatable=False, partner=True),
    )

    def source(self, call: Call, argument: str | None) -> Source:
        return Source(
            self.object_type, "api_DataExtensionTemplate", self.retrievable, newness="ModifiedDate"
        )
