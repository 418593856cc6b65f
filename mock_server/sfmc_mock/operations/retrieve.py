"""Retrieve: results in pages, written straight from rows.

Errors are answers too: HTTP 200, the text in OverallStatus, no Results (recorded).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sfmc_mock.account import Account
from sfmc_mock.account.retrieve_bookmarks import (
    Window,
    highest_row,
    last_window,
    move_bookmark,
)
from sfmc_mock.account.retrieve_pages import (
    Continuation,
    find_continuation,
    page_size,
    read_page,
    store_continuation,
)
from sfmc_mock.declarations.filters import find_property, read_filter
from sfmc_mock.declarations.handler import CLIENT_ID, Call, Handler, Source
from sfmc_mock.declarations.properties import Property
from sfmc_mock.diagnostics import CallWarnings
from sfmc_mock.errors import RetrieveRefused
from sfmc_mock.objects import handler_for, warn_of_absence, warn_of_unknown_type
from sfmc_mock.operations.related_accounts import NO_PERMISSION, place_of, searched
from sfmc_mock.store.conditions import Condition, Selection, all_of, any_of, comparison
from sfmc_mock.wire.pages import PageWriter
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import Rendered

# Rows that are written at once: their texts take memory that the next block uses again.
_BLOCK = 250

# Texts: seen live; the first is said of broken requests of several kinds.
_NOTHING_ASKED = "Object reference not set to an instance of an object."
_NO_SUCH_PAGE = "The RequestID sent through ContinueRequest does not exist."


def retrieve(call: Call, message: Struct) -> Struct:
    """Return a page of results: those asked for, or those that follow an earlier page."""
    return answer(call, "RetrieveResponseMsg", message.part("RetrieveRequest"))


def answer(call: Call, element: str, request: Struct | None) -> Struct:
    """Return the answering message to a RetrieveRequest, whatever becomes of it; None for a call without one."""
    values: dict[str, object] = {"OverallStatus": "", "RequestID": call.request_id}
    try:
        refusal = call.refused(0) if call.refused is not None else None
        if refusal is not None:
            raise RetrieveRefused(refusal.message)
        if request is None:
            raise RetrieveRefused(_NOTHING_ASKED)
        status, blocks = _page(call, request)
    except RetrieveRefused as refused:
        values["OverallStatus"] = refused.overall_status
        return Struct(element, values)
    values["OverallStatus"] = status
    if blocks:
        values["Results"] = blocks
    return Struct(element, values)


@dataclass(frozen=True, slots=True)
class _Question:
    """What a Retrieve asks of an account: its source, the properties with their names, and where the page begins."""

    account: Account
    source: Source
    shown: _Shown
    continuation: Continuation


@dataclass(frozen=True, slots=True)
class _Shown:
    """The properties that are asked of a source: their columns, what writes them, what a call is told of them."""

    columns: tuple[str, ...]
    write: PageWriter
    warnings: tuple[str, ...]


_MOST_LOOKUPS = 32
_MOST_NAMES = 50


def _page(call: Call, request: Struct) -> tuple[str, list[Rendered]]:
    continued = (request.text("ContinueRequest") or "").strip()
    if not continued and _is_absent(call, request):
        return "OK", []
    questions = _continued(call, continued) if continued else _questions(call, request)
    blocks: list[Rendered] = []
    room = questions[0].continuation.limit
    for number, question in enumerate(questions):
        asked = question.continuation
        if question.source.without_results.intersection(asked.names):
            continue
        rows, more = read_page(question.account, _selection(question), asked.after, room)
        write = question.shown.write
        blocks += [
            Rendered(write(rows[start : start + _BLOCK])) for start in range(0, len(rows), _BLOCK)
        ]
        room -= len(rows)
        if more:
            last = rows[-1][-1] if rows else asked.after
            assert isinstance(last, int | str)
            following = replace(
                asked,
                chain=asked.chain or call.request_id,
                after=last,
                mid=question.account.mid,
                then=tuple(_later(question) for question in questions[number + 1 :]),
            )
            store_continuation(call.account, call.request_id, following)
            return "MoreDataAvailable", blocks
    return "OK", blocks


def _selection(question: _Question) -> Selection:
    source = question.source
    return Selection(
        source.view,
        question.shown.columns,
        question.continuation.condition,
        source.order or source.rowkey,
        source.range_index,
    )


def _later(question: _Question) -> tuple[int, object]:
    """Return the account and the condition of a question whose turn has not come."""
    condition = question.continuation.condition
    return question.account.mid, condition.plain if condition else None


def _is_absent(call: Call, request: Struct) -> bool:
    """Say whether a request asks for objects of which an account has none, whatever it asks of them."""
    name, _ = _parts(request.text("ObjectType") or "")
    handler = _handler(call, name)
    if handler is None or not handler.is_absent:
        return False
    warn_of_absence(call, handler, "Retrieve")
    return True


def _continued(call: Call, request_id: str) -> list[_Question]:
    """Return the questions of which the page after that of an earlier call is due."""
    stored = find_continuation(call.account, request_id)
    if stored is None:
        raise RetrieveRefused(_NO_SUCH_PAGE)
    questions_read = []
    for mid, asked in stored.parts():
        found = (call, False) if mid is None else place_of(call, mid)
        if found is None:
            # The account is gone.
            continue
        place, _ = found
        source = find_source(place, stored.object_type, stored.argument)
        continuation = asked(source.expressions)
        _check_columns_stay(place, source, continuation)
        shown = _shown(place, source, continuation.names)
        questions_read.append(_Question(place.account, source, shown, continuation))
    if not questions_read:
        raise RetrieveRefused(_NO_SUCH_PAGE)
    return questions_read


def _check_columns_stay(call: Call, source: Source, asked: Continuation) -> None:
    """Refuse to go on with a filter whose column is gone: only data extensions lose columns between two pages."""
    if asked.argument is None or asked.condition is None:
        return
    for column in sorted(asked.condition.columns):
        if find_property(call, source, column) is None:
            raise source.unknown_filter(column)


def _questions(call: Call, request: Struct) -> list[_Question]:
    """Return what is asked of each account that the request looks into."""
    name, argument = _parts(request.text("ObjectType") or "")
    handler = _handler(call, name)
    if handler is not None and not call.may(handler.scope_for("Retrieve")):
        raise RetrieveRefused(NO_PERMISSION)
    if handler is not None and handler.of_enterprise:
        return [_question_of_enterprise(call, handler, request)]
    questions: list[_Question] = []
    # Texts: a kept exception would hold this frame, and with it the whole request.
    refusals: list[str] = []
    for place, only_shared in searched(call, request):
        try:
            source = find_source(place, name, argument, only_shared=only_shared)
            questions.append(_question(place, request, source, argument))
        except RetrieveRefused as refused:
            # A data extension is mostly in one of the accounts.
            refusals.append(str(refused))
    if not questions:
        raise RetrieveRefused(refusals[0] if refusals else NO_PERMISSION)
    return questions


def _question_of_enterprise(call: Call, handler: Handler, request: Struct) -> _Question:
    """Return what is asked of the enterprise: of what belongs to those of its accounts that are looked into."""
    places = [place.account for place, only_shared in searched(call, request) if not only_shared]
    above = call.on(call.account.enterprise or call.account)
    source = find_source(above, handler.object_type, None)
    mids = [place.mid for place in places]
    if above.account.units and len(mids) <= len(above.account.units):
        own = handler.of_units(above, mids)
        if own is not None:
            source = replace(source, own=own)
    return _question(above, request, source, None)


def _question(call: Call, request: Struct, source: Source, argument: str | None) -> _Question:
    names = tuple(dict.fromkeys(name.strip() for name in request.texts("Properties")))
    shown = _shown(call, source, names)
    condition = source.own
    part = request.part("Filter")
    if part is not None:
        filtered = _of_all_accounts(source) if request.flag("QueryAllAccounts") else source
        wanted = read_filter(call, filtered, part)
        if source.doubt is not None and source.doubt(call, part):
            wanted = comparison(source.rowkey, "IN")
        condition = wanted if condition is None else all_of((condition, wanted))
    if request.flag("RetrieveAllSinceLastBatch"):
        condition = _since_last_batch(call, source, request, names, condition)
    elif request.flag("RepeatLastResult"):
        condition = _last_batch(call, source, request, names, condition)
    options = request.part("Options")
    limit = page_size(call.page_size, options.number("BatchSize") if options else None)
    asked = Continuation("", source.object_type, argument, names, condition, 0, limit)
    return _Question(call.account, source, shown, asked)


def _of_all_accounts(source: Source) -> Source:
    """Return the source with the filter that goes with QueryAllAccounts, also where nothing else has it (seen live)."""
    if CLIENT_ID in source.properties or source.make_writer is not None:
        return source
    return replace(
        source, properties={**source.properties, CLIENT_ID: Property(CLIENT_ID, "number")}
    )


def _parts(object_type: str) -> tuple[str, str | None]:
    """Return an object type, and what stands in brackets behind it."""
    name, bracket, rest = object_type.strip().partition("[")
    if bracket and rest.endswith("]"):
        return name.rstrip(), rest[:-1]
    return object_type.strip(), None


def _handler(call: Call, name: str) -> Handler | None:
    handler = handler_for(name)
    if handler is None and not call.strict:
        handler = handler_for(name, any_case=True)
        if handler is not None:
            call.warn(
                f"there is no object type '{name}', taken as {handler.object_type}: the live service says that "
                "object types are case-sensitive"
            )
    return handler


def find_source(
    call: Call, name: str, argument: str | None, *, only_shared: bool = False
) -> Source:
    """Return what a Retrieve of the object type reads, with `only_shared` of what an enterprise shares.

    Raises `RetrieveRefused` for unknown and unreadable types, and where nothing is shared.
    """
    handler = _handler(call, name)
    if handler is None:
        warn_of_unknown_type(call, name)
    if only_shared and handler is not None and handler.is_retrieved:
        shared = handler.shared_source(call, argument)
        if shared is None:
            raise RetrieveRefused(NO_PERMISSION)
        return shared
    source = handler.source(call, argument) if handler is not None else None
    if source is None:
        # Text: recorded.
        raise RetrieveRefused(
            f"Unable to find a handler for object type: {name}. Object types are case-sensitive, check spelling."
        )
    return source


def _shown(call: Call, source: Source, names: tuple[str, ...]) -> _Shown:
    """Return what is shown of a source for the names, looked up once; the call is warned each time."""
    key = names, call.strict, source.make_writer
    shown = source.lookups.get(key)
    if not isinstance(shown, _Shown):
        shown = _look_up(call, source, names)
        if len(names) <= _MOST_NAMES:
            if len(source.lookups) >= _MOST_LOOKUPS:
                source.lookups.clear()
            source.lookups[key] = shown
    for warning in shown.warnings:
        call.warn(warning)
    return shown


def _look_up(call: Call, source: Source, names: tuple[str, ...]) -> _Shown:
    apart = replace(call, warnings=CallWarnings())
    try:
        properties = _properties(apart, source, names)
    except RetrieveRefused:
        for warning in apart.warnings:
            call.warn(warning)
        raise
    columns = tuple(prop.view_column for prop in (*properties, *source.shown))
    if source.without_results.intersection(names):
        # Nothing is written: there may be fewer properties than names.
        return _Shown(columns, _write_nothing, tuple(apart.warnings))
    return _Shown(columns, source.writer(list(names), properties), tuple(apart.warnings))


def _write_nothing(rows: Iterable[object]) -> str:
    return ""


def _properties(call: Call, source: Source, names: tuple[str, ...]) -> list[Property]:
    asked = [
        (name, find_property(call, source, name))
        for name in names
        if name not in source.without_results
    ]
    unknown = [name for name, known in asked if known is None]
    if unknown or not names:
        # Without Properties the service errs for most types (sdk); the text is its other one (assumed).
        raise source.refuse_properties(unknown)
    return [known for _, known in asked if known is not None]


def _since_last_batch(
    call: Call, source: Source, request: Struct, names: tuple[str, ...], condition: Condition | None
) -> Condition:
    """Narrow a retrieve to what is new since the last one with the same properties and filter (documented)."""
    column = source.newness
    if column is None:
        # Documented for tracking and other dated objects; wording assumed.
        raise RetrieveRefused(
            f"RetrieveAllSinceLastBatch is not supported for {source.object_type}, which has no date."
        )
    highest = highest_row(call.account, source.view, source.rowkey)
    repeat = bool(request.flag("RepeatLastResult"))
    question = _asked_before(call, source, request, names)
    window = move_bookmark(call.account, question, highest, repeat=repeat)
    return _within(source, window, condition)


def _last_batch(
    call: Call, source: Source, request: Struct, names: tuple[str, ...], condition: Condition | None
) -> Condition | None:
    """Narrow a retrieve to what the last RetrieveAllSinceLastBatch of the same question gave.

    Without one, everything is the last result (assumed).
    """
    window = last_window(call.account, _asked_before(call, source, request, names))
    return condition if window is None else _within(source, window, condition)


def _asked_before(call: Call, source: Source, request: Struct, names: tuple[str, ...]) -> str:
    """Return the question that has a bookmark; each account that asks has its own."""
    asked: list[object] = [source.object_type, source.view, sorted(names)]
    asked.append(repr(request.part("Filter")))
    if call.home is not call.account:
        asked.append(call.home.mid)
    return json.dumps(asked)


def _within(source: Source, window: Window, condition: Condition | None) -> Condition:
    column = source.newness
    assert column is not None
    is_new = any_of(
        (
            comparison(column, "greaterThan", (window.since,)),
            comparison(source.rowkey, "greaterThan", (window.since_row,)),
        )
    )
    span = (
        comparison(column, "lessThanOrEqual", (window.until,)),
        comparison(source.rowkey, "lessThanOrEqual", (window.until_row,)),
        is_new,
    )
    return all_of(span if condition is None else (condition, *span))
