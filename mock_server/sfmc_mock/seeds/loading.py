"""From a `Seed` to the rows of an account."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from sfmc_mock.account import attributes as profile
from sfmc_mock.account.account import Account
from sfmc_mock.account.behaviour import ENGAGEMENT, LAG, PROFILES
from sfmc_mock.account.definitions import DefinitionChange, change_definition, create_definition
from sfmc_mock.account.exclusions import DOMAIN_EXCLUSIONS, SUPPRESSION_LISTS
from sfmc_mock.account.folders import list_content_type, root_folder
from sfmc_mock.account.lists import list_key
from sfmc_mock.account.subscribers import insert_subscriber, join_list
from sfmc_mock.clock import Clock
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.objects import schema
from sfmc_mock.seeds import data_extensions
from sfmc_mock.seeds.checks import read_clock
from sfmc_mock.seeds.tables import (
    Entry,
    Folder,
    Reference,
    Seed,
    SubscriberList,
    identities,
)
from sfmc_mock.store.schema import install

NAME = "name"
"""Setting of the account: what it is called."""


def load(account: Account, seed: Seed) -> None:
    """Write the seed into a fresh account: all of it, or nothing.

    Raises `SetupError` for what only the account itself can find wrong (a default value that is too long, …).
    """
    install(account.db, schema())
    with account.db.atomic():
        _Loader(account, seed).run()


class _Loader:
    """One loading: the order of the tables is that of their references."""

    def __init__(self, account: Account, seed: Seed) -> None:
        self.account = account
        self.seed = seed
        self.numbers: dict[str, dict[Reference, int]] = {}
        """Table → identity of an entry → id of its row."""
        self.master_id = 0
        """The list that everybody is on anyhow."""

    def run(self) -> None:
        self._settings()
        self._credentials()
        self._folders()
        self._attributes()
        for table in ("sender_profile", "delivery_profile"):
            for entry in getattr(self.seed, table):
                self._insert(table, entry, self._plain_columns(table, entry))
        self._classifications()
        self._emails()
        self._lists()
        self._data_extensions()
        self._subscribers()
        self._definitions()

    # Who the account is.

    def _settings(self) -> None:
        said, account = self.seed.account, self.account
        settings = {
            "mid": str(said.mid),
            "seed": said.seed,
            NAME: said.name,
            ENGAGEMENT: said.engagement,
            LAG: said.lag,
            PROFILES: json.dumps(self.seed.engagement) if self.seed.engagement else "",
            DOMAIN_EXCLUSIONS: _by_name(self.seed.domain_exclusion, "domains"),
            SUPPRESSION_LISTS: _by_name(self.seed.suppression_list, "addresses"),
        }
        for name, value in settings.items():
            if value:
                account.change_setting(name, value)
        account.forget_memory()
        running, moment = read_clock(said.clock)
        if moment is not None:

            def change(clock: Clock) -> None:
                clock.shown, clock.at, clock.running = moment, Clock.started().at, running

            account.change_clock(change)

    def _credentials(self) -> None:
        for user in self.seed.api_user:
            self.account.db.insert("api_user", asdict(user))
        for package in self.seed.package:
            self.account.db.insert("package", asdict(package))

    # What is in it.

    def _folders(self) -> None:
        waiting = list(self.seed.folder)
        while waiting:
            # Parents first; `check` has seen that they do not stand in a circle.
            placed = [each for each in waiting if self._is_placed("folder", each.parent)]
            for folder in placed:
                self._insert("folder", folder, self._folder_columns(folder))
            waiting = [each for each in waiting if each not in placed]

    def _folder_columns(self, folder: Folder) -> dict[str, object]:
        parent = 0 if folder.parent is None else self._number("folder", folder.parent)
        number = folder.id or self._fresh("folder", str(parent), folder.name)
        return {
            "id": number,
            "object_id": folder.object_id or self.account.object_id("folder", number),
            "customer_key": folder.key,
            "parent_id": parent,
            "name": folder.name,
            "description": folder.description,
            "content_type": folder.content_type,
            "is_active": folder.is_active,
            "is_editable": folder.is_editable,
            "allow_children": folder.allow_children,
        }

    def _attributes(self) -> None:
        # Numbers that are given must not be drawn for others before they are put in.
        self._count_from("profile_attribute", [each.id for each in self.seed.profile_attribute])
        for entry in self.seed.profile_attribute:
            wanted = {
                name: int(value) if isinstance(value, bool) else value
                for name, value in asdict(entry).items()
                if value is not None and name not in ("id", "type", "picklist")
            }
            wanted["property_type"] = entry.type
            wanted["picklist"] = json.dumps(_picklist(entry))
            wanted["is_restricted_picklist"] = int(bool(entry.picklist))
            with self._blaming("profile_attribute", entry):
                number = profile.create_attribute(self.account, wanted)
            if entry.id is not None:
                self.account.db.update("profile_attribute", {"id": entry.id}, id=number)
        placed = self.account.db.find_all("profile_attribute", "id")
        self._count_from("profile_attribute", [row["id"] for row in placed])

    def _count_from(self, counter: str, numbers: Iterable[object]) -> None:
        highest = max((each for each in numbers if isinstance(each, int)), default=None)
        if highest is not None:
            self.account.db.put("counter", {"name": counter, "value": highest})

    def _classifications(self) -> None:
        for entry in self.seed.send_classification:
            columns = self._plain_columns("send_classification", entry)
            for name in ("sender_profile", "delivery_profile"):
                columns[f"{name}_id"] = self._number(name, columns.pop(name))
            self._insert("send_classification", entry, columns)

    def _emails(self) -> None:
        for entry in self.seed.email:
            columns = self._plain_columns("email", entry)
            folder = columns.pop("folder")
            columns["category_id"] = self._category(folder, "email")
            columns["id"] = entry.id or self._fresh("email", entry.key or entry.name)
            columns["customer_key"] = entry.key or self.account.generate_key("email", entry.name)
            self._insert("email", entry, columns)

    def _lists(self) -> None:
        for entry in self.seed.list:
            number = self._insert("list", entry, self._list_columns(entry))
            if entry.is_all_subscribers:
                self.master_id = number

    def _list_columns(self, entry: SubscriberList) -> dict[str, object]:
        content = "mysubs" if entry.is_all_subscribers else list_content_type(entry.classification)
        category = self._category(entry.folder, content)
        key = entry.key or list_key(entry.name, category)
        if self.account.db.count("list", customer_key=key):
            raise SetupError(
                f"{self._where('list', entry)}: another list has the key {key!r}. Give this one a key of its own."
            )
        return {
            "id": entry.id or self._fresh("list", key),
            "object_id": entry.object_id or self.account.object_id("list", key),
            "customer_key": key,
            "name": entry.name,
            "category_id": category,
            "type": entry.type,
            "description": entry.description,
            "classification": entry.classification,
            "is_all_subscribers": entry.is_all_subscribers,
            "automated_email_id": self._number_or_none("email", entry.automated_email),
            "send_classification_id": self._number_or_none(
                "send_classification", entry.send_classification
            ),
        }

    def _data_extensions(self) -> None:
        for template in self.seed.data_extension_template:
            number = data_extensions.insert_template(self.account, template)
            self._placed("data_extension_template", template, number)
        for entry in self.seed.data_extension:
            template_id = self._number_or_none("data_extension_template", entry.template)
            made_from = self.account.db.find("data_extension_template", id=template_id)
            with self._blaming("data_extension", entry):
                number = data_extensions.insert_data_extension(
                    self.account,
                    entry,
                    self._category(entry.folder, "dataextension"),
                    None if made_from is None else str(made_from["customer_key"]),
                )
            self._placed("data_extension", entry, number)

    def _subscribers(self) -> None:
        known = profile.by_folded_name(self.account)
        for entry in self.seed.subscriber:
            wrong = profile.misfit(known, entry.attributes)
            if wrong is not None:
                raise SetupError(
                    f"{self._where('subscriber', entry)}, attribute {wrong.name!r}: {wrong.value!r} is {wrong.kind}. "
                    f"Give {wrong.wanted or f'at most {wrong.limit} characters'}."
                )
            number = insert_subscriber(
                self.account,
                entry.key or entry.email,
                entry.email,
                attributes=entry.attributes,
                status=entry.status,
                email_type=entry.email_type,
            )
            changes = {"id": entry.id or number, "partner_key": entry.partner_key}
            self.account.db.update("subscriber", changes, id=number)
            number = entry.id or number
            self._placed("subscriber", entry, number)
            for subscription in entry.lists:
                list_id = self._number("list", subscription.list)
                where = f"{self._where('subscriber', entry)}, key 'lists': {subscription.list!r}"
                self._join(where, number, list_id, subscription.status)
        self._members()

    def _members(self) -> None:
        for entry in self.seed.list:
            list_id = self._number("list", identities(entry)[0])
            for member in entry.members:
                number = self._number("subscriber", member.subscriber)
                where = f"{self._where('list', entry)}, key 'members': {member.subscriber!r}"
                self._join(where, number, list_id, member.status)

    def _join(self, where: str, subscriber_id: int, list_id: int, status: str) -> None:
        if list_id == self.master_id:
            if status != "Active":
                raise SetupError(
                    f"{where} holds everybody, with their own status. Give the subscriber status = {status!r} instead."
                )
            return
        db = self.account.db
        if db.count("list_subscriber", list_id=list_id, subscriber_id=subscriber_id):
            raise SetupError(
                f"{where} stands there a second time. Say it once, at the list or at the subscriber."
            )
        join_list(self.account, subscriber_id, list_id, status)

    def _definitions(self) -> None:
        for entry in self.seed.triggered_send_definition:
            columns = self._plain_columns("triggered_send_definition", entry)
            status = columns.pop("status")
            object_id = columns.pop("object_id")
            columns["category_id"] = self._category(columns.pop("folder"), "triggered_send")
            for name in (
                "email",
                "list",
                "send_classification",
                "sender_profile",
                "delivery_profile",
                "send_source_data_extension",
            ):
                table = "data_extension" if name == "send_source_data_extension" else name
                columns[f"{name}_id"] = self._number_or_none(table, columns.pop(name))
            # What the entry leaves out takes the defaults of Create.
            wanted = {name: value for name, value in columns.items() if value is not None}
            with self._blaming("triggered_send_definition", entry):
                row = create_definition(self.account, wanted)
                if entry.object_id is not None:
                    row["object_id"] = object_id
                    self.account.db.update(
                        "triggered_send_definition", {"object_id": object_id}, id=row["id"]
                    )
                for step in _STEPS[str(status)]:
                    row = change_definition(self.account, row, DefinitionChange({}, status=step))
            self._placed("triggered_send_definition", entry, int(str(row["id"])))

    # Rows and their numbers.

    def _plain_columns(self, table: str, entry: Any) -> dict[str, Any]:
        """Return the entry's keys as columns; `key` is the customer_key, and an ObjectID is made up."""
        columns = asdict(entry)
        columns["customer_key"] = columns.pop("key")
        if "object_id" in columns and columns["object_id"] is None:
            columns["object_id"] = self.account.object_id(table, entry.key)
        return columns

    def _insert(self, table: str, entry: Entry, columns: Mapping[str, object]) -> int:
        now = self.account.now_text()
        row = {
            name: int(value) if isinstance(value, bool) else value
            for name, value in columns.items()
        }
        row |= {"created_at": now, "modified_at": now}
        number = self.account.db.insert(table, row)
        self._placed(table, entry, number)
        return number

    def _placed(self, table: str, entry: Entry, number: int) -> None:
        numbers = self.numbers.setdefault(table, {})
        # A name that two entries have leads nowhere; `check` has seen that nothing refers to it.
        numbers.setdefault(str(getattr(entry, "name", "")).casefold(), number)
        for identity in identities(entry):
            numbers[identity] = number

    def _is_placed(self, table: str, reference: Reference | None) -> bool:
        return reference is None or _folded(reference) in self.numbers.get(table, {})

    def _number(self, table: str, reference: Reference) -> int:
        return self.numbers[table][_folded(reference)]

    def _number_or_none(self, table: str, reference: Reference | None) -> int | None:
        return None if reference is None else self._number(table, reference)

    def _category(self, folder: Reference | None, content_type: str) -> int | None:
        """Return the id of the folder, of the root of the content type when none is named."""
        if folder is not None:
            return self._number("folder", folder)
        root = root_folder(self.account, content_type)
        return None if root is None else int(str(root["id"]))

    def _fresh(self, table: str, *natural_key: str) -> int:
        db = self.account.db
        return self.account.ids.fresh_number(
            lambda drawn: db.find(table, id=drawn) is not None, table, *natural_key
        )

    def _where(self, table: str, entry: Entry) -> str:
        return f"{self.seed.name}, [[{table}]] ({identities(entry)[-1]})"

    @contextmanager
    def _blaming(self, table: str, entry: Entry) -> Any:
        """Say of which entry a refusal speaks."""
        try:
            yield
        except Refused as refused:
            raise SetupError(
                f"{self._where(table, entry)}: the service would refuse it with {refused.error_code}, "
                f"{refused.message.rstrip('.')}. Change the entry."
            ) from None


# Through which status a definition gets to the one that its entry wants.
_STEPS = {
    "New": (),
    "Active": ("Active",),
    "Inactive": ("Active", "Inactive"),
    "Canceled": ("Active", "Canceled"),
}


def _folded(reference: Reference) -> Reference:
    return reference.casefold() if isinstance(reference, str) else reference


def _picklist(entry: Any) -> list[dict[str, object]]:
    return [
        {"label": item.label or item.value, "value": item.value, "is_default": item.is_default}
        for item in entry.picklist
    ]


def _by_name(entries: Iterable[Any], key: str) -> str:
    found = {entry.name: list(getattr(entry, key)) for entry in entries}
    return json.dumps(found) if found else ""
