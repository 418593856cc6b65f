"""The audience of a send job: recipients from its lists and data extensions, a page at a time, and exclusions.

A row of a data extension names its subscriber by the sendable field; the address is that of the first field of type
EmailAddress, else the one on record, and every column is a value for personalization (documented; the order of the
two: assumed).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sfmc_mock.account import profile_attributes
from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_fields import shown_row
from sfmc_mock.account.data_extensions import DataExtension, find
from sfmc_mock.account.lists import is_all_subscribers
from sfmc_mock.account.recipients import Delivery, Recipient
from sfmc_mock.account.send_terms import (
    DOMAINS,
    EXCLUSION,
    OPT_OUT,
    SOURCE,
    AudiencePart,
    SendTerms,
)
from sfmc_mock.errors import Refused
from sfmc_mock.store import audiences
from sfmc_mock.store.conditions import from_plain
from sfmc_mock.store.subscribers import list_statuses
from sfmc_mock.whole_numbers import whole_number


def audience_of(account: Account, part: AudiencePart) -> Iterator[list[Recipient]]:
    """Yield the recipients of a source, a page at a time."""
    if part.data_extension:
        yield from _of_rows(account, part)
        return
    for page in _members(account, part):
        yield [Recipient(key, address) for key, address in page]


def _members(account: Account, part: AudiencePart) -> Iterator[list[tuple[str, str]]]:
    list_id = None if is_all_subscribers(account, part.list_id) else part.list_id
    expressions = {name: sql for name, (sql, _) in subscriber_columns(account).items()}
    condition = from_plain(part.condition, expressions)
    where = ("", ()) if condition is None else (condition.sql, condition.values)
    for page in audiences.members(account.db, list_id, *where):
        yield [(key, address) for key, address in page]


def subscriber_columns(account: Account) -> dict[str, tuple[str, str]]:
    """Return the columns that can narrow the members of a list: SQL and kind, by the property or attribute."""
    own = {
        attribute.name: (
            audiences.attribute_sql(attribute.name, is_number=attribute.property_type == "double"),
            "number" if attribute.property_type == "double" else "text",
        )
        for attribute in profile_attributes.attributes(account)
    }
    return {**own, **audiences.SUBSCRIBER_COLUMNS}


def count_audience(account: Account, terms: SendTerms) -> int:
    """Return the number of members and rows of all sources, duplicates included (documented: GetMaxCount)."""
    return sum(_count(account, source) for source in terms.sources)


def _count(account: Account, part: AudiencePart) -> int:
    if part.data_extension:
        if part.condition is None:
            extension = _extension(account, part)
            return account.db.count(extension.table)
        return sum(len(page) for page in _of_rows(account, part))
    if part.condition is not None:
        return sum(len(page) for page in _members(account, part))
    is_all = is_all_subscribers(account, part.list_id)
    return audiences.count_members(account.db, None if is_all else part.list_id)


def _extension(account: Account, part: AudiencePart) -> DataExtension:
    extension = find(account, object_id=part.data_extension)
    if extension is None:
        # Code and text: documented.
        raise Refused(42008, "ESD_Custom Object Not Found")
    return extension


def _of_rows(account: Account, part: AudiencePart) -> Iterator[list[Recipient]]:
    extension = _extension(account, part)
    columns = [field.name for field in extension.fields]
    condition = from_plain(part.condition, extension.compared)
    where = ("", ()) if condition is None else (condition.sql, condition.values)
    address = next(
        (field for field in extension.fields if field.field_type == "EmailAddress"), None
    )
    name = address.name if address is not None else None
    if name is None and extension.sendable_subscriber_field == "_EmailAddress":
        name = extension.sendable_field
    for page in audiences.rows_of(account.db, extension.table, columns, *where):
        rows = [shown_row(extension.fields, row) for row in page]
        keys = _keys(account, extension, rows)
        yield [
            Recipient(key, row.get(name) if name else None, row)
            for key, row in zip(keys, rows, strict=True)
        ]


def _keys(
    account: Account, extension: DataExtension, rows: Sequence[Mapping[str, str]]
) -> list[str]:
    """Return the SubscriberKeys of rows."""
    name = extension.sendable_field or ""
    values = [row.get(name, "") for row in rows]
    if extension.sendable_subscriber_field == "_SubscriberID":
        numbers = [whole_number(value) for value in values]
        known = audiences.keys_of(account.db, [number for number in numbers if number is not None])
        return ["" if number is None else known.get(number, "") for number in numbers]
    return values


@dataclass(frozen=True)
class AudienceExclusions:
    """The exclusions by the lists of a job."""

    account: Account
    parts: tuple[AudiencePart, ...]
    domains: Mapping[str, str]

    @classmethod
    def of(cls, account: Account, terms: SendTerms) -> AudienceExclusions:
        """Read the exclusions that do not depend on the recipients."""
        domains = {
            value.casefold().lstrip("@"): part.name
            for part in terms.parts
            if part.kind == DOMAINS
            for value in _first_column(account, part)
        }
        others = tuple(part for part in terms.parts if part.kind not in (SOURCE, DOMAINS))
        return cls(account, others, domains)

    @property
    def are_any(self) -> bool:
        return bool(self.parts or self.domains)

    def of_page(self, deliveries: Sequence[Delivery]) -> dict[int, dict[str, object]]:
        """Return the reasons of excluded deliveries, as fields of a `Candidate`, by their ordinals."""
        facts: dict[int, dict[str, object]] = {}
        for delivery in deliveries:
            name = self.domains.get(delivery.email_address.rpartition("@")[2].casefold())
            if name is not None:
                facts.setdefault(delivery.ordinal, {})["domain_exclusion"] = name
        for part in self.parts:
            fact = {EXCLUSION: "exclusion", OPT_OUT: "opt_out_list"}[part.kind]
            for member in self._members(part, deliveries):
                facts.setdefault(member.ordinal, {})[fact] = part.name
        return facts

    def _members(self, part: AudiencePart, deliveries: Sequence[Delivery]) -> list[Delivery]:
        db = self.account.db
        if not part.data_extension:
            numbers = [delivery.subscriber_id for delivery in deliveries if delivery.subscriber_id]
            if is_all_subscribers(self.account, part.list_id):
                on_it = set(numbers)
            else:
                on_it = set(list_statuses(db, part.list_id, numbers))
            return [delivery for delivery in deliveries if delivery.subscriber_id in on_it]
        extension = _extension(self.account, part)
        field = extension.by_key.get((extension.sendable_field or "").casefold())
        if field is None:
            return []
        named = {delivery.ordinal: _identity(extension, delivery) for delivery in deliveries}
        held = {
            value.casefold()
            for value in audiences.values_among(
                db, extension.table, field.column, list(dict.fromkeys(named.values()))
            )
        }
        return [delivery for delivery in deliveries if named[delivery.ordinal].casefold() in held]


def _identity(extension: DataExtension, delivery: Delivery) -> str:
    """Return the value of a recipient in the sendable field of a data extension."""
    related = extension.sendable_subscriber_field
    if related == "_SubscriberID":
        return str(delivery.subscriber_id)
    return delivery.email_address if related == "_EmailAddress" else delivery.subscriber_key


def _first_column(account: Account, part: AudiencePart) -> list[str]:
    """Return the domains that a data extension lists, in its first column (its template has one: assumed)."""
    extension = _extension(account, part)
    return audiences.distinct_values(account.db, extension.table, extension.fields[0].name)
