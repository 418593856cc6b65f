"""Profile attributes: values that an account keeps for each subscriber beside key and address."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sfmc_mock.account.account import Account
from sfmc_mock.clock import parse_iso_or_us_time
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.candidates import TooLong, WrongValue
from sfmc_mock.store.database import Row
from sfmc_mock.store.row_types import read_record

DEFAULT_MAX_LENGTH = 50
"""Of a text attribute (recorded: Describe of Subscriber)."""

# Live accounts hold names with blanks and underscores, though the documentation says letters and digits.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ ]*", re.ASCII)
_RESERVED = frozenset(
    {"emailaddress", "subscriberkey", "subscriberid", "email", "status", "listid"}
)
_DOUBLE = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_BOOLEANS = frozenset({"true", "false", "1", "0", "yes", "no"})
_MOST = 250


class PicklistItem(NamedTuple):
    """A value that an attribute can have."""

    value: str
    label: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Attribute:
    """A profile attribute. `property_type` is string, boolean, double or datetime (wsdl)."""

    id: int
    name: str
    property_type: str
    label: str
    description: str
    default_value: str
    min_length: int | None
    max_length: int | None
    min_value: str | None
    max_value: str | None
    is_required: bool
    is_viewable: bool
    is_editable: bool
    is_send_time: bool
    is_restricted_picklist: bool
    picklist: tuple[PicklistItem, ...]
    display_order: int
    takes_any_text: bool = field(init=False)
    """Whether every text up to its greatest length is a value of it."""

    def __post_init__(self) -> None:
        takes_any_text = (
            self.property_type == "string"
            and not self.is_restricted_picklist
            and self.min_length is None
        )
        object.__setattr__(self, "takes_any_text", takes_any_text)


def attributes(account: Account) -> list[Attribute]:
    """Return the account's profile attributes in their display order."""
    return [_attribute(row) for row in account.db.find_all("profile_attribute", "display_order")]


def _attribute(row: Row) -> Attribute:
    picklist = tuple(
        PicklistItem(str(item["value"]), str(item["label"] or item["value"]), item["is_default"])
        for item in json.loads(row["picklist"])
    )
    return read_record(Attribute, row, picklist=picklist)


def create_attribute(account: Account, wanted: Mapping[str, object]) -> int:
    """Create an attribute from its columns and return its ID. Raises `Refused` (67xxx: documented)."""
    name = str(wanted.get("name") or "").strip()
    _check_name(account, name)
    if account.db.count("profile_attribute") >= _MOST:
        raise Refused(67034, "Property Definition Maximum Count Exceeded")
    with account.db.atomic():
        number = account.db.next_number("profile_attribute", 126_713)
        order = account.db.next_number("profile_attribute_order")
        own = {"name": name, "display_order": order, "id": number}
        account.db.insert("profile_attribute", {"label": name, **wanted, **own})
        row = _find(account, {"id": number})
        if row["property_type"] == "string" and row["max_length"] is None:
            row["max_length"] = DEFAULT_MAX_LENGTH
            account.db.update("profile_attribute", row, id=number)
        _check_limits(row)
    return number


def change_attribute(
    account: Account, identity: Mapping[str, object], changes: Mapping[str, object]
) -> int:
    """Change an attribute that its `id` or `name` names; return its ID. Raises `Refused` (67xxx: documented)."""
    row = _find(account, identity)
    _check_unlocked(row, changes)
    name = str(changes.get("name") or row["name"]).strip()
    if name.casefold() != row["name"].casefold():
        _check_name(account, name)
    changed = {**row, **changes, "name": name}
    _check_limits(changed)
    account.db.update("profile_attribute", changed, id=row["id"])
    return int(row["id"])


def delete_attribute(account: Account, identity: Mapping[str, object]) -> int:
    """Delete an attribute that its `id` or `name` names; return its ID. Raises `Refused` (67xxx: documented)."""
    row = _find(account, identity)
    if row["is_locked"]:
        raise Refused(67035, "Property Definition Read Only Access")
    if _is_filtered_on(account, row["name"]):
        raise Refused(67022, "Property Definition Error Deleting")
    account.db.delete("profile_attribute", id=row["id"])
    return int(row["id"])


# The properties of a locked attribute that cannot change, with the refusal (documented; which are locked: assumed).
_LOCKED = {
    "name": (67024, "Name"),
    "is_editable": (67025, "Is Editable"),
    "is_required": (67026, "Is Required"),
    "is_send_time": (67027, "Is Send Time"),
    "is_viewable": (67028, "Is Viewable"),
    "min_value": (67029, "Min Value"),
    "max_value": (67030, "Max Value"),
    "min_length": (67031, "Min Length"),
    "max_length": (67032, "Max Length"),
    "default_value": (67033, "Default Value"),
}


def _check_unlocked(row: Row, changes: Mapping[str, object]) -> None:
    if not row["is_locked"]:
        return
    for column, (code, name) in _LOCKED.items():
        if column in changes and changes[column] != row[column]:
            raise Refused(code, f"Property Definition No Change {name}")


def _is_filtered_on(account: Account, name: str) -> bool:
    """Say whether a filter of subscribers names an attribute."""
    filters = account.db.find_all("filter_definition", "id", data_source_id=None)
    return any(f'"{name}"'.casefold() in row["data_filter"].casefold() for row in filters)


def _find(account: Account, identity: Mapping[str, object]) -> Row:
    for column, code, called in (("id", 67023, "ID"), ("name", 67021, "Name")):
        if identity.get(column):
            row = account.db.find("profile_attribute", **{column: identity[column]})
            if row is None:
                raise Refused(code, f"Property Definition {called} Not Found")
            return row
    raise Refused(67020, "Property Definition Not Found")


def _check_name(account: Account, name: str) -> None:
    if not name:
        raise Refused(67002, "Property Definition No Name")
    if not name[0].isalpha():
        raise Refused(67003, "Property Definition Name Does Not Start With Letter")
    if not _NAME.fullmatch(name):
        raise Refused(67004, "Property Definition Name Contains Non-Alphanumeric Characters")
    if name.replace(" ", "").casefold() in _RESERVED:
        raise Refused(67005, "Property Definition Name Is On List Of Restricted Words")
    if account.db.count("profile_attribute", name=name):
        raise Refused(67006, "Property Definition Name Already Exists")


def _check_limits(row: Row) -> None:
    low, high = row["min_length"], row["max_length"]
    if low is not None and high is not None and low > high:
        raise Refused(67000, "Property Definition MinLength > MaxLength")
    default: str = row["default_value"]
    items = json.loads(row["picklist"])
    _check_picklist(items, default)
    if row["is_restricted_picklist"] and not items:
        raise Refused(67007, "Property Definition Missing Picklist Items")
    if default and not value_fits(row["property_type"], default):
        raise Refused(67012, "Property Definition Invalid Default Value")
    if default and low is not None and len(default) < low:
        raise Refused(67017, "Property Definition Default Too Short")
    if default and high is not None and len(default) > high:
        raise Refused(67018, "Property Definition Default Too Long")
    _check_values(row, default)


def _check_picklist(items: list[dict[str, object]], default: str) -> None:
    """Raise `Refused` for invalid items, or for more than one default item."""
    values = [item["value"] for item in items]
    if not all(values) or len(set(values)) < len(values):
        raise Refused(67008, "Property Definition Invalid Picklist Item")
    selected = [item["value"] for item in items if item.get("is_default")]
    if len(selected) > 1:
        raise Refused(67009, "Property Definition Multi-select Picklist Not Supported")
    if default and items and not selected and default not in values:
        raise Refused(67010, "Property Definition No Picklist Item Selected")
    if default and selected and selected != [default]:
        raise Refused(
            67011, "Property Definition Selected Picklist Item Does Not Match Default Value"
        )


def _check_values(row: Row, default: str) -> None:
    kind = row["property_type"]
    low, high = row["min_value"], row["max_value"]
    if low and not value_fits(kind, low):
        raise Refused(67013, "Property Definition Invalid Min Value")
    if high and not value_fits(kind, high):
        raise Refused(67015, "Property Definition Invalid Max Value")
    if kind != "double" or not default:
        return
    if low and float(default) < float(low):
        raise Refused(67014, "Property Definition Default Less Than Min Value")
    if high and float(default) > float(high):
        raise Refused(67016, "Property Definition Default Greater Than Max Value")


def value_fits(property_type: str, value: str) -> bool:
    """Say whether a text can be a value of the type."""
    match property_type:
        case "boolean":
            return value.strip().lower() in _BOOLEANS
        case "double":
            return _DOUBLE.fullmatch(value.strip()) is not None
        case "datetime":
            return _is_date(value)
        case _:
            return True


def _is_date(value: str) -> bool:
    try:
        parse_iso_or_us_time(value)
    except ValueError:
        return False
    return True


def misfit(known: Mapping[str, Attribute], given: Mapping[str, str]) -> TooLong | WrongValue | None:
    """Return the first given value that does not fit its attribute; names are folded in `known`."""
    for name, value in given.items():
        attribute = known.get(name.casefold())
        if attribute is None or not value:
            continue
        if attribute.max_length is not None and len(value) > attribute.max_length:
            return TooLong(name, attribute.max_length, len(value))
        if not attribute.takes_any_text and (wanted := _wanted(attribute, value)):
            return WrongValue(name, value, wanted)
    return None


def _wanted(attribute: Attribute, value: str) -> str:
    """Return the expected form of an invalid value, empty for a valid one."""
    kind = attribute.property_type
    if not value_fits(kind, value):
        return f"a {kind}"
    if attribute.is_restricted_picklist:
        values = [item.value for item in attribute.picklist]
        if value not in values:
            return "one of " + ", ".join(values)
    if attribute.min_length is not None and len(value) < attribute.min_length:
        return f"at least {attribute.min_length} characters"
    if kind == "double" and attribute.min_value and float(value) < float(attribute.min_value):
        return f"at least {attribute.min_value}"
    if kind == "double" and attribute.max_value and float(value) > float(attribute.max_value):
        return f"at most {attribute.max_value}"
    return ""


def missing(known: Mapping[str, Attribute], values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the required attributes that neither `values` (names folded) nor a default gives a value."""
    return tuple(
        attribute.name
        for name, attribute in known.items()
        if attribute.is_required and not attribute.default_value and not values.get(name)
    )


def by_folded_name(account: Account) -> dict[str, Attribute]:
    """Return the account's attributes by their name without case."""
    return {attribute.name.casefold(): attribute for attribute in attributes(account)}


def known_values(known: Mapping[str, Attribute], given: Mapping[str, str]) -> dict[str, str]:
    """Return the given values that the profile keeps: of known attributes, in their spelling, no send-time ones."""
    kept = {}
    for name, value in given.items():
        attribute = known.get(name.casefold())
        if attribute is not None and not attribute.is_send_time:
            kept[attribute.name] = value
    return kept
