"""Whether a subscriber of a triggered send is sent to, and if not, why.

`RULES` has the rules in the order in which they are applied; the first that matches decides. Those of the first
part are noticed while the call is answered and come back as `SubscriberFailures` (required fields and address syntax
are checked synchronously: documented; List Detective: recorded; domain exclusion: documented as a message of 18006;
the rest of that part: assumed). Those of the last part are noticed when the message leaves: the call says OK, and the
subscriber gets a NotSentEvent and an `ErrorCode` in the send log (documented for unsubscribed ones; the order is
assumed).

Of the status on All Subscribers, Held and Deleted stop every send, Unsubscribed stops commercial ones only, Bounced
stops none (documented).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

from sfmc_mock.simulator.durations import format_duration
from sfmc_mock.simulator.not_sent_codes import CODES, Code

DecisionOutcome = Literal["send", "refuse", "queue", "exclude"]

# Longest SubscriberKey and EmailAddress (recorded: Describe of Subscriber).
KEY_LIMIT = 254
ADDRESS_LIMIT = 254

# Addresses of this domain carry their outcome in labels.
MAGIC_DOMAIN = "mock.test"

# How long a paused definition keeps what was triggered (reported by users: assumed).
QUEUE_LIFETIME = timedelta(days=3)

IN_THE_ANSWER = "synchronous failure"
AT_SEND_TIME = "not sent at send time"
IN_THE_QUEUE = "queued"
NOWHERE = ""


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


class Decision(NamedTuple):
    """What becomes of one subscriber of a triggered send, and why.

    `outcome` is send; refuse, reported in the answer as `SubscriberFailures`; queue; or exclude, reported as
    NotSentEvent and in the send log. `code`, `name` and `text` are the service's (`None` and empty when it has none),
    `why`, `remedy` and `where` are for a person, `origin` says how the rule is known.
    """

    outcome: DecisionOutcome
    rule: str
    code: int | None
    name: str
    text: str
    why: str
    remedy: str
    where: str
    origin: str


SEND = Decision("send", "", None, "", "", "", "", "", "documented")
"""The decision on a subscriber like any other; `decide` gives the same one with its reason."""


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


_WHERE: dict[DecisionOutcome, str] = {
    "send": NOWHERE,
    "refuse": IN_THE_ANSWER,
    "queue": IN_THE_QUEUE,
    "exclude": AT_SEND_TIME,
}


def decide(candidate: Candidate) -> Decision:
    """Return what becomes of the candidate: the verdict of the first rule that applies, or send."""
    for rule in _IDENTITY_RULES if candidate[_FACTS:] == _USUAL_FACTS else RULES:
        if rule.applies(candidate):
            return _verdict(candidate, rule, rule.why(candidate), rule.remedy)
        if candidate.wish == rule.name:
            why = f"{candidate.email_address} asks for it with +notsent-{rule.name}: as if {rule.meaning}."
            return _verdict(candidate, rule, why, "Send to an address without that label.")
    return Decision(
        outcome="send",
        rule="",
        code=None,
        name="",
        text="",
        why=_why_sent(candidate),
        remedy="",
        where=NOWHERE,
        origin="documented",
    )


def is_deliverable(subscriber_key: str, email_address: str) -> bool:
    """Tell whether no rule about key and address applies."""
    return (
        bool(subscriber_key)
        and len(subscriber_key) <= KEY_LIMIT
        and bool(email_address)
        and is_valid_address(email_address)
    )


def is_valid_address(text: str) -> bool:
    """Tell whether the service takes `text` for an address by its syntax: name, @, domain with a dot.

    Commas, spaces and domains without a dot are refused (documented); quoted names, address literals and letters beyond
    ASCII too (assumed).
    """
    return len(text) <= ADDRESS_LIMIT and _ADDRESS.fullmatch(text) is not None


def list_detective_blocks(address: str) -> str | None:
    """Return why List Detective keeps `address` from being sent to, `None` when it does not.

    The real list is not published: `example.com` is recorded, a top-level domain such as `aaaa` seen live, the three
    words are what others found by trying, the reserved domains and names of roles are assumed. The reserved domain of
    the magic addresses is never blocked.
    """
    folded = address.lower()
    name, _, domain = folded.rpartition("@")
    if domain == MAGIC_DOMAIN:
        return None
    rest, _, top = domain.rpartition(".")
    if top in _RESERVED_TOP or f"{rest.rpartition('.')[2]}.{top}" in _RESERVED_DOMAINS:
        return f"{domain} is reserved for examples and tests"
    if len(top) > _LONGEST_REAL_RUN and len(set(top)) == 1:
        return f"there is no top-level domain {top}"
    for word in _TRAP_WORDS:
        if word in folded:
            return f"the address holds the word {word}"
    if name.partition("+")[0] in _ROLES:
        return f"{name} is the address of a role, not of a person"
    return None


def _verdict(candidate: Candidate, rule: Rule, why: str, remedy: str) -> Decision:
    outcome = rule.outcome
    if outcome == "refuse" and candidate.queued_for is not None:
        # The call was answered long ago, with OK.
        outcome = "exclude"
    code = None if rule.code is None else CODES[rule.code]
    return Decision(
        outcome=outcome,
        rule=rule.name,
        code=rule.code,
        name=code.name if code else "",
        text=_text(rule, code),
        why=why,
        remedy=remedy,
        where=_WHERE[outcome],
        origin=rule.origin,
    )


def _text(rule: Rule, code: Code | None) -> str:
    if code is None:
        return ""
    return f"Error Code: {code.number} - {rule.sentence}" if rule.sentence else code.text


def _why_sent(candidate: Candidate) -> str:
    who = candidate.email_address
    if _is_unsubscribed(candidate):
        return (
            f"{who} is unsubscribed, but the send classification is Operational (transactional), and such a send "
            f"reaches unsubscribed subscribers too."
        )
    if candidate.status == "Bounced":
        return (
            f"{who} has status Bounced, which does not stop a send: only three bounces in a row over more than 14 days "
            f"do, when the status becomes Held."
        )
    return f"No rule blocks {who}: status {candidate.status}, no exclusion matched."


def _is_unsubscribed(candidate: Candidate) -> bool:
    return (
        candidate.status == "Unsubscribed"
        or candidate.list_status == "Unsubscribed"
        or candidate.account_opt_out
    )


def _respects_opt_outs(candidate: Candidate) -> bool:
    return candidate.classification != "Operational"


def _respects_list_opt_outs(candidate: Candidate) -> bool:
    return candidate.classification != "Operational" or candidate.honors_list_opt_outs


def _has_waited_too_long(candidate: Candidate) -> bool:
    return candidate.queued_for is not None and candidate.queued_for > QUEUE_LIFETIME


def _why_cleared(candidate: Candidate) -> str:
    return (
        f"The message waited in the queue of definition {candidate.definition!r}, which is now "
        f"{candidate.definition_status}."
    )


def _why_expired(candidate: Candidate) -> str:
    waited = format_duration(candidate.queued_for or timedelta())
    return f"The message waited {waited} in the queue; a queue keeps it for {format_duration(QUEUE_LIFETIME)}."


def _why_attribute_missing(candidate: Candidate) -> str:
    return "Required, but not given: " + ", ".join(candidate.missing_attributes) + "."


def _why_field_missing(candidate: Candidate) -> str:
    return (
        "Required by the data extension, but not given: "
        + ", ".join(candidate.missing_fields)
        + "."
    )


def _why_too_long(candidate: Candidate) -> str:
    long = candidate.long_attribute
    assert long is not None
    return f"{long.name} has {long.length} characters, {long.limit} are allowed."


def _why_wrong(wrong: WrongValue | None) -> str:
    assert wrong is not None
    shown = wrong.value if len(wrong.value) <= 60 else wrong.value[:57] + "…"
    return f"{wrong.name} is {shown!r}, wanted was {wrong.wanted}."


RULES: tuple[Rule, ...] = (
    Rule(
        "missingkey",
        29,
        "refuse",
        "SubscriberKey is empty",
        lambda one: not one.subscriber_key,
        lambda one: "SubscriberKey is empty.",
        "Send a SubscriberKey.",
    ),
    Rule(
        "longkey",
        30,
        "refuse",
        "SubscriberKey is too long",
        lambda one: len(one.subscriber_key) > KEY_LIMIT,
        lambda one: (
            f"SubscriberKey has {len(one.subscriber_key)} characters, {KEY_LIMIT} are allowed."
        ),
        f"Send a SubscriberKey of at most {KEY_LIMIT} characters.",
    ),
    Rule(
        "missingaddress",
        4,
        "refuse",
        "there is no address",
        lambda one: not one.email_address,
        lambda one: f"Neither the call nor the subscriber {one.subscriber_key!r} has an address.",
        "Send an EmailAddress.",
        "documented",
    ),
    Rule(
        "invalidaddress",
        5,
        "refuse",
        "the address has invalid syntax",
        lambda one: not is_valid_address(one.email_address),
        lambda one: f"{_shown(one.email_address)} is not of the form name@domain.tld.",
        "Send an address of the form name@domain.tld, without spaces, commas or a display name.",
        "recorded",
    ),
    Rule(
        "listdetective",
        24,
        "refuse",
        "List Detective blocks the address",
        lambda one: one.list_detective is not None,
        lambda one: f"List Detective blocks {one.email_address}: {one.list_detective}.",
        "Send to another address, or leave strict mode, which alone applies List Detective.",
        "recorded",
    ),
    Rule(
        "domainexclusion",
        23,
        "refuse",
        "the address is of an excluded domain",
        lambda one: bool(one.domain_exclusion),
        lambda one: (
            f"The domain of {one.email_address} is on the domain exclusion {one.domain_exclusion!r}."
        ),
        "Take the domain off the domain exclusion.",
        "documented",
    ),
    Rule(
        "unknownowner",
        12,
        "refuse",
        "the Owner is an account that the caller does not see",
        lambda one: one.unknown_owner,
        lambda one: "Owner/Client names an account that this one does not see.",
        "Name a business unit of the account, or leave Owner/Client out.",
    ),
    Rule(
        "invalidowner",
        140,
        "refuse",
        "the FromAddress of the Owner has invalid syntax",
        lambda one: bool(one.invalid_owner),
        lambda one: f"{_shown(one.invalid_owner)} is not of the form name@domain.tld.",
        "Send an Owner/FromAddress of that form, or none.",
        # The number is assumed.
        "documented",
        "Subscriber Owner FromEmail property value is set to an invalid email address",
    ),
    Rule(
        "missingattribute",
        10,
        "refuse",
        "a required attribute has no value",
        lambda one: bool(one.missing_attributes),
        _why_attribute_missing,
        "Send a value for each, or give the attribute a default value.",
        "documented",
    ),
    Rule(
        "invalidattribute",
        16,
        "refuse",
        "the value of an attribute is not of its type",
        lambda one: one.invalid_attribute is not None,
        lambda one: _why_wrong(one.invalid_attribute),
        "Send a value of the attribute's type.",
    ),
    Rule(
        "longattribute",
        17,
        "refuse",
        "the value of an attribute is too long",
        lambda one: one.long_attribute is not None,
        _why_too_long,
        "Send a shorter value; names that begin with HTML__ may hold more than 2,000 characters.",
    ),
    Rule(
        "missingfield",
        19,
        "refuse",
        "a required field of the definition's data extension has no value",
        lambda one: bool(one.missing_fields),
        _why_field_missing,
        "Send a value for each, or make the field nullable.",
    ),
    Rule(
        "invalidfield",
        20,
        "refuse",
        "the value of a field of the definition's data extension is not of its type",
        lambda one: one.invalid_field is not None,
        lambda one: _why_wrong(one.invalid_field),
        "Send a value of the field's type.",
    ),
    Rule(
        "takenback",
        37,
        "exclude",
        "the message was taken out of the queue by a Delete",
        lambda one: one.is_taken_back,
        lambda one: "A Delete of the TriggeredSend took the message out of the queue.",
        "Trigger it again.",
    ),
    Rule(
        "paused",
        None,
        "queue",
        "the definition is Inactive",
        lambda one: one.definition_status == "Inactive" and not _has_waited_too_long(one),
        lambda one: f"Definition {one.definition!r} is Inactive (paused).",
        f"Start the definition within {format_duration(QUEUE_LIFETIME)}: Update it with TriggeredSendStatus Active.",
        "documented",
    ),
    Rule(
        "cleared",
        39,
        "exclude",
        "the definition was canceled or deleted while the message was queued",
        lambda one: one.definition_status in ("Canceled", "Deleted"),
        _why_cleared,
        "Trigger it again, of a definition that is Active.",
    ),
    Rule(
        "expired",
        43,
        "exclude",
        "the message waited in the queue for more than three days",
        _has_waited_too_long,
        _why_expired,
        "Trigger it again, and start the definition sooner.",
    ),
    Rule(
        "deleted",
        40,
        "exclude",
        "the subscriber is Deleted",
        lambda one: one.status == "Deleted",
        lambda one: f"Subscriber {one.subscriber_key!r} is Deleted.",
        "Create the subscriber again.",
        "documented",
    ),
    Rule(
        "restricted",
        42,
        "exclude",
        "processing of the subscriber is restricted",
        lambda one: one.restricted,
        lambda one: f"Processing of subscriber {one.subscriber_key!r} is restricted.",
        "Lift the restriction.",
    ),
    Rule(
        "held",
        2,
        "exclude",
        "the subscriber is Held",
        lambda one: one.status == "Held",
        lambda one: (
            f"Subscriber {one.subscriber_key!r} is Held: their mail bounced too often. Held stops every send, "
            f"commercial or transactional."
        ),
        "Update the subscriber with a Status of Active.",
        "documented",
    ),
    Rule(
        "globalunsub",
        118,
        "exclude",
        "the address is on the global unsubscribe list",
        lambda one: one.globally_unsubscribed,
        lambda one: f"{one.email_address} is on the global unsubscribe list.",
        "Send to another address.",
    ),
    Rule(
        "unsubscribed",
        1,
        "exclude",
        "the subscriber is Unsubscribed on All Subscribers",
        lambda one: one.status == "Unsubscribed" and _respects_opt_outs(one),
        lambda one: (
            f"Subscriber {one.subscriber_key!r} is Unsubscribed on All Subscribers (master unsubscribe)."
        ),
        "Update the subscriber with a Status of Active, or use a send classification of type Operational.",
        "documented",
    ),
    Rule(
        "accountoptout",
        33,
        "exclude",
        "the subscriber is unsubscribed from the business unit",
        lambda one: one.account_opt_out and _respects_opt_outs(one),
        lambda one: f"Subscriber {one.subscriber_key!r} is unsubscribed from this business unit.",
        "Subscribe them to the business unit again, or use a send classification of type Operational.",
        "documented",
    ),
    Rule(
        "listoptout",
        31,
        "exclude",
        "the subscriber is Unsubscribed on the definition's list",
        lambda one: one.list_status == "Unsubscribed" and _respects_list_opt_outs(one),
        lambda one: (
            f"Subscriber {one.subscriber_key!r} is Unsubscribed on the definition's list {one.list_name!r}."
        ),
        "Update their status on the list to Active, or use a send classification of type Operational.",
        "documented",
    ),
    Rule(
        "optoutlist",
        28,
        "exclude",
        "the address is on an opt-out list",
        lambda one: bool(one.opt_out_list),
        lambda one: f"{one.email_address} is on the opt-out list {one.opt_out_list!r}.",
        "Take the address off the opt-out list.",
    ),
    Rule(
        "suppressed",
        27,
        "exclude",
        "the address is on a suppression list",
        lambda one: bool(one.suppression_list),
        lambda one: f"{one.email_address} is on the suppression list {one.suppression_list!r}.",
        "Take the address off the suppression list.",
        "documented",
    ),
    Rule(
        "excluded",
        102,
        "exclude",
        "an exclusion of the definition matches",
        lambda one: bool(one.exclusion),
        lambda one: f"The definition excludes {one.email_address}: {one.exclusion}.",
        "Change the exclusion of the definition.",
        "documented",
    ),
    Rule(
        "builderror",
        26,
        "exclude",
        "the email cannot be built",
        lambda one: bool(one.build_error),
        lambda one: f"The email could not be built for {one.email_address}: {one.build_error}.",
        "Fix the email, then publish it with RefreshContent.",
    ),
)
"""Every reason for not sending at once, in the order in which the rules are applied."""


# Nearly every candidate has these facts: then only the rules about key and address can apply.
_FACTS = Candidate._fields.index("status")
_USUAL_FACTS = Candidate("", "")[_FACTS:]
_IDENTITY_RULES = RULES[:4]

GIVEN: dict[int, Rule] = {rule.code: rule for rule in RULES if rule.code is not None}
"""The codes that a triggered send can get here, with the rule that gives each."""


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "…")


_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(
    rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?:[A-Za-z]{{2,63}}|xn--[A-Za-z0-9-]{{1,59}})"
)

# `aaa` and `xxx` are top-level domains, longer ones of one letter are none.
_LONGEST_REAL_RUN = 3
_RESERVED_TOP = {"example", "invalid", "localhost", "test"}
_RESERVED_DOMAINS = {"example.com", "example.net", "example.org"}
_TRAP_WORDS = ("spam", "blacklist", "blocklist")
_ROLES = {"abuse", "hostmaster", "mailer-daemon", "postmaster"}
