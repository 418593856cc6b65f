"""The last exchanges, in a ring: recorded cheaply, searched, and compared with the expectations of a test."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from sfmc_mock.journal.exchange import Exchange, pack_messages
from sfmc_mock.journal.nearest import Near, nearest
from sfmc_mock.terminal import printable, printable_lines

MAX_EXCHANGES = 10_000
MAX_BYTES = 64 * 1024 * 1024

_LARGE = 32 * 1024
"""Exchanges of at least so many bytes are compressed alone; that takes a fortieth of the time of a page of rows."""

_BLOCK = 256 * 1024
"""Messages of exchanges are compressed together at so many bytes: a third of a millisecond's work."""

_WORDS = {"object_type": "object type"}


_HTTP_STATUSES = frozenset(str(number) for number in range(100, 600))


def _without(account: int | None, exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Return the exchanges of other accounts; none where `account` is None."""
    if account is None:
        return []
    return [exchange for exchange in exchanges if exchange.account != account]


def read_status(text: str | None) -> str | int | None:
    """Return a status as `Journal.search` takes it: an HTTP status as a number, an overall status as it is."""
    return int(text) if text in _HTTP_STATUSES else text


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: `exchanges`, the oldest first, of `matching` that there are.

    `dropped` counts the exchanges that the journal has removed, because its size is limited; some of these may have
    matched.
    """

    exchanges: tuple[Exchange, ...]
    matching: int
    dropped: int

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)

    def __len__(self) -> int:
        return len(self.exchanges)

    @property
    def note(self) -> str:
        """A sentence about the exchanges missing from `exchanges`; empty if none is."""
        left_out = self.matching - len(self.exchanges)
        notes = []
        if left_out:
            notes.append(f"{left_out:,} older ones match as well and are left out.")
        if self.dropped:
            notes.append(_dropped(self.dropped))
        return " ".join(notes)

    def as_json(self, *, bodies: bool = False) -> dict[str, Any]:
        """Return the answer to a search as values of JSON."""
        return {
            "exchanges": [exchange.as_json(bodies=bodies) for exchange in self.exchanges],
            "matching": self.matching,
            "dropped": self.dropped,
            "note": self.note,
        }


class Journal:
    """Keeps the last exchanges, up to a number and a size; may be used from many threads at once.

    `on_record` is called with each exchange after it was recorded, in the thread that recorded it. `next_number` gives
    each its number, greater than all before; without it they are counted.
    """

    def __init__(
        self,
        max_exchanges: int = MAX_EXCHANGES,
        max_bytes: int = MAX_BYTES,
        *,
        on_record: Callable[[Exchange], object] | None = None,
        next_number: Callable[[], int] | None = None,
    ) -> None:
        self.dropped = 0
        self._max_exchanges = max_exchanges
        self._max_bytes = max_bytes
        self._on_record = on_record
        self._next_number = next_number or count(1).__next__
        self._exchanges: deque[Exchange] = deque()
        self._recorded = 0
        self._bytes = 0
        # The newest ones, whose messages are not compressed yet.
        self._loose: list[Exchange] = []
        self._loose_bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        """Go through the exchanges as they are now, the oldest first."""
        with self._lock:
            return iter(tuple(self._exchanges))

    @property
    def recorded(self) -> int:
        """The number of the newest exchange, 0 before the first."""
        return self._recorded

    def record(self, exchange: Exchange) -> int:
        """Add an exchange and return its number; the oldest ones are removed when there is no more room."""
        with self._lock:
            self._recorded = exchange.number = self._next_number()
            self._exchanges.append(exchange)
            self._bytes += exchange.weight
            if exchange.weight < _LARGE:
                self._loose.append(exchange)
                self._loose_bytes += exchange.weight
            else:
                self._bytes -= pack_messages([exchange])
            if self._loose_bytes > _BLOCK:
                self._bytes -= pack_messages(self._loose)
                self._loose_bytes = 0
                self._loose.clear()
            if len(self._exchanges) > self._max_exchanges or self._bytes > self._max_bytes:
                self._drop()
        if self._on_record is not None:
            self._on_record(exchange)
        return exchange.number

    def get(self, number: int) -> Exchange | None:
        """Return the exchange with the number, None if it was removed or does not exist yet."""
        return next((exchange for exchange in self if exchange.number == number), None)

    def clear(self, account: int | None = None) -> None:
        """Remove all exchanges, or those of one account; numbers are not used again."""
        with self._lock:
            self._exchanges = deque(_without(account, self._exchanges))
            self._loose = _without(account, self._loose)
            self._loose_bytes = sum(exchange.weight for exchange in self._loose)
            self._bytes = sum(exchange.weight for exchange in self._exchanges)
            if not self._exchanges:
                self.dropped = 0

    def search(
        self,
        operation: str | None = None,
        *,
        object_type: str | None = None,
        status: str | int | None = None,
        text: str | None = None,
        account: int | None = None,
        since_number: int | None = None,
        limit: int | None = 100,
    ) -> Found:
        """Return the last `limit` exchanges that match all given arguments.

        `object_type` is the name of an API object; `DataExtensionObject` finds `DataExtensionObject[SendLog]`, too.
        `status` is an overall status (`OK`, `Error`, `Has Errors` …) or, as a number, an HTTP status. `text` is looked
        for in requests and answers, in any case; secrets cannot be found. `since_number` takes only exchanges after
        that number.
        """
        asked = _Asked(operation, object_type, status, text, account)
        matching = [
            exchange
            for exchange in self
            if (since_number is None or exchange.number > since_number) and asked.agrees(exchange)
        ]
        shown = matching if limit is None else matching[max(0, len(matching) - limit) :]
        return Found(tuple(shown), len(matching), self.dropped)

    def nearest(
        self,
        operation: str | None = None,
        *,
        object_type: str | None = None,
        status: str | int | None = None,
        text: str | None = None,
        account: int | None = None,
        limit: int = 3,
    ) -> list[Near]:
        """Return the exchanges that come closest to what is given, and how each differs; alike ones once."""
        asked = _Asked(operation, object_type, status, text, account)
        candidates: dict[tuple[object, ...], Exchange] = {}
        for exchange in self:
            # A later one of the same kind takes the earlier one's place.
            kind = (
                exchange.title,
                exchange.status,
                exchange.account,
                asked.contains_text(exchange),
            )
            candidates.pop(kind, None)
            candidates[kind] = exchange
        return nearest(
            asked.expectation(),
            ((_label(exchange), asked.facts(exchange)) for exchange in candidates.values()),
            limit=limit,
            words=_WORDS,
        )

    def assert_called(
        self,
        operation: str,
        *,
        object_type: str | None = None,
        times: int | None = None,
        status: str | int | None = None,
        text: str | None = None,
        account: int | None = None,
    ) -> tuple[Exchange, ...]:
        """Return the exchanges that match; raise AssertionError if there is none, or not exactly `times` of them.

        The arguments are those of `search`. The text of the error names the calls that came closest.
        """
        __tracebackhide__ = True
        asked = _Asked(operation, object_type, status, text, account)
        matching = tuple(exchange for exchange in self if asked.agrees(exchange))
        if len(matching) == times or (times is None and matching):
            return matching
        lines = [
            f"{asked}: expected {'1 or more' if times is None else times}, got {len(matching)}."
        ]
        if len(matching) > (times or 0):
            lines[0] += " These came:"
            lines += [f"  {_label(exchange)}" for exchange in matching[:10]]
        elif near := self._nearest_others(asked):
            lines[0] += " Nearest:"
            lines += [f"  {near_call}" for near_call in near]
        elif not matching:
            lines[0] += " Nothing was called yet."
        if self.dropped:
            lines.append(_dropped(self.dropped))
        raise AssertionError(printable_lines("\n".join(lines)))

    def _nearest_others(self, asked: _Asked) -> list[Near]:
        near = self.nearest(
            asked.operation,
            object_type=asked.object_type,
            status=asked.status,
            text=asked.text,
            account=asked.account,
        )
        return [near_call for near_call in near if near_call.differences]

    def _drop(self) -> None:
        while self._exchanges and (
            len(self._exchanges) > self._max_exchanges or self._bytes > self._max_bytes
        ):
            oldest = self._exchanges.popleft()
            self._bytes -= oldest.weight
            if self._loose and self._loose[0] is oldest:
                del self._loose[0]
                self._loose_bytes -= oldest.weight
            self.dropped += 1


@dataclass(frozen=True, slots=True)
class _Asked:
    """The conditions of a search or of a test's expectation."""

    operation: str | None
    object_type: str | None
    status: str | int | None
    text: str | None
    account: int | None

    def __str__(self) -> str:
        title = " ".join(filter(None, (self.operation, self.object_type))) or "A call"
        if self.status is not None:
            title += f" with status {self.status}"
        if self.text is not None:
            title += f" containing {self.text!r}"
        return title if self.account is None else f"{title} to account {self.account}"

    def agrees(self, exchange: Exchange) -> bool:
        return (
            (self.operation is None or exchange.operation == self.operation)
            and (self.account is None or exchange.account == self.account)
            and (self.object_type is None or self.object_type in _names(exchange))
            and (self.status is None or self.status == self._status_of(exchange))
            and self.contains_text(exchange)
        )

    def contains_text(self, exchange: Exchange) -> bool:
        if self.text is None:
            return True
        text = self.text.lower()
        if text in f"{exchange.title}\n{exchange.summary}\n{exchange.error}".lower():
            return True
        # The shown text has no more than the message itself, and producing it costs more than this search.
        if text.isascii() and not exchange.may_contain(text.encode()):
            return False
        return text in exchange.request.lower() or text in exchange.answer.lower()

    def expectation(self) -> dict[str, object]:
        return {
            name: value
            for name in ("operation", "object_type", "status", "account", "text")
            if (value := getattr(self, name)) is not None
        }

    def facts(self, exchange: Exchange) -> dict[str, object]:
        return {
            "operation": exchange.operation or exchange.title,
            "object_type": _names(exchange)
            if self.object_type in _names(exchange)
            else exchange.object_types,
            "status": self._status_of(exchange),
            "account": exchange.account,
            "text": self.text if self.contains_text(exchange) else None,
        }

    def _status_of(self, exchange: Exchange) -> str | int:
        return exchange.http_status if isinstance(self.status, int) else exchange.status


def _names(exchange: Exchange) -> tuple[str, ...]:
    """Return the full names of API objects, and these names without brackets."""
    return exchange.object_types + tuple(
        name.partition("[")[0] for name in exchange.object_types if "[" in name
    )


def _label(exchange: Exchange) -> str:
    summary = f" {exchange.summary}" if exchange.summary else ""
    return printable(f"#{exchange.number} {exchange.title}{summary}, {exchange.status}")


def _dropped(count: int) -> str:
    were = "exchange was" if count == 1 else "exchanges were"
    return f"{count:,} older {were} dropped: the journal keeps the last ones only."
