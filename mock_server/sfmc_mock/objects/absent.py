"""API objects that no account has: those that the emulator does not implement, and those that the service withdrew."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import ClassVar

from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.errors import Refused
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.struct import Struct

# Clients request these; no published schema has them.
_NOT_IN_SCHEMA = ("AccountUserAccount", "Program", "SalesforceSend")

# Base classes, and classes that are only parts of others: no request names them (from their use in the schema and in
# clients; assumed where neither shows it).
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
    """An API object that the emulator does not implement: Retrieve finds none, changes get the documented refusal."""

    is_absent = True

    def __init__(self, object_type: str) -> None:
        self.object_type = object_type

    @property
    def is_described(self) -> bool:
        """Whether the schema has the class."""
        return self.object_type in catalogue().complex_types


@cache
def absent_names(emulated: frozenset[str]) -> tuple[str, ...]:
    """Return the names of the API objects that requests can name and that are not in `emulated`."""
    known = catalogue().complex_types
    in_schema = (name for name, kind in known.items() if kind.derives_from("APIObject"))
    return tuple(sorted({*in_schema, *_NOT_IN_SCHEMA} - _PARTS - emulated))


def nearest_types(name: str, known: tuple[str, ...]) -> str:
    """Return the known object types with names similar to `name`, as text for a warning; empty if there are none."""
    folded = {name.casefold(): name for name in known}
    near = get_close_matches(name.casefold()[:100], folded, n=3, cutoff=0.7)
    return ", ".join(folded[name] for name in near)


class DeprecatedActivityHandler(Handler):
    """An activity that only supports Perform, and that no account has.

    Documented: Perform, the deprecation, codes and texts. Assumed: that these codes and texts apply here.
    """

    scope = "automations"

    def __init__(self, object_type: str) -> None:
        self.object_type = object_type

    def start(self, call: Call, sent: Struct) -> Outcome:
        """Refuse to start the activity: no account has one."""
        call.warn(f"{self.object_type} is deprecated: no account has one, and none can be made")
        raise Refused(_DEPRECATED[self.object_type], "Perform_Unsupported Object Type")

    actions: ClassVar = {"Perform": {"start": start}}


_DEPRECATED = {"MessageSendActivity": 105, "ReportActivity": 106}

DEPRECATED_ACTIVITIES = tuple(map(DeprecatedActivityHandler, _DEPRECATED))
