"""What a test can do with an account, in Python. The control API is the same functions over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfmc_mock.account import Account, behaviour
from sfmc_mock.account.definitions import find_definition, find_definition_named
from sfmc_mock.account.explaining import Explanation, explain
from sfmc_mock.account.happenings import make_happen
from sfmc_mock.account.registry import credentials
from sfmc_mock.account.sends import Recipient, trigger
from sfmc_mock.account.subscribers import find_subscriber
from sfmc_mock.clock import Clock, parse_time, stored, utc_text
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.journal import nearest
from sfmc_mock.simulator.durations import parse_duration
from sfmc_mock.store import inspection
from sfmc_mock.store.database import Row

Details = Mapping[str, str | int | bool]


class ClockHandle:
    """An account's clock: running or frozen, and forward only. Times are naive, in server time (UTC-6)."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def __repr__(self) -> str:
        return f"<clock {self.now.isoformat(' ')}, {'running' if self.running else 'frozen'}>"

    @property
    def now(self) -> datetime:
        return self._account.now()

    @property
    def running(self) -> bool:
        return self._account.clock.running

    def advance(self, duration: str | timedelta | None = None, **parts: float) -> datetime:
        """Go forward by a duration (`"2h30m"`, a timedelta, or `days=7`); what falls due happens, in order.

        Raises `SetupError` for a negative or unreadable one.
        """
        span = timedelta(**parts)
        if isinstance(duration, timedelta):
            span += duration
        elif duration is not None:
            span += parse_duration(duration)
        return self._change(lambda clock: clock.advance(span))

    def set(self, moment: str | datetime) -> datetime:
        """Go forward to a time, given in server time unless it names a zone. Raises `SetupError` for a past one."""
        return self._change(lambda clock: clock.set(_moment(moment)))

    def freeze(self) -> datetime:
        """Stand still."""
        return self._change(lambda clock: clock.freeze())

    def run(self) -> datetime:
        """Run on at the pace of real time."""
        return self._change(lambda clock: clock.run())

    def as_json(self) -> dict[str, object]:
        now = self.now
        return {"now": stored(now), "utc": utc_text(now), "running": self.running}

    def _change(self, change: Callable[[Clock], None]) -> datetime:
        self._account.change_clock(change)
        return self.now


@dataclass(frozen=True, slots=True)
class TrackedEvent:
    """A tracking event that a Retrieve shows: EventType, whose and of which send, and when it happened."""

    type: str
    subscriber_key: str
    job_id: int
    batch_id: int
    subscriber_id: int
    at: datetime
    url: str | None = None

    def as_json(self) -> dict[str, object]:
        found: dict[str, object] = {
            "type": self.type,
            "subscriber_key": self.subscriber_key,
            "job_id": self.job_id,
            "batch_id": self.batch_id,
            "subscriber_id": self.subscriber_id,
            "at": stored(self.at),
        }
        return found if self.url is None else {**found, "url": self.url}


class AccountHandle:
    """One account, as a test sees it: send, look, let things happen, go back."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.clock = ClockHandle(account)
        self._checkpoints: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return f"<account {self.mid} in {self.account.db.path}>"

    @property
    def mid(self) -> int:
        return self.account.mid

    @property
    def credentials(self) -> dict[str, str]:
        """The first user and the first package: username, password, client_id, client_secret."""
        known = credentials(self.account)
        return {
            "username": known.username,
            "password": known.password,
            "client_id": known.client_id,
            "client_secret": known.client_secret,
        }

    # Sends.

    def send(
        self,
        definition: str,
        *,
        to: str | Mapping[str, str],
        attributes: Mapping[str, str] | None = None,
    ) -> Explanation:
        """Trigger a definition, by key or name, for one subscriber; return what was decided.

        `to` is an address, which is the SubscriberKey too, or both as `{"key": …, "email": …}`. Raises `SetupError`
        with the service's code when the send is refused as a whole.
        """
        key, email = (to, to) if isinstance(to, str) else (to.get("key"), to.get("email"))
        recipient = Recipient(key or email, email, dict(attributes or {}))
        account = self.account
        with account.db.atomic():
            account.settle()
            found = find_definition(account, key=definition)
            found = found or find_definition_named(account, definition)
            if found is None:
                raise SetupError(self._no_definition(definition))
            try:
                sent = trigger(account, found, [recipient])
            except Refused as refused:
                raise SetupError(
                    f"The send of '{definition}' is refused with {refused.error_code}: {refused.message} "
                    f"The definition is {found['status']}."
                ) from None
        return explain(account, send_id=sent.send_id)[0]

    def _no_definition(self, wanted: str) -> str:
        rows = self.account.db.find_all("triggered_send_definition", "id")
        known = ", ".join(f"'{row['customer_key']}' ({row['status']})" for row in rows)
        return f"There is no triggered send definition '{wanted}'. " + (
            f"There are: {known}." if known else "Create one first; the account has none."
        )

    def sends(
        self, *, definition: str | None = None, subscriber: str | None = None, limit: int = 100
    ) -> list[Row]:
        """Return the sends with what became of their messages, the newest first."""
        with self.account.db.lock:
            self.account.settle()
            return inspection.sends(
                self.account.db, definition=definition, subscriber=subscriber, limit=limit
            )

    def explain(
        self,
        send_id: int | None = None,
        *,
        subscriber: str | None = None,
        unique_id: str | None = None,
    ) -> list[Explanation]:
        """Explain the messages of a send, to a subscriber, or sent with a unique id; the newest first.

        Raises `SetupError` when there are none.
        """
        return explain(self.account, send_id=send_id, subscriber=subscriber, unique_id=unique_id)

    # What happens.

    def tracking(self, subscriber: str | None = None) -> list[TrackedEvent]:
        """Return the events that a Retrieve shows now, of one subscriber (key) or of all, by their times."""
        account = self.account
        with account.db.lock:
            account.settle()
            rows = inspection.tracking(account.db, subscriber=subscriber, until=account.now_text())
        return [
            TrackedEvent(
                str(row["type"]),
                str(row["subscriber_key"]),
                int(str(row["job_id"])),
                int(str(row["batch_id"])),
                int(str(row["subscriber_id"])),
                datetime.fromisoformat(str(row["happens_at"])),
                None if row["url"] is None else str(row["url"]),
            )
            for row in rows
        ]

    def happen(
        self,
        kind: str,
        send_id: int,
        *,
        subscriber: str | None = None,
        after: str | timedelta | None = None,
        at: str | datetime | None = None,
        details: Details | None = None,
    ) -> Explanation:
        """Let an event happen to a send's message now, after a while, or at a time; return its explanation.

        `kind` is an event (`open`, `OpenEvent`, `click`, `hardbounce`, `unsub` …). Raises `SetupError` when there is no
        such send, event, or several messages and no subscriber.
        """
        account = self.account
        with account.db.atomic():
            account.settle()
            message = self._message(send_id, subscriber)
            moment = account.now() if at is None else _moment(at)
            if after is not None:
                moment += after if isinstance(after, timedelta) else parse_duration(after)
            make_happen(account, message, kind, moment, details or {})
        return explain(account, send_id=send_id, subscriber=int(str(message["subscriber_id"])))[0]

    def _message(self, send_id: int, subscriber: str | None) -> Row:
        found = inspection.messages(self.account.db, send_id=send_id, subscriber=subscriber)
        if not found:
            # Says what there is.
            explain(self.account, send_id=send_id, subscriber=subscriber)
        if len(found) > 1:
            keys = ", ".join(str(row["subscriber_key"]) for row in found[:10])
            raise SetupError(
                f"Send {send_id} went to {len(found)} subscribers: say to which of them it happens ({keys} …)."
            )
        return found[0]

    def subscriber(self, key: str) -> Row | None:
        """Return a subscriber's row, None when there is none of that key."""
        with self.account.db.lock:
            self.account.settle()
            return find_subscriber(self.account, key=key)

    # Behaviour.

    @property
    def engagement(self) -> str:
        return behaviour.engagement(self.account).name

    @engagement.setter
    def engagement(self, name: str) -> None:
        behaviour.choose_engagement(self.account, name)

    @property
    def lag(self) -> str:
        return behaviour.lag(self.account).name

    @lag.setter
    def lag(self, name: str) -> None:
        behaviour.choose_lag(self.account, name)

    # Going back.

    def checkpoint(self, name: str = "checkpoint") -> None:
        """Remember the account as it is, in memory, under a name."""
        self._checkpoints[name] = self.account.db.content()

    def restore(self, name: str = "checkpoint") -> None:
        """Make the account what it was at a checkpoint, its clock included. Raises `SetupError` for an unknown one."""
        if name not in self._checkpoints:
            known = ", ".join(self._checkpoints) or "none"
            raise SetupError(f"There is no checkpoint '{name}'. There are: {known}.")
        with self.account.db.lock:
            self.account.db.replace_content(self._checkpoints[name])
            self.account.forget_memory()

    @property
    def checkpoints(self) -> list[str]:
        return list(self._checkpoints)

    # Verification.

    def assert_sent(
        self,
        *,
        to: str | None = None,
        definition: str | None = None,
        attributes: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> list[Explanation]:
        """Return the messages that were sent so; raise AssertionError naming the nearest when there are none.

        `to` is a key or an address, `definition` a key; `attributes` are compared where given. With `times`, exactly so
        many must have been sent.
        """
        __tracebackhide__ = True
        expected: dict[str, object] = {"outcome": "sent"}
        if to is not None:
            expected["to"] = to
        if definition is not None:
            expected["definition"] = definition
        if attributes:
            expected["attributes"] = dict(attributes)
        with self.account.db.lock:
            self.account.settle()
            rows = inspection.messages(self.account.db)
        facts = [(row, _facts(row, to)) for row in rows]
        matching = [row for row, fact in facts if _agrees(expected, fact)]
        if matching and times in (None, len(matching)):
            return [
                explanation
                for row in matching
                for explanation in explain(self.account, send_id=int(str(row["send_id"])))
                if explanation.ordinal == row["ordinal"]
            ]
        raise AssertionError(self._not_sent(expected, facts, len(matching), times))

    def _not_sent(
        self,
        expected: Mapping[str, object],
        facts: list[tuple[Row, dict[str, object]]],
        found: int,
        times: int | None,
    ) -> str:
        wanted = ", ".join(
            f"{name} {value!r}" for name, value in expected.items() if name != "outcome"
        )
        lines = [f"sent {wanted or 'anything'}: expected {times or '1 or more'}, got {found}."]
        near = nearest(
            expected,
            [
                (
                    f"send {row['send_id']} of '{row['definition_key']}' to {row['email_address']}",
                    fact,
                )
                for row, fact in facts
                if not _agrees(expected, fact)
            ],
        )
        if near:
            lines[0] += " Nearest:"
            lines += [f"  {each}" for each in near]
        elif not facts:
            lines[0] += " Nothing was sent yet."
        if "definition" in expected:
            lines += self._about_definition(str(expected["definition"]))
        return "\n".join(lines)

    def _about_definition(self, key: str) -> list[str]:
        row = find_definition(self.account, key=key)
        if row is None:
            return [self._no_definition(key)]
        if row["status"] != "Active":
            return [f"The definition '{key}' exists, but is {row['status']}."]
        return []


def _facts(row: Row, to: str | None) -> dict[str, object]:
    both = (str(row["subscriber_key"]), str(row["email_address"]))
    shown = (
        to if to is not None and to.casefold() in (each.casefold() for each in both) else both[1]
    )
    return {
        "outcome": str(row["outcome"]),
        "to": shown,
        "definition": str(row["definition_key"]),
        "attributes": json.loads(str(row["attributes"])),
    }


def _agrees(expected: Mapping[str, object], fact: Mapping[str, object]) -> bool:
    for name, value in expected.items():
        if isinstance(value, dict):
            known = fact[name]
            assert isinstance(known, dict)
            if any(known.get(key) != wanted for key, wanted in value.items()):
                return False
        elif fact[name] != value:
            return False
    return True


def _moment(moment: str | datetime) -> datetime:
    """Return a time in server time. Raises `SetupError` for a text that is none."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            return moment
        moment = moment.isoformat()
    try:
        return parse_time(moment)
    except ValueError:
        raise SetupError(
            f"'{moment}' is no time. Write it as 2026-01-31T13:45:00 (server time, UTC-6), or with a zone: "
            "2026-01-31T19:45:00Z."
        ) from None
