"""Retrieve: results in pages, written straight from rows.

Errors are answers too: HTTP 200, the text in OverallStatus, no Results (recorded).
"""

from __future__ import annotations

import json

from sfmc_mock.account import continuations
from sfmc_mock.account.continuations import Continuation
from sfmc_mock.errors import RetrieveRefused
from sfmc_mock.objects import handler_for
from sfmc_mock.objects.declaration import Property
from sfmc_mock.objects.filters import condition as filter_condition
from sfmc_mock.objects.filters import find_property
from sfmc_mock.objects.handler import Call, Source
from sfmc_mock.store.conditions import All, Comparison, Condition, Either, Selection, columns_of
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import Rendered


def retrieve(call: Call, message: Struct) -> Struct:
    """Return a page of results: those asked for, or those that follow an earlier page."""
    request = message.part("RetrieveRequest") or Struct("RetrieveRequest")
    return answer(call, "RetrieveResponseMsg", request)


def answer(call: Call, element: str, request: Struct) -> Struct:
    """Return the answering message to a RetrieveRequest, whatever becomes of it."""
    values: dict[str, object] = {"OverallStatus": "", "RequestID": call.request_id}
    try:
        status, text = _page(call, request)
    except RetrieveRefused as refused:
        values["OverallStatus"] = refused.overall_status
        return Struct(element, values)
    values["OverallStatus"] = status
    if text:
        values["Results"] = Rendered(text)
    return Struct(element, values)


def _page(call: Call, request: Struct) -> tuple[str, str]:
    continued = (request.text("ContinueRequest") or "").strip()
    if continued:
        asked = continuations.find(call.account, continued)
        if asked is None:
            # Text: seen live.
            raise RetrieveRefused("The RequestID sent through ContinueRequest does not exist.")
        source = find_source(call, asked.object_type, asked.argument)
        _check_columns_stay(call, source, asked)
    else:
        source, asked = _question(call, request)
    found = _properties(call, source, asked.names)
    if source.without_results.intersection(asked.names):
        return "OK", ""
    selection = Selection(
        source.view,
        tuple(each.view_column for each in (*found, *source.shown)),
        asked.condition,
        source.rowkey,
        source.expressions,
    )
    rows, more = continuations.page(call.account, selection, asked.after, asked.limit)
    text = source.writer(list(asked.names), found)(rows)
    if not more:
        return "OK", text
    last = rows[-1][-1]
    assert isinstance(last, int)
    following = Continuation(
        asked.chain or call.request_id,
        asked.object_type,
        asked.argument,
        asked.names,
        asked.condition,
        last,
        asked.limit,
    )
    continuations.keep(call.account, call.request_id, following)
    return "MoreDataAvailable", text


def _check_columns_stay(call: Call, source: Source, asked: Continuation) -> None:
    """Refuse to go on with a filter whose column is gone: only data extensions lose columns between two pages."""
    if asked.argument is None:
        return
    for column in sorted(columns_of(asked.condition)):
        if find_property(call, source, column) is None:
            raise source.unknown_filter(column)


def _question(call: Call, request: Struct) -> tuple[Source, Continuation]:
    object_type = request.text("ObjectType") or ""
    name, argument = _parts(object_type)
    source = find_source(call, name, argument)
    names = tuple(dict.fromkeys(each.strip() for each in request.texts("Properties")))
    _properties(call, source, names)
    condition = source.own
    part = request.part("Filter")
    if part is not None:
        wanted = filter_condition(call, source, part)
        condition = wanted if condition is None else All((condition, wanted))
    if request.flag("RetrieveAllSinceLastBatch") or request.flag("RepeatLastResult"):
        condition = _since_last_batch(call, source, request, names, condition)
    limit = _page_size(call, request)
    asked = Continuation("", source.object_type, argument, names, condition, 0, limit)
    return source, asked


def _parts(object_type: str) -> tuple[str, str | None]:
    """Return an object type, and what stands in brackets behind it."""
    name, bracket, rest = object_type.strip().partition("[")
    if bracket and rest.endswith("]"):
        return name.rstrip(), rest[:-1]
    return object_type.strip(), None


def find_source(call: Call, name: str, argument: str | None) -> Source:
    """Return what a Retrieve of the object type reads. Raises `RetrieveRefused` for unknown and unreadable types."""
    handler = handler_for(name)
    if handler is None and not call.strict:
        handler = handler_for(name, any_case=True)
        if handler is not None:
            call.warn(
                f"there is no object type '{name}', taken as {handler.object_type}: the live service says that "
                "object types are case-sensitive"
            )
    source = handler.source(call, argument) if handler is not None else None
    if source is None:
        # Text: recorded.
        raise RetrieveRefused(
            f"Unable to find a handler for object type: {name}. Object types are case-sensitive, check spelling."
        )
    return source


def _properties(call: Call, source: Source, names: tuple[str, ...]) -> list[Property]:
    found = [
        (name, find_property(call, source, name))
        for name in names
        if name not in source.without_results
    ]
    unknown = [name for name, each in found if each is None]
    if unknown or not names:
        # Without Properties the service errs for most types (sdk); the text is its other one (assumed).
        raise source.refuse_properties(unknown)
    return [each for _, each in found if each is not None]


def _page_size(call: Call, request: Struct) -> int:
    """Return how many results a page holds: the smaller of the server's size and BatchSize (documented)."""
    options = request.part("Options")
    asked = options.number("BatchSize") if options else None
    return min(call.page_size, asked) if asked and asked > 0 else call.page_size


def _since_last_batch(
    call: Call,
    source: Source,
    request: Struct,
    names: tuple[str, ...],
    condition: Condition | None,
) -> Condition:
    """Narrow a retrieve to what is new since the last one with the same properties and filter (documented)."""
    column = source.newness
    if column is None:
        # Documented for tracking and other dated objects; wording assumed.
        raise RetrieveRefused(
            f"RetrieveAllSinceLastBatch is not supported for {source.object_type}, which has no date."
        )
    question = json.dumps(
        [source.object_type, source.view, sorted(names), repr(request.part("Filter"))]
    )
    highest = continuations.highest_row(call.account, source.view, source.rowkey)
    repeat = bool(request.flag("RepeatLastResult"))
    window = continuations.bookmark(call.account, question, highest, repeat=repeat)
    is_new = Either(
        (
            Comparison(column, "greaterThan", (window.since,)),
            Comparison(source.rowkey, "greaterThan", (window.since_row,)),
        )
    )
    span = (
        Comparison(column, "lessThanOrEqual", (window.until,)),
        Comparison(source.rowkey, "lessThanOrEqual", (window.until_row,)),
        is_new,
    )
    return All(span if condition is None else (condition, *span))
