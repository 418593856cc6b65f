"""The context of a send: the settings of its account and definition, which all subscribers share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from sfmc_mock.account import profile_attributes as profile
from sfmc_mock.account import simulation_settings
from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_rows import LogPlan, log_plan
from sfmc_mock.account.exclusion_filters import exclusion_filter
from sfmc_mock.account.jobs import links_of, list_of
from sfmc_mock.account.lists import find_list
from sfmc_mock.account.send_exclusions import Exclusions, exclusions
from sfmc_mock.account.send_log_rows import LOG_OWN, LogRows
from sfmc_mock.account.suppression import applicable_lists
from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.simulator.candidates import Candidate
from sfmc_mock.simulator.engagement_profiles import EngagementProfile, LagProfile
from sfmc_mock.simulator.event_plan import UNEVENTFUL
from sfmc_mock.simulator.keyed_random import KeyedRandom
from sfmc_mock.simulator.links import Link
from sfmc_mock.simulator.messages import EVENT_TYPES
from sfmc_mock.store.row_types import Definition, SubscriberList
from sfmc_mock.store.sends import messages_with_events
from sfmc_mock.store.writes import Combined


@dataclass(frozen=True, slots=True)
class SendContext:
    """The values that sends of a definition depend on, except subscribers.

    `usual` is a candidate whom no rule blocks, without key and address; `is_active` says that sends are not queued.
    `attributes` are the profile's, by their names in folded case; `requires` says whether any must have a value,
    `defaults` gives the default values by folded name. `excludes` says whether there are exclusions.
    `suppression_lists` are the numbers of the suppression lists that apply.
    `job_id` is 0 before the first start; `links` are those of the job's email. `log` is the plan of the send log's
    rows, None where there is no send log or sends are not logged.
    """

    definition: Definition
    job_id: int
    list_id: int
    has_own_list: bool
    usual: Candidate
    is_active: bool
    attributes: Mapping[str, profile.Attribute]
    requires: bool
    defaults: Mapping[str, str]
    excludes: bool
    exclusions: Exclusions
    suppression_lists: tuple[int, ...]
    engagement: EngagementProfile
    lag: LagProfile
    draws: KeyedRandom
    links: tuple[Link, ...]
    log: LogPlan | None
    is_filtered_out: Callable[[Mapping[str, str]], bool] | None
    """Says whether the definition's exclusion filter excludes a recipient, whose values have lower-case names."""
    has_batches: bool = True
    """Whether messages are numbered by batches: a send that no call triggers has batch 0 (documented)."""
    is_strict: bool = False
    """Whether the account is."""
    checks_attributes: bool = True
    """Whether the given attributes must fit the profile; columns of a data extension have their own types."""
    with_events: Combined | None = field(init=False)
    """The statement that adds messages with their events, where each is only sent and delivered, at once.

    None where the profiles cause other events, or the definition was never started.
    """
    further_columns: frozenset[str] = field(init=False)
    """The names of the log's columns that are neither its own nor attributes, in folded case."""
    log_rows: LogRows | None = field(init=False)
    """Makes the rows of the send log, where there is one."""

    def __post_init__(self) -> None:
        with_events = None
        if self.engagement.is_quiet and self.lag.is_instant and self.job_id:
            event_types = [EVENT_TYPES[kind] for kind in UNEVENTFUL]
            with_events = messages_with_events(event_types, self.definition.object_id)
        object.__setattr__(self, "with_events", with_events)
        free = frozenset() if self.log is None else self.log.columns.keys() - LOG_OWN
        object.__setattr__(self, "further_columns", frozenset(free - self.attributes.keys()))
        object.__setattr__(self, "log_rows", self._log_rows(free))

    def _log_rows(self, free: AbstractSet[str]) -> LogRows | None:
        """Return what makes rows of the send log; `free` are the names of its columns that are not its own.

        In strict mode only attributes of the profile fill columns (documented); columns of a data extension that is
        sent to are taken in both modes (documented).
        """
        if self.log is None:
            return None
        of_send: dict[str, object] = {
            name: value for name, value in self.defaults.items() if name in free
        }
        of_send |= {
            "jobid": self.job_id or None,
            "listid": self.list_id,
            "triggeredsendid": self.definition.object_id or None,
        }
        is_limited = self.is_strict and self.checks_attributes
        return LogRows(self.log, of_send, free & self.attributes.keys() if is_limited else free)


_MOST_CONTEXTS = 1_000


def send_context_of(account: Account, definition: Definition) -> SendContext:
    """Return the context of a definition as it is now."""
    contexts = account.cached("send contexts")
    context: SendContext | None = contexts.get(definition.id)
    if context is None:
        context = context_of(account, definition)
        put_bounded(contexts, definition.id, context, _MOST_CONTEXTS)
    return context


def unknown_attributes(account: Account, context: SendContext, names: Iterable[str]) -> set[str]:
    """Return the names that are neither profile attributes nor columns of the definition's data extension."""
    unknown = {name for name in names if name.casefold() not in context.attributes}
    source = context.definition.send_source_data_extension_id
    if not unknown or source is None:
        return unknown
    columns = account.db.find_all("data_extension_field", "id", data_extension_id=source)
    return unknown - {
        name
        for name in unknown
        for column in columns
        if column["name"].casefold() == name.casefold()
    }


def context_of(account: Account, definition: Definition) -> SendContext:
    """Return the context of a definition."""
    list_id = list_of(account, definition)
    subscriber_list = find_list(account, list_id)
    job_id = definition.job_id or 0
    known = profile.by_folded_name(account)
    excluded = exclusions(account)
    return SendContext(
        definition=definition,
        job_id=job_id,
        list_id=list_id,
        has_own_list=subscriber_list is None or not subscriber_list.is_all_subscribers,
        usual=_usual_candidate(account, definition, subscriber_list),
        is_active=definition.status == "Active",
        attributes=known,
        requires=any(
            attribute.is_required and not attribute.default_value for attribute in known.values()
        ),
        defaults={
            name: attribute.default_value
            for name, attribute in known.items()
            if attribute.default_value
        },
        excludes=excluded.are_any,
        exclusions=excluded,
        suppression_lists=_suppression_lists(account, definition),
        engagement=simulation_settings.engagement(account),
        lag=simulation_settings.lag(account),
        draws=simulation_settings.keyed_random_of(account),
        links=links_of(account, job_id),
        log=log_plan(account) if definition.is_send_logging else None,
        is_filtered_out=exclusion_filter(account, definition.exclusion_filter or ""),
        is_strict=account.strict,
    )


def _suppression_lists(account: Account, definition: Definition) -> tuple[int, ...]:
    classification = account.db.find("send_classification", id=definition.send_classification_id)
    profile_id: object = definition.sender_profile_id
    if profile_id is None and classification is not None:
        profile_id = classification["sender_profile_id"]
    return applicable_lists(account, classification or {}, profile_id)


def _usual_candidate(
    account: Account, definition: Definition, subscriber_list: SubscriberList | None
) -> Candidate:
    classification = (
        account.db.find("send_classification", id=definition.send_classification_id) or {}
    )
    # By its name, the setting is about publication lists only.
    honors = (
        classification.get("honors_list_opt_outs")
        and subscriber_list is not None
        and subscriber_list.classification.lower() == "publicationlist"
    )
    return Candidate(
        subscriber_key="",
        email_address="",
        list_name=subscriber_list.name if subscriber_list else "",
        definition=definition.customer_key,
        definition_status=definition.status,
        classification=str(classification.get("type", "Marketing")),
        honors_list_opt_outs=bool(honors),
    )
