"""Campaign: a marketing programme that Perform starts and stops."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.account.due_actions import CAMPAIGN_STATUSES
from sfmc_mock.account.schedules import Scheduled
from sfmc_mock.declarations.activity import becomes
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import actions_of
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property
from sfmc_mock.declarations.scheduling import schedule_action, schedule_of
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class CampaignHandler(StoredObject):
    """A campaign from a seed file. Starting it, now or on a schedule, only changes its status.

    Operations, their actions, and that cancel and pause are not implemented by the service: documented. Codes and
    texts: documented; which condition has which code: assumed.
    """

    acts_on: ClassVar = dict.fromkeys(("Perform", "Schedule"), ("Name",))
    scope = "campaign"
    operations = ()
    not_specified = (44001, "Campaign Not Specified")
    not_found = (44002, "Campaign Not Found")
    fields = (
        *BY_OBJECT_ID,
        Property("Name", required=True),
        *Property.alike("Description", "Keyword", default=""),
        Property.internal("status", default="Stopped"),
    )

    def schedule(self, call: Call, sent: Struct, action: str) -> Outcome:
        when = schedule_of(call)
        row = self.find_or_refuse(call, sent)
        of = Scheduled(self.object_type, row["object_id"], action)
        schedule_action(call, of, when)
        return Outcome("Campaign scheduled")

    def not_yet(self, call: Call, sent: Struct) -> Outcome:
        self.find_or_refuse(call, sent)
        raise Refused(44000, "Campaign Not Implemented Exception")

    def find_or_refuse(self, call: Call, sent: Struct) -> Row:
        if len(sent.text("CustomerKey") or "") > 36:
            raise Refused(44100, "Campaign Customer Key Invalid")
        if len(sent.text("Name") or "") > 100:
            raise Refused(44101, "Campaign Name Invalid")
        return super().find_or_refuse(call, sent)

    actions: ClassVar = {
        "Perform": {
            **{action: becomes(status) for action, status in CAMPAIGN_STATUSES.items()},
            "cancel": not_yet,
            "pause": not_yet,
        },
        "Schedule": actions_of(schedule, "start", "stop"),
    }
