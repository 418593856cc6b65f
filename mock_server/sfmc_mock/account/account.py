"""One fake account: its database, identity, clock and rules that everything in it shares."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import TypeAlias

from sfmc_mock.account.ids import Ids
from sfmc_mock.clock import Clock, stored
from sfmc_mock.store import due
from sfmc_mock.store.database import Database

DEFAULT_MID = 1234567

DueAction: TypeAlias = "Callable[[Account, datetime, dict[str, object]], None]"
"""Does something that fell due: gets the account, the time it was due at, and what was written down for it."""


class Account:
    """A tenant: everything that one MID owns.

    `mid` is its number, `strict` whether it does what the live service does where the documented samples ask for more
    (`docs/differences.md`). Callers hold `lock` (through `db.atomic()`) while they change it.
    """

    def __init__(
        self,
        db: Database,
        *,
        strict: bool = False,
        due_actions: Mapping[str, DueAction] | None = None,
    ) -> None:
        self.db = db
        self.strict = strict
        self._due_actions = dict(due_actions or {})
        self.mid = int(self.setting("mid", str(DEFAULT_MID)))
        self.ids = Ids(self.setting("seed", "sfmc-mock"))
        self._clock = self._load_clock()
        db.tell_time(self.now_text)
        self._next_due: str | None = None
        self._next_due_known = False
        self.memory: dict[str, object] = {}
        """What rules keep of the database to save reading it again; forgotten when its content is replaced."""
        self._occurrences: dict[bytes, int] = {}
        self._occurrences_lock = threading.Lock()

    # Settings.

    def setting(self, name: str, default: str = "") -> str:
        """Return a setting of the account."""
        found = self.db.find("setting", name=name)
        return str(found["value"]) if found else default

    def change_setting(self, name: str, value: str) -> None:
        """Keep a setting with the account."""
        self.db.put("setting", {"name": name, "value": value})

    # Time.

    @property
    def clock(self) -> Clock:
        return self._clock

    def now(self) -> datetime:
        """Return the account's time: naive, in server time."""
        return self._clock.now()

    def now_text(self) -> str:
        """Return the account's time as the store keeps it."""
        return stored(self._clock.now())

    def change_clock(self, change: Callable[[Clock], None]) -> None:
        """Change the clock, keep it, and do everything that has fallen due, in order."""
        with self.db.atomic():
            before = Clock(self._clock.running, self._clock.shown, self._clock.at)
            try:
                change(self._clock)
                self._keep_clock()
            except BaseException:
                self._clock = before
                raise
            self.settle()

    def _load_clock(self) -> Clock:
        found = self.db.find("clock", id=1)
        if found is None:
            return Clock.started()
        return Clock(
            bool(found["running"]),
            datetime.fromisoformat(str(found["account_time"])),
            float(str(found["system_time"])),
        )

    def _keep_clock(self) -> None:
        clock = self._clock
        self.db.put(
            "clock",
            {
                "id": 1,
                "running": int(clock.running),
                "account_time": clock.shown.isoformat(),
                "system_time": clock.at,
            },
        )

    # What falls due.

    def plan_due(self, due_at: datetime, kind: str, payload: dict[str, object]) -> None:
        """Write down something to be done when the clock reaches a moment."""
        text = stored(due_at)
        due.plan(self.db, text, kind, payload)
        if self._next_due_known and (self._next_due is None or text < self._next_due):
            self._next_due = text

    def settle(self) -> None:
        """Do everything that has fallen due by now, each at its own time, in order."""
        if not self._next_due_known:
            self._read_next_due()
        now = self.now_text()
        while self._next_due is not None and self._next_due <= now:
            with self.db.atomic():
                taken = due.take_next(self.db, now)
                self._read_next_due()
                if taken is not None:
                    due_at, kind, payload = taken
                    self._due_actions[kind](self, datetime.fromisoformat(due_at), payload)

    def _read_next_due(self) -> None:
        self._next_due = due.next_time(self.db)
        self._next_due_known = True

    def forget_memory(self) -> None:
        """Read everything again that is kept beside the database, after its content was replaced."""
        self.mid = int(self.setting("mid", str(DEFAULT_MID)))
        self.ids = Ids(self.setting("seed", "sfmc-mock"))
        self._clock = self._load_clock()
        self._next_due_known = False
        self.memory.clear()

    # Identifiers.

    def object_id(self, table: str, *natural_key: str | int) -> str:
        """Return a fresh ObjectID for a row of the table that its natural key names."""
        return self.ids.fresh_guid(
            lambda guid: self.db.count(table, object_id=guid) > 0, table, *natural_key
        )

    def made_up_key(self, table: str, *natural_key: str | int) -> str:
        """Return a CustomerKey for something that came without one: an upper-case GUID (recorded)."""
        return self.ids.fresh_guid(
            lambda guid: self.db.count(table, customer_key=guid.upper()) > 0,
            table,
            "key",
            *natural_key,
        ).upper()

    def request_id(self, request: bytes) -> str:
        """Return the RequestID of a call: fresh for each call, whatever the order in which threads make them."""
        digest = blake2b(request, digest_size=16).digest()
        with self._occurrences_lock:
            turn = self._occurrences.get(digest, 0)
            if len(self._occurrences) > 100_000:
                self._occurrences.clear()
            self._occurrences[digest] = turn + 1
        return self.ids.guid("request", digest.hex(), turn, self.now_text())
