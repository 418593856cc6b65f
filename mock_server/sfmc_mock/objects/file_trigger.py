"""FileTrigger: which file of the FTP folder starts an automation."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, sample
from sfmc_mock.declarations.stored_object import Messages, StoredObject


class FileTriggerHandler(StoredObject):
    """A trigger: while it is active, a file that fits FileName starts the automation FileTriggerProgramID.

    Properties: wsdl; what it does, its messages and codes: assumed.
    """

    object_type = "FileTrigger"
    table = "file_trigger"
    messages = Messages("FileTrigger created", "FileTrigger updated", "FileTrigger deleted")
    not_specified = (2, "FileTrigger: ObjectID or CustomerKey is required.")
    not_found = (2, "FileTrigger not found.")
    called = "name"
    example = sample(CustomerKey="new-people", Name="New people", FileName="people-*.csv")
    fields = (
        *BY_OBJECT_ID,
        Property("ExternalReference"),
        Property("Type"),
        Property("Status"),
        Property("StatusMessage"),
        Property("RequestParameterDetail"),
        Property("ResponseControlManifest"),
        Property("FileName"),
        Property("Description", default=""),
        Property(
            "Name", unique=False, required=True, missing=(2, "FileTrigger: Name is required.")
        ),
        Property("LastPullDate"),
        Property("ScheduledDate"),
        Property("IsActive", default=True),
        Property("FileTriggerProgramID"),
    )
