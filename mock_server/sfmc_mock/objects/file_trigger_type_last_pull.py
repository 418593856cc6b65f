"""FileTriggerTypeLastPull: when file triggers of a type were last looked for."""

from __future__ import annotations

from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property
from sfmc_mock.declarations.stored_object import StoredObject


class FileTriggerTypeLastPullHandler(StoredObject):
    """A date of a seed file. Properties: wsdl; that it can only be read: documented."""

    object_type = "FileTriggerTypeLastPull"
    scope = "automations"
    table = "file_trigger_type_last_pull"
    operations = ()
    fields = (
        *BY_OBJECT_ID,
        Property("ExternalReference"),
        Property("Type", required=True),
        Property("LastPullDate"),
    )
