"""Handlers: the properties of an API object, and the operations that it takes.

Operations are generic: for each object of a batch they call its handler, and collect the results.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, TypeAlias
from zlib import crc32

from sfmc_mock.account import Account
from sfmc_mock.account.users import denied_to, is_denied
from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.source import Compared, Source
from sfmc_mock.errors import Refused
from sfmc_mock.store.conditions import Condition, comparison
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.struct import Struct

# What names an object in the journal: the first that it gives.
_NAMED_BY = (
    *("CustomerKey", "SubscriberKey", "Name", "ListName", "EmailAddress", "ID", "ObjectID"),
)

Action: TypeAlias = "Callable[[Any, Call, Struct], Outcome]"
"""Does an action with an object; it gets the handler, the call and the sent object. Raises `Refused`."""


def actions_of(act: Callable[[Any, Call, Struct, str], Outcome], *names: str) -> dict[str, Action]:
    """Return actions that call one method, which gets the name of the action."""

    def told(name: str) -> Action:
        return lambda handler, call, sent: act(handler, call, sent, name)

    return {name: told(name) for name in names}


# Texts and codes: documented, but for unknown actions. That of Perform is what the service says of definitions, by the
# name of their base class (seen live); of other objects, and of the other operations: assumed.
_NO_ACTIONS = {
    "Configure": (8, "This operation does not support the APIObject of type {type}"),
    "Perform": (100, "The Perform method is not supported for the {type} object"),
    "Schedule": (140, "The Schedule method is not supported for the {type} object"),
}
_UNKNOWN_ACTION = {
    "Configure": (5, "Cannot perform Configure '{action}' on objects of type {type}"),
    "Perform": (
        2,
        "{action} is not an action that can be Performed on a {base}. ErrorID = {number}",
    ),
    "Schedule": (140, "{action} is not an action that can be Scheduled on a {type}."),
}


def _definition_class(object_type: str) -> str:
    """Return the service's name for the class of a performed object."""
    kind = catalogue().complex_types.get(object_type)
    base = "InteractionDefinition"
    return base if kind is not None and kind.derives_from(base) else object_type


# Families with a scope of its own for what runs (documented).
_EXECUTED = ("automations", "journeys")


class Handler:
    """One API object. Subclasses override the operations that it takes; the others are refused as documented."""

    object_type: str
    """By default the name of the class without `Handler`."""
    properties: tuple[Property, ...] = ()
    result_types: ClassVar[Mapping[str, str]] = {}
    """The class of the results by operation, where it is a special one."""
    actions: ClassVar[Mapping[str, Mapping[str, Action]]] = {}
    """The actions of Configure, Perform and Schedule, by the operation and the action in lower case."""
    tells_task: ClassVar[bool] = True
    """Whether results of Perform contain a Task (recorded, except for automations)."""
    results_echo: ClassVar[bool] = True
    """Whether results contain the object that was sent."""
    reads: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Elements that Create and Update read beside declared properties: by the path of a part, "" for the object."""
    scope: ClassVar[str] = ""
    """The family of scopes that allow its operations (`email` for email_read …); empty where no scope is needed."""
    special_scopes: ClassVar[Mapping[str, str]] = {}
    """Scopes by operation, where they differ from the family's."""
    of_enterprise: ClassVar[bool] = False
    """Whether all business units share the objects of their enterprise, which stores them."""
    acts_on: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Elements that Delete, Perform and Schedule read beside identities, by the operation."""
    without_effect: ClassVar[Mapping[str, str]] = {}
    """Elements that are accepted and have no effect here, each with the text of its warning."""
    counts_events: ClassVar[bool] = False
    """Whether counters are updated before a Retrieve."""
    units_by: ClassVar[tuple[str, Callable[[Account, Sequence[int]], Sequence[int]]] | None] = None
    """The property, and its values, by which an object of an enterprise belongs to some of its accounts."""
    is_absent: ClassVar[bool] = False
    """Whether the service has the object and the emulator lacks it."""
    others: Mapping[str, Handler]
    """All API objects by their names: set once all are known."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "object_type" not in cls.__dict__:
            cls.object_type = cls.__name__.removesuffix("Handler")

    @cached_property
    def elements(self) -> Mapping[str, frozenset[str]]:
        """The elements of an object and its parts with an effect, by path; parts of other paths are not checked."""
        return {path: frozenset(("Client", *names)) for path, names in self.reads.items()}

    def elements_of(self, operation: str) -> Mapping[str, frozenset[str]]:
        """Return `elements` for an operation."""
        return self.elements

    def create(self, call: Call, sent: Struct) -> Outcome:
        """Create the object that the caller describes. Raises `Refused`."""
        raise self._unsupported("Create")

    def update(self, call: Call, sent: Struct) -> Outcome:
        """Change the object that the caller names. Raises `Refused`."""
        raise self._unsupported("Update")

    def delete(self, call: Call, sent: Struct) -> Outcome:
        """Delete the object that the caller names. Raises `Refused`."""
        raise self._unsupported("Delete")

    def scope_for(self, operation: str) -> str:
        """Return the scope that an operation takes, empty for none."""
        if operation in self.special_scopes or not self.scope:
            return self.special_scopes.get(operation, "")
        kind = "read" if operation == "Retrieve" else "write"
        if operation in ("Perform", "Schedule") and self.scope in _EXECUTED:
            kind = "execute"
        return f"{self.scope}_{kind}"

    def allows(self, call: Call, operation: str) -> bool:
        """Say whether the caller may do an operation: by its scopes, and by the roles of the user that it is.

        If not, the call gets a warning that says what to change.
        """
        if call.scopes is not None and not call.may(scope := self.scope_for(operation)):
            call.warn(
                f"{operation} of {self.object_type} takes the scope {scope}, which the caller has not: say it in "
                "the seed file, or ask for it with the token"
            )
            return False
        denials = denied_to(call.home, call.caller)
        if not denials:
            return True
        sends = self.scope_for(operation).endswith("_send")
        if not is_denied(denials, self.object_type, operation, sends=sends):
            return True
        call.warn(
            f"a role of the user '{call.caller}' denies {operation} of {self.object_type}: change its Permissions, "
            "or the Roles of the user"
        )
        return False

    def check_queued(self, call: Call, operation: str, sent: Struct) -> None:
        """Raise `Refused` for an asynchronous object that the service does not queue."""

    def act(self, call: Call, operation: str, action: str, sent: Struct) -> Outcome:
        """Do an action of Configure, Perform or Schedule, whose name may be in any case. Raises `Refused`."""
        known, said = self.actions.get(operation), action.lower()
        if known is not None and said in known:
            return known[said](self, call, sent)
        code, text = _NO_ACTIONS[operation] if known is None else _UNKNOWN_ACTION[operation]
        base = _definition_class(self.object_type)
        number = crc32(f"{self.object_type} {said}".encode())
        filled = text.format(type=self.object_type, base=base, action=said, number=number)
        raise Refused(code, filled)

    def takes(self, operation: str) -> bool:
        """Say whether the object takes an operation other than Retrieve and Describe."""
        if operation in ("Create", "Update", "Delete"):
            name = operation.lower()
            return getattr(type(self), name) is not getattr(Handler, name)
        return operation in self.actions

    @property
    def is_retrieved(self) -> bool:
        """Whether the object can be retrieved."""
        return self.own_source is not None or type(self).source is not Handler.source

    def source(self, call: Call, argument: str | None) -> Source | None:
        """Return the source of a Retrieve, None when the object cannot be retrieved.

        `argument` is the text in brackets behind the object type. Raises `RetrieveRefused`.
        """
        if self.counts_events:
            call.count_events()
        return self.own_source

    def source_version(self, call: Call) -> Hashable:
        """Return a value that changes with the result of `source`; None where `source` must be called each time."""
        is_asked = self.of_enterprise or self.counts_events
        is_constant = type(self).source is Handler.source and not is_asked
        return 0 if is_constant else None

    @cached_property
    def own_source(self) -> Source | None:
        """The source of a Retrieve, where it is always the same."""
        return None

    def doubts(self, call: Call, compared: Compared) -> bool:
        """Warn of a filter that the live service answers differently; return True when it finds nothing there.

        The result is cached, so it must depend only on the comparisons and the mode of the account.
        """
        return False

    def shared_source(self, call: Call, argument: str | None) -> Source | None:
        """Return the source of a business unit's Retrieve in its enterprise's account, None when nothing is shared.

        Raises `RetrieveRefused`.
        """
        return None

    def is_shared(self, call: Call, sent: Struct) -> bool:
        """Say whether business units may create, change and delete an object of their enterprise's account."""
        return False

    def of_units(self, call: Call, mids: Sequence[int]) -> Condition | None:
        """Return the condition for an enterprise's objects that belong to some of its accounts, None for all."""
        if self.units_by is None:
            return None
        name, values = self.units_by
        return comparison(name, "IN", values(call.account, mids))

    @cached_property
    def retrievable(self) -> dict[str, Property]:
        """The retrievable properties by name, in the order of the declaration."""
        return {prop.name: prop for prop in self.properties if prop.retrievable}

    def about(self, sent: Struct) -> str:
        """Return a short description of an object of a call for the journal: its identity."""
        return next((text for name in _NAMED_BY if name in sent and (text := sent.text(name))), "")

    def describe_more(self, call: Call) -> dict[str, object]:
        """Return further elements of the object's ObjectDefinition for Describe."""
        return {}

    def _unsupported(self, operation: str) -> Refused:
        # Text and code: documented.
        return Refused(5, f"Cannot perform {operation} on objects of type {self.object_type}")
