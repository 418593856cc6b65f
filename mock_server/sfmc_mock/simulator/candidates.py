"""What is known of a subscriber of a triggered send when it is decided whether they are sent to, and what a rule is."""

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
    """What is known of one subscriber of a triggered send when the decision is taken.

    The defaults describe somebody whom no rule blocks.
    """

    subscriber_key: str
    email_address: str
    list_name: str = "All Subscribers"
    definition: str = ""
    """The definition's CustomerKey, for sentences."""
    status: str = "Active"
    """On All Subscribers: Active, Bounced, Held, Unsubscribed or Deleted."""
    list_status: str = "Active"
    """On the definition's own list; Active also when the subscriber is not on it yet."""
    definition_status: str = "Active"
    """Active; Inactive, which queues; Canceled or Deleted, for a message that was queued before."""
    classification: str = "Marketing"
    """Marketing (commercial) or Operational (transactional)."""
    honors_list_opt_outs: bool = False
    """HonorPublicationListOptOutsForTransactionalSends of the send classification."""
    account_opt_out: bool = False
    """Unsubscribed from this business unit only."""
    globally_unsubscribed: bool = False
    restricted: bool = False
    list_detective: str | None = None
    """Why List Detective blocks the address (`list_detective_blocks`), where the caller applies it."""
    domain_exclusion: str = ""
    """Name of the domain exclusion that matches."""
    suppression_list: str = ""
    """Name of the suppression list that the address is on."""
    opt_out_list: str = ""
    """Name of the opt-out list that the address is on."""
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
    """The address of the subscriber's Owner, where it is none."""
    is_taken_back: bool = False
    """Whether the message was taken out of the queue again."""
    queued_for: timedelta | None = None
    """How long the message has waited in the queue; `None` when it comes straight from the call."""
    wish: str | None = None
    """Name of the rule that a magic address asks for."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason for not sending at once; `name` is also what a magic address asks for it with."""

    name: str
    code: int | None
    outcome: DecisionOutcome
    meaning: str
    applies: Callable[[Candidate], bool]
    why: Callable[[Candidate], str]
    remedy: str
    origin: str = "assumed"
    sentence: str = ""
    """What the service says, where that is not the sentence of the code."""
