"""An account of an emulator, as tests see it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import quote

from sfmc_client.errors import SfmcError
from sfmc_client.models import SERVER_TIME, parse_moment

if TYPE_CHECKING:
    from sfmc_mock.control import VerificationJournal
    from sfmc_mock.control_client import ControlClient
    from sfmc_mock.server import MockServer

# The beginning of the journal's error for a call in which the emulator failed itself.
_FAILED = "the emulator failed"

# The greatest number of calls of a test that are searched for warnings.
_MOST_CALLS = 1_000


class EmulatorError(SfmcError):
    """The emulator refused a request of a test to its control API; the text says why."""


class EmulatorFailed(SfmcError):
    """The emulator itself failed while it answered a test: an error of the emulator, not of the test."""


class Credentials(TypedDict):
    """The credentials of an account: a user for `UsernameToken`, and an installed package for `OAuth`."""

    username: str
    password: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageEvent:
    """An event of a message: its EventType, its time, and the time from which the service shows it."""

    type: str
    happens_at: datetime
    visible_at: datetime
    visible: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """The explanation of a message: why it was sent or not, by which rule, and its events; `str` gives it as text.

    `outcome` is sent, not sent, refused or queued. `code` is the service's number for the reason, `None` if it has
    none. `raw` is the whole answer of the emulator.
    """

    outcome: str
    code: int | None
    why: str
    definition: str
    email_address: str
    events: tuple[MessageEvent, ...]
    text: str = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, message: Mapping[str, Any], text: str) -> Explanation:
        """Return the explanation from the control API's answer about one message."""
        said = {
            name: message[name]
            for name in ("outcome", "code", "why", "definition", "email_address")
        }
        events = tuple(
            MessageEvent(
                type=event["type"],
                happens_at=parse_moment(event["happens_at"]),
                visible_at=parse_moment(event["visible_at"]),
                visible=event["visible"],
            )
            for event in message["events"]
        )
        return cls(**said, events=events, text=text, raw=message)

    def __str__(self) -> str:
        return self.text


class _OfAccount:
    """The base of parts of one account, which use its control API."""

    def __init__(self, control: ControlClient, mid: int) -> None:
        self._control = control
        self.mid = mid

    def _get(self, path: str, **query: str | int | None) -> Any:
        return self._control.get(path, mid=self.mid, **query)

    def _post(self, path: str, body: object) -> Any:
        return self._control.post(path, body, mid=self.mid)


_PARTS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


class MockClock(_OfAccount):
    """The clock of an account: frozen or running, and forward only. Times are aware, in server time."""

    @property
    def now(self) -> datetime:
        """The account's time, to compare with the dates of events."""
        return parse_moment(self._get("/clock")["now"])

    @property
    def running(self) -> bool:
        """Whether the clock runs."""
        return bool(self._get("/clock")["running"])

    def advance(self, duration: str | timedelta | None = None, **parts: float) -> datetime:
        """Go forward by a duration (`"2h30m"`, a timedelta, or `days=7`) and return the time.

        All actions that fall due on the way are done in order. Raises `TypeError` for an unknown part.
        """
        for name in parts:
            if name not in _PARTS:
                raise TypeError(f"A duration has no {name}. Its parts are {', '.join(_PARTS)}.")
        if isinstance(duration, str) and not parts:
            return self._change(advance=duration)
        span = timedelta(**parts) + (duration if isinstance(duration, timedelta) else timedelta())
        return self._change(advance=f"{span / timedelta(seconds=1):.3f}s")

    def set(self, moment: str | datetime) -> datetime:
        """Go forward to a time, in server time unless it names a zone, and return it."""
        if isinstance(moment, datetime):
            if moment.tzinfo is not None:
                moment = moment.astimezone(SERVER_TIME).replace(tzinfo=None)
            moment = moment.isoformat(timespec="milliseconds")
        return self._change(set=moment)

    def freeze(self) -> datetime:
        """Stand still, and return the time."""
        return self._change(freeze=True)

    def run(self) -> datetime:
        """Run at the pace of real time."""
        return self._change(run=True)

    def _change(self, **change: object) -> datetime:
        return parse_moment(self._post("/clock", change)["now"])

    def __repr__(self) -> str:
        return f"<clock of account {self.mid}>"


class MockChaos(_OfAccount):
    """The chaos rules of an account: calls fail on purpose. `sfmc-mock docs chaos` lists the keys of a rule."""

    @property
    def rules(self) -> list[dict[str, Any]]:
        """Each rule as it was given, with the number of calls that it matched (`seen`) and changed (`hits`)."""
        return list(self._get("/chaos")["rules"])

    def add(self, **rule: Any) -> str:
        """Add a rule, such as `operation="Create", status=503, times=2`, and return its name."""
        return str(self._post("/chaos", rule)["name"])

    def hits(self, name: str) -> int:
        """Return the number of calls that a rule changed."""
        return sum(int(rule["hits"]) for rule in self.rules if rule["name"] == name)

    def clear(self) -> None:
        """Remove all rules."""
        self._control.delete("/chaos", mid=self.mid)


class MockFiles(_OfAccount):
    """The FTP folder of an account, for imports and extracts; names are like `import/people.csv`."""

    @property
    def folder(self) -> Path:
        """The folder on disk, where the emulator runs on this machine."""
        return Path(self._get("/files")["folder"])

    @property
    def names(self) -> list[str]:
        """The names of all files."""
        return [file["name"] for file in self._get("/files")["files"]]

    def put(self, name: str, content: str | bytes) -> None:
        """Write a file, which replaces an earlier one; a text is encoded as UTF-8."""
        document = content.encode() if isinstance(content, str) else content
        self._control.put(f"/files/{quote(name)}", document, mid=self.mid)

    def get(self, name: str) -> bytes:
        """Return the content of a file. Raises `EmulatorError` when there is none."""
        return bytes(self._get(f"/files/{quote(name)}"))

    def remove(self, name: str) -> None:
        """Remove a file. Raises `EmulatorError` when there is none."""
        self._control.delete(f"/files/{quote(name)}", mid=self.mid)

    def __repr__(self) -> str:
        return f"<FTP folder of account {self.mid}>"


class AccountView(_OfAccount):
    """The calls of an account, its sends and the events of their messages.

    Calls up to number `since` and the first `sends_before` sends are left out. With `stays` the account still exists
    after the run.
    """

    def __init__(
        self,
        control: ControlClient,
        mid: int,
        *,
        since: int = 0,
        sends_before: int = 0,
        stays: bool = False,
    ) -> None:
        super().__init__(control, mid)
        self._since = since
        self._sends_before = sends_before
        self.stays = stays
        self.clock = MockClock(control, mid)
        self.chaos = MockChaos(control, mid)
        self.files = MockFiles(control, mid)

    def page(self, send_id: int | None = None) -> str:
        """Return the address of the inspector's page of the account, or of one of its sends."""
        address = f"{self._control.url}/_mock/ui/{self.mid}/"
        return address if send_id is None else f"{address}sends/{send_id}"

    def explain(
        self,
        *,
        unique_id: str | None = None,
        send_id: int | None = None,
        subscriber: str | None = None,
    ) -> list[Explanation]:
        """Explain the messages with a unique id, of a send, or to a subscriber (key or address); the newest first.

        Raises `EmulatorError` when there are none; its text names messages that exist.
        """
        explained = self._get("/explain", unique_id=unique_id, send=send_id, subscriber=subscriber)
        messages, text = explained["messages"], str(explained["text"])
        parts = text.split("\n\n")
        texts = parts if len(parts) == len(messages) else [text] * len(messages)
        return [Explanation.read(*pair) for pair in zip(messages, texts, strict=True)]

    def sends(self, *, limit: int = 100) -> list[dict[str, Any]]:
        """Return the sends with the outcomes of their messages, the newest first."""
        sends = list(self._get("/sends", limit=limit)["sends"])
        if sends and int(sends[0]["id"]) < self._sends_before:
            # The account was reset since, and counts anew.
            return sends
        return [send for send in sends if int(send["id"]) > self._sends_before]

    def queued(self, *, request_id: str | None = None) -> list[dict[str, Any]]:
        """Return the asynchronous calls, waiting and done, with their results; the oldest first."""
        return list(self._get("/queue", request_id=request_id, limit=_MOST_CALLS)["requests"])

    @property
    def business_units(self) -> dict[str, int]:
        """The MIDs of the account's business units by their names, for the `account_id` of `OAuth`."""
        accounts = self._control.get("/accounts")["accounts"]
        return {
            str(each["name"]): int(each["mid"])
            for each in accounts
            if each.get("business_unit_of") == self.mid
        }

    def calls(
        self, *, limit: int = 100, bodies: bool = False, text: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the last calls of the account, without secrets; with `bodies`, request and answer too.

        With `text`, only calls that contain it are returned.
        """
        shown, since = 1 if bodies else None, self._since or None
        journal = self._get("/journal", limit=limit, bodies=shown, since=since, text=text)
        return list(journal["exchanges"])

    @property
    def warnings(self) -> list[str]:
        """The warnings of the emulator about the account's calls: each text once, in the order of the calls.

        A warning tells what the live service would refuse, which elements were ignored, and which have no effect.
        """
        texts = (text for call in self.calls(limit=_MOST_CALLS) for text in call["warnings"])
        return list(dict.fromkeys(texts))


class MockAccount(AccountView):
    """An account that a test uses: its address, credentials and clock, and the actions of a test on it."""

    def __init__(
        self,
        control: ControlClient,
        said: Mapping[str, Any],
        *,
        server: MockServer | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(control, int(said["mid"]))
        self._server = server
        self._folder = folder
        self.url = str(said["url"])
        self.auth_url = str(said["auth_url"])
        credentials: Any = {name: said[name] for name in Credentials.__annotations__}
        self.credentials: Credentials = credentials
        self._callers: list[dict[str, str]] = list(said.get("callers", ()))
        self._checked = 0

    def user(self, name: str) -> tuple[str, str]:
        """Return name and password of an `[[api_user]]` of the seed, for `UsernameToken`; the name ends in the MID."""
        return self._caller(name, "username", "password")

    def package(self, client_id: str) -> tuple[str, str]:
        """Return client ID and secret of a `[[package]]` of the seed, for `OAuth`; the ID ends with the MID."""
        return self._caller(client_id, "client_id", "client_secret")

    def _caller(self, name: str, column: str, secret: str) -> tuple[str, str]:
        # Of equal names, that of the enterprise stands before those of its business units.
        callers = {caller["name"]: caller for caller in reversed(self._callers) if column in caller}
        if name not in callers:
            known = ", ".join(reversed(callers)) or "none"
            table = "[[api_user]]" if column == "username" else "[[package]]"
            raise EmulatorError(
                f"The seed of the account has no {table} {name!r}. It has: {known}."
            )
        return callers[name][column], callers[name][secret]

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables by which a program in another process finds this account.

        They are those of `sfmc-mock exec`; merge them into `os.environ`.
        """
        from sfmc_mock.environment import account_environment, proxy_exception

        credentials = {name: str(value) for name, value in self.credentials.items()}
        variables = account_environment(
            self._control.url,
            mid=self.mid,
            credentials=credentials,
            control_token=self._control.token,
        )
        return (self._intercepting() or proxy_exception(os.environ)) | variables

    def _intercepting(self) -> dict[str, str]:
        """The variables that direct a program to an emulator which intercepts; none where it does not."""
        server, folder = self._server, self._folder
        if server is None or server.proxy is None or folder is None:
            return {}
        from sfmc_mock.server import intercepting_environment

        handle = server.app.control.lookup.find(self.mid)
        variables = intercepting_environment(server, handle, os.environ, folder)
        return {name: value for name, value in variables.items() if os.environ.get(name) != value}

    def happen(
        self,
        kind: str,
        send_id: int,
        *,
        subscriber: str | None = None,
        after: str | None = None,
        at: str | None = None,
        details: Mapping[str, str | int | bool] | None = None,
    ) -> None:
        """Add an event (`open`, `click`, `hardbounce`, `unsub` …) to a message: now, after a while or at a time.

        `send_id` is the number of the send in the emulator, as `sends()` and `explain()` give it.
        """
        more = None if details is None else dict(details)
        self._post(
            "/events",
            _given(
                kind=kind, send=send_id, subscriber=subscriber, after=after, at=at, details=more
            ),
        )

    def choose(self, *, engagement: str | None = None, lag: str | None = None) -> None:
        """Choose another engagement profile and lag profile from now on."""
        self._post("/settings", _given(engagement=engagement, lag=lag))

    def reset(self) -> None:
        """Reset the account to its first state."""
        self._post("/reset", {})

    def checkpoint(self, name: str = "checkpoint") -> None:
        """Store the state of the account under a name."""
        self._post("/checkpoint", {"name": name})

    def restore(self, name: str = "checkpoint") -> None:
        """Return the account to its state at a checkpoint, its clock included."""
        self._post("/restore", {"name": name})

    @property
    def journal(self) -> VerificationJournal:
        """The calls and the sends of the account, with assertions: `assert_called`, `assert_sent`.

        Raises `EmulatorError` where the emulator runs in another process.
        """
        if self._server is None:
            raise EmulatorError(
                "The journal has assertions only for an emulator in this process. Use calls() and sends()."
            )
        return self._server.app.control.lookup.find(self.mid).journal

    def new_failures(self) -> list[str]:
        """Return new failures of the emulator itself in calls of this account, each once."""
        answer = self._get("/journal", text=_FAILED, since=self._checked)
        exchanges = answer["exchanges"]
        self._checked = max([self._checked, *(int(exchange["number"]) for exchange in exchanges)])
        said = [str(exchange.get("error", "")) for exchange in exchanges]
        return [text for text in said if text.startswith(_FAILED)]

    def __repr__(self) -> str:
        return f"<account {self.mid} at {self.url}>"


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
