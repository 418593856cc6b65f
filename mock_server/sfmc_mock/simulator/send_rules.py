"""The rules that decide whether a message is sent to a subscriber of a triggered send.

They stand in the order in which they are applied. Those of the first part are noticed while the call is answered and
come back as `SubscriberFailures` (required fields and address syntax are checked synchronously: documented; List
Detective: recorded; domain exclusion: documented as a message of 18006; the rest of that part: assumed). Those of the
last part are noticed when the message leaves: the call says OK, and the subscriber gets a NotSentEvent and an
`ErrorCode` in the send log (documented for unsubscribed ones; the order is assumed).

Of the status on All Subscribers, Held and Deleted stop every send, Unsubscribed stops commercial ones only, Bounced
stops none (documented).
"""

from __future__ import annotations

from datetime import timedelta

from sfmc_mock.simulator.addresses import KEY_LIMIT, is_valid_address
from sfmc_mock.simulator.candidates import Candidate, Rule, WrongValue
from sfmc_mock.simulator.durations import format_duration

# The time for which a paused definition queues messages (reported by users: assumed).
QUEUE_LIFETIME = timedelta(days=3)


def is_unsubscribed(candidate: Candidate) -> bool:
    """Say whether the subscriber is unsubscribed from All Subscribers, the list or the business unit."""
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


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "…")


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

GIVEN: dict[int, Rule] = {rule.code: rule for rule in RULES if rule.code is not None}
"""The codes of these rules, each with its rule."""
