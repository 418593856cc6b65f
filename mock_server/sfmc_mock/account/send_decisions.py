"""Whether a message is sent: how a subscriber differs from the usual one, and the decision that follows."""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account import profile_attributes as profile
from sfmc_mock.account.account import Account
from sfmc_mock.account.recipients import Delivery, strings_of
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.account.suppression import list_with_address
from sfmc_mock.simulator.addresses import is_deliverable, is_valid_address, list_detective_blocks
from sfmc_mock.simulator.candidates import TooLong, WrongValue
from sfmc_mock.simulator.decisions import SEND, Decision, decide
from sfmc_mock.store.subscribers import is_globally_unsubscribed

# The greatest length of an attribute's value, for any profile (documented); HTML__ attributes may be longer.
_LONGEST_VALUE = 2_000
_UNLIMITED = "HTML__"


def decide_on(
    account: Account,
    context: SendContext,
    delivery: Delivery,
    more: Mapping[str, object] | None = None,
) -> Decision:
    """Return whether the message is sent; `more` are facts of a `Candidate` that the caller knows."""
    facts = _facts(account, context, delivery)
    if more:
        facts.update(more)
    key, address = delivery.subscriber_key, delivery.email_address
    if not facts and context.is_active and is_deliverable(key, address):
        return SEND
    candidate = context.usual._replace(
        subscriber_key=key,
        email_address=address,
        **facts,  # type: ignore[arg-type]
    )
    return decide(candidate)


def _facts(account: Account, context: SendContext, delivery: Delivery) -> dict[str, object]:
    """Return the fields of a candidate in which the subscriber differs from the usual one."""
    facts: dict[str, object] = {}
    address = delivery.email_address
    if delivery.is_in_category and is_globally_unsubscribed(account.db, address):
        facts["globally_unsubscribed"] = True
    if delivery.status != "Active":
        facts["status"] = delivery.status
    if delivery.list_status is not None and delivery.list_status != "Active":
        facts["list_status"] = delivery.list_status
    if delivery.wishes is not None and delivery.wishes.not_sent:
        facts["wish"] = delivery.wishes.not_sent
    if delivery.owner is not None:
        facts["unknown_owner"] = not delivery.owner.is_known
        sender = delivery.owner.from_address.strip()
        if sender and not is_valid_address(sender):
            facts["invalid_owner"] = sender
    if account.strict and (reason := list_detective_blocks(address)):
        facts["list_detective"] = reason
    if context.excludes:
        facts["domain_exclusion"] = context.exclusions.domain_exclusion(address)
        facts["suppression_list"] = context.exclusions.suppression_list(address)
    if context.suppression_lists and not facts.get("suppression_list"):
        facts["suppression_list"] = list_with_address(account, context.suppression_lists, address)
    if context.is_filtered_out is not None and context.is_filtered_out(
        _values(account, context, delivery)
    ):
        facts["exclusion"] = context.definition.exclusion_filter
    if delivery.given and context.checks_attributes:
        _add_misfit(facts, context, delivery.given)
    if context.requires:
        values = {name.casefold(): value for name, value in delivery.attributes.items()}
        facts["missing_attributes"] = profile.missing(context.attributes, values)
    return facts


def _values(account: Account, context: SendContext, delivery: Delivery) -> Mapping[str, str]:
    """Return the values of a recipient for an exclusion filter."""
    strings = strings_of(account, context, delivery)
    own = {name.lower(): value for name, value in delivery.attributes.items()}
    return {**strings, **context.defaults, **own}


def _add_misfit(facts: dict[str, object], context: SendContext, given: Mapping[str, str]) -> None:
    misfit = profile.misfit(context.attributes, given)
    if misfit is not None:
        is_wrong = isinstance(misfit, WrongValue)
        facts["invalid_attribute" if is_wrong else "long_attribute"] = misfit
    else:
        for name, value in given.items():
            if len(value) > _LONGEST_VALUE and not name.startswith(_UNLIMITED):
                facts["long_attribute"] = TooLong(name, _LONGEST_VALUE, len(value))
