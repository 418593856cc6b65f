"""Load a `Seed` into the tables of an account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sfmc_mock.account import Account
from sfmc_mock.account.setup import EXCLUDED, set_up
from sfmc_mock.chaos import keep_rules, parse_rules
from sfmc_mock.declarations.seed_entries import columns_of
from sfmc_mock.declarations.seed_keys import Entry, Name, Table
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.objects import schema
from sfmc_mock.seeds.checks import CheckedSeed
from sfmc_mock.seeds.tables import CREDENTIALS, Seed, owners
from sfmc_mock.store.schema import install


def load(account: Account, seed: Seed) -> None:
    """Write the seed into a fresh account, in one transaction.

    Raises `SetupError` for errors that only the account's own rules find (a default value that is too long, …).
    """
    install(account.db, schema())
    with account.db.atomic():
        _Loader(account, seed).run()


class _Loader(CheckedSeed):
    """One loading: the order of the tables is that of their references."""

    def __init__(self, account: Account, seed: Seed) -> None:
        super().__init__(seed)
        self.account = account
        self.numbers: dict[int, int] = {}
        """The numbers of the new rows, by the identity of their entries in memory."""

    def run(self) -> None:
        excluded = {
            name: {entry["name"]: entry[key] for entry in self.of(name)}
            for name, (_, key) in EXCLUDED.items()
        }
        set_up(self.account, self.seed.account, self.seed.engagement, excluded)
        if self.seed.chaos:
            keep_rules(self.account, parse_rules(list(self.seed.chaos)))
        for table in CREDENTIALS:
            for entry in self.of(table.name):
                self.account.db.insert(table.name, entry)
        for owner in owners():
            owner.begin_entries(self)
            self._place_all(owner)
        for owner in reversed(owners()):
            for entry in self.of(owner.table):
                with self._blaming(owner.table, entry):
                    owner.finish_entry(self, entry, self.numbers[id(entry)])

    def number(self, table: str, reference: Name) -> int:
        return self.numbers[id(self.find(table, reference))]

    def _place_all(self, owner: StoredObject) -> None:
        for entry in self._parents_first(owner.seed_table):
            with self._blaming(owner.table, entry):
                columns = columns_of(owner.keyed, entry, self.number)
                row = owner.from_entry(self.account, entry, columns)
            self.numbers[id(entry)] = row["id"]

    def _parents_first(self, table: Table) -> Iterator[Entry]:
        """Yield the entries, those after others of the table to which they refer; `check` has refused circles."""
        own = [key.name for key in table.keys if key.refers == table.name]
        waiting: Sequence[Entry] = self.of(table.name)
        while waiting:
            yield from [entry for entry in waiting if self._is_ready(table, entry, own)]
            waiting = [entry for entry in waiting if id(entry) not in self.numbers]

    def _is_ready(self, table: Table, entry: Entry, own: list[str]) -> bool:
        named = [entry[name] for name in own if entry[name] is not None]
        return all(id(self.find(table.name, name)) in self.numbers for name in named)

    @contextmanager
    def _blaming(self, table: str, entry: Entry) -> Iterator[None]:
        """Add the entry to the text of a refusal."""
        where = self.where(table, entry)
        try:
            yield
        except SetupError as problem:
            raise SetupError(f"{where}, {problem}") from None
        except Refused as refused:
            raise SetupError(
                f"{where}: the service would refuse it with {refused.error_code}, {refused.message.rstrip('.')}. "
                "Change the entry."
            ) from None
