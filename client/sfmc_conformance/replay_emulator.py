"""An emulator in this process with a fresh account, for replaying recordings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sfmc_client.auth import UsernameToken
from sfmc_client.client import Client
from sfmc_client.exchanges import Request, Response
from sfmc_client.models import SERVER_TIME
from sfmc_client.transport import WSGITransport
from sfmc_conformance.transcripts import BEGINNING, TranscriptError

_USER = "replaying-user"
_PASSWORD = "replaying-password"
_CLIENT = "replaying-client"
_SECRET = "replaying-secret"
_TIMEOUT = 60.0
_BASE = "https://emulator.test"


@dataclass(frozen=True, slots=True)
class Login:
    """A name and its secret, as in a recording."""

    name: str
    proof: str


class ReplayEmulator:
    """An emulator with one account, made from a seed (the default one, or a file), with its clock stopped.

    `users` and `packages` are accepted besides its own client; `mid` is its MID. Raises `TranscriptError` if the seed
    cannot be used.
    """

    def __init__(
        self,
        *,
        strict: bool = True,
        seed: Path | None = None,
        users: Iterable[Login] = (),
        packages: Iterable[Login] = (),
        mid: int | None = None,
    ) -> None:
        from sfmc_mock.accounts import Accounts
        from sfmc_mock.app import Application
        from sfmc_mock.errors import SetupError
        from sfmc_mock.seeds import default_seed, read_seed
        from sfmc_mock.settings import Settings

        self._began = BEGINNING.astimezone(SERVER_TIME).replace(tzinfo=None)
        try:
            base = default_seed() if seed is None else read_seed(seed)
            who = base.account if mid is None else replace(base.account, mid=mid)
            self._accounts = Accounts(strict=strict)
            self.account = self._accounts.open(
                seed=replace(base, account=replace(who, clock=self._began.isoformat())).having(
                    api_user=[
                        {"username": login.name, "password": login.proof}
                        for login in (Login(_USER, _PASSWORD), *users)
                    ],
                    package=[
                        {"client_id": login.name, "client_secret": login.proof}
                        for login in (Login(_CLIENT, _SECRET), *packages)
                    ],
                )
            )
        except SetupError as problem:
            raise TranscriptError(f"The account to replay on cannot be made: {problem}") from None
        self._app = Application(self._accounts, Settings(strict=strict))
        self._transport = WSGITransport(self._app)
        self.client = Client(_BASE, auth=UsernameToken(_USER, _PASSWORD), transport=self._transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._accounts.close()

    @property
    def problems(self) -> list[BaseException]:
        """The exceptions that occurred in the emulator itself."""
        return self._app.problems

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Return the emulator's answer to a request."""
        return self._transport.send(Request(url=url, headers=headers, body=body, timeout=_TIMEOUT))

    def at(self, seconds: float) -> None:
        """Advance the clock to a number of seconds after the start; it never goes back."""
        moment = self._began + timedelta(seconds=seconds)
        if moment > self.account.now():
            self.account.change_clock(lambda clock: clock.set(moment))

    def token(self, *, expired: bool = False) -> str:
        """Return a token of the account: a fresh one, or one that has expired."""
        from sfmc_mock.account.tokens import issue_token

        with self.account.db.atomic():
            token, _ = issue_token(self.account, _CLIENT)
        if expired:
            # Tokens are valid for twenty minutes (documented).
            later: datetime = self.account.now() + timedelta(hours=1)
            self.account.change_clock(lambda clock: clock.set(later))
        return token

    def make_happen(self, event: str, known: Mapping[str, str]) -> bool:
        """Add a tracking event to the message that the values of the event identify.

        Return whether there is such a message, and the event can happen to it.
        """
        from sfmc_mock.errors import SetupError
        from sfmc_mock.store import sent_messages

        columns = {
            "SendID": "job_id",
            "BatchID": "batch_id",
            "SubscriberID": "subscriber_id",
            "SubscriberKey": "subscriber_key",
        }
        wanted = {columns[name]: value for name, value in known.items() if name in columns}
        rows = [
            row
            for row in sent_messages.messages(self.account.db)
            if all(str(dict(row)[column]) == value for column, value in wanted.items())
        ]
        if not wanted or len(rows) != 1:
            return False
        key = str(rows[0]["subscriber_key"])
        try:
            self._app.control.lookup.find().happen(
                event, int(str(rows[0]["send_id"])), subscriber=key
            )
        except SetupError:
            return False
        return True
