"""Retrieve: results in pages, written straight from rows.

Errors are answers too: HTTP 200, the text in OverallStatus, no Results (recorded).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sfmc_mock.account import Account
from sfmc_mock.account.retrieve_bookmarks import highest_row, last_window, move_bookmark
from sfmc_mock.account.retrieve_continuations import (
    Continuation,
    StoredContinuation,
    find_continuation,
    page_size,
    store_continuation,
)
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.filters import find_property, shape_of
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.source import CLIENT_ID, Source
from sfmc_mock.errors import NESTED_TOO_DEEPLY, RetrieveRefused
from sfmc_mock.objects import warn_of_absence
from sfmc_mock.operations.related_accounts import NO_PERMISSION, readable_call, readable_calls
from sfmc_mock.operations.retrieve_alike import asked_alike, keep_alike
from sfmc_mock.operations.retrieve_plans import Plan, both, known_plan, plan_for
from sfmc_mock.operations.retrieve_sources import (
    check_scope,
    handler_named,
    source_of,
    split_object_type,
)
from sfmc_mock.store.conditions import Bound, Condition
from sfmc_mock.store.page_queries import TooComplex
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import Rendered

# Texts: seen live; the first is said of broken requests of several kinds.
_NOTHING_ASKED = "Object reference not set to an instance of an object."
_NO_SUCH_PAGE = "The RequestID sent through ContinueRequest does not exist."

_BATCHES = frozenset({"RetrieveAllSinceLastBatch", "RepeatLastResult"})


def retrieve(call: Call, message: Struct) -> Struct:
    """Return the first page of results, or the page after an earlier one."""
    return answer(call, "RetrieveResponseMsg", message.part("RetrieveRequest"))


def answer(call: Call, element: str, request: Struct | None) -> Struct:
    """Return the answering message to a RetrieveRequest, also to an invalid one; None for a call without one."""
    values: dict[str, object] = {"OverallStatus": "", "RequestID": call.request_id}
    try:
        refusal = call.refused(0) if call.refused is not None else None
        if refusal is not None:
            raise RetrieveRefused(refusal.message)
        if request is None:
            raise RetrieveRefused(_NOTHING_ASKED)
        status, texts = _page(call, request)
    except RetrieveRefused as refused:
        values["OverallStatus"] = refused.overall_status
        return Struct(element, values)
    except TooComplex:
        values["OverallStatus"] = RetrieveRefused(NESTED_TOO_DEEPLY).overall_status
        return Struct(element, values)
    values["OverallStatus"] = status
    if texts:
        values["Results"] = Rendered(texts)
    return Struct(element, values)


@dataclass(slots=True)
class _Question:
    """The question of a Retrieve to an account, from the row `after` on; `values` are those of the plan's condition."""

    account: Account
    source: Source
    argument: str | None
    plan: Plan
    values: Sequence[Bound]
    limit: int
    after: int | str = 0
    chain: str = ""

    def condition(self) -> Condition | None:
        condition = self.plan.pages.selection.condition
        return condition.filled(self.values) if condition is not None else None


def _page(call: Call, request: Struct) -> tuple[str, list[str]]:
    questions = _questions_alike(call, request)
    if questions is None:
        continued = (request.text("ContinueRequest") or "").strip()
        questions = _continued(call, continued) if continued else _questions(call, request)
    texts: list[str] = []
    room = questions[0].limit if questions else 0
    for number, question in enumerate(questions):
        plan, write = question.plan, question.plan.write
        if write is None:
            continue
        fixed = [question.values[place] for place in plan.fixed]
        page = plan.pages.page(question.account.db, question.values, question.after, room)
        for rows in page.blocks:
            texts += write.pieces(rows, fixed)
            room -= len(rows)
        if page.more:
            _store(call, question, page.after, questions[number + 1 :])
            return "MoreDataAvailable", texts
    return "OK", texts


def _store(call: Call, question: _Question, after: int | str, later: list[_Question]) -> None:
    """Store where a retrieve continues, and the accounts that follow."""
    following = Continuation(
        chain=question.chain or call.request_id,
        object_type=question.source.object_type,
        argument=question.argument,
        names=question.plan.names,
        condition=question.condition(),
        after=after,
        limit=question.limit,
        mid=question.account.mid,
        then=tuple(
            (each.account.mid, condition.plain if (condition := each.condition()) else None)
            for each in later
        ),
    )
    store_continuation(call.account, call.request_id, following)


def _continued(call: Call, request_id: str) -> list[_Question]:
    """Return the questions for the page after an earlier one."""
    stored = find_continuation(call.account, request_id)
    if stored is None:
        raise RetrieveRefused(_NO_SUCH_PAGE)
    questions = list(_questions_stored(call, stored))
    if not questions:
        raise RetrieveRefused(_NO_SUCH_PAGE)
    return questions


def _questions_stored(call: Call, stored: StoredContinuation) -> Iterator[_Question]:
    handler = handler_named(call, stored.object_type)
    check_scope(call, handler)
    for mid, asked in stored.parts():
        found = (call, False) if mid is None else readable_call(call, mid)
        if found is None:
            # The account is gone.
            continue
        there, only_shared = found
        if handler is not None and handler.of_enterprise:
            only_shared = False
        source = source_of(
            there, handler, stored.object_type, stored.argument, only_shared=only_shared
        )
        continuation = asked(source.expressions)
        _check_columns_stay(there, source, continuation)
        condition = continuation.condition
        if only_shared:
            condition = _still_shared(source, condition)
        plan = plan_for(there, source, continuation.names, condition)
        plan.warn(there)
        yield _Question(
            there.account,
            source,
            stored.argument,
            plan,
            condition.values if condition else (),
            continuation.limit,
            continuation.after,
            continuation.chain,
        )


def _still_shared(source: Source, condition: Condition | None) -> Condition | None:
    """Narrow an earlier condition to the rows that are shared now, where these have changed."""
    own = source.own
    if own is None or (condition is not None and set(own.terms) <= set(condition.terms)):
        return condition
    return both(own, condition)


def _check_columns_stay(call: Call, source: Source, asked: Continuation) -> None:
    """Refuse to continue with a filter whose column is gone: only data extensions lose columns between two pages."""
    if asked.argument is None or asked.condition is None:
        return
    for column in sorted(asked.condition.columns):
        if find_property(call, source, column) is None:
            raise source.unknown_filter(column)


def _questions_alike(call: Call, request: Struct) -> list[_Question] | None:
    """Return the question of a request that is like an earlier one, None for any other request."""
    found = asked_alike(call, request)
    if found is None:
        return None
    alike, given = found
    check_scope(call, alike.handler)
    source, plan = alike.source, alike.plan
    values = _values(call, source, plan, given)
    return [_Question(call.account, source, alike.argument, plan, values, call.page_size)]


def _questions(call: Call, request: Struct) -> list[_Question]:
    """Return the question to each account that the request reads, none where the emulator lacks the object type."""
    name, argument = split_object_type(request.text("ObjectType") or "")
    handler = handler_named(call, name)
    if handler is not None and handler.is_absent:
        warn_of_absence(call, handler, "Retrieve")
        return []
    check_scope(call, handler)
    if handler is not None and handler.of_enterprise:
        return [_question_of_enterprise(call, handler, request)]
    questions: list[_Question] = []
    # Texts: a kept exception would hold this frame, and with it the whole request.
    refusals: list[str] = []
    for there, only_shared in readable_calls(call, request):
        try:
            source = source_of(there, handler, name, argument, only_shared=only_shared)
            questions.append(_question(there, request, source, argument))
        except RetrieveRefused as refused:
            # Usually only one of the accounts has the data extension.
            refusals.append(str(refused))
    if not questions:
        raise RetrieveRefused(refusals[0] if refusals else NO_PERMISSION)
    if handler is not None and handler.object_type == name:
        keep_alike(call, request, handler, questions[0])
    return questions


def _question_of_enterprise(call: Call, handler: Handler, request: Struct) -> _Question:
    """Return the question to the enterprise about objects that belong to those of its accounts that are read."""
    accounts = [
        there.account for there, only_shared in readable_calls(call, request) if not only_shared
    ]
    above = call.on(call.account.enterprise or call.account)
    source = source_of(above, handler, handler.object_type, None)
    mids = [account.mid for account in accounts]
    if above.account.units and len(mids) <= len(above.account.units):
        own = handler.of_units(above, mids)
        if own is not None:
            source = replace(source, own=own)
    return _question(above, request, source, None)


def _question(call: Call, request: Struct, source: Source, argument: str | None) -> _Question:
    asked = tuple(request.texts("Properties"))
    part = request.part("Filter")
    given: list[str | None] = []
    shape = None if part is None else shape_of(part, given)
    if part is not None and "QueryAllAccounts" in request and request.flag("QueryAllAccounts"):
        source = _of_all_accounts(source)
    plan = known_plan(call, source, asked, shape)
    values = _values(call, source, plan, given)
    limit = call.page_size
    if options := request.part("Options"):
        limit = page_size(limit, options.number("BatchSize"))
    question = _Question(call.account, source, argument, plan, values, limit)
    if not _BATCHES.isdisjoint(request.values):
        condition = _batch(call, source, request, plan.names, question.condition())
        question.plan = plan_for(call, source, plan.names, condition)
        question.values = condition.values if condition else ()
    return question


def _values(call: Call, source: Source, plan: Plan, given: Sequence[str | None]) -> list[Bound]:
    """Return the values of the plan's condition, from those of a filter, and add the plan's warnings to the call."""
    if plan.warnings:
        plan.warn(call)
    values = [*plan.own, call.account.now_text()] if source.hides_later else [*plan.own]
    if plan.filter is not None:
        values += plan.filter.read(call, given)
    return values


def _of_all_accounts(source: Source) -> Source:
    """Return the source with the filter that goes with QueryAllAccounts, also where nothing else has it (seen live)."""
    if CLIENT_ID in source.properties or source.make_writer is not None:
        return source
    return replace(
        source, properties={**source.properties, CLIENT_ID: Property(CLIENT_ID, "number")}
    )


# RetrieveAllSinceLastBatch and RepeatLastResult.


def _batch(
    call: Call, source: Source, request: Struct, names: tuple[str, ...], condition: Condition | None
) -> Condition | None:
    """Narrow a retrieve to rows that are new since the last one with the same question (documented), or to its result.

    Without a last one, the last result is that of a retrieve of all rows (assumed).
    """
    repeat = bool(request.flag("RepeatLastResult"))
    if not request.flag("RetrieveAllSinceLastBatch"):
        window = (
            last_window(call.account, _asked_before(call, source, request, names))
            if repeat
            else None
        )
    elif source.newness is None:
        # Documented for tracking and other dated objects; wording assumed.
        raise RetrieveRefused(
            f"RetrieveAllSinceLastBatch is not supported for {source.object_type}, which has no date."
        )
    else:
        highest = highest_row(call.account, source.view, source.rowkey)
        question = _asked_before(call, source, request, names)
        window = move_bookmark(call.account, question, highest, repeat=repeat)
    if window is None:
        return condition
    assert source.newness is not None
    return both(condition, window.condition(source.newness, source.rowkey))


def _asked_before(call: Call, source: Source, request: Struct, names: tuple[str, ...]) -> str:
    """Return the key of the question's bookmark; each calling account has its own."""
    asked: list[object] = [source.object_type, source.view, sorted(names)]
    asked.append(repr(request.part("Filter")))
    if call.home is not call.account:
        asked.append(call.home.mid)
    return json.dumps(asked)
