"""From an account to a seed file that makes the same account."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

import tomli_w

from sfmc_mock.account.account import Account
from sfmc_mock.account.behaviour import ENGAGEMENT, LAG, PROFILES
from sfmc_mock.account.exclusions import DOMAIN_EXCLUSIONS, SUPPRESSION_LISTS
from sfmc_mock.seeds import data_extensions
from sfmc_mock.seeds.loading import NAME
from sfmc_mock.seeds.tables import (
    TABLES,
    VERSION,
    AccountTable,
    ApiUser,
    DeliveryProfile,
    DomainExclusion,
    Email,
    Folder,
    Package,
    PicklistItem,
    ProfileAttribute,
    Reference,
    Seed,
    SendClassification,
    SenderProfile,
    Subscriber,
    SubscriberList,
    Subscription,
    SuppressionList,
    TriggeredSendDefinition,
)
from sfmc_mock.store.database import Row


def dump(account: Account) -> str:
    """Return TOML that `load` makes the same account from.

    What it holds is there with its ids; what happened in it (sends, tracking events, dates, tokens) is not.
    """
    with account.db.lock:
        return write_seed(to_seed(account))


def write_seed(seed: Seed) -> str:
    """Return the seed as TOML that stands for itself; what has its default value is left out."""
    document: dict[str, object] = {"version": VERSION, "extends": "nothing"}
    document["account"] = {"mid": seed.account.mid, **_said(seed.account)}
    for table in TABLES:
        entries = [_said(each) for each in getattr(seed, table)]
        if entries:
            document[table] = entries
    if seed.engagement:
        document["engagement"] = seed.engagement
    return tomli_w.dumps(document, multiline_strings=True)


def _said(entry: Any) -> dict[str, object]:
    said: dict[str, object] = {}
    for each in fields(entry):
        value = getattr(entry, each.name)
        default = each.default if each.default_factory is MISSING else each.default_factory()
        if value is None or value == default:
            continue
        if "items" in each.metadata:
            value = [_said(item) for item in value]
        elif isinstance(value, tuple):
            value = list(value)
        said[each.name] = value
    return said


def to_seed(account: Account) -> Seed:
    """Return what the account holds as a seed."""
    rows = account.db.find_all
    by_id = _references(account)
    templates = {
        row["id"]: data_extensions.template_of(row) for row in rows("data_extension_template")
    }

    def refers(table: str, number: object) -> Any:
        return by_id[table].get(int(str(number))) if number is not None else None

    return Seed(
        name=account.db.path,
        account=_account(account),
        api_user=tuple(_plain(ApiUser, row) for row in rows("api_user")),
        package=tuple(_plain(Package, row) for row in rows("package")),
        folder=tuple(
            _plain(Folder, row, parent=refers("folder", row["parent_id"]))
            for row in rows("folder", "id")
        ),
        list=tuple(
            _plain(
                SubscriberList,
                row,
                folder=refers("folder", row["category_id"]),
                automated_email=refers("email", row["automated_email_id"]),
                send_classification=refers("send_classification", row["send_classification_id"]),
            )
            for row in rows("list", "id")
        ),
        profile_attribute=tuple(
            _plain(
                ProfileAttribute,
                row,
                type=row["property_type"],
                picklist=_picklist(row),
            )
            for row in rows("profile_attribute", "display_order")
        ),
        email=tuple(
            _plain(Email, row, folder=refers("folder", row["category_id"]))
            for row in rows("email", "id")
        ),
        sender_profile=tuple(_plain(SenderProfile, row) for row in rows("sender_profile")),
        delivery_profile=tuple(_plain(DeliveryProfile, row) for row in rows("delivery_profile")),
        send_classification=tuple(
            _plain(
                SendClassification,
                row,
                sender_profile=refers("sender_profile", row["sender_profile_id"]),
                delivery_profile=refers("delivery_profile", row["delivery_profile_id"]),
            )
            for row in rows("send_classification")
        ),
        data_extension_template=tuple(templates.values()),
        data_extension=tuple(
            data_extensions.data_extension_of(
                account,
                row,
                folder=refers("folder", row["category_id"]),
                template=templates.get(row["template_id"]),
            )
            for row in rows("data_extension")
        ),
        triggered_send_definition=tuple(
            _definition(row, refers)
            for row in rows("triggered_send_definition")
            if row["status"] != "Deleted"
        ),
        subscriber=tuple(_subscribers(account, refers)),
        domain_exclusion=tuple(
            DomainExclusion(name=name, domains=tuple(entries))
            for name, entries in _json(account, DOMAIN_EXCLUSIONS).items()
        ),
        suppression_list=tuple(
            SuppressionList(name=name, addresses=tuple(entries))
            for name, entries in _json(account, SUPPRESSION_LISTS).items()
        ),
        engagement=_json(account, PROFILES),
    )


def _account(account: Account) -> AccountTable:
    return AccountTable(
        mid=account.mid,
        name=account.setting(NAME),
        seed=account.setting("seed", AccountTable.seed),
        clock=_clock(account),
        engagement=account.setting(ENGAGEMENT),
        lag=account.setting(LAG),
    )


def _clock(account: Account) -> str:
    if not account.clock.running:
        return account.now().isoformat()
    # A clock that was never set shows the real time, wherever it is loaded.
    was_set = account.db.count("clock", id=1) > 0
    return f"running from {account.now().isoformat()}" if was_set else "running"


def _json(account: Account, setting: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(account.setting(setting, "{}"))
    return found


def _references(account: Account) -> dict[str, dict[int, Reference]]:
    """Return for each table how its rows are referred to: by key, else by id; keyed by id."""
    tables = (
        "folder",
        "list",
        "email",
        "sender_profile",
        "delivery_profile",
        "send_classification",
        "data_extension_template",
        "data_extension",
    )
    return {
        table: {
            int(str(row["id"])): str(row["customer_key"])
            if row["customer_key"]
            else int(str(row["id"]))
            for row in account.db.find_all(table, "id")
        }
        for table in tables
    }


def _plain(kind: type[Any], row: Row, **given: object) -> Any:
    """Return the row as an entry: columns called like keys, flags as such, `given` over both."""
    values: dict[str, object] = {}
    for each in fields(kind):
        column = "customer_key" if each.name == "key" else each.name
        if each.name in given:
            values[each.name] = given[each.name]
        elif column in row:
            value = row[column]
            values[each.name] = bool(value) if "bool" in str(each.type) else value
    return kind(**values)


def _picklist(row: Row) -> tuple[PicklistItem, ...]:
    return tuple(PicklistItem(**item) for item in json.loads(str(row["picklist"])))


def _definition(row: Row, refers: Callable[[str, object], Any]) -> TriggeredSendDefinition:
    tables = ("email", "list", "send_classification", "sender_profile", "delivery_profile")
    given = {table: refers(table, row[f"{table}_id"]) for table in tables}
    given["folder"] = refers("folder", row["category_id"])
    given["send_source_data_extension"] = refers(
        "data_extension", row["send_source_data_extension_id"]
    )
    found: TriggeredSendDefinition = _plain(TriggeredSendDefinition, row, **given)
    return found


def _subscribers(account: Account, refers: Callable[[str, object], Any]) -> Iterable[Subscriber]:
    lists: dict[int, list[Subscription]] = {}
    for row in account.db.find_all("list_subscriber", "id"):
        subscription = Subscription(list=refers("list", row["list_id"]), status=str(row["status"]))
        lists.setdefault(int(str(row["subscriber_id"])), []).append(subscription)
    for row in account.db.find_all("subscriber", "id"):
        attributes: Mapping[str, str] = json.loads(str(row["attributes"]))
        yield _plain(
            Subscriber,
            row,
            key=row["subscriber_key"],
            email=row["email_address"],
            attributes=attributes,
            lists=tuple(lists.get(int(str(row["id"])), ())),
        )
