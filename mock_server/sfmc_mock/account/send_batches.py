"""Batches of a job: numbers by which no subscriber is sent to twice.

A batch holds at most 500 subscribers, and each of them once: one sent to again gets another, so that
(JobID, ListID, BatchID, SubscriberID) is unique (documented). When the service begins a new batch is not known. Here
sends at one time of the account's clock share batches, and later ones begin behind the highest so far. Within that, a
subscriber gets the first batch they are not in yet, from that of their place in the request on: so the numbers do not
depend on the order in which threads make their calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sfmc_mock.account.account import Account
from sfmc_mock.account.recipients import Delivery
from sfmc_mock.store import sends as rows

BATCH_SIZE = 500
"""How many subscribers share a batch at most (documented)."""


class Place(NamedTuple):
    """The batch of a message, and which of the job's messages to its subscriber it is, counted from 0."""

    batch_id: int
    repeat: int


def give_places(account: Account, job_id: int, deliveries: Sequence[Delivery], now: str) -> None:
    """Give deliveries of a request, in its order, their places in a job, and note them."""
    subscribers = [delivery.subscriber_id for delivery in deliveries]
    last = rows.last_places(account.db, job_id, subscribers)
    current = rows.round_at(account.db, job_id, now)
    width = (len(deliveries) - 1) // BATCH_SIZE
    if last or len(set(subscribers)) < len(subscribers):
        width = max(current.width, width)
        highest = _find_places(account, job_id, deliveries, current, width, last)
    else:
        # Nearly always: nobody was sent to before.
        highest = current.first + width
        for index, delivery in enumerate(deliveries):
            delivery.repeat = index // BATCH_SIZE
            delivery.batch_id = current.first + delivery.repeat
    rows.keep_round(
        account.db,
        job_id,
        rows.Round(current.first, now, max(current.width, width), max(current.highest, highest)),
    )


def _find_places(
    account: Account,
    job_id: int,
    deliveries: Sequence[Delivery],
    current: rows.Round,
    width: int,
    last: dict[int, tuple[int, int]],
) -> int:
    """Give places behind those that subscribers had; return the highest batch of them."""
    taken: dict[int, _Taken] = {}
    for index, delivery in enumerate(deliveries):
        number = delivery.subscriber_id
        if number not in taken:
            taken[number] = _since(current.first, last.get(number))
            if width and taken[number].free > current.first:
                # Only requests of more than one batch leave gaps.
                batches = rows.batches_from(account.db, job_id, number, current.first)
                taken[number].reopen(batches)
        place = taken[number].next(current.first + index // BATCH_SIZE)
        delivery.batch_id, delivery.repeat = place
    return max(delivery.batch_id for delivery in deliveries)


def _since(first: int, last: tuple[int, int] | None) -> _Taken:
    """Return what a subscriber has of the round that begins with a batch, by the last place they got."""
    if last is None:
        return _Taken(first, 0, first)
    batch_id, repeat = last
    if batch_id < first:
        return _Taken(first, repeat + 1, first)
    return _Taken(first, repeat - (batch_id - first), batch_id + 1)


@dataclass(slots=True)
class _Taken:
    """The batches of a round that a subscriber is in: all before `free`, and those in `beyond`."""

    first: int
    repeat: int
    """That of a message in the round's first batch."""
    free: int
    beyond: set[int] = field(default_factory=set)

    def reopen(self, batches: Sequence[int]) -> None:
        self.free, self.beyond = self.first, set(batches)
        self._close()

    def next(self, wanted: int) -> Place:
        batch_id = max(wanted, self.free)
        while batch_id in self.beyond:
            batch_id += 1
        self.beyond.add(batch_id)
        self._close()
        return Place(batch_id, self.repeat + batch_id - self.first)

    def _close(self) -> None:
        while self.free in self.beyond:
            self.beyond.remove(self.free)
            self.free += 1
