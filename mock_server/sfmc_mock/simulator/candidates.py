"""Candidates and rules: the facts about a subscriber of a triggered send, and the form of the rules that use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

DecisionOutcome = Literal["send", "refuse", "queue", "exclude"]


@dataclass(frozen=True, slots=True)
class TooLong:
    """A value that is longer than its attribute allows, in characters."""

    name: str
    limit: int
    length: int


@dataclass(frozen=True, slots=True)
class WrongValue:
    """A value that is not of the type of its attribute or field."""

    name: str
    value: str
    wanted: str


class Candidate(NamedTuple):
    """The facts about one subscriber of a triggered send on which the decision depends.

    The defaults describe a subscriber whom no rule blocks.
    """

    subscriber_key: str
    email_address: str
    list_name: str = "All Subscribers"
    definition: str = ""
    """The definition's CustomerKey, for sentences."""
    status: str = "Active"
    """The status on All Subscribers: Active, Bounced, Held, Unsubscribed or Deleted."""
    list_status: str = "Active"
    """The status on the definition's own list; Active also when the subscriber is not on it yet."""
    definition_status: str = "Active"
    """The definition's status: Active; Inactive, which queues; Canceled or Deleted, for a message that was queued."""
    classification: str = "Marketing"
    """Marketing (commercial) or Operational (transactional)."""
    honors_list_opt_outs: bool = False
    """HonorPublicationListOptOutsForTransactionalSends of the send classification."""
    account_opt_out: bool = False
    """Whether the subscriber unsubscribed from this business unit only."""
    globally_unsubscribed: bool = False
    restricted: bool = False
    list_detective: str | None = None
    """Why List Detective blocks the address (`list_detective_blocks`), where the caller applies it."""
    domain_exclusion: str = ""
    """The name of the domain exclusion that matches."""
    suppression_list: str = ""
    """The name of the suppression list that the address is on."""
    opt_out_list: str = ""
    """The name of the opt-out list that the address is on."""
    exclusion: str = ""
    """The exclusion filter or list of the definition that matches."""
    missing_attributes: tuple[str, ...] = ()
    invalid_attribute: WrongValue | None = None
    long_attribute: TooLong | None = None
    missing_fields: tuple[str, ...] = ()
    """Required fields of the definition's data extension that have no value."""
    invalid_field: WrongValue | None = None
    build_error: str = ""
    """Why the email cannot be built for this subscriber."""
    unknown_owner: bool = False
    """Whether the Owner of the subscriber is an account that the caller does not see."""
    invalid_owner: str = ""
    """The address of the subscriber's Owner, where it is invalid."""
    is_taken_back: bool = False
    """Whether the message was removed from the queue."""
    queued_for: timedelta | None = None
    """The time that the message waited in the queue; `None` when it was not queued."""
    wish: str | None = None
    """Name of the rule that a magic address asks for."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason for not sending at once; a magic address asks for it by `name`."""

    name: str
    code: int | None
    outcome: DecisionOutcome
    meaning: str
    applies: Callable[[Candidate], bool]
    why: Callable[[Candidate], str]
    remedy: str
    origin: str = "assumed"
    sentence: str = ""
    """The service's text, where it is not the sentence of the code."""
