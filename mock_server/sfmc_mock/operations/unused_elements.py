"""Warn of elements of a request that are read and have no effect: options, properties, additional values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache

from sfmc_mock.declarations.call import Call, save_option_for
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.diagnostics import cut
from sfmc_mock.errors import with_article
from sfmc_mock.wire.filling import FilledStruct
from sfmc_mock.wire.struct import Struct

# The options that have an effect. For RequestType it depends on the value.
_EVERY_OPTION = frozenset({"Client", "RequestType"})
_CONVERSATION = frozenset({"ConversationID", "SequenceCode", "CallsInConversation"})
_LATER = frozenset({"QueuePriority", "RequestExpirationTime", "ScheduledTime", "SendResponseTo"})
_BATCH = _EVERY_OPTION | _CONVERSATION | _LATER
_OPTIONS = {
    "Create": _BATCH | {"SaveOptions"},
    "Update": _BATCH | {"Action", "SaveOptions"},
    "Delete": _BATCH,
    "Perform": _BATCH,
    "Retrieve": _EVERY_OPTION | {"BatchSize"},
}
# Operations that store the objects sent.
_WRITING = ("Create", "Update", "Configure")
# Operations that cannot be asynchronous: their answer says so.
_AT_ONCE = ("Configure", "Schedule")

# The elements of a request for objects that have an effect.
_ASKING = {"ClientIDs", "ContinueRequest", "QueryAllAccounts", "RetrieveAllSinceLastBatch"}
_ASKED = {
    "Retrieve": (
        "RetrieveRequest",
        _ASKING | {"Filter", "ObjectType", "Options", "Properties", "RepeatLastResult"},
    ),
    "Query": ("QueryRequest", _ASKING | {"Query"}),
}
# What each operation works on: without it, it does nothing, and not every answer says so.
_WORKED_ON = {
    "Create": "Objects",
    "Update": "Objects",
    "Delete": "Objects",
    "Perform": "Definitions",
    "Configure": "Configurations",
    "Schedule": "Interactions",
    "Extract": "Requests",
    "Execute": "Requests",
    "Describe": "DescribeRequests",
}


def warn_of_unused_options(call: Call, operation: str, message: Struct) -> None:
    """Tell a call which of its options have no effect in the emulator."""
    worked_on = _WORKED_ON.get(operation)
    if worked_on is not None and _is_empty(message.values.get(worked_on)):
        call.warn(f"the {operation} has no {worked_on}, so nothing was done")
    asked = _ASKED.get(operation)
    holder = message.part(asked[0]) if asked is not None else message
    if holder is None:
        return
    if asked is not None and not holder.names() <= asked[1]:
        for name in _without(holder, asked[1]):
            call.warn(f"{name} of the {asked[0]} has no effect in the emulator: leave it out")
    if "Options" not in holder.names():
        return
    options = holder.values.get("Options")
    if not isinstance(options, Struct) or not options.values:
        return
    for name in _without(options, _OPTIONS.get(operation, _EVERY_OPTION)):
        call.warn(
            f"the option {name} of this {operation} has no effect in the emulator, though the service has it"
        )
    if operation == "Retrieve" and (size := options.number("BatchSize")) is not None and size < 1:
        call.warn(f"the BatchSize {size} has no effect: a page has 1 to {call.page_size:,} results")
    _warn_of_save_options(call, message, options)
    is_later = options.text("RequestType") == "Asynchronous"
    if (
        is_later
        and operation not in _AT_ONCE
        and not _OPTIONS.get(operation, _EVERY_OPTION) >= _LATER
    ):
        call.warn(
            f"RequestType Asynchronous has no effect: the {operation} was done at once, and its results are in the "
            "answer; Create, Update, Delete and Perform can be asynchronous"
        )
    if not is_later:
        for name in sorted(_LATER & options.values.keys()):
            call.warn(f"the option {name} has no effect without RequestType Asynchronous")


def _is_empty(value: object) -> bool:
    return not (value.values if isinstance(value, Struct) else value)


def _warn_of_save_options(call: Call, message: Struct, options: Struct) -> None:
    saved = Counter(
        option.text("PropertyName") or "*"
        for option in options.wrapped("SaveOptions", "SaveOption")
    )
    for name, count in saved.items():
        if count > 1:
            call.warn(f"there are {count} SaveOptions for {cut(name, 50)}: the last counts")
    if len(saved) < 2:
        return
    types = {sent.type for sent in message.parts("Objects")}
    chosen = {save_option_for(object_type, saved) for object_type in types}
    for name in saved:
        if chosen and name not in chosen:
            call.warn(
                f"the SaveOption for {cut(name, 50)} has no effect: one SaveAction is for the whole object, that for "
                f"{cut(', '.join(sorted(chosen)), 50)}"
            )


def warn_of_unused_elements(call: Call, operation: str, handler: Handler, sent: Struct) -> None:
    """Tell a call which elements of an object have no effect on its operation."""
    all_known = _known_to(handler, operation)
    if isinstance(sent, FilledStruct):
        notes = sent.filler.notes
        is_known = notes.get(all_known)
        if is_known is None:
            # A request that is written alike has no other elements, perhaps fewer.
            is_known = notes[all_known] = _is_known(sent.marked().values, all_known)
        if is_known:
            return
    if not sent.values or _is_known(sent.values, all_known):
        return
    is_written = operation in _WRITING
    for name, reason in handler.without_effect.items() if is_written else ():
        if sent.values.get(name):
            owner = with_article(handler.object_type)
            call.warn(f"{name} of {owner} has no effect in the emulator: {reason}")
    for path, known in handler.elements_of(operation).items():
        if path and path.partition(".")[0] not in sent.values:
            continue
        for part in _at(sent, path):
            if part.values.keys() <= known or not (names := _without(part, known)):
                continue
            if is_written:
                _warn_of_each(call, operation, handler, path, names)
            else:
                call.warn(
                    f"{', '.join(names)} of {with_article(handler.object_type)} "
                    f"{'have' if len(names) > 1 else 'has'} no effect on its {operation}: what counts is what names it"
                )


@dataclass(slots=True, eq=False)
class _Known:
    """The known names of an object or a part, None where any name is taken, and the parts that are checked."""

    names: frozenset[str] | None = None
    parts: dict[str, _Known] = field(default_factory=dict)


@cache
def _known_to(handler: Handler, operation: str) -> _Known:
    known = _Known()
    for path, names in handler.elements_of(operation).items():
        part = known
        for name in path.split(".") if path else ():
            part = part.parts.setdefault(name, _Known())
        # These are known, but get a warning.
        part.names = names if path else names - handler.without_effect.keys()
    return known


def _is_known(values: Mapping[str, object], known: _Known) -> bool:
    """Say quickly whether all given names are known, as nearly always; False leads to the full check."""
    names, parts = known.names, known.parts
    for name, value in values.items():
        if value is None:
            continue
        if names is not None and name not in names:
            return False
        part = parts.get(name)
        if part is None:
            continue
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, Struct) and not _is_known(each.values, part):
                return False
    return True


def _warn_of_each(
    call: Call, operation: str, handler: Handler, path: str, names: list[str]
) -> None:
    for name in names:
        shown = "/".join((*path.split("."), name)) if path else name
        call.warn(
            f"{shown} of {with_article(handler.object_type)} has no effect on its {operation} in the emulator, and is "
            "not kept; " + _why(handler, name if not path else "")
        )


def warn_of_unused_schedule(call: Call, read: frozenset[str]) -> None:
    """Tell a call which elements of its ScheduleDefinition have no effect."""
    for name in _without(call.schedule, read) if call.schedule is not None else ():
        call.warn(
            f"{name} of the Schedule has no effect in the emulator, and is not kept: times are server time, and what "
            "counts is the recurrence with its start and end"
        )


# Properties of every object that the account sets itself.
_OWN = frozenset({"CreatedDate", "ModifiedDate"})


def _why(handler: Handler, name: str) -> str:
    declared = next((prop for prop in handler.properties if prop.name == name), None)
    if name in _OWN or (declared is not None and declared.updatable is False):
        return "the account says it itself"
    return f"what has one is listed with {handler.object_type} on the coverage page"


def _at(sent: Struct, path: str) -> list[Struct]:
    """Return the parts at a dotted path, the object itself for an empty one."""
    parts = [sent]
    for name in path.split(".") if path else ():
        parts = [part for holder in parts for part in holder.parts(name)]
    return parts


def _without(holder: Struct, known: AbstractSet[str]) -> list[str]:
    """Return the names of given values that are not known, and not nil, empty or false."""
    return [
        name
        for name, value in holder.values.items()
        if name not in known
        and value not in (None, "", False)
        and value != []
        and not (isinstance(value, Struct) and not value.values)
    ]
