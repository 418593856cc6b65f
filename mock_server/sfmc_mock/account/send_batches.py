"""Batches of a job: a number for each message that is unique for the job and its subscriber.

A batch has at most 500 subscribers, each of them once: the next message to a subscriber gets another batch, so that
(JobID, ListID, BatchID, SubscriberID) is unique (documented). When the service begins a new batch is not known. Here
sends at the same time of the account's clock share batches, and later sends begin after the highest batch so far. The
position of a subscriber in the request gives the first batch that they can get; if they are in it already, they get the
next one. So the numbers do not depend on the order in which threads make their calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sfmc_mock.account.account import Account
from sfmc_mock.account.recipients import Delivery
from sfmc_mock.store import sends as send_rows

BATCH_SIZE = 500
"""The greatest number of subscribers in a batch (documented)."""


class Place(NamedTuple):
    """The batch of a message, and which of the job's messages to its subscriber it is, counted from 0."""

    batch_id: int
    repeat: int


def give_places(account: Account, job_id: int, deliveries: Sequence[Delivery], now: str) -> None:
    """Set the places of a request's deliveries, in their order, in a job, and store the job's highest batch."""
    subscribers = [delivery.subscriber_id for delivery in deliveries]
    last = send_rows.last_places(account.db, job_id, subscribers)
    current = send_rows.round_at(account.db, job_id, now)
    width = (len(deliveries) - 1) // BATCH_SIZE
    if last or len(set(subscribers)) < len(subscribers):
        width = max(current.width, width)
        highest = _find_places(account, job_id, deliveries, current, width, last)
    else:
        # The usual case: the job has sent to none of these subscribers before.
        highest = current.first + width
        for index, delivery in enumerate(deliveries):
            delivery.repeat = index // BATCH_SIZE
            delivery.batch_id = current.first + delivery.repeat
    send_rows.keep_round(
        account.db,
        job_id,
        send_rows.Round(
            current.first, now, max(current.width, width), max(current.highest, highest)
        ),
    )


def _find_places(
    account: Account,
    job_id: int,
    deliveries: Sequence[Delivery],
    current: send_rows.Round,
    width: int,
    last: dict[int, tuple[int, int]],
) -> int:
    """Set places after those of earlier messages to the subscribers; return the highest batch of them."""
    taken: dict[int, _Taken] = {}
    for index, delivery in enumerate(deliveries):
        number = delivery.subscriber_id
        if number not in taken:
            taken[number] = _since(current.first, last.get(number))
            if width and taken[number].free > current.first:
                # Only requests of more than one batch leave gaps.
                batches = send_rows.batches_from(account.db, job_id, number, current.first)
                taken[number].reopen(batches)
        place = taken[number].next(current.first + index // BATCH_SIZE)
        delivery.batch_id, delivery.repeat = place
    return max(delivery.batch_id for delivery in deliveries)


def _since(first: int, last: tuple[int, int] | None) -> _Taken:
    """Return the batches of the round that begins with `first` that a subscriber has, by their last place."""
    if last is None:
        return _Taken(first, 0, first)
    batch_id, repeat = last
    if batch_id < first:
        return _Taken(first, repeat + 1, first)
    return _Taken(first, repeat - (batch_id - first), batch_id + 1)


@dataclass(slots=True)
class _Taken:
    """The batches of a round that a subscriber has: all before `free`, and those in `beyond`."""

    first: int
    repeat: int
    """The `repeat` of a message in the round's first batch."""
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
