"""Asynchronous requests: they are queued, and done when the account's clock reaches their time; results are stored.

A conversation is done when all its parts are there, in the order of their SequenceCodes; a part that fails ends it
(documented). Codes and texts: documented. Which code a used ConversationID gets follows from the documented texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sfmc_mock.account.account import Account
from sfmc_mock.account.simulation_settings import lag
from sfmc_mock.clock import TICK, stored
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.store.row_types import read_record

REQUEST_RUN = "asynchronous request"
CONVERSATION_END = "end of a conversation"

_PRIORITIES = ("High", "Medium", "Low")
# How often each queue is looked at (documented); an account whose events do not lag does not wait either.
_EVERY = {"High": timedelta(0), "Medium": timedelta(minutes=1), "Low": timedelta(minutes=5)}
# How long a part may come after the one before, how far ahead a request may be scheduled (documented).
_BETWEEN_PARTS = timedelta(minutes=5)
_FURTHEST = timedelta(days=30)
# How long results are kept (documented of callbacks).
_KEPT_FOR = timedelta(days=30)

_REQUIRED = (
    "Missing Required Conversation Property {}. ConversationID, SequenceCode, and CallsInConversation are required "
    "for Conversations Requests"
)
MISMATCH = (
    200,
    "CallsInConversation don't match previous value in the Conversation. Conversation has been invalidated",
)
TIMEOUT = (203, "Async API Timeout")
FAILED = (204, "Async API Error")
_OUT_OF_BOUNDS = (
    205,
    "SequenceCode Out Of Bounds. Valid SequenceCode range is 1 to the value of CallsInConversation",
)
_NOT_POSITIVE = (
    206,
    "CallsInConversation Out Of Bounds. CallsInConversation is expected to be a positive number",
)
# What makes a ConversationID invalid is assumed.
_LONGEST_CONVERSATION = 100
_USED = (211, "Invalid ConversationID. ConversationID has already been used")
IN_ERROR = (
    213,
    "Conversation is in an error state and is no longer able to accept conversation parts",
)
_REPEATED = (214, "SequenceCode already used for Conversation. Conversation has been invalidated")
_CLOSED = (215, "Conversation is closed and cannot accept more parts")
_TOO_LATE = (226, "A request may not have ScheduledTime greater than 30 days from now")


@dataclass(slots=True, kw_only=True)
class Request:
    """A request to be queued. `message` and `responses` are JSON; `scopes` are separated by blanks, None means all."""

    request_id: str
    operation: str
    summary: str
    caller: str
    scopes: str | None
    message: str
    responses: str
    priority: str = "Medium"
    conversation_id: str | None = None
    sequence_code: int | None = None
    calls_in_conversation: int | None = None
    scheduled_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def is_conversation(self) -> bool:
        return self.sequence_code is not None or self.calls_in_conversation is not None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The result of one object of a request."""

    ordinal: int
    object_type: str | None
    correlation_id: str | None
    status_code: str
    status_message: str | None
    error_code: int | None


@dataclass(slots=True, kw_only=True)
class Result:
    """The result of a request."""

    overall_status: str
    status_message: str = ""
    error_code: int | None = None
    detail_xml: str = ""
    warnings: Sequence[str] = ()
    sends: Sequence[int] = ()
    items: Sequence[ItemResult] = ()

    @classmethod
    def failure(cls, reason: tuple[int, str], warnings: Sequence[str] = ()) -> Result:
        """Return the result of a request that was not done, for a reason: a code and its text."""
        code, text = reason
        return cls(overall_status="Error", status_message=text, error_code=code, warnings=warnings)

    @property
    def has_failed(self) -> bool:
        return self.overall_status != "OK"


# Queueing.


def enqueue(account: Account, request: Request) -> None:
    """Queue a request. Raises `Refused` with the codes of conversations and scheduled times.

    A part that does not fit ends its conversation; the caller commits this although `Refused` is raised.
    """
    now = account.now()
    if request.scheduled_at is not None and request.scheduled_at > now + _FURTHEST:
        raise Refused(*_TOO_LATE)
    _check_form(request)
    _forget_old(account, now)
    if request.is_conversation:
        _take_part(account, request)
        return
    if request.conversation_id is not None:
        if account.db.count("async_conversation", id=request.conversation_id):
            raise Refused(*_USED)
        _put_conversation(account, request, "Closed")
    number = _insert(account, request)
    _plan(account, _due_at(account, request), [number], request.priority)


def _check_form(request: Request) -> None:
    if not request.is_conversation:
        return
    if not request.conversation_id:
        raise Refused(207, _REQUIRED.format("ConversationID"))
    if len(request.conversation_id) > _LONGEST_CONVERSATION:
        raise Refused(212, "Invalid Conversation")
    if request.calls_in_conversation is None:
        raise Refused(208, _REQUIRED.format("CallsInConversation"))
    if request.sequence_code is None:
        raise Refused(202, _REQUIRED.format("SequenceCode"))
    if request.calls_in_conversation < 1:
        raise Refused(*_NOT_POSITIVE)
    if not 1 <= request.sequence_code <= request.calls_in_conversation:
        raise Refused(*_OUT_OF_BOUNDS)


def _take_part(account: Account, request: Request) -> None:
    """Queue a part of a conversation; the last one that is missing lets it begin."""
    conversation, calls = request.conversation_id or "", request.calls_in_conversation or 1
    known = account.db.find("async_conversation", id=conversation)
    if known is None:
        _put_conversation(account, request, "Open")
    else:
        if known["status"] != "Open":
            raise Refused(*_REFUSALS.get(known["status"], _USED))
        if known["calls"] != calls:
            _invalidate(account, conversation, MISMATCH)
        if account.db.count(
            "async_request", conversation_id=conversation, sequence_code=request.sequence_code
        ):
            _invalidate(account, conversation, _REPEATED)
    _insert(account, request)
    count = account.db.count("async_request", conversation_id=conversation)
    if count < calls:
        account.plan_due(
            account.now() + _BETWEEN_PARTS + TICK,
            CONVERSATION_END,
            {"conversation": conversation, "parts": count},
        )
        return
    parts = account.db.find_all("async_request", "sequence_code", conversation_id=conversation)
    account.db.update("async_conversation", {"status": "Closed"}, id=conversation)
    due_at = max(datetime.fromisoformat(part["due_at"]) for part in parts)
    _plan(account, due_at, [part["id"] for part in parts], request.priority)


# What is said of a further part, by the status of its conversation.
_REFUSALS = {"Error": IN_ERROR, "Timeout": TIMEOUT, "Closed": _CLOSED}


def _invalidate(account: Account, conversation: str, reason: tuple[int, str]) -> None:
    """End a conversation whose parts do not fit together. Raises `Refused`."""
    account.db.update("async_conversation", {"status": "Error"}, id=conversation)
    account.plan_due(account.now(), CONVERSATION_END, {"conversation": conversation})
    raise Refused(*reason)


def _put_conversation(account: Account, request: Request, status: str) -> None:
    calls = request.calls_in_conversation or 1
    row = {"id": request.conversation_id, "calls": calls, "status": status}
    account.db.insert("async_conversation", row)


def _insert(account: Account, request: Request) -> int:
    columns = asdict(request) | {
        "queued_at": account.now_text(),
        "due_at": stored(_due_at(account, request)),
        "expires_at": stored(request.expires_at) if request.expires_at else None,
        "status": "Queued",
    }
    del columns["scheduled_at"]
    return account.db.insert("async_request", columns)


def _due_at(account: Account, request: Request) -> datetime:
    """Return the time at which a request is done: the next run of its queue, or its scheduled time."""
    now = account.now()
    every = _EVERY[request.priority]
    at = now
    if every and not lag(account).is_instant:
        passed = (now - datetime.min) % every
        at = now + (every - passed)
    return max(at, request.scheduled_at or at)


def _plan(account: Account, due_at: datetime, numbers: Sequence[int], priority: str) -> None:
    # Of what is due at one time, that of the higher priority comes first, then the older.
    order = f"{_PRIORITIES.index(priority)} {numbers[0]:012}"
    account.plan_due(due_at, REQUEST_RUN, {"order": order, "numbers": list(numbers)})


def _forget_old(account: Account, now: datetime) -> None:
    """Remove results after their time; a ConversationID stays used."""
    account.db.run(
        "DELETE FROM async_request WHERE queued_at < ? AND completed_at < ?",
        (stored(now - 2 * _KEPT_FOR), stored(now - _KEPT_FOR)),
    )


# Doing.

Run = Callable[[Account, Row], Result]
"""Does a queued request and returns its result."""


def run_queued(account: Account, payload: dict[str, object], run: Run) -> list[Row]:
    """Do a queued request, or a conversation part by part until one fails; return the requests that are done."""
    done: list[Row] = []
    numbers = payload["numbers"]
    assert isinstance(numbers, list)
    for number in numbers:
        row = account.db.find("async_request", id=number)
        if row is None or row["status"] != "Queued":
            continue
        is_late = row["expires_at"] is not None and row["expires_at"] < account.now_text()
        result = Result.failure(TIMEOUT) if is_late else run(account, row)
        done.append(_finish(account, row, result))
        if row["conversation_id"] is not None and (result.has_failed or len(done) == len(numbers)):
            status = "Error" if result.has_failed else "Complete"
            done += _end(account, row["conversation_id"], status, IN_ERROR)
            break
    return done


def end_conversation(account: Account, payload: dict[str, object]) -> list[Row]:
    """End a conversation that is invalid, or that has waited for its next part for too long; return its parts."""
    conversation = str(payload["conversation"])
    known = account.db.find("async_conversation", id=conversation)
    if known is None:
        return []
    if "parts" not in payload:
        return _end(account, conversation, "Error", IN_ERROR)
    parts = account.db.count("async_request", conversation_id=conversation)
    if known["status"] != "Open" or parts != payload["parts"]:
        return []
    return _end(account, conversation, "Timeout", TIMEOUT)


def _end(account: Account, conversation: str, status: str, reason: tuple[int, str]) -> list[Row]:
    """Give a conversation its last status, and parts that were not done the reason; return these."""
    account.db.update("async_conversation", {"status": status}, id=conversation)
    waiting = account.db.find_all(
        "async_request", "id", conversation_id=conversation, status="Queued"
    )
    return [_finish(account, row, Result.failure(reason)) for row in waiting]


def _finish(account: Account, row: Row, result: Result) -> Row:
    account.db.update(
        "async_request",
        {
            # The message may contain personal data, and is not needed any more.
            "message": None,
            "status": "Error" if result.has_failed else "Complete",
            "completed_at": account.now_text(),
            "overall_status": result.overall_status,
            "status_message": result.status_message,
            "error_code": result.error_code,
            "detail_xml": result.detail_xml,
            "warnings": json.dumps(list(result.warnings)),
            "sends": json.dumps(list(result.sends)),
        },
        id=row["id"],
    )
    for item in result.items:
        account.db.insert("async_result", {"request_number": row["id"], **asdict(item)})
    found = account.db.find("async_request", id=row["id"])
    assert found is not None
    return found


# Taking back, and looking at it.

_NOT_FOUND = (220, "AsyncAPI_Item_Not_Found")
_ALREADY_DONE = (222, "AsyncAPI_Invalid_Status_To_Delete_Item")


def remove_scheduled(
    account: Account, *, request_id: str | None = None, conversation: str | None = None
) -> None:
    """Remove a waiting request or conversation. Raises `Refused` (codes: documented; texts: their names)."""
    named = (
        {"request_id": request_id} if conversation is None else {"conversation_id": conversation}
    )
    rows = account.db.find_all("async_request", "id", **named)
    if not rows:
        raise Refused(*_NOT_FOUND)
    if all(row["status"] not in ("Queued", "Deleted") for row in rows):
        raise Refused(*_ALREADY_DONE)
    for row in rows:
        if row["status"] == "Queued":
            account.db.update("async_request", {"status": "Deleted", "message": None}, id=row["id"])
    for conversation in {row["conversation_id"] for row in rows} - {None}:
        account.db.update("async_conversation", {"status": "Deleted"}, id=conversation)


@dataclass(frozen=True, slots=True)
class QueuedRequest:
    """A request that was queued, and its result, for people and tests."""

    request_id: str
    conversation_id: str | None
    sequence_code: int | None
    operation: str
    summary: str
    caller: str
    priority: str
    queued_at: str
    due_at: str
    status: str
    completed_at: str | None
    overall_status: str | None
    status_message: str | None
    error_code: int | None
    warnings: tuple[str, ...]
    sends: tuple[int, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def requests(account: Account, *, request_id: str | None = None) -> list[QueuedRequest]:
    """Return the requests that were queued, the oldest first; with a RequestID, that one."""
    named = {} if request_id is None else {"request_id": request_id}
    return [
        read_record(
            QueuedRequest,
            row,
            warnings=tuple(json.loads(row["warnings"] or "[]")),
            sends=tuple(json.loads(row["sends"] or "[]")),
        )
        for row in account.db.find_all("async_request", "id", **named)
    ]
