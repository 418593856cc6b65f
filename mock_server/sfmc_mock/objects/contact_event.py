"""ContactEvent: an event of a contact, which starts journeys."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.properties import BY_OBJECT_ID, REQUIRED, Property, sample
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class ContactEventHandler(StoredObject):
    """An event of a contact. The emulator stores it and starts no journey; a warning says so.

    Properties and result: wsdl; operations: documented; the rest: assumed.
    """

    result_types: ClassVar = {"Create": "ContactEventCreateResult"}
    example = sample(CustomerKey="bought", ContactKey="ada", EventDefinitionKey="purchase")
    called = "event_definition_key"
    fields = (
        *BY_OBJECT_ID,
        *Property.alike("ContactID", "ContactKey"),
        Property("EventDefinitionKey", required=True, missing=REQUIRED),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if row is None and not sent.text("ContactKey") and not sent.number("ContactID"):
            raise Refused(2, "ContactEvent: ContactKey or ContactID is required.")

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        call.warn("a ContactEvent is kept, and starts no journey in the emulator")
        done = super().created(call, sent, row)
        done.extra["EventInstanceID"] = row["object_id"]
        return done
