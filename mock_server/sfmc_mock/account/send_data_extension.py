"""SendSourceDataExtension: the data extension that keeps what a definition's sends were given, a row for each.

It must have no primary key (documented). That each send adds a row, whose columns take the key, the address and the
attributes called like them, is known from the product's own pages, not from recordings.
"""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extensions import DataExtension, find
from sfmc_mock.account.recipients import Person
from sfmc_mock.account.row_values import CellRefused, held
from sfmc_mock.account.rows import insert
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.decisions import Candidate, WrongValue
from sfmc_mock.store.database import Row

_ADDRESS = ("emailaddress", "email address")
_KEY = ("subscriberkey", "subscriber key")


def source_of(account: Account, definition: Row) -> DataExtension | None:
    """Return the definition's data extension, None when it has none. Raises `Refused` (180015: documented)."""
    number = definition["send_source_data_extension_id"]
    if number is None:
        return None
    row = account.db.find("data_extension", id=number)
    found = find(account, object_id=str(row["object_id"])) if row is not None else None
    if found is None or found.primary_key:
        raise Refused(180015, "Triggered Send Data Extension is missing or misconfigured")
    return found


def checked(source: DataExtension, person: Person, candidate: Candidate) -> Candidate:
    """Return the candidate with what is missing or wrong of the person's row."""
    values = _values(source, person)
    missing = []
    for field in source.fields:
        value = values.get(field.key)
        if value is None:
            if field.is_required and not field.default_value:
                missing.append(field.name)
            continue
        try:
            held(field, value)
        except CellRefused:
            wrong = WrongValue(field.name, value, f"a value of type {field.field_type}")
            candidate = candidate._replace(invalid_field=wrong)
    return candidate._replace(missing_fields=tuple(missing)) if missing else candidate


def keep(account: Account, source: DataExtension, person: Person) -> None:
    """Add a person's row."""
    values = _values(source, person)
    insert(
        account,
        source,
        [(field.name, values[field.key]) for field in source.fields if field.key in values],
    )


def _values(source: DataExtension, person: Person) -> Mapping[str, str]:
    """Return what the columns are given, by their names in folded case; an empty text is nothing."""
    given = {name.casefold(): value for name, value in person.given.items()}
    given |= dict.fromkeys(_KEY, person.key) | dict.fromkeys(_ADDRESS, person.email_address)
    if source.sendable_field:
        is_key = source.sendable_subscriber_field == "_SubscriberKey"
        given[source.sendable_field.casefold()] = person.key if is_key else person.email_address
    return {name: value for name, value in given.items() if value}
