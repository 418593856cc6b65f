"""Emulators for tests: one of this process, or one that runs elsewhere, both spoken to through their control API."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfmc_client.errors import SfmcError
from sfmc_client.models import SERVER_TIME, parse_moment
from sfmc_client.tracking import Recipe
from sfmc_client.transport import HTTPTransport, url_problem

if TYPE_CHECKING:
    from sfmc_mock.control import VerificationJournal
    from sfmc_mock.control_client import ControlClient
    from sfmc_mock.server import MockServer

_EMAIL_ID = 3099626

_CLOCKS = frozenset({"frozen", "running"})

# How the emulator's journal begins what it says of a call in which it broke itself.
_FAILED = "the emulator failed"


class EmulatorError(SfmcError):
    """The emulator did not do what a test asked of it; the text says why."""


class EmulatorFailed(SfmcError):
    """The emulator itself broke while it answered a test: that is its fault, not the test's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MockSettings:
    """How the emulator and the account of each test begin; override the fixture `sfmc_settings` to return another.

    `strict` does what the live service does where the documented samples differ; `None` is what a server that runs
    already was told, else false. `seed` is a seed file. `engagement` (`quiet`, `typical` …) says what subscribers of
    ordinary addresses do, `lag` (`instant`, `realistic`, `worst`) when it shows. `clock` is `frozen` (at the present),
    `running`, or a time at which it stands (`2026-01-01T12:00:00`, in server time). `page_size` and the rest of
    `server` (see `sfmc_mock.Settings`) are for an emulator of this process. `recipe` and `recipes` say what a
    definition is made of that a test uses and the account does not have.
    """

    strict: bool | None = None
    seed: str | Path | None = None
    engagement: str = "quiet"
    lag: str = "instant"
    clock: str = "frozen"
    page_size: int = 2_500
    server: Mapping[str, Any] = field(default_factory=dict)
    recipe: Recipe = field(default_factory=lambda: Recipe(email_id=_EMAIL_ID))
    recipes: Mapping[str, Recipe] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageEvent:
    """An event of a message: what (its EventType), when it happens, and from when the service shows it."""

    type: str
    happens_at: datetime
    visible_at: datetime
    visible: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Why a message was sent or not, by which rule, and what happens to it; printed, it is a text for a person.

    `outcome` is sent, not sent, refused or queued. `code` is the service's number for the reason, `None` if it has
    none. `raw` has everything that the emulator says.
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
        """Return what the control API says of one message."""
        return cls(
            outcome=str(message["outcome"]),
            code=message["code"],
            why=str(message["why"]),
            definition=str(message["definition"]),
            email_address=str(message["email_address"]),
            events=tuple(
                MessageEvent(
                    type=str(event["type"]),
                    happens_at=parse_moment(event["happens_at"]),
                    visible_at=parse_moment(event["visible_at"]),
                    visible=bool(event["visible"]),
                )
                for event in message["events"]
            ),
            text=text,
            raw=message,
        )

    def __str__(self) -> str:
        return self.text


class MockClock:
    """The clock of an account: frozen or running, and forward only. Times are aware, in server time."""

    def __init__(self, control: ControlClient, mid: int) -> None:
        self._control = control
        self._mid = mid

    @property
    def now(self) -> datetime:
        """The account's time, to compare with the dates of events."""
        return parse_moment(self._control.get("/clock", mid=self._mid)["now"])

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return bool(self._control.get("/clock", mid=self._mid)["running"])

    def advance(self, duration: str | timedelta | None = None, **parts: float) -> datetime:
        """Go forward by a duration (`"2h30m"`, a timedelta, or `days=7`) and return the time.

        What falls due on the way happens, in order.
        """
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
        """Run on at the pace of real time."""
        return self._change(run=True)

    def _change(self, **change: object) -> datetime:
        return parse_moment(self._control.post("/clock", change, mid=self._mid)["now"])

    def __repr__(self) -> str:
        return f"<clock of account {self._mid}>"


class MockAccount:
    """An account of an emulator, as a test sees it: its address, its credentials, its clock, what became of sends."""

    def __init__(
        self, control: ControlClient, said: Mapping[str, Any], *, server: MockServer | None = None
    ) -> None:
        self._control = control
        self._server = server
        self.mid = int(said["mid"])
        self.url = str(said["url"])
        self.auth_url = str(said["auth_url"])
        self.credentials: dict[str, str] = {
            name: str(said[name]) for name in ("username", "password", "client_id", "client_secret")
        }
        self.clock = MockClock(control, self.mid)
        self._checked = 0

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables by which a program in another process finds this account."""
        base = self.url.removesuffix("/Service.asmx")
        return {
            "SFMC_MOCK_URL": base,
            "SFMC_ENDPOINT": self.url,
            "SFMC_AUTH_URL": self.auth_url,
            "SFMC_MID": str(self.mid),
            **{f"SFMC_{name.upper()}": value for name, value in self.credentials.items()},
        }

    def explain(
        self,
        *,
        unique_id: str | None = None,
        send_id: int | None = None,
        subscriber: str | None = None,
    ) -> list[Explanation]:
        """Explain the messages with a unique id, of a send, or to a subscriber (key or address); the newest first.

        Raises `EmulatorError` when there are none, which says what there is.
        """
        found = self._control.get(
            "/explain", mid=self.mid, unique_id=unique_id, send=send_id, subscriber=subscriber
        )
        messages, text = found["messages"], str(found["text"])
        parts = text.split("\n\n")
        texts = parts if len(parts) == len(messages) else [text] * len(messages)
        return [Explanation.read(*pair) for pair in zip(messages, texts, strict=True)]

    def sends(self, *, limit: int = 100) -> list[dict[str, Any]]:
        """Return the sends with what became of their messages, the newest first."""
        return list(self._control.get("/sends", mid=self.mid, limit=limit)["sends"])

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
        """Let an event (`open`, `click`, `hardbounce`, `unsub` …) happen to a message: now, after a while or at a time.

        `send_id` is the number of the send in the emulator, as `sends()` and `explain()` give it.
        """
        given = {
            "kind": kind,
            "send": send_id,
            "subscriber": subscriber,
            "after": after,
            "at": at,
            "details": None if details is None else dict(details),
        }
        body = {name: value for name, value in given.items() if value is not None}
        self._control.post("/events", body, mid=self.mid)

    def calls(self, *, limit: int = 100, bodies: bool = False) -> list[dict[str, Any]]:
        """Return the last calls of the account, without secrets; with `bodies`, request and answer too."""
        query = {"mid": self.mid, "limit": limit, "bodies": 1 if bodies else None}
        return list(self._control.get("/journal", **query)["exchanges"])

    def choose(self, *, engagement: str | None = None, lag: str | None = None) -> None:
        """Let subscribers behave, and events show, in another way from now on."""
        given = {"engagement": engagement, "lag": lag}
        body = {name: value for name, value in given.items() if value is not None}
        self._control.post("/settings", body, mid=self.mid)

    def reset(self) -> None:
        """Put the account back to how it began."""
        self._control.post("/reset", {}, mid=self.mid)

    def checkpoint(self, name: str = "checkpoint") -> None:
        """Remember the account as it is, under a name."""
        self._control.post("/checkpoint", {"name": name}, mid=self.mid)

    def restore(self, name: str = "checkpoint") -> None:
        """Make the account what it was at a checkpoint, its clock included."""
        self._control.post("/restore", {"name": name}, mid=self.mid)

    @property
    def journal(self) -> VerificationJournal:
        """The calls and the sends of the account, to hold expectations against: `assert_called`, `assert_sent`.

        Raises `EmulatorError` where the emulator runs in another process.
        """
        if self._server is None:
            raise EmulatorError(
                "The journal of an emulator in another process cannot be held against expectations. Use calls() and "
                "sends()."
            )
        return self._server.app.control.lookup.find(self.mid).journal

    def new_failures(self) -> list[str]:
        """Return what broke in the emulator itself while it answered this account, each once."""
        found = self._control.get("/journal", mid=self.mid, text=_FAILED, since=self._checked)
        exchanges = found["exchanges"]
        self._checked = max([self._checked, *(int(each["number"]) for each in exchanges)])
        said = [str(each.get("error", "")) for each in exchanges]
        return [each for each in said if each.startswith(_FAILED)]

    def __repr__(self) -> str:
        return f"<account {self.mid} at {self.url}>"


class Emulator:
    """An emulator that gives out fresh accounts; `server` is the `MockServer` where it runs in this process."""

    def __init__(
        self, base_url: str, settings: MockSettings, *, server: MockServer | None = None
    ) -> None:
        self.settings = settings
        self.server = server
        self.control = _control_client(base_url, server)
        self.base_url = self.control.url
        # Shared by the clients of all tests: a connection is opened once.
        self.transport = HTTPTransport()

    @property
    def url(self) -> str:
        """The address of the SOAP endpoint."""
        return f"{self.base_url}/Service.asmx"

    @property
    def wsdl_url(self) -> str:
        """The address of the WSDL."""
        return f"{self.base_url}/etframework.wsdl"

    @property
    def control_url(self) -> str:
        """The address of the control API."""
        return f"{self.base_url}/_mock"

    @cached_property
    def _seed(self) -> str | None:
        """What accounts start from, with the time of their clock; `None` if the server's own seed will do."""
        given, clock = self.settings.seed, self.settings.clock
        text = None if given is None else _seed_text(given)
        if clock in _CLOCKS:
            return text
        import tomli_w

        # A clock goes forward only: a time that is past must be where it starts.
        seed = tomllib.loads("version = 1" if text is None else text)
        seed["account"] = {**seed.get("account", {}), "clock": clock}
        return tomli_w.dumps(seed)

    @contextmanager
    def account(self) -> Iterator[MockAccount]:
        """Lend a fresh account, and take it away afterwards."""
        settings = self.settings
        wanted: dict[str, object] = {"engagement": settings.engagement, "lag": settings.lag}
        if settings.strict is not None:
            wanted["strict"] = settings.strict
        if self._seed is not None:
            wanted["seed"] = self._seed
        said = self.control.post("/accounts", wanted)
        account = MockAccount(self.control, said, server=self.server)
        try:
            if settings.clock == "frozen":
                account.clock.freeze()
            yield account
        finally:
            self.control.delete(f"/accounts/{account.mid}")

    def check(self, account: MockAccount | None) -> None:
        """Raise `EmulatorFailed` if something broke in the emulator itself; each failure is raised once."""
        failed = EmulatorFailed(
            "The emulator itself failed while it answered this test; it is at fault, not the test. Please report it."
        )
        if self.server is not None:
            problems = list(self.server.problems)
            if problems:
                _forget(self.server)
                raise failed from problems[0]
        elif account is not None and (said := account.new_failures()):
            raise EmulatorFailed(f"{failed} {said[0]}")

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()
        self.control.close()

    def __repr__(self) -> str:
        where = "this process" if self.server is not None else "another process"
        return f"<emulator in {where} at {self.base_url}>"


def _forget(server: MockServer) -> None:
    try:
        server.check()
    except BaseExceptionGroup:
        # Raised already, one by one.
        return


def _seed_text(seed: str | Path) -> str:
    path = Path(seed)
    try:
        text = path.read_text(encoding="utf-8")
        tomllib.loads(text)
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except ValueError as error:
        problem = f"is no TOML: {error}"
    else:
        return text
    raise EmulatorError(f"The seed file {path} {problem}. It is named in sfmc_settings.")


@contextmanager
def own_emulator(settings: MockSettings) -> Iterator[Emulator]:
    """Run an emulator in a thread of this process, on a free port of loopback."""
    from sfmc_mock.errors import SfmcMockError
    from sfmc_mock.server import MockServer
    from sfmc_mock.settings import Settings

    wanted: dict[str, Any] = {
        "port": 0,
        "strict": bool(settings.strict),
        "page_size": settings.page_size,
    }
    try:
        started = MockServer(settings=Settings(**{**wanted, **settings.server}))
    except (SfmcMockError, TypeError) as error:
        problem = str(error)
    else:
        problem = ""
    if problem:
        raise EmulatorError(f"The emulator cannot be started as sfmc_settings says: {problem}")
    with started as server:
        emulator = Emulator(server.base_url, settings, server=server)
        try:
            yield emulator
        finally:
            emulator.close()


@contextmanager
def shared_emulator(url: str, settings: MockSettings) -> Iterator[Emulator]:
    """Use an emulator that runs already. Raises `EmulatorError` if it is not there or cannot do what is wanted."""
    emulator = Emulator(_server_address(url), settings)
    try:
        emulator.control.get("/health")
        if settings.page_size != MockSettings().page_size or settings.server:
            raise EmulatorError(
                "sfmc_settings has settings of the server (page_size, server), and the server runs already. Give them "
                "to sfmc-mock serve, and leave them out here."
            )
        yield emulator
    finally:
        emulator.close()


def _control_client(url: str, server: MockServer | None) -> ControlClient:
    # The emulator is loaded when a test needs one: a run on a real tenant does without.
    from sfmc_mock.control_client import ControlClient

    hint = "leave out --sfmc-url and SFMC_MOCK_URL: each run then has its own"
    token = server.control_token if server else os.environ.get("SFMC_MOCK_CONTROL_TOKEN")
    return ControlClient(url, token=token, error=EmulatorError, hint=hint)


def _server_address(url: str) -> str:
    from sfmc_mock.control_client import server_address
    from sfmc_mock.errors import SetupError

    try:
        if url_problem(url) is None:
            return server_address(url)
    except SetupError:
        pass
    raise EmulatorError(
        f"{url!r} is no address of an emulator. Give --sfmc-url, or SFMC_MOCK_URL, one such as http://127.0.0.1:8025."
    )
