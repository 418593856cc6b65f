"""What every API object has: its properties, and the operations that it takes.

Operations are generic: they walk a batch, ask the object's handler, and collect what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias
from zlib import crc32

from sfmc_mock.account import Account
from sfmc_mock.account.users import denied_to, is_denied
from sfmc_mock.declarations.properties import Property
from sfmc_mock.diagnostics import CallWarnings, cut
from sfmc_mock.errors import Refused, RetrieveRefused
from sfmc_mock.limits import MAX_OPERANDS
from sfmc_mock.store.conditions import Condition, RangeIndex, all_of, comparison
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.compression import decompressed
from sfmc_mock.wire.page_writer import PageWriter
from sfmc_mock.wire.pages import Cell, page_writer
from sfmc_mock.wire.struct import Struct, names_and_values

# What each operation does, and the code that says that it does not do the rest (documented, with its text).
_SAVE_ACTIONS = {
    "Create": (68000, ("Default", "AddOnly", "UpdateAdd")),
    "Update": (68001, ("Default", "UpdateOnly", "UpdateAdd")),
}


@dataclass(slots=True)
class Call:
    """One call while it runs: whose account, under which rules, and what a stricter reading would object to."""

    account: Account
    caller: str = ""
    request_id: str = ""
    page_size: int = 2_500
    most_operands: int = MAX_OPERANDS
    warnings: CallWarnings = field(default_factory=CallWarnings)
    save_actions: dict[str, str] = field(default_factory=dict)
    """SaveAction by PropertyName, from the call's options."""
    scopes: frozenset[str] | None = None
    """What the caller may do, None for everything."""
    origin: Account | None = None
    """The caller's own account, where the call works on another one."""
    schedule: Struct | None = None
    """The ScheduleDefinition of a Schedule."""
    sends: list[int] = field(default_factory=list)
    """The sends that the call made."""
    refused: Callable[[int], Refused | None] | None = None
    """Tells what an object is refused with by its place in the call, before anything is done with it."""
    seconds_to_count: float | None = None
    """After how long counting of events may stop, None for never."""
    is_counted: bool = True
    """Whether the counters that the call reads are of all events."""

    @property
    def strict(self) -> bool:
        return self.account.strict

    def count_events(self) -> None:
        """Bring counters up to now; `is_counted` says whether `seconds_to_count` were enough for it."""
        self.is_counted = self.account.count_events(self.seconds_to_count)

    def may(self, scope: str) -> bool:
        """Say whether the caller has a scope; every caller has the empty one."""
        return self.scopes is None or not scope or scope in self.scopes

    def allows(self, handler: Handler, operation: str) -> bool:
        """Say whether the caller may do an operation: by its scopes, and by the roles of the user that it is.

        What is not allowed is a warning that says what to change.
        """
        if self.scopes is not None and not self.may(scope := handler.scope_for(operation)):
            self.warn(
                f"{operation} of {handler.object_type} takes the scope {scope}, which the caller has not: say it in "
                "the seed file, or ask for it with the token"
            )
            return False
        denials = denied_to(self.origin or self.account, self.caller)
        if not denials:
            return True
        sends = handler.scope_for(operation).endswith("_send")
        if not is_denied(denials, handler.object_type, operation, sends=sends):
            return True
        self.warn(
            f"a role of the user '{self.caller}' denies {operation} of {handler.object_type}: change its Permissions, "
            "or the Roles of the user"
        )
        return False

    def on(self, account: Account) -> Call:
        """Return the call as one on another account, with the same warnings."""
        if account is self.account:
            return self
        return replace(self, account=account, origin=self.origin or self.account)

    @property
    def home(self) -> Account:
        """The account that the caller belongs to."""
        return self.origin or self.account

    def warn(self, text: str) -> None:
        """Note something that only the lenient mode lets through; said once is enough."""
        self.warnings.append(text)

    def named_values(self, pairs: list[Struct]) -> dict[str, str]:
        """Return repeated `{Name, Value}` elements as a mapping; of a name that comes again the last value counts.

        Values that are compressed are what was compressed.
        """
        values = names_and_values(pairs)
        if any("Compression" in pair.values for pair in pairs):
            values |= self._decompressed(pairs)
        if len(pairs) > 1 and len({name.casefold() for name in values}) < len(pairs):
            names = Counter((pair.text("Name") or "").casefold() for pair in pairs)
            for name, count in names.items():
                if count > 1:
                    self.warn(
                        f"{cut(name, 50)} is given {count} times: the last value counts, the others have no effect"
                    )
        return values

    def _decompressed(self, pairs: list[Struct]) -> dict[str, str]:
        found: dict[str, str] = {}
        for pair in pairs:
            if not (pair.part("Compression") or pair).values.get("Type"):
                continue
            name = pair.text("Name") or ""
            value = decompressed(pair.text("Value") or "")
            if value is None:
                self.warn(
                    f"the value of {cut(name, 50)} is no gzip as base64, or a very long one: it was taken as it is"
                )
            else:
                found[name] = value
        return found

    def note_send(self, number: int | None) -> None:
        """Note a send that the call made, if it made one."""
        if number is not None:
            self.sends.append(number)

    def settle(self) -> None:
        """Run the due actions of the account, and warn of those that failed."""
        self.account.settle()
        for told in self.account.take_warnings():
            self.warn(told)

    def save_action(self, object_type: str, operation: str) -> str:
        """Return the SaveAction that the options give for a type; `Default` without one.

        Raises `Refused` for one that the operation (`Create` or `Update`) does not do.
        """
        if not self.save_actions:
            return "Default"
        # Clients name a key property, or the class in another case: one option means the object (assumed).
        named = (
            self.save_actions[name] for name in (object_type, "*") if name in self.save_actions
        )
        action = next(named, next(iter(self.save_actions.values()), "Default"))
        code, done = _SAVE_ACTIONS[operation]
        if action not in done:
            raise Refused(code, f"{operation}Single: SaveAction: {action} violation")
        return action


class Compared(NamedTuple):
    """What a filter compares: its outermost operator, and the properties, each with the operator."""

    joint: str
    comparisons: frozenset[tuple[str, str]]


CLIENT_ID = "Client.ID"
"""The property that holds the MID of an object's account."""

_ACCOUNT = {CLIENT_ID: "(SELECT mid FROM account_id)"}


@dataclass(slots=True)
class Outcome:
    """An object of a batch that went well: what its result says.

    `message` None leaves StatusMessage out; `echo` is the object as the result shows it; `extra` are further elements
    of the result.
    """

    message: str | None
    echo: Struct | None = None
    new_id: int = 0
    new_object_id: str | None = None
    extra: dict[str, object] = field(default_factory=dict)
    refusal: Refused | None = None
    """Set when the object failed all the same, and what was written about it is to stay."""


def task_result(number: int | None = None, instance: str = "") -> Struct:
    """Return the Task in the result of what went well: its ID and the ObjectID of its run, where it has them."""
    values: dict[str, object] = {"StatusCode": "OK", "StatusMessage": "OK"}
    if number is not None:
        values["ID"] = str(number)
    if instance:
        values["InteractionObjectID"] = instance
    return Struct("TaskResult", values)


def unknown_properties(object_type: str) -> Callable[[list[str]], RetrieveRefused]:
    # Text: seen live by several clients.
    return lambda names: RetrieveRefused(
        f"The Request Property(s) {', '.join(names)} do not match with the fields of {object_type} retrieve"
    )


class WriterMaker(Protocol):
    """Makes what writes rows, for the names that were asked for and their properties."""

    def __call__(self, asked: list[str], properties: list[Property], /) -> PageWriter:
        """Return what writes rows whose columns are those of `properties`."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where the results of a Retrieve come from, and how they are written.

    `properties` are those that can be asked for and filtered on. `own` narrows the view to what the object type means;
    `expressions` gives the SQL that a column is compared as. `shown` properties come unasked.
    """

    object_type: str
    view: str
    properties: Mapping[str, Property]
    own: Condition | None = None
    rowkey: str = "rowkey"
    order: str = ""
    """The column in whose order results come, each value once; empty for the rowkey."""
    is_table: bool = False
    """Whether the view shows the rows of one table, and `rowkey` is the number by which that keeps them."""
    expressions: Mapping[str, str] = field(default_factory=lambda: _ACCOUNT)
    shown: tuple[Property, ...] = ()
    range_index: RangeIndex | None = None
    """An index of the view that gives ranges of a date."""
    newness: str | None = None
    """The column that says since when a row can be seen, for RetrieveAllSinceLastBatch."""
    hides_later: bool = False
    """Whether rows are left out whose `newness` is to come."""
    unknown_properties: Callable[[list[str]], RetrieveRefused] | None = None
    refused_operators: frozenset[str] = frozenset()
    doubt: Callable[[Call, Compared], bool] | None = None
    """Warns of a filter that the live service answers otherwise, and says whether nothing is found, as there."""
    without_results: frozenset[str] = frozenset()
    """Names that can be asked for although no result has them: then there are no results."""
    make_writer: WriterMaker | None = None
    plans: dict[Hashable, Any] = field(default_factory=dict, compare=False, init=False)
    """What Retrieve found out of the source for requests that may come again; one that is made of it has none."""

    def condition(self, now: str) -> Condition | None:
        """Return what narrows the view to the rows that there are at a time, None where nothing does."""
        if not self.hides_later:
            return self.own
        assert self.newness is not None
        shown = comparison(self.newness, "lessThanOrEqual", (now,))
        return shown if self.own is None else all_of((self.own, shown))

    def refuse_properties(self, names: list[str]) -> RetrieveRefused:
        return (self.unknown_properties or unknown_properties(self.object_type))(names)

    @staticmethod
    def unknown_filter(name: str) -> RetrieveRefused:
        # Text: seen live (FuelSDK-PHP's threads).
        return RetrieveRefused(f"The Filter Property '{name}' is not a retrievable property.")

    def writer(self, asked: list[str], properties: list[Property]) -> PageWriter:
        """Return what writes rows whose columns are those of `properties`, asked for under the names `asked`."""
        if self.make_writer is not None:
            return self.make_writer(asked, properties)
        cells = tuple(
            Cell(prop.name, prop.kind, prop.partner) for prop in (*properties, *self.shown)
        )
        return page_writer(self.object_type, cells)


# What names an object in the journal: the first that it gives.
_NAMED_BY = (
    *("CustomerKey", "SubscriberKey", "Name", "ListName", "EmailAddress", "ID", "ObjectID"),
)

Action: TypeAlias = "Callable[[Any, Call, Struct], Outcome]"
"""Does what an action says with an object: the handler, the call, what was sent. Raises `Refused`."""


def actions_of(act: Callable[[Any, Call, Struct, str], Outcome], *names: str) -> dict[str, Action]:
    """Return actions that one method does, which is told the name of each."""

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
    """Return what the service calls an object that is performed."""
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
    """Class of the results by operation, where it is a special one."""
    actions: ClassVar[Mapping[str, Mapping[str, Action]]] = {}
    """What Configure, Perform and Schedule do, by the operation and the action in lower case."""
    tells_task: ClassVar[bool] = True
    """Whether results of Perform hold a Task (recorded, but for automations)."""
    results_echo: ClassVar[bool] = True
    """Whether results hold the object that was sent."""
    reads: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """What Create and Update read beside declared properties: by the path of a part, "" for the object itself."""
    scope: ClassVar[str] = ""
    """The family of scopes that allow its operations (`email` for email_read …); empty where everybody may do them."""
    special_scopes: ClassVar[Mapping[str, str]] = {}
    """Scopes by operation, where it is another one."""
    of_enterprise: ClassVar[bool] = False
    """Whether all business units of an enterprise have the same ones, kept with the enterprise."""
    acts_on: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """What Delete, Perform and Schedule read beside what names an object, by the operation."""
    without_effect: ClassVar[Mapping[str, str]] = {}
    """Elements that are taken and do nothing here, with what to know about each."""
    counts_events: ClassVar[bool] = False
    """Whether counters are brought up to now before it is read."""
    units_by: ClassVar[tuple[str, Callable[[Account, Sequence[int]], Sequence[int]]] | None] = None
    """What tells of an object of an enterprise that it belongs to some of its accounts: a property, and its values."""
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
        """What has an effect of an object and its parts, by their paths; a path that is not there is not looked at."""
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

    def check_queued(self, call: Call, operation: str, sent: Struct) -> None:
        """Refuse what the service does not even queue when it comes asynchronously. Raises `Refused`."""

    def act(self, call: Call, operation: str, action: str, sent: Struct) -> Outcome:
        """Do what the action of Configure, Perform or Schedule says, in any case. Raises `Refused`."""
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
        """Whether Retrieve knows the object."""
        return self.own_source is not None or type(self).source is not Handler.source

    def source(self, call: Call, argument: str | None) -> Source | None:
        """Return what a Retrieve reads, None when the object cannot be retrieved.

        `argument` is what stands in brackets behind the object type. Raises `RetrieveRefused`.
        """
        if self.counts_events:
            call.count_events()
        return self.own_source

    def source_version(self, call: Call) -> Hashable:
        """Return what changes when `source` gives another one; None where it is to be asked each time."""
        is_constant = type(self).source is Handler.source and not self.of_enterprise
        return 0 if is_constant else None

    @cached_property
    def own_source(self) -> Source | None:
        """What a Retrieve reads, where that is always the same."""
        return None

    def doubts(self, call: Call, compared: Compared) -> bool:
        """Warn of a filter that the live service answers otherwise; True when nothing is to be found, as there.

        What is said follows from what is compared and the mode of the account alone: it is kept.
        """
        return False

    def shared_source(self, call: Call, argument: str | None) -> Source | None:
        """Return what a Retrieve from a business unit reads of its enterprise's account, None when nothing is shared.

        Raises `RetrieveRefused`.
        """
        return None

    def is_shared(self, call: Call, sent: Struct) -> bool:
        """Say whether business units may create, change and delete an object of their enterprise's account."""
        return False

    def of_units(self, call: Call, mids: Sequence[int]) -> Condition | None:
        """Return what narrows the objects of an enterprise to those of some of its accounts, None for all of them."""
        if self.units_by is None:
            return None
        name, values = self.units_by
        return comparison(name, "IN", values(call.account, mids))

    @cached_property
    def retrievable(self) -> dict[str, Property]:
        """The properties that Retrieve knows, by name, in the table's order."""
        return {prop.name: prop for prop in self.properties if prop.retrievable}

    def about(self, sent: Struct) -> str:
        """Return what an object of a call is, for the journal: what names it."""
        return next((text for name in _NAMED_BY if name in sent and (text := sent.text(name))), "")

    def describe_more(self, call: Call) -> dict[str, object]:
        """Return what Describe says of the object beside its properties: elements of the ObjectDefinition."""
        return {}

    def _unsupported(self, operation: str) -> Refused:
        # Text and code: documented.
        return Refused(5, f"Cannot perform {operation} on objects of type {self.object_type}")


def echoed(sent: Struct, **changes: object) -> Struct:
    """Return what the caller sent with some fields set, as results echo it."""
    return Struct(sent.type, {**sent.values, **changes})
