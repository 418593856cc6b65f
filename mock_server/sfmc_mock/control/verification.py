"""Expectations of a test about calls and sends; a failure names the closest ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypedDict, Unpack

from sfmc_mock.account import Account
from sfmc_mock.account.triggered_send_definitions import find_definition, find_definition_named
from sfmc_mock.control.sent_messages import SentMessage
from sfmc_mock.journal import Exchange, Found, Journal, Near, nearest
from sfmc_mock.store import sent_messages
from sfmc_mock.store.row_types import MessageRow
from sfmc_mock.terminal import printable, printable_lines

_ALL = 2**62

_BECAME = {"sent": "was sent", "queued": "waits in the queue"}

_HINTS = {
    "New": "it was never started, so it takes no sends. Start it: set its TriggeredSendStatus to Active.",
    "Inactive": "what is sent waits in its queue until it is started again (TriggeredSendStatus Active).",
    "Canceled": "it takes no sends any more. Create another definition.",
}


class CallFacts(TypedDict, total=False):
    """The conditions on calls; see `Journal.search`."""

    object_type: str | None
    status: str | int | None
    text: str | None


class VerificationJournal:
    """The calls of a server and the sends of an account, for a test to read and to check.

    With `every_account`, the calls are those of all accounts, and those without an account.
    """

    def __init__(self, calls: Journal, account: Account, *, every_account: bool = False) -> None:
        self._calls = calls
        self._account = account
        self._mid = None if every_account else account.mid

    def __repr__(self) -> str:
        return f"<journal of {len(self)} calls>"

    def __iter__(self) -> Iterator[Exchange]:
        """Go through the calls as they are now, the oldest first."""
        return (call for call in self._calls if self._mid in (None, call.account))

    def __len__(self) -> int:
        return len(self._calls) if self._mid is None else sum(1 for _ in self)

    @property
    def dropped(self) -> int:
        """The number of calls that the journal has removed, because its size is limited."""
        return self._calls.dropped

    def get(self, number: int) -> Exchange | None:
        """Return the call with a number, None if it was removed or is not of this account."""
        exchange = self._calls.get(number)
        return exchange if exchange is not None and self._mid in (None, exchange.account) else None

    def search(
        self,
        operation: str | None = None,
        *,
        since_number: int | None = None,
        limit: int | None = 100,
        **facts: Unpack[CallFacts],
    ) -> Found:
        """Return the calls that match all arguments; see `Journal.search`."""
        return self._calls.search(
            operation, account=self._mid, since_number=since_number, limit=limit, **facts
        )

    def nearest(
        self, operation: str | None = None, *, limit: int = 3, **facts: Unpack[CallFacts]
    ) -> list[Near]:
        """Return the calls closest to the arguments, each with its differences."""
        return self._calls.nearest(operation, account=self._mid, limit=limit, **facts)

    def clear(self) -> None:
        """Remove the calls; sends stay."""
        self._calls.clear(self._mid)

    def assert_called(
        self, operation: str, *, times: int | None = None, **facts: Unpack[CallFacts]
    ) -> tuple[Exchange, ...]:
        """Return the calls that match; raise AssertionError if there is none, or not exactly `times` of them.

        The text of the error names the closest calls.
        """
        __tracebackhide__ = True
        return self._calls.assert_called(operation, times=times, account=self._mid, **facts)

    def assert_sent(
        self,
        *,
        to: str | None = None,
        definition: str | None = None,
        attributes: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> tuple[SentMessage, ...]:
        """Return the sent messages that match, the oldest first.

        `to` is a SubscriberKey or an address, `definition` a CustomerKey or a name; of `attributes` those given are
        compared. Queued, refused and excluded messages do not count. Raises AssertionError if there is none, or not
        exactly `times` of them; its text names the closest messages, and the reason why the definition does not send.
        """
        __tracebackhide__ = True
        wanted = _Wanted(to, definition, dict(attributes or {}))
        account = self._account
        with account.db.lock:
            account.settle()
            messages = sent_messages.messages(
                account.db, subscriber=to, definition=self._key(definition), limit=_ALL
            )
            matching = [row for row in messages if row["outcome"] == "sent" and wanted.has(row)]
            if len(matching) == times or (times is None and matching):
                return tuple(SentMessage.of(row) for row in reversed(matching))
            text = self._failure(wanted, matching, times)
        raise AssertionError(printable_lines(text))

    def _key(self, definition: str | None) -> str | None:
        """Return the CustomerKey of a definition that may be given by its name."""
        if definition is None or find_definition(self._account, key=definition) is not None:
            return definition
        named = find_definition_named(self._account, definition)
        return definition if named is None else named.customer_key

    def _failure(self, wanted: _Wanted, matching: list[MessageRow], times: int | None) -> str:
        expected = "1 or more" if times is None else times
        lines = [f"{wanted}: expected {expected}, got {len(matching)}."]
        if len(matching) > (times or 0):
            lines[0] += " These were sent:"
            lines += [f"  {_label(row)}" for row in reversed(matching[:10])]
            return "\n".join(lines)
        others = self._nearest(wanted, matching)
        if others:
            lines[0] += " Nearest:"
            lines += [f"  {other}" for other in others]
        elif not matching:
            lines[0] += " Nothing was sent yet."
        if wanted.definition is not None and not matching:
            lines += self._about(wanted.definition)
        return "\n".join(lines)

    def _nearest(self, wanted: _Wanted, matching: list[MessageRow]) -> list[Near]:
        known = {row["id"] for row in matching}
        candidates = [
            (_label(row), wanted.facts(row))
            # The store gives the newest first, `nearest` takes the oldest first.
            for row in reversed(sent_messages.messages(self._account.db))
            if row["id"] not in known
        ]
        return nearest(wanted.expectation(self._key(wanted.definition)), candidates)

    def _about(self, definition: str) -> list[str]:
        """Return a sentence with the reason why a definition does not send."""
        known = find_definition(self._account, key=self._key(definition))
        if known is None:
            return [no_definition(self._account, definition)]
        hint = _HINTS.get(known.status)
        return [f"definition '{definition}' exists but is {known.status}: {hint}"] if hint else []


def no_definition(account: Account, wanted: str) -> str:
    """Return a sentence about an unknown definition, with those that exist."""
    rows = account.db.find_all("triggered_send_definition", "id")
    known = {
        row["customer_key"]: f"'{row['customer_key']}' ({row['status']})"
        for row in rows
        if row["status"] != "Deleted"
    }
    text = f"There is no triggered send definition '{wanted}'."
    if not known:
        return f"{text} Create one first: the account has none."
    near = get_close_matches(wanted, known, n=1)
    if near:
        return f"{text} Did you mean {known[near[0]]}?"
    shown = list(known.values())
    more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
    return f"{text} There are: {', '.join(shown[:10])}{more}."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The expectation of a test about a message."""

    to: str | None
    definition: str | None
    attributes: dict[str, str]

    def __str__(self) -> str:
        text = "A message"
        if self.definition is not None:
            text += f" of '{self.definition}'"
        if self.to is not None:
            text += f" to {self.to}"
        if self.attributes:
            values = ", ".join(f"{name} {value!r}" for name, value in self.attributes.items())
            text += f" with {values}"
        return text

    def has(self, row: MessageRow) -> bool:
        """Return whether the message has the attributes."""
        if not self.attributes:
            return True
        known = json.loads(row["attributes"])
        return all(known.get(name) == value for name, value in self.attributes.items())

    def expectation(self, key: str | None) -> dict[str, object]:
        """Return the values to compare, for `nearest`; `key` is the definition's CustomerKey."""
        expected: dict[str, object] = {}
        if self.to is not None:
            expected["to"] = self.to.casefold()
        if key is not None:
            expected["definition"] = key
        if self.attributes:
            expected["attribute"] = self.attributes
        return expected

    def facts(self, row: MessageRow) -> dict[str, object]:
        both = [(value or "").casefold() for value in (row["email_address"], row["subscriber_key"])]
        is_to = self.to is not None and self.to.casefold() in both
        return {
            "to": self.to.casefold() if is_to and self.to is not None else both[0],
            "definition": row["definition_key"],
            "attribute": json.loads(row["attributes"]),
        }


def _label(row: MessageRow) -> str:
    to = row["email_address"] or row["subscriber_key"] or "nobody"
    outcome = row["outcome"]
    became = _BECAME.get(outcome, f"was {outcome}")
    if row["error_code"] is not None and outcome not in _BECAME:
        became += f", code {row['error_code']} ({json.loads(row['decision'])['name']})"
    return printable(f"send {row['send_id']} of '{row['definition_key']}' to {to} {became}")
