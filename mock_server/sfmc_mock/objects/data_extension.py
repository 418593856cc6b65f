"""DataExtension: the definitions of data extensions, with their fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from sfmc_mock.account import Account, data_extension_rows, data_extension_templates
from sfmc_mock.account import data_extensions as rules
from sfmc_mock.account.data_extension_fields import INVALID, FieldChange
from sfmc_mock.account.data_extension_templates import DOCUMENTED_TEMPLATE, Template
from sfmc_mock.account.data_extensions import DataExtension, DataExtensionChange
from sfmc_mock.declarations.call import Call, Outcome, echoed
from sfmc_mock.declarations.properties import Key, Property, Reference, sample, snake
from sfmc_mock.declarations.seed_entries import Entry, Refer
from sfmc_mock.declarations.stored_object import Messages, StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.objects.data_extension_entries import (
    FIELD_KEYS,
    RELATIONS,
    add_entry,
    retention_properties,
    written_entry,
)
from sfmc_mock.objects.data_extension_identity import NO_KEY, identified
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

_IDENTITIES = ("ObjectID", "CustomerKey", "Name")
# Codes: documented. Text of 310003: seen live, with the space at its end; the other texts follow its pattern (assumed).
_EXISTS = (
    310003,
    "Updating an existing Data Extension definition is not allowed when doing an add-only operation. ",
)
_NOT_THERE = (
    310004,
    "Adding a new Data Extension definition is not allowed when doing an update-only operation. ",
)
# Documented is 310002; a client receives this code (sdk).
_NOTHING_TO_DELETE = (INVALID, "The Data Extension to delete does not exist. ")


# The elements of a field, and the function that reads each.
_FIELD: Mapping[str, Callable[[Struct, str], object]] = {
    **dict.fromkeys(("ObjectID", "Name", "FieldType", "DefaultValue", "StorageType"), Struct.text),
    **dict.fromkeys(("MaxLength", "Scale"), Struct.number),
    **dict.fromkeys(("IsRequired", "IsPrimaryKey"), Struct.flag),
}


class DataExtensionHandler(StoredObject):
    """A data extension. The rules and error texts of fields and rows are in `sfmc_mock.account.data_extensions`.

    Retrievable properties: recorded; updatable properties: sdk.
    """

    acts_on: ClassVar = {"Delete": ("Name", "Fields")}
    scope = "data_extensions"
    called = "customer_key"
    identities = _IDENTITIES
    messages = Messages(
        "Data Extension created.", "Data Extension updated.", "Data Extension deleted."
    )
    not_specified = NO_KEY
    not_found = _NOT_THERE
    key_taken = _EXISTS
    example = sample(
        CustomerKey="orders",
        Name="Orders",
        Fields={"Field": [{"Name": "Number", "FieldType": "Number"}]},
    )
    reads: ClassVar = {
        "": ("Fields", "DataRetentionPeriod"),
        "Fields.Field": tuple(_FIELD),
        **dict.fromkeys(("SendableDataExtensionField", "SendableSubscriberField"), ("Name",)),
    }
    fields = (
        Property("ObjectID", updatable=False, unique=True),
        Property("CustomerKey", seed=Key(required=False)),
        *Property.alike("CreatedDate", "ModifiedDate", updatable=False),
        Property("Name", required=True, unique=True),
        Property("Description", default=""),
        *Property.alike("IsSendable", "IsTestable", default=False),
        Property("SendableDataExtensionField.Name", column="sendable_field"),
        Property(
            "SendableSubscriberField.Name",
            column="sendable_subscriber_field",
            seed=Key(choices=RELATIONS),
        ),
        Reference(
            "Template",
            to="DataExtensionTemplate",
            by=_IDENTITIES,
            shows=("CustomerKey",),
            not_found=(INVALID, "The Template does not exist. "),
            protects=False,
        ),
        Property.folder(*rules.FOLDERS),
        *retention_properties(),
        Property("RetainUntil", default=""),
        Property.internal("is_send_log", "flag", default=False),
    )

    further_keys = (Key("fields", form="items", items=FIELD_KEYS), Key("rows", form="rows"))

    def create(self, call: Call, sent: Struct) -> Outcome:
        action = call.save_action(self.object_type, "Create")
        if sent.text("ObjectID") and action != "UpdateAdd":
            raise Refused(310005, "An ObjectID is not allowed when doing an add-only operation. ")
        extension = _taken(call, sent)
        if extension is not None and action != "UpdateAdd":
            raise Refused(*_EXISTS)
        return self._put(call, extension, sent, self.messages.create)

    def update(self, call: Call, sent: Struct) -> Outcome:
        action = call.save_action(self.object_type, "Update")
        extension = identified(call, sent)
        if extension is None and action != "UpdateAdd":
            raise Refused(*_NOT_THERE)
        return self._put(call, extension, sent, self.messages.update)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        extension = identified(call, sent)
        if extension is None:
            raise Refused(*_NOTHING_TO_DELETE)
        echo = echoed(sent, ObjectID=extension.object_id)
        fields = sent.wrapped("Fields", "Field")
        if not fields:
            rules.delete(call.account, extension)
            return Outcome(self.messages.delete, echo)
        ids = [field.text("ObjectID") or "" for field in fields]
        if not all(ids):
            raise Refused(INVALID, "Fields to delete must be named by their ObjectID.")
        rules.delete_fields(call.account, extension, ids)
        # Text: a client's fixture joins two messages; this is one of the two (assumed).
        return Outcome("Data Extension Fields deleted", echo)

    def _put(
        self, call: Call, extension: DataExtension | None, sent: Struct, message: str | None
    ) -> Outcome:
        """Change a data extension, or create it if it does not exist."""
        if extension is not None:
            return self._change(call, extension, sent, message)
        wanted = self._wanted(call, sent)
        template = _template(call, sent)
        if template is None:
            _warn_of_template(call, sent, "it names none. Name it by ObjectID, CustomerKey or Name")
            made = rules.create(call.account, wanted)
        else:
            made = data_extension_templates.create_from(call.account, template, wanted)
        _warn_of_relationship(call, wanted, made)
        # The echo has the sent properties and the ObjectID (recorded), and a generated CustomerKey (assumed).
        echo = echoed(sent, ObjectID=made.object_id, CustomerKey=made.customer_key)
        return Outcome(message, echo, 0, made.object_id)

    def _change(
        self, call: Call, extension: DataExtension, sent: Struct, message: str | None
    ) -> Outcome:
        wanted = self._wanted(call, sent)
        fields = tuple(_forgiven(call, extension, field) for field in wanted.fields)
        wanted = replace(wanted, fields=fields)
        if not sent.text("ObjectID"):
            # A CustomerKey that names the data extension is not a new key for it.
            wanted = replace(wanted, customer_key=None)
        _warn_of_template(call, sent, "one that exists has its own")
        changed = rules.change(call.account, extension, wanted)
        _warn_of_relationship(call, wanted, changed)
        return Outcome(message, sent, 0, extension.object_id)

    def _wanted(self, call: Call, sent: Struct) -> DataExtensionChange:
        """Return the properties that a call gives of a data extension; a nil Description counts as empty."""
        said: dict[str, Any] = self.values(call, sent)
        for column in ("sendable_field", "sendable_subscriber_field"):
            said[column] = said.get(column) or None
        if sent.number("DataRetentionPeriodUnitOfMeasure") is None:
            unit = rules.RETENTION_UNITS.get(sent.text("DataRetentionPeriod") or "")
            said["retention_unit"] = unit
        fields = tuple(_field_change(field) for field in sent.wrapped("Fields", "Field"))
        return DataExtensionChange(**said, customer_key=sent.text("CustomerKey"), fields=fields)

    def clear_data(self, call: Call, sent: Struct) -> Outcome:
        """Delete all rows of a data extension."""
        extension = identified(call, sent)
        if extension is None:
            raise Refused(*_NOT_THERE)
        data_extension_rows.clear(call.account, extension)
        # Text: as recorded for QueryDefinition.
        return Outcome("DataExtension perform called successfully", sent)

    actions: ClassVar = {"Perform": {"cleardata": clear_data}}

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """The keys of the table in a seed file.

        Those of a template's properties have no default: the template sets them.
        """
        return tuple(
            replace(key, default=None) if key.name in data_extension_templates.COPIED else key
            for key in super().keys
        )

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        return self.at(account, add_entry(account, entry, columns).id)

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        return written_entry(account, row, entry)


def _taken(call: Call, sent: Struct) -> DataExtension | None:
    """Return the data extension that already has the CustomerKey or Name of a new one.

    Raises `Refused` without both.
    """
    key, name = sent.text("CustomerKey"), sent.text("Name")
    if not key and not name:
        raise Refused(*NO_KEY)
    extension = rules.find(call.account, customer_key=key) if key else None
    return extension or (rules.find(call.account, name=name) if name else None)


def _warn_of_relationship(call: Call, wanted: DataExtensionChange, made: DataExtension) -> None:
    said = {
        "SendableDataExtensionField": wanted.sendable_field,
        "SendableSubscriberField": wanted.sendable_subscriber_field,
    }
    for name, value in said.items():
        if value and not made.is_sendable:
            call.warn(
                f"{name} of the data extension {made.name} has no effect, and is not kept: it is not sendable. Set "
                "IsSendable to true"
            )


def _forgiven(call: Call, extension: DataExtension, said: FieldChange) -> FieldChange:
    """Return the change of a field without its FieldType if the existing field has that type already."""
    same = extension.by_key.get((said.name or "").strip().casefold())
    if call.strict or said.object_id or same is None or same.field_type != said.field_type:
        return said
    call.warn(
        f"the field {same.name} exists: its FieldType was ignored; the live service refuses the update"
    )
    return replace(said, field_type=None)


def _warn_of_template(call: Call, sent: Struct, why: str) -> None:
    part = sent.part("Template")
    if part is not None and any(part.values.values()):
        call.warn(f"Template of a DataExtension has no effect: {why}")


def _template(call: Call, sent: Struct) -> Template | None:
    """Return the template to create a data extension from; None if the call gives none. Raises `Refused` if unknown."""
    part = sent.part("Template") or Struct("DataExtensionTemplate")
    name = next((name for name in _IDENTITIES if part.text(name)), None)
    if name is None:
        return None
    value = part.text(name) or ""
    template = data_extension_templates.find_template(call.account, **{snake(name): value})
    if template is None:
        # Text: assumed.
        raise Refused(INVALID, f"The Template with the {name} {value} does not exist. ")
    if value.strip().lower() == DOCUMENTED_TEMPLATE:
        call.warn(
            f"the template {value} of a documented sample was taken as the account's template for send logs; live "
            "accounts have templates with ObjectIDs of their own: retrieve DataExtensionTemplate to find them"
        )
    return template


def _field_change(sent: Struct) -> FieldChange:
    said: dict[str, Any] = {snake(name): read(sent, name) for name, read in _FIELD.items()}
    return FieldChange(**{**said, "object_id": said["object_id"] or None})
