"""The terms of a send: what the account and the definition say, the same for every subscriber."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sfmc_mock.account import attributes as profile
from sfmc_mock.account import behaviour
from sfmc_mock.account.account import Account
from sfmc_mock.account.exclusions import Exclusions, exclusions
from sfmc_mock.account.jobs import links_of, list_of
from sfmc_mock.account.metadata_cache import kept
from sfmc_mock.simulator.decisions import Candidate
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.links import Link
from sfmc_mock.simulator.profiles import EngagementProfile, LagProfile
from sfmc_mock.store.database import Row


@dataclass(frozen=True, slots=True)
class SendContext:
    """What sends of a definition depend on beside their subscribers.

    `usual` is the candidate whom nothing keeps from being sent to, still without key and address. `attributes` are the
    profile's, by their names in folded case; `requires` says whether any must have a value, `defaults` gives those
    that they have without saying. `job_id` is 0 before the first start, `links` are those of the job's email.
    """

    definition: Row
    job_id: int
    list_id: int
    has_own_list: bool
    usual: Candidate
    attributes: Mapping[str, profile.Attribute]
    requires: bool
    defaults: Mapping[str, str]
    exclusions: Exclusions
    engagement: EngagementProfile
    lag: LagProfile
    draws: KeyedRandom
    links: tuple[Link, ...]

    @property
    def object_id(self) -> str:
        return str(self.definition["object_id"])


def send_context_of(account: Account, definition: Row) -> SendContext:
    """Return the terms of a definition as it is now."""
    known = kept(account, "terms")
    number = definition["id"]
    if number not in known:
        known[number] = _terms(account, definition)
    found: SendContext = known[number]
    return found


def _terms(account: Account, definition: Row) -> SendContext:
    list_id = list_of(account, definition)
    of_list = account.db.find("list", id=list_id) or {}
    job_id = int(str(definition["job_id"] or 0))
    known = profile.by_folded_name(account)
    return SendContext(
        definition=definition,
        job_id=job_id,
        list_id=list_id,
        has_own_list=not of_list.get("is_all_subscribers"),
        usual=_usual(account, definition, of_list),
        attributes=known,
        requires=any(each.is_required and not each.default_value for each in known.values()),
        defaults={each.name: each.default_value for each in known.values() if each.default_value},
        exclusions=exclusions(account),
        engagement=behaviour.engagement(account),
        lag=behaviour.lag(account),
        draws=behaviour.draws(account),
        links=links_of(account, job_id),
    )


def _usual(account: Account, definition: Row, of_list: Row) -> Candidate:
    classification = (
        account.db.find("send_classification", id=definition["send_classification_id"]) or {}
    )
    # By its name, the setting is about publication lists only.
    honors = classification.get("honors_list_opt_outs") and (
        str(of_list.get("classification")).lower() == "publicationlist"
    )
    return Candidate(
        subscriber_key="",
        email_address="",
        list_name=str(of_list.get("name", "")),
        definition=str(definition["customer_key"]),
        definition_status=str(definition["status"]),
        classification=str(classification.get("type", "Marketing")),
        honors_list_opt_outs=bool(honors),
    )
