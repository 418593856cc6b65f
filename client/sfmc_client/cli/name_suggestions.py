"""Suggest the nearest name for an unknown type or property."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches

from sfmc_client.errors import ConfigurationError, NotFound, RetrieveFailed, SfmcError
from sfmc_client.events import TRACKING_EVENTS
from sfmc_client.filters import Condition, JoinedCondition, SimpleCondition

OBJECT_TYPES = (
    *("Account", "AccountUser", "Automation", "BusinessUnit", "ContentArea", "DataExtension"),
    *("DataExtensionField", "DataExtensionObject", "DataExtensionTemplate", "DataFolder"),
    *("DeliveryProfile", "Email", "EmailSendDefinition", "FilterDefinition", "ImportDefinition"),
    *("LinkSend", "List", "ListSend", "ListSubscriber", "Portfolio", "QueryDefinition", "Send"),
    *("SendClassification", "SenderProfile", "Subscriber", "SubscriberSendResult", "Template"),
    *("TriggeredSend", "TriggeredSendDefinition", "TriggeredSendSummary"),
    *TRACKING_EVENTS,
)
"""Types of the WSDL that are often retrieved; the service has more."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to a name, in any case; None if none is close."""
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(name.lower(), by_lower, 1)
    return by_lower[near[0]] if near else None


def properties_of(condition: Condition | None) -> list[str]:
    """Return the names of the properties that a condition compares."""
    if isinstance(condition, SimpleCondition):
        return [condition.property]
    if isinstance(condition, JoinedCondition):
        return [name for operand in condition.operands for name in properties_of(operand)]
    return []


def check_case(object_type: str, names: Iterable[str], known: Sequence[str]) -> None:
    """Raise `ConfigurationError` for a name that differs from a known one only in upper and lower case.

    The service accepts some of these names and returns no value for them.
    """
    by_lower = {name.lower(): name for name in known}
    for name in names:
        meant = by_lower.get(name.lower(), name)
        if name not in known and meant != name:
            raise ConfigurationError(
                f"{object_type} has no property {name}: names are case-sensitive. Did you mean {meant}?"
            )


@contextmanager
def suggesting(
    object_type: str, names: Iterable[str], known: Callable[[], Sequence[str]]
) -> Iterator[None]:
    """Add the closest known type, or the closest property for each of `names`, to refusals raised in the block."""
    try:
        yield
    except (NotFound, RetrieveFailed) as refused:
        if (note := _type_note(object_type, refused)) or (note := _property_note(names, known)):
            refused.add_note(note)
        raise


def _type_note(object_type: str, refused: SfmcError) -> str:
    if object_type.partition("[")[0] in OBJECT_TYPES:
        return ""
    meant = nearest(object_type, OBJECT_TYPES)
    return f"Did you mean {meant}?" if meant and object_type in str(refused) else ""


def _property_note(names: Iterable[str], known: Callable[[], Sequence[str]]) -> str:
    found = known()
    meant = {name: nearest(name, found) for name in names if found and name not in found}
    hints = [f"{near} for {name}" for name, near in meant.items() if near]
    return f"Did you mean {', '.join(hints)}?" if hints else ""
