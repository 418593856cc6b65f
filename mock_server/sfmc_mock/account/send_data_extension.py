"""SendSourceDataExtension: the data extension that keeps the values given for a definition's sends, a row for each.

It must have no primary key (documented). That each send adds a row, whose columns take the key, the address and the
attributes called like them, is known from the product's own pages, not from recordings.
"""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_fields import CellRefused, stored_value
from sfmc_mock.account.data_extension_rows import insert
from sfmc_mock.account.data_extensions import DataExtension, find
from sfmc_mock.account.recipients import Delivery
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.candidates import WrongValue
from sfmc_mock.store.row_types import Definition

_ADDRESS = ("emailaddress", "email address")
_KEY = ("subscriberkey", "subscriber key")


def find_source(account: Account, definition: Definition) -> DataExtension:
    """Return the data extension that the definition names. Raises `Refused` (180015: documented)."""
    row = account.db.find("data_extension", id=definition.send_source_data_extension_id)
    source = find(account, object_id=row["object_id"]) if row is not None else None
    if source is None or source.primary_key:
        raise Refused(180015, "Triggered Send Data Extension is missing or misconfigured")
    return source


def row_problems(source: DataExtension, delivery: Delivery) -> dict[str, object]:
    """Return the missing and wrong values in the row of a delivery, as fields of a `Candidate`."""
    values = _values(source, delivery)
    problems: dict[str, object] = {}
    missing = []
    for field in source.fields:
        value = values.get(field.key)
        if value is None:
            if field.must_be_given:
                missing.append(field.name)
            continue
        try:
            stored_value(field, value)
        except CellRefused:
            wrong = WrongValue(field.name, value, f"a value of type {field.field_type}")
            problems["invalid_field"] = wrong
    if missing:
        problems["missing_fields"] = tuple(missing)
    return problems


def add_row(account: Account, source: DataExtension, delivery: Delivery) -> None:
    """Add the row of a delivery."""
    values = _values(source, delivery)
    insert(
        account,
        source,
        [(field.name, values[field.key]) for field in source.fields if field.key in values],
    )


def _values(source: DataExtension, delivery: Delivery) -> Mapping[str, str]:
    """Return the values of the columns, by their names in folded case; an empty text is not a value."""
    key, address = delivery.subscriber_key, delivery.email_address
    given = {name.casefold(): value for name, value in delivery.given.items()}
    given |= dict.fromkeys(_KEY, key) | dict.fromkeys(_ADDRESS, address)
    if source.sendable_field:
        related = {"_SubscriberKey": key, "_SubscriberID": str(delivery.subscriber_id or "")}.get(
            source.sendable_subscriber_field or "", address
        )
        given[source.sendable_field.casefold()] = related
    return {name: value for name, value in given.items() if value}
