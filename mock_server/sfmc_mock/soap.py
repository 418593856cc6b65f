"""The SOAP endpoint: from the bytes of a request to the bytes of its answer.

The steps of a call, in order: read the envelope, find the action, find the caller, read the message, run the operation,
write the answer. A fault that any step raises is rendered in one place.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from http import HTTPStatus

from sfmc_mock.account import Account
from sfmc_mock.account.users import forget_denials
from sfmc_mock.accounts import Accounts
from sfmc_mock.auth import Caller, Callers
from sfmc_mock.chaos import CallFacts, ChaosStatus, Interruption, Plan, chaos_of, objects_of
from sfmc_mock.clock import server_time, system_time, utc_text
from sfmc_mock.declarations.call import Call
from sfmc_mock.diagnostics import CallWarnings
from sfmc_mock.envelope import (
    CONTENT_TYPES,
    AnswerHeader,
    Envelope,
    read_envelope,
    write_answer,
    write_fault,
)
from sfmc_mock.errors import (
    ActionMissing,
    ActionUnknown,
    DatabaseTrouble,
    NotSoap,
    ServerTrouble,
    SoapFault,
    StorageFailed,
)
from sfmc_mock.limits import Limits
from sfmc_mock.operations import OPERATIONS, operation_of
from sfmc_mock.operations.unused_elements import warn_of_unused_options
from sfmc_mock.request_forms import MatchedRequest, RequestForms
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.reading import Leniency, read
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import write_pieces

_READS = frozenset({"Describe", "GetSystemStatus", "Query", "Retrieve", "VersionInfo"})

# The statuses of answers in whose results nothing was refused.
_WITHOUT_REFUSALS = ("OK", "MoreDataAvailable")

# How long the timestamp in an answer's header is good for (recorded).
_GOOD_FOR = timedelta(minutes=5)


class SoapCall:
    """A call: its request, the facts known so far, and its answer.

    `action` is that of the HTTP header or the content type, None where neither has one. `endpoint` returns the address
    to which the call was sent; only a fault has it. `only_account` is the MID of the account that the address leads to,
    None where credentials alone decide. `more` says whether further calls follow at once, None for a call that is to be
    finished by itself.
    """

    # Most calls leave most of these as they are.
    envelope: Envelope | None = None
    matched: MatchedRequest | None = None
    """The request cut at its values, where its form is known."""
    operation: str = ""
    caller: Caller | None = None
    at: datetime | None = None
    """The account's time when it came; None where no account is known."""
    ids: Sequence[str] = ()
    """The RequestID, and three more for the header of the answer; none where no account is known."""
    message: Struct | None = None
    answer: Struct | None = None
    chaos: Plan | None = None
    """The effects of chaos rules, None without any."""
    interruption: Interruption | None = None
    """The effect on the connection, where a chaos rule cut it before any work."""
    error: str = ""
    problem: BaseException | None = None
    """The error, when the emulator itself failed."""

    flush: Callable[[], None] | None = None
    """Waits until all data that the call wrote or read is on disk; the call is answered after that."""

    status: int = 200
    content_type: str = CONTENT_TYPES[False]
    body: bytes = b""

    def __init__(
        self,
        document: bytes,
        action: str | None,
        endpoint: Callable[[], str],
        *,
        only_account: int | None = None,
        more: Callable[[], bool] | None = None,
    ) -> None:
        self.document = document
        self.action = action
        self.endpoint = endpoint
        self.only_account = only_account
        self.more = more
        self.warnings = CallWarnings()
        self.sends: list[int] = []
        """The sends that it made."""

    @property
    def account(self) -> Account | None:
        return self.caller.account if self.caller else None


class SoapEndpoint:
    """Answers SOAP calls for the accounts of a server."""

    def __init__(self, accounts: Accounts, *, page_size: int, limits: Limits | None = None) -> None:
        self._accounts = accounts
        self._callers = Callers(accounts)
        self._limits = limits or Limits()
        self._page_size = page_size
        self._forms = RequestForms(self._limits)
        self.steps: tuple[Callable[[SoapCall], None], ...] = (
            self._read_envelope,
            self._find_operation,
            self._authenticate,
            self._read_message,
            self._meet_chaos,
            self._run,
            self._write,
        )

    def handle(self, call: SoapCall) -> SoapCall:
        """Handle a call from envelope to answer; every error becomes an answer, too.

        A call with `more` may return with a `flush`, which `settle` must finish.
        """
        return self._take(call, self.steps)

    def settle(self, call: SoapCall) -> SoapCall:
        """Wait until a call that returned with a `flush` is on disk."""
        return self._take(call, (_flush,))

    def _take(self, call: SoapCall, steps: tuple[Callable[[SoapCall], None], ...]) -> SoapCall:
        try:
            for step in steps:
                step(call)
        except NotSoap as refused:
            call.error = refused.reason
            call.status, call.content_type, call.body = 400, "text/plain", b"Bad Request"
        except SoapFault as fault:
            call.error = fault.faultstring
            self._write_fault(call, fault)
        except ChaosStatus as ordered:
            call.error = str(ordered)
            call.status, call.content_type = ordered.status, "text/plain"
            call.body = f"{HTTPStatus(ordered.status).phrase}\n".encode()
        except Interruption as cut:
            call.error = str(cut)
            call.interruption = cut
        except StorageFailed as problem:
            call.error = str(problem)
            # Nothing is left of it where a commit or a flush was refused after the work.
            call.answer, call.sends = None, []
            _forget_what_is_undone(call)
            self._write_fault(call, DatabaseTrouble())
        except Exception as problem:
            call.problem = problem
            call.error = f"the emulator failed: {type(problem).__name__}: {problem}"
            _forget_what_is_undone(call)
            self._write_fault(call, ServerTrouble())
        return call

    def _read_envelope(self, call: SoapCall) -> None:
        call.matched = self._forms.match(call.document)
        if call.matched is not None:
            call.envelope = call.matched.envelope
        else:
            call.envelope = read_envelope(call.document, self._limits.depth)
        call.content_type = CONTENT_TYPES[call.envelope.soap12]

    def _find_operation(self, call: SoapCall) -> None:
        assert call.envelope is not None
        action = call.action or call.envelope.action
        if not action:
            raise ActionMissing
        if action not in OPERATIONS:
            raise ActionUnknown(action)
        call.operation = action
        if call.envelope.body is None and call.matched is None:
            raise NotSoap("the SOAP Body is empty")

    def _authenticate(self, call: SoapCall) -> None:
        assert call.envelope is not None
        caller = self._callers.authenticate(call.envelope.credentials, only=call.only_account)
        call.caller = caller
        call.at, call.ids = caller.account.note_request(call.document)

    def _read_message(self, call: SoapCall) -> None:
        assert call.envelope is not None
        assert call.caller is not None
        leniency = Leniency(not call.caller.account.strict, call.warnings, self._limits)
        element = catalogue().operations[call.operation].request
        if call.matched is not None:
            call.message = call.matched.read(element, leniency)
            if call.message is not None:
                return
            call.envelope = read_envelope(call.document, self._limits.depth)
        body = call.envelope.body
        assert body is not None
        leniency.unread.message(body, element)
        call.message = read(body, element, leniency)
        for further in body.itersiblings():
            leniency.unread.beside(further)
        # The tree takes many times the memory of the text.
        call.envelope.body = None
        if leniency.unread.is_empty:
            self._forms.learn(call.document, element, call.message)

    def _meet_chaos(self, call: SoapCall) -> None:
        """Apply the account's chaos rules: delay the call, end it, or return how it continues."""
        assert call.caller is not None
        assert call.message is not None
        account, message = call.caller.account, call.message
        chaos = chaos_of(account)
        if not chaos:
            return
        facts = CallFacts(
            call.operation,
            call.caller.label,
            account.now(),
            objects_of(message),
            lambda: repr(message).encode("utf-8", "surrogatepass"),
        )
        call.chaos = plan = chaos.plan(facts)
        plan.wait()
        plan.stop()

    def _run(self, call: SoapCall) -> None:
        assert call.caller is not None
        assert call.message is not None
        account, message = call.caller.account, call.message
        run = operation_of(call.operation, message)
        work = Call(
            account,
            caller=call.caller.label,
            request_id=call.ids[0],
            page_size=self._page_size,
            most_operands=self._limits.operands,
            warnings=call.warnings,
            sends=call.sends,
            scopes=call.caller.scopes,
            refused=call.chaos.refused if call.chaos and call.chaos.refusals else None,
        )
        warn_of_unused_options(work, call.operation, message)
        hold = account.db.joint(call.more)
        if call.operation in _READS:
            with account.db.reading(hold):
                work.settle()
                call.answer = run(work, message)
        elif call.chaos and call.chaos.lose == "work":
            with hold:
                work.settle()
                call.answer = _undone(account, lambda: run(work, message))
        else:
            with account.db.atomic(hold):
                work.settle()
                answer = run(work, message)
            # Only now it is written: what is not, has no answer.
            call.answer = answer
        call.flush = hold.flush
        if account.has_new_units:
            self._accounts.follow_units(account)

    def _write(self, call: SoapCall) -> None:
        assert call.envelope is not None
        assert call.answer is not None
        if call.answer.values.get("OverallStatus") not in _WITHOUT_REFUSALS:
            call.error = refusals(call.answer)
        element = catalogue().operations[call.operation].response
        call.body = write_answer(
            call.envelope.soap12,
            self._header(call),
            call.operation,
            element,
            write_pieces(call.answer),
        )

    def _write_fault(self, call: SoapCall, fault: SoapFault) -> None:
        soap12 = call.envelope is not None and call.envelope.soap12
        call.status = 500
        call.content_type = CONTENT_TYPES[soap12]
        call.body = write_fault(soap12, self._header(call), fault, call.endpoint())

    def _header(self, call: SoapCall) -> AnswerHeader:
        envelope = call.envelope
        # With an account, ids follow from the call; without one there is nothing that they could follow from.
        _, message_id, related, timestamp_id = call.ids or [str(uuid.uuid4()) for _ in range(4)]
        relates_to = (envelope.message_id if envelope else None) or f"urn:uuid:{related}"
        # Real time, also where the account's clock stands: clients refuse a stamp that is out of date.
        return AnswerHeader(message_id, relates_to, timestamp_id, *_stamp(int(system_time())))


def _forget_what_is_undone(call: SoapCall) -> None:
    """Discard cached denials of roles: the call may have changed roles, and read its own change."""
    if call.account is not None:
        forget_denials(call.account)


def _flush(call: SoapCall) -> None:
    assert call.flush is not None
    call.flush()


@lru_cache(maxsize=2)
def _stamp(second: int) -> tuple[str, str]:
    """Return the times in the header of an answer: when it was made, and how long it is good."""
    now = server_time(second)
    return utc_text(now), utc_text(now + _GOOD_FOR)


class _Undo(Exception):
    """Rolls back the writes of a call, which is answered all the same."""


def _undone(account: Account, run: Callable[[], Struct]) -> Struct:
    answer = None
    with suppress(_Undo), account.db.atomic():
        answer = run()
        raise _Undo
    forget_denials(account)
    assert answer is not None
    return answer


def refusals(answer: Struct) -> str:
    """Return the refusals in an answer for a person: codes and texts, each once, the first three."""
    results = answer.parts("Results")
    results += [each for wrapper in list(results) for each in wrapper.parts("Result")]
    texts = dict.fromkeys(
        f"{each.values.get('ErrorCode', '')} {each.values.get('StatusMessage', '')}".strip()
        for each in results
        if each.values.get("StatusCode") == "Error"
    )
    more = f" … and {len(texts) - 3} more" if len(texts) > 3 else ""
    return "; ".join(list(texts)[:3]) + more
