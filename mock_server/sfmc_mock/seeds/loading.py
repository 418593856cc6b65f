"""From a `Seed` to the rows of an account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from sfmc_mock.account import Account
from sfmc_mock.account.behaviour import ENGAGEMENT, LAG, PROFILES
from sfmc_mock.account.exclusions import DOMAIN_EXCLUSIONS, SUPPRESSION_LISTS
from sfmc_mock.chaos import keep_rules, parse_rules
from sfmc_mock.clock import Clock
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.objects import HANDLERS, schema
from sfmc_mock.objects.entries import Entry, columns_of
from sfmc_mock.objects.stored import StoredObject
from sfmc_mock.seeds.checks import CheckedSeed, read_clock
from sfmc_mock.seeds.tables import CREDENTIALS, Reference, Seed, Table, identities, tables
from sfmc_mock.store.schema import install

NAME = "name"
"""Setting of the account: what it is called."""

EXCLUDED = {
    "domain_exclusion": (DOMAIN_EXCLUSIONS, "domains"),
    "suppression_list": (SUPPRESSION_LISTS, "addresses"),
}
"""Tables that are settings of the account, each with its setting and the key of its list."""


def load(account: Account, seed: Seed) -> None:
    """Write the seed into a fresh account: all of it, or nothing.

    Raises `SetupError` for what only the account itself can find wrong (a default value that is too long, …).
    """
    install(account.db, schema())
    with account.db.atomic():
        _Loader(account, seed).run()


class _Loader(CheckedSeed):
    """One loading: the order of the tables is that of their references."""

    def __init__(self, account: Account, seed: Seed) -> None:
        super().__init__(seed)
        self.account = account
        self.numbers: dict[str, dict[Reference, int]] = {}
        """Table → identity of an entry → id of its row."""

    def run(self) -> None:
        self._settings()
        for table in CREDENTIALS:
            for entry in self.of(table.name):
                self.account.db.insert(table.name, entry)
        owned = [(each, each.owner) for each in tables().values() if each.owner is not None]
        for table, owner in owned:
            owner.begin_entries(self)
            self._place_all(table, owner)
        for _, owner in reversed(owned):
            owner.finish_entries(self)

    def number(self, table: str, reference: Reference) -> int:
        found = reference.casefold() if isinstance(reference, str) else reference
        return self.numbers[table][found]

    def _settings(self) -> None:
        said, account = self.seed.account, self.account
        settings = {
            "mid": str(said.mid),
            "seed": said.seed,
            NAME: said.name,
            ENGAGEMENT: said.engagement,
            LAG: said.lag,
            PROFILES: json.dumps(self.seed.engagement) if self.seed.engagement else "",
        }
        if self.seed.chaos:
            keep_rules(account, parse_rules(list(self.seed.chaos)))
        for table, (setting, key) in EXCLUDED.items():
            found = {entry["name"]: entry[key] for entry in self.of(table)}
            settings[setting] = json.dumps(found) if found else ""
        for name, value in settings.items():
            if value:
                account.change_setting(name, value)
        account.forget_memory()
        running, moment = read_clock(said.clock)
        if moment is not None:

            def change(clock: Clock) -> None:
                clock.shown, clock.at, clock.running = moment, Clock.started().at, running

            account.change_clock(change)

    def _place_all(self, table: Table, owner: StoredObject) -> None:
        own = [key.name for key in table.keys if key.refers == table.name]
        waiting = list(self.of(table.name))
        while waiting:
            # Parents first; `check` has seen that they do not stand in a circle.
            ready = [
                each for each in waiting if all(self._is_placed(table, each[name]) for name in own)
            ]
            for entry in ready:
                self._place(table, owner, entry)
            waiting = [each for each in waiting if not any(each is one for one in ready)]

    def _is_placed(self, table: Table, reference: Reference | None) -> bool:
        found = reference.casefold() if isinstance(reference, str) else reference
        return found is None or found in self.numbers.get(table.name, {})

    def _place(self, table: Table, owner: StoredObject, entry: Entry) -> None:
        with self._blaming(table, entry):
            columns = columns_of(owner.entry_fields, entry, self._number_of)
            row = owner.from_entry(self.account, entry, columns)
        number = int(str(row["id"]))
        numbers = self.numbers.setdefault(table.name, {})
        # A name that two entries have leads nowhere; `check` has seen that nothing refers to it.
        numbers.setdefault(str(entry.get("name", "")).casefold(), number)
        numbers.update(dict.fromkeys(identities(table, entry), number))

    def _number_of(self, object_type: str, reference: Reference) -> int:
        target = HANDLERS[object_type]
        assert isinstance(target, StoredObject)
        return self.number(target.table, reference)

    @contextmanager
    def _blaming(self, table: Table, entry: Entry) -> Iterator[None]:
        """Say of which entry a refusal speaks."""
        where = self.where(table.name, entry)
        try:
            yield
        except SetupError as problem:
            raise SetupError(f"{where}, {problem}") from None
        except Refused as refused:
            raise SetupError(
                f"{where}: the service would refuse it with {refused.error_code}, {refused.message.rstrip('.')}. "
                "Change the entry."
            ) from None
