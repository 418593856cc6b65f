"""FileTrigger: the files of the FTP folder that start an automation."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.account.automations import newest_file, run_trigger
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.properties import BY_OBJECT_ID, REQUIRED, Property, sample
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.wire.struct import Struct


class FileTriggerHandler(StoredObject):
    """A trigger: while active, a file that matches FileName starts the automation FileTriggerProgramID.

    Perform `Start` starts the automation for the newest matching file. Properties: wsdl; effects, messages and codes:
    assumed.
    """

    scope = "automations"
    example = sample(CustomerKey="new-people", Name="New people", FileName="people-*.csv")
    fields = (
        *BY_OBJECT_ID,
        *Property.alike("ExternalReference", "Type", "Status", "StatusMessage"),
        *Property.alike("RequestParameterDetail", "ResponseControlManifest", "FileName"),
        Property("Description", default=""),
        Property("Name", unique=False, required=True, missing=REQUIRED),
        *Property.alike("LastPullDate", "ScheduledDate"),
        Property("IsActive", default=True),
        Property("FileTriggerProgramID"),
    )

    def start(self, call: Call, sent: Struct) -> Outcome:
        """Start the automation for the newest file that matches FileName."""
        row = self.find_or_refuse(call, sent)
        name = newest_file(call.account, row)
        if name is None:
            call.warn(
                f"there is no file {row['file_name']} in the FTP folder {call.account.files.path}"
            )
            raise Refused(2, "FileTrigger: no file fits its FileName.")
        run_trigger(call.account, row, name)
        return Outcome("FileTrigger performed", sent)

    actions: ClassVar = {"Perform": {"start": start}}


class FileTriggerTypeLastPullHandler(StoredObject):
    """The date of a trigger's last pull, from a seed file. Properties: wsdl; that it is read-only: documented."""

    scope = "automations"
    operations = ()
    fields = (
        *BY_OBJECT_ID,
        Property("ExternalReference"),
        Property("Type", required=True),
        Property("LastPullDate"),
    )
