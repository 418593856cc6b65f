"""Emulators for tests: one in this process, or one that runs elsewhere; both are used through their control API."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sfmc_client.testing.mock_account import AccountView, EmulatorError, EmulatorFailed, MockAccount
from sfmc_client.tracking import Recipe
from sfmc_client.transport import HTTPTransport, url_problem

if TYPE_CHECKING:
    from sfmc_mock.control_client import ControlClient
    from sfmc_mock.server import MockServer

_EMAIL_ID = 3099626

# For a test that uses the emulator without an account of its own.
_LOOKED_AT = 1_000
_MOST_ACCOUNTS = 3
_MOST_KEPT = 20

_CLOCKS = frozenset({"frozen", "running"})

_FAULT = "The emulator failed while it answered this test: an error of the emulator, not of the test. Please report it."


@dataclass(frozen=True, kw_only=True, slots=True)
class MockSettings:
    """The settings of the emulator and of each test's account; override the fixture `sfmc_settings` to change them.

    `strict` behaves like the live service where the documented samples differ; `None` is the setting of a running
    server, else false. `seed` is a seed file, relative to the root of the tests (pytest's `rootdir`). `engagement`
    (`quiet`, `typical` …) is the behaviour of subscribers with ordinary addresses, `lag` (`instant`, `realistic`,
    `worst`) the delay until events are visible. `clock` is `frozen` (at the present), `running`, or a time at which it
    stands (`2026-01-01T12:00:00`, in server time). `page_size` and the rest of `server` (see `sfmc_mock.Settings`) are
    for an emulator in this process. `recipe` and `recipes` give the content of definitions that a test uses and the
    account does not have.
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


@dataclass(frozen=True, slots=True)
class JournalMark:
    """A mark in the journal of an emulator: the number of its last call, and the number of sends of each account."""

    number: int
    sends: Mapping[int, int]


class Emulator:
    """An emulator that provides fresh accounts; `server` is the `MockServer` where it runs in this process.

    The path of a seed file is relative to the folder `root`; `folder` is for files of an emulator that intercepts.
    """

    def __init__(
        self,
        base_url: str,
        settings: MockSettings,
        *,
        root: Path | None = None,
        server: MockServer | None = None,
        folder: Path | None = None,
    ) -> None:
        self.settings = settings
        self.server = server
        self._root = root or Path()
        self._lent: set[int] = set()
        self._failed: list[int] = []
        self._kept: list[int] = []
        self.keeps_failed = False
        """Whether the last twenty accounts of failed tests stay, for a server that runs on after the tests."""
        self._folder = folder
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
        """The seed of accounts, with the time of their clock; `None` for the server's own seed."""
        given, clock = self.settings.seed, self.settings.clock
        text = None if given is None else _seed_text(self._root / given)
        if clock in _CLOCKS:
            return text
        import tomli_w

        # A clock goes forward only, so it must start at a time that is past.
        seed = tomllib.loads("version = 1" if text is None else text)
        seed["account"] = {**seed.get("account", {}), "clock": clock}
        return tomli_w.dumps(seed)

    @contextmanager
    def account(self) -> Iterator[MockAccount]:
        """Yield a fresh account, and remove it afterwards; after a failure, when the next test begins."""
        self._remove_failed()
        settings = self.settings
        wanted: dict[str, object] = {"engagement": settings.engagement, "lag": settings.lag}
        if settings.strict is not None:
            wanted["strict"] = settings.strict
        if self._seed is not None:
            wanted["seed"] = self._seed
        said = self._make(wanted)
        account = MockAccount(self.control, said, server=self.server, folder=self._folder)
        account.stays = self.keeps_failed
        self._lent.add(account.mid)
        try:
            if settings.clock == "frozen":
                account.clock.freeze()
            yield account
        except BaseException:
            # The report of the failure still needs the account.
            self._failed.append(account.mid)
            raise
        if account.mid not in self._kept:
            self.control.delete(f"/accounts/{account.mid}")

    def _make(self, wanted: Mapping[str, object]) -> Mapping[str, Any]:
        try:
            said: Mapping[str, Any] = self.control.post("/accounts", wanted)
        except EmulatorError as error:
            # The emulator knows only the text, and calls it the seed.
            reason = str(error)
            if self.settings.seed is None or not reason.startswith(_SEED):
                raise
            raise EmulatorError(f"{self.settings.seed}: {reason.removeprefix(_SEED)}") from None
        return said

    def keep(self, account: MockAccount) -> None:
        """Keep the account of a failed test, if `keeps_failed` is true; of more than twenty the oldest is removed."""
        if not self.keeps_failed:
            return
        self._kept.append(account.mid)
        if len(self._kept) > _MOST_KEPT:
            self.control.delete(f"/accounts/{self._kept.pop(0)}")

    def _remove_failed(self) -> None:
        while self._failed:
            self.control.delete(f"/accounts/{self._failed.pop()}")

    def mark(self) -> JournalMark:
        """Return a mark of the present, for `accounts_since`."""
        self._remove_failed()
        calls = self.control.get("/journal", limit=1)["exchanges"]
        accounts = self.control.get("/accounts")["accounts"]
        return JournalMark(
            number=int(calls[-1]["number"]) if calls else 0,
            sends={int(account["mid"]): int(account["holds"]["send"]) for account in accounts},
        )

    def accounts_since(self, mark: JournalMark | None) -> list[AccountView]:
        """Return the accounts that were called since a mark, each with its calls and sends since, the latest first.

        Of an emulator in another process these are its first account and those of this run: the others belong to
        other runs.
        """
        mark = mark or JournalMark(0, {})
        calls = self.control.get("/journal", since=mark.number, limit=_LOOKED_AT)["exchanges"]
        mids = dict.fromkeys(int(call["account"]) for call in reversed(calls) if call["account"])
        present = [int(account["mid"]) for account in self.control.get("/accounts")["accounts"]]
        known = {*present[:1], *self._lent} if self.server is None else set(present)
        return [
            AccountView(
                self.control,
                mid,
                since=mark.number,
                sends_before=mark.sends.get(mid, 0),
                stays=self.server is None and mid not in self._lent,
            )
            for mid in list(mids)[:_MOST_ACCOUNTS]
            if mid in known and mid in present
        ]

    def check(self, account: MockAccount | None) -> None:
        """Raise `EmulatorFailed` for a failure of the emulator itself; each failure is raised once."""
        __tracebackhide__ = True
        if self.server is not None and (problems := list(self.server.problems)):
            with suppress(BaseExceptionGroup):
                # This clears the list; the first problem is raised below.
                self.server.check()
            raise EmulatorFailed(
                f"{_FAULT} {type(problems[0]).__name__}: {problems[0]}"
            ) from problems[0]
        if self.server is None and account is not None and (said := account.new_failures()):
            raise EmulatorFailed(f"{_FAULT} {said[0]}")

    def close(self) -> None:
        """Remove the accounts of failed tests and close the connections."""
        self._remove_failed()
        self.transport.close()
        self.control.close()

    def __repr__(self) -> str:
        where = "this process" if self.server is not None else "another process"
        return f"<emulator in {where} at {self.base_url}>"


_SEED = "seed: "


def _seed_text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
        tomllib.loads(text)
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except ValueError as error:
        problem = f"is not valid TOML: {error}"
    else:
        return text
    raise EmulatorError(f"The seed file {path} {problem}. It is named in sfmc_settings.")


@contextmanager
def own_emulator(settings: MockSettings, *, root: Path | None = None) -> Iterator[Emulator]:
    """Run an emulator in a thread of this process, on a free port of loopback."""
    from sfmc_mock.errors import SfmcMockError
    from sfmc_mock.server import MockServer
    from sfmc_mock.settings import Settings

    wanted: dict[str, Any] = {"port": 0, "strict": bool(settings.strict)}
    wanted |= {"page_size": settings.page_size, **settings.server}
    try:
        started = MockServer(settings=Settings(**wanted))
    except (SfmcMockError, TypeError) as error:
        problem = f"The emulator cannot be started with the settings in sfmc_settings: {error}"
        raise EmulatorError(problem) from None
    with started as server, TemporaryDirectory(prefix="sfmc-mock-") as folder:
        emulator = Emulator(
            server.base_url, settings, root=root, server=server, folder=Path(folder)
        )
        with closing(emulator):
            yield emulator


@contextmanager
def shared_emulator(
    url: str, settings: MockSettings, *, root: Path | None = None
) -> Iterator[Emulator]:
    """Use a running emulator. Raises `EmulatorError` if it does not answer, or cannot apply the settings."""
    with closing(Emulator(_server_address(url), settings, root=root)) as emulator:
        emulator.control.get("/health")
        if settings.page_size != MockSettings().page_size or settings.server:
            raise EmulatorError(
                "sfmc_settings has settings of the server (page_size, server), and the server runs already. Give them "
                "to sfmc-mock serve, and leave them out here."
            )
        yield emulator


def _control_client(url: str, server: MockServer | None) -> ControlClient:
    # The emulator is loaded when a test needs it, not in a run on a real tenant.
    from sfmc_mock.control_client import ControlClient

    hint = "leave out --sfmc-url and SFMC_MOCK_URL: each run then has its own"
    token = server.control_token if server else os.environ.get("SFMC_MOCK_CONTROL_TOKEN")
    return ControlClient(url, token=token, error=EmulatorError, hint=hint)


def _server_address(url: str) -> str:
    from sfmc_mock.control_client import server_address
    from sfmc_mock.errors import SetupError

    with suppress(SetupError):
        if url_problem(url) is None:
            return server_address(url)
    raise EmulatorError(
        f"{url!r} is not the address of an emulator. Give --sfmc-url, or SFMC_MOCK_URL, one such as http://127.0.0.1:8025."
    )
