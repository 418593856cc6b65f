"""DataExtensionTemplate: the templates of data extensions, read-only."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sfmc_mock.account import Account
from sfmc_mock.declarations.properties import Key, Property
from sfmc_mock.declarations.seed_entries import Entry, Refer
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects.data_extension_entries import FIELD_KEYS, RELATIONS, retention_properties
from sfmc_mock.store.database import Row


class DataExtensionTemplateHandler(StoredObject):
    """A template.

    The class only has a name and a description: results have the rest as PartnerProperties (recorded).
    """

    scope = "data_extensions"
    operations = ()
    fields = (
        Property("ObjectID", unique=True),
        *Property.alike("CustomerKey", "CreatedDate", "ModifiedDate", "Client.ID", "Name"),
        Property("Description", default=""),
        Property("IsSendable", "flag", partner=True, default=False),
        Property("IsTestable", "flag", partner=True, default=False),
        Property("SendableCustomObjectField", partner=True, column="sendable_field"),
        Property("SendableSubscriberField", partner=True, seed=Key(choices=RELATIONS)),
        *retention_properties(partner=True),
        Property("RetainUntil", partner=True),
        # Set if sends are logged to data extensions made from this template.
        Property.internal("makes_send_log", "flag", default=False),
        # JSON: a list of fields, each an object of attributes of FieldChange (sfmc_mock.account.data_extension_fields).
        Property.internal("fields", default="[]", seed=Key(form="items", items=FIELD_KEYS)),
    )

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        fields = [
            {
                name: value
                for name, value in {**field, "field_type": field["type"]}.items()
                if value is not None
            }
            for field in entry["fields"]
        ]
        return super().from_entry(account, entry, {**columns, "fields": json.dumps(fields)})

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        fields = [{"type": field.pop("field_type"), **field} for field in entry["fields"]]
        return {**entry, "fields": fields}
