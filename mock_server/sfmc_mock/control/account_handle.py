"""The Python handle of an account for tests. The control API offers the same functions over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sfmc_mock.account import Account, asynchronous, simulation_settings
from sfmc_mock.account.asynchronous import QueuedRequest
from sfmc_mock.account.explanations import Explanation, explain
from sfmc_mock.account.sends import Recipient, trigger
from sfmc_mock.account.subscribers import find_subscriber
from sfmc_mock.account.tracking_events import make_happen
from sfmc_mock.account.triggered_send_definitions import find_definition, find_definition_named
from sfmc_mock.account.users import name_in_seed
from sfmc_mock.accounts import Accounts, credentials, damage_named
from sfmc_mock.chaos import Chaos, chaos_of
from sfmc_mock.control.checkpoints import Checkpoints
from sfmc_mock.control.clock_handle import ClockHandle, later, moment_of, span_of
from sfmc_mock.control.files_handle import FilesHandle
from sfmc_mock.control.sent_messages import SendSummary, TrackedEvent
from sfmc_mock.control.verification import VerificationJournal, no_definition
from sfmc_mock.errors import NotThere, Refused, SetupError
from sfmc_mock.journal import Journal
from sfmc_mock.seeds import dump, parse_seed
from sfmc_mock.simulator.messages import event_types_named
from sfmc_mock.store import sent_messages
from sfmc_mock.store.event_log import counts_of_sends, visible_events
from sfmc_mock.store.row_types import MessageRow, Subscriber

Details = Mapping[str, str | int | bool]


class AccountHandle:
    """One account for tests: sending, reading, manual events, expectations, checkpoints and resets."""

    def __init__(self, account: Account, accounts: Accounts, calls: Journal) -> None:
        self.account = account
        self.clock = ClockHandle(account)
        self.files = FilesHandle(account)
        self.journal = VerificationJournal(calls, account)
        self._accounts = accounts
        self._checkpoints = Checkpoints()

    def __repr__(self) -> str:
        return f"<account {self.mid} in {self.account.db.path}>"

    @property
    def mid(self) -> int:
        return self.account.mid

    @property
    def chaos(self) -> Chaos:
        """The chaos rules of the account."""
        return chaos_of(self.account)

    @property
    def credentials(self) -> dict[str, str]:
        """The first user and the first package: username, password, client_id, client_secret."""
        known = asdict(credentials(self.account))
        del known["mid"]
        return known

    @property
    def callers(self) -> list[dict[str, str]]:
        """The users and packages of the seed and its business units: their names there, and their credentials here."""
        columns = {"api_user": ("username", "password"), "package": ("client_id", "client_secret")}
        return [
            {
                "name": seeded,
                **{name: str(row[name]) for name in names},
            }
            for account in (self.account, *self.account.units.values())
            for table, names in columns.items()
            for row in account.db.find_all(table)
            if (seeded := name_in_seed(str(row[names[0]]), account.mid)) != row[names[0]]
        ]

    # Sends.

    def send(
        self,
        definition: str,
        *,
        to: str | Mapping[str, str],
        attributes: Mapping[str, str] | None = None,
    ) -> Explanation:
        """Trigger a definition, by key or name, for one subscriber; return the explanation.

        `to` is an address, which is the SubscriberKey too, or both as `{"key": …, "email": …}`. Raises `NotThere` for
        an unknown definition, `SetupError` with the service's code when the send is refused as a whole.
        """
        key, email = (to, to) if isinstance(to, str) else (to.get("key"), to.get("email"))
        recipient = Recipient(key or email, email, dict(attributes or {}))
        account = self.account
        # Kept until it is explained: another thread may reset the account.
        with account.db.lock:
            send_id = self._trigger(definition, recipient)
            return explain(account, send_id=send_id)[0]

    def _trigger(self, definition: str, recipient: Recipient) -> int:
        account = self.account
        with account.db.atomic():
            account.settle()
            known = find_definition(account, key=definition)
            known = known or find_definition_named(account, definition)
            if known is None:
                raise NotThere(no_definition(account, definition))
            try:
                return trigger(account, known, [recipient]).send_id
            except Refused as refused:
                raise SetupError(
                    f"The send of '{definition}' is refused with {refused.error_code}: {refused.message} "
                    f"The definition is {known.status}."
                ) from None

    def sends(
        self,
        *,
        definition: str | None = None,
        subscriber: str | None = None,
        send_id: int | None = None,
        outcome: str | None = None,
        among: Sequence[int] | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[SendSummary]:
        """Return the sends with the outcomes of their messages, the newest first.

        `outcome` is that of one of the messages, `among` are numbers of sends to choose from. For the next page, give
        the last number of this one as `before`.
        """
        with self.account.db.lock:
            self.account.settle()
            rows = sent_messages.sends(
                self.account.db,
                definition=definition,
                subscriber=subscriber,
                send_id=send_id,
                outcome=outcome,
                among=among,
                before=before,
                limit=limit,
            )
            ids = [row["id"] for row in rows]
            counts = counts_of_sends(self.account.db, ids, self.account.now_text())
        return [SendSummary.of(row, counts.get(id)) for id, row in zip(ids, rows, strict=True)]

    def explain(
        self,
        send_id: int | None = None,
        *,
        subscriber: str | int | None = None,
        unique_id: str | None = None,
    ) -> list[Explanation]:
        """Explain the messages of a send, to a subscriber, or sent with a unique id; the newest first, up to 1,000.

        Raises `NotThere` when there are none.
        """
        try:
            return explain(
                self.account, send_id=send_id, subscriber=subscriber, unique_id=unique_id
            )
        except SetupError as nothing:
            raise NotThere(str(nothing)) from None

    def queued(self, *, request_id: str | None = None) -> list[QueuedRequest]:
        """Return the asynchronous requests, done or not, with their results, the oldest first."""
        with self.account.db.lock:
            self.account.settle()
            return asynchronous.requests(self.account, request_id=request_id)

    # What happens.

    def tracking(
        self,
        subscriber: str | None = None,
        *,
        type: str | None = None,
        send_id: int | None = None,
        newest: bool = False,
        limit: int = 10_000,
        offset: int = 0,
    ) -> list[TrackedEvent]:
        """Return the events that a Retrieve shows now, of one subscriber (key) or of all, by their times.

        `type` is an EventType or an API object (`BounceEvent`), in any case; `send_id` chooses one send. Of very many,
        they are the first `limit` after `offset`, or the `newest`. Raises `SetupError` for an unknown type.
        """
        types = () if type is None else event_types_named(type)
        account = self.account
        with account.db.lock:
            account.settle()
            rows = visible_events(
                account.db,
                subscriber=subscriber,
                types=types,
                send_id=send_id,
                until=account.now_text(),
                newest=newest,
                limit=limit,
                offset=offset,
            )
        return [TrackedEvent.of(row) for row in rows]

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
        """Add an event to a send's message now, after a duration, or at a time; return its explanation.

        `kind` is an event (`open`, `OpenEvent`, `click`, `hardbounce`, `unsub` …), `details` are its special values
        (the `url` of a click, the `smtp_reason` of a bounce …). Raises `NotThere` for an unknown send or
        message, `SetupError` for an event that cannot happen, or several messages and no subscriber.
        """
        if after is not None and at is not None:
            raise SetupError("Say when it happens by 'after' or by 'at', not by both.")
        account = self.account
        with account.db.lock:
            with account.db.atomic():
                account.settle()
                message = self._message(send_id, subscriber)
                moment = account.now() if at is None else moment_of(at)
                if after is not None:
                    moment = later(moment, span_of(after))
                make_happen(account, message, kind, moment, details or {})
            number = message["subscriber_id"]
            return self.explain(send_id, subscriber=number)[0]

    def _message(self, send_id: int, subscriber: str | None) -> MessageRow:
        messages = sent_messages.messages(self.account.db, send_id=send_id, subscriber=subscriber)
        if not messages:
            # Raises, and says what there is.
            self.explain(send_id, subscriber=subscriber)
        if len(messages) > 1:
            keys = ", ".join(str(row["subscriber_key"]) for row in messages[:10])
            raise SetupError(
                f"Send {send_id} went to {len(messages)} subscribers: say to which of them it happens ({keys} …)."
            )
        return messages[0]

    def subscriber(self, key: str) -> Subscriber | None:
        """Return the subscriber with the key, None when there is none."""
        with self.account.db.lock:
            self.account.settle()
            return find_subscriber(self.account, key=key)

    # Behaviour.

    @property
    def engagement(self) -> str:
        """Name of the profile that the subscribers follow."""
        return simulation_settings.engagement(self.account).name

    @engagement.setter
    def engagement(self, name: str) -> None:
        simulation_settings.choose_engagement(self.account, name)

    @property
    def lag(self) -> str:
        """Name of the lag profile, by which events become visible."""
        return simulation_settings.lag(self.account).name

    @lag.setter
    def lag(self, name: str) -> None:
        simulation_settings.choose_lag(self.account, name)

    # Checkpoints and resets. Clients can continue to use the account: credentials and tokens stay.

    def reset(self) -> None:
        """Reset the account to the state of its seed, and remove its calls from the journal."""
        self._accounts.reset(self.account)
        self.journal.clear()

    def checkpoint(self, name: str = "checkpoint") -> tuple[str, ...]:
        """Store the state of the account in memory, under a name; an earlier checkpoint of that name is replaced.

        100 checkpoints and 512 MiB of them are kept; returns the names of older ones that were removed for this one.
        """
        return self._checkpoints.keep(name, self.account.db.content())

    def restore(self, name: str = "checkpoint") -> None:
        """Return the account to its state at a checkpoint, its clock included, and remove its calls from the journal.

        Raises `NotThere` for an unknown checkpoint.
        """
        self._accounts.restore(self.account, self._checkpoints.content(name))
        self.journal.clear()

    @property
    def checkpoints(self) -> list[str]:
        return self._checkpoints.names

    def export(self) -> str:
        """Return the content of the account as a seed file (TOML), without sends, events and tokens.

        Raises `SetupError` when the account's file is damaged.
        """
        with damage_named(self.account.db.path):
            return dump(self.account)

    def replace(self, seed: str) -> None:
        """Replace the content of the account by a seed (TOML), now and at each reset, and remove its calls.

        Raises `SetupError` for an invalid seed; the account stays as it is then.
        """
        wanted = parse_seed(seed)
        self._accounts.replace(self.account, wanted)
        self.journal.clear()

    def remove(self) -> None:
        """Remove the account from the server; its file stays."""
        self._accounts.remove(self.account)
