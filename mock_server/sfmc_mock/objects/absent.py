"""API objects that no account has: those that the emulator lacks, and those that the service has given up."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import ClassVar

from sfmc_mock.declarations.handler import Call, Handler, Outcome
from sfmc_mock.errors import Refused
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.struct import Struct

# Seen in requests of clients, in no published schema.
_NOT_IN_SCHEMA = ("AccountUserAccount", "Program", "SalesforceSend")

# Classes that stand within others or are what others are made from: no request names them (by their use in the schema
# and in clients; assumed where neither says).
_PARTS = frozenset(
    {
        *("APIObject", "InteractionBaseObject", "InteractionDefinition", "SecurityObject"),
        *("AutomationActivity", "AutomationActivityInstance", "AutomationChain"),
        *("AutomationInstances", "AutomationNotification", "AutomationTask"),
        *("AutomationTaskInstance", "ExtractTemplate", "ResourceSpecification"),
        *("Authentication", "UsernameAuthentication", "SsoIdentity", "TrackingUser"),
        *("IntegrationProfile", "IntegrationProfileDefinition", "ObjectExtension", "AttributeSet"),
        *("ImportDefinitionFieldMap", "ImportFileDestination", "BaseMOKeyword", "BrandTag"),
        *("ListAttribute", "ListAttributeRestrictedValue", "Layout", "AudienceItem"),
        *("SendDefinition", "SendDefinitionList", "DeprecatedEmailSendDefinition"),
        *("TriggeredSendExclusionList", "ScheduleDefinition"),
        *("ScheduledConversation", "ScheduledRequest"),
    }
)


class AbsentHandler(Handler):
    """An API object of which an account has none: nothing is found, and every change is refused as documented."""

    is_absent = True

    def __init__(self, object_type: str) -> None:
        self.object_type = object_type

    @property
    def is_described(self) -> bool:
        """Whether the schema has the class."""
        return self.object_type in catalogue().complex_types


@cache
def absent_names(emulated: frozenset[str]) -> tuple[str, ...]:
    """Return the names of the API objects that a request can name, without those that are emulated."""
    known = catalogue().complex_types
    in_schema = (name for name, kind in known.items() if kind.derives_from("APIObject"))
    return tuple(sorted({*in_schema, *_NOT_IN_SCHEMA} - _PARTS - emulated))


def nearest_types(name: str, known: tuple[str, ...]) -> str:
    """Return the object types that a name may mean, for a person; empty where none is near."""
    folded = {name.casefold(): name for name in known}
    near = get_close_matches(name.casefold()[:100], folded, n=3, cutoff=0.7)
    return ", ".join(folded[name] for name in near)


class DeprecatedActivityHandler(Handler):
    """An activity that can be performed and nothing else, and of which no account has one.

    That it can be performed and is deprecated: documented; code and text: documented, that they are these: assumed.
    """

    scope = "automations"

    def __init__(self, object_type: str) -> None:
        self.object_type = object_type

    def start(self, call: Call, sent: Struct) -> Outcome:
        """Refuse what no account has."""
        call.warn(f"{self.object_type} is deprecated: no account has one, and none can be made")
        raise Refused(_DEPRECATED[self.object_type], "Perform_Unsupported Object Type")

    actions: ClassVar = {"Perform": {"start": start}}


_DEPRECATED = {"MessageSendActivity": 105, "ReportActivity": 106}

DEPRECATED_ACTIVITIES = tuple(map(DeprecatedActivityHandler, _DEPRECATED))
