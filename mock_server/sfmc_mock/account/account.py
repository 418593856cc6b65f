"""One emulated account: its database, identity, clock, and the rules that all its parts share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha1
from typing import Any

from sfmc_mock.account.ftp_folder import FtpFolder
from sfmc_mock.account.identifiers import DEFAULT_SEED, Ids, Occurrences
from sfmc_mock.clock import Clock, rounded, stored
from sfmc_mock.diagnostics import CallWarnings, Problems
from sfmc_mock.store import sends, subscribers, timers
from sfmc_mock.store.database import Database

DEFAULT_MID = 1234567


@dataclass(slots=True)
class _Cache:
    version: tuple[int, ...]
    kinds: dict[str, dict[object, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DueAction:
    """The handler of one kind of scheduled action. Both functions get its payload and see the time of the action.

    `run` does the action. When `run` raised an error, `failed` is called with its text: it ends everything that waits
    for the action, and returns the name of the object that the action was about.
    """

    run: Callable[[Account, Any], None]
    failed: Callable[[Account, Any, str], str]


_Acting = tuple[int, datetime, str]
"""A thread, the time that it sees, and this time as the store keeps it."""


class _Moment:
    """Gives a thread a fixed time while the context is entered."""

    __slots__ = ("_account", "_acting", "_before")

    def __init__(self, account: Account, acting: _Acting) -> None:
        self._account = account
        self._acting = acting

    def __enter__(self) -> None:
        self._before = self._account._acting
        self._account._acting = self._acting

    def __exit__(self, *exc_info: object) -> None:
        self._account._acting = self._before


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
        files: FtpFolder | None = None,
        enterprise: Account | None = None,
    ) -> None:
        self.db = db
        self.make_unit: Callable[[int, Account, Mapping[str, str]], None] | None = None
        """Makes a business unit with a MID, below an account of the enterprise, with settings; it is served when the
        call is over. None where no unit can be made."""
        self.has_new_units = False
        self.enterprise = enterprise
        """The account of which this one is a business unit, None for one that stands by itself."""
        self.units: dict[int, Account] = {}
        """The business units of an enterprise, by their MIDs; units have none, also where others are below them."""
        self.files = files or FtpFolder()
        """The account's FTP folder; a temporary one unless another was given."""
        self.clock_turn = threading.RLock()
        """The lock of a thread that moves the clock in steps; taken before the lock of the database."""
        self.posts_results = True
        """Whether results of asynchronous requests are posted to the addresses that callers give."""
        self.problems = Problems()
        """Failures of the emulator itself in scheduled actions."""
        self._untold = CallWarnings()
        self.strict = strict
        self._due_actions = dict(due_actions or {})
        self.mid = int(self.setting("mid", str(DEFAULT_MID)))
        self.ids = self._own_ids()
        self._clock = self._load_clock()
        db.tell_time(self.now_text)
        self._acting: _Acting | None = None
        self.memory: dict[str, object] = {}
        """Values that rules keep in memory to read the database less; discarded when its content is replaced."""
        self._cache = _Cache(())
        self._occurrences = Occurrences()

    # Business units.

    @property
    def is_shared(self) -> bool:
        """Whether the account belongs to an enterprise with business units."""
        return bool(self.units) or self.enterprise is not None

    @property
    def parent_mid(self) -> int | None:
        """The MID of the account above a business unit, None for any other."""
        return int(self.setting("parent")) if self.enterprise is not None else None

    def seen(self) -> list[Account]:
        """Return the accounts that a caller of this account can see: the account itself, and the units below it."""
        if self.enterprise is None:
            return [self, *self.units.values()]
        units, above = [self], {self.mid}
        waiting = [unit for unit in self.enterprise.units.values() if unit is not self]
        while below := [unit for unit in waiting if unit.parent_mid in above]:
            units += below
            above = {unit.mid for unit in below}
            waiting = [unit for unit in waiting if unit not in below]
        return units

    def related(self, mid: int) -> Account | None:
        """Return the account with a MID, None where a caller of this account cannot see it."""
        if mid == self.mid:
            return self
        if self.enterprise is None:
            return self.units.get(mid)
        return next((unit for unit in self.seen() if unit.mid == mid), None)

    # Settings.

    def setting(self, name: str, default: str = "") -> str:
        """Return a setting of the account."""
        row = self.db.find("setting", name=name)
        return row["value"] if row else default

    def change_setting(self, name: str, value: str) -> None:
        """Store a setting of the account."""
        self.db.put("setting", {"name": name, "value": value})

    @property
    def is_closed(self) -> bool:
        """Whether the account is a business unit that was closed."""
        return self.setting("about.IsActive", "1") == "0"

    def lacks(self, feature: str) -> bool:
        """Say whether the account lacks a feature: one of `setup.FEATURES` that its seed file names."""
        return feature in map(str.strip, self.setting("lacks").split(","))

    def cached(self, kind: str) -> dict[object, Any]:
        """Return the cache for a kind of values that sends depend on; it is empty after each change of metadata.

        Triggers in the store change the version then, so that the cache is right after a rollback, too, and after
        changes by other programs.
        """
        version = sends.metadata_version(self.db)
        if self._cache.version != version:
            self._cache = _Cache(version)
        return self._cache.kinds.setdefault(kind, {})

    # Time.

    @property
    def clock(self) -> Clock:
        return self._clock

    def now(self) -> datetime:
        """Return the account's time: naive, in server time."""
        acting = self._acting
        if acting is not None and acting[0] == threading.get_ident():
            return acting[1]
        return self._clock.shows().moment

    def now_text(self) -> str:
        """Return the account's time as the store keeps it."""
        acting = self._acting
        if acting is not None and acting[0] == threading.get_ident():
            return acting[2]
        return self._clock.shows().text

    def at(self, moment: datetime | None = None) -> AbstractContextManager[None]:
        """Return a context in which this thread, which holds the lock, sees one fixed time: `moment` or the present."""
        if moment is not None:
            return _Moment(self, (threading.get_ident(), moment, stored(moment)))
        acting = self._acting
        if acting is None or acting[0] != threading.get_ident():
            shown = self._clock.shows()
            acting = (threading.get_ident(), shown.moment, shown.text)
        return _Moment(self, acting)

    def change_clock(self, change: Callable[[Clock], None]) -> None:
        """Change the clock, store it, and do all actions that have fallen due, in order.

        The business units of an enterprise share its clock.
        """
        if self.enterprise is not None:
            self.enterprise.change_clock(change)
            return
        with self.db.lock:
            before, clock = self._clock, replace(self._clock)
            try:
                with self.db.atomic():
                    change(clock)
                    self._keep_clock(clock)
                    # Only now, and at once: other threads read the time without the lock.
                    self._show(clock)
                    self.settle()
                    for unit in self.units.values():
                        unit.settle()
            except BaseException:
                self._show(before)
                raise

    def _show(self, clock: Clock) -> None:
        self._clock = clock
        for unit in self.units.values():
            unit._clock = clock

    def _load_clock(self) -> Clock:
        if self.enterprise is not None:
            return self.enterprise.clock
        row = self.db.find("clock", id=1)
        if row is None:
            return Clock.started()
        return Clock(
            bool(row["running"]),
            datetime.fromisoformat(row["account_time"]),
            row["system_time"],
        )

    def _keep_clock(self, clock: Clock) -> None:
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

    def plan_due(self, due_at: datetime, kind: str, payload: Mapping[str, object]) -> None:
        """Schedule an action for the time at which the clock reaches `moment`."""
        timers.plan(self.db, stored(due_at), kind, payload)

    def settle(self) -> None:
        """Do all actions that have fallen due, in order, each at its scheduled time, in one transaction.

        An action that fails is skipped, noted in `problems`, and returned by `take_warnings`. When the storage fails,
        all actions stay for the next time.
        """
        next_time = timers.next_time(self.db)
        if next_time is None or next_time > (now := self.now_text()):
            return
        with self.db.atomic():
            while (taken := timers.take_next(self.db, now)) is not None:
                due_at, kind, payload = taken
                with self.at(rounded(datetime.fromisoformat(due_at))):
                    self._do(kind, payload)

    def _do(self, kind: str, payload: dict[str, object]) -> None:
        try:
            with self.db.atomic():
                self._due_actions[kind].run(self, payload)
        except Exception as problem:
            if self.db.is_storage_trouble(problem):
                raise
            self._leave_out(kind, payload, problem)

    def _leave_out(self, kind: str, payload: dict[str, object], problem: Exception) -> None:
        said = f"The emulator failed: {type(problem).__name__}: {problem}"
        about = ", ".join(f"{name} {value}" for name, value in payload.items())
        try:
            with self.db.atomic():
                if kind in self._due_actions:
                    about = self._due_actions[kind].failed(self, payload, said)
        except Exception as another:
            if self.db.is_storage_trouble(another):
                raise
            self.problems.keep(another)
        told = f"{kind} of {about}, due at {self.now_text()}, was left out. {said}"
        problem.add_note(told)
        self.problems.keep(problem)
        self._untold.append(told)

    def take_warnings(self) -> list[str]:
        """Return the warnings about skipped actions that no call has had yet."""
        if not self._untold:
            return []
        told, self._untold = self._untold, CallWarnings()
        return list(told)

    def count_events(self, seconds: float | None = None) -> bool:
        """Update the totals that counters of definitions show; return whether all events are counted.

        With `seconds` the counting stops after about so long, and the next call goes on.
        """
        with self.db.lock:
            return self.db.event_totals is None or self.db.event_totals.update(seconds)

    def forget_memory(self) -> None:
        """Discard all values that are cached beside the database, after its content was replaced."""
        self.mid = int(self.setting("mid", str(DEFAULT_MID)))
        self.ids = self._own_ids()
        self._show(self._load_clock())
        self.memory.clear()
        self._cache = _Cache(())
        self._occurrences.clear()

    # Identifiers.

    def _own_ids(self) -> Ids:
        """Return the source of identifiers, which differs between business units."""
        seed = self.setting("seed", DEFAULT_SEED)
        return Ids(seed if self.enterprise is None else f"{seed} {self.mid}")

    def object_id(self, table: str, *natural_key: str | int) -> str:
        """Return a fresh ObjectID for a row of the table that its natural key names."""
        return self.ids.fresh_guid(
            lambda guid: self.db.count(table, object_id=guid) > 0, table, *natural_key
        )

    def generate_key(self, table: str, *natural_key: str | int) -> str:
        """Return a CustomerKey for an object that was created without one: an upper-case GUID (recorded)."""
        return self.ids.fresh_guid(
            lambda guid: self.db.count(table, customer_key=guid.upper()) > 0,
            table,
            "key",
            *natural_key,
        ).upper()

    def subscriber_ids(self, keys: Mapping[str, str]) -> dict[str, int]:
        """Return an unused SubscriberID for each of the `keys` of new subscribers, by the same names.

        The key determines the ID.
        """
        folded = map(str.casefold, keys.values())
        drawn = dict(zip(keys, self.ids.numbers_of_subscribers(folded), strict=True))
        taken = subscribers.taken_ids(self.db, list(drawn.values())) if drawn else ()
        if not taken and (len(drawn) < 2 or len(set(drawn.values())) == len(drawn)):
            return drawn
        held = set(taken)

        def is_taken(number: int) -> bool:
            return number in held or self.db.count("subscriber", id=number) > 0

        for name, key in keys.items():
            if drawn[name] in held:
                drawn[name] = self.ids.fresh_number(is_taken, "subscriber", key.casefold())
            held.add(drawn[name])
        return drawn

    def note_request(self, request: bytes) -> tuple[datetime, list[str]]:
        """Return the time of a request, and the RequestID of its call with three more ids for the answer.

        The ids are new for each call.
        """
        digest = sha1(request, usedforsecurity=False).digest()
        turn = self._occurrences.count(digest)
        shown = self._clock.shows()
        return shown.moment, self.ids.of_request(digest.hex(), turn, shown.text)
