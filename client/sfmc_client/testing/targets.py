"""Targets of a test: the emulator or a real tenant, with one interface (`Target`)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn, TypeVar

from sfmc_client.auth import UsernameToken
from sfmc_client.client import Client
from sfmc_client.errors import NotInTime
from sfmc_client.events import TrackingEvent
from sfmc_client.exchanges import Exchange
from sfmc_client.testing.configuration import RealSettings
from sfmc_client.testing.emulators import Emulator
from sfmc_client.testing.mock_account import EmulatorError, Explanation, MockAccount, MockClock
from sfmc_client.testing.recipients import check_role, magic_address
from sfmc_client.tracking import EventKind, Sent, TrackingFlow, WaitsForEvents
from sfmc_client.transport import Transport
from sfmc_client.waiting import Awaited

T = TypeVar("T")

_MOST_EXCHANGES = 200

# EventTypes that come as an object of another name (wsdl).
_EVENT_TYPES: Final = {
    "BounceEvent": frozenset({"HardBounce", "SoftBounce", "OtherBounce"}),
    "UnsubEvent": frozenset({"Unsubscribe"}),
    "DeliveredEvent": frozenset({"DeliveredEvent"}),
}


class RecordingFlow(TrackingFlow):
    """The tracking flow, which records the messages that it found, for the report of a failing test."""

    def __init__(self, client: Client, **options: Any) -> None:
        super().__init__(client, **options)
        self.sends: list[Sent] = []

    def found(self, unique_id: str, **options: Any) -> Sent:
        """Return the message with this unique id, as `TrackingFlow.found` does."""
        sent = super().found(unique_id, **options)
        self.sends.append(sent)
        return sent


class Target(WaitsForEvents):
    """The target of a test.

    `name` is `mock` or `real`. `client` is a `Client` of the account, `flow` the tracking flow in it. `wait_for` moves
    the clock of the mock to the time at which the event is visible; a real tenant is polled. Without a `timeout`, the
    mock waits for any future event, and a real tenant is polled as long as the configuration says.

    Only the mock has `account`, `clock`, `explain` and `server`: mark the tests that use them with
    `@pytest.mark.sfmc_mock_only`. On a real tenant they raise `AttributeError`.
    """

    name: str
    client: Client
    flow: RecordingFlow

    account: MockAccount
    clock: MockClock
    server: Emulator
    explain: Callable[[Sent], Explanation]

    @property
    @abstractmethod
    def warnings(self) -> list[str]:
        """The emulator's warnings about this test's calls, each text once; none from a real tenant."""

    @abstractmethod
    def recipient(self, role: str) -> str:
        """Return the address of a mailbox with a role: `opens`, `clicks`, `hard-bounces` …

        On the mock it is a fresh one each time. On a real tenant it is the one that the configuration gives that role;
        where it gives none, the test is skipped. Raises `ConfigurationError` for a role that does not exist.
        """

    def _wait_for(self, kind: EventKind, sent: Sent, timeout: float | None) -> TrackingEvent:
        __tracebackhide__ = True
        return self.flow.wait_for(kind, sent, timeout=timeout)

    def close(self) -> None:
        """Close the client of one test."""
        self.client.close()


class MockTarget(Target):
    """A fresh account of an emulator."""

    name = "mock"

    def __init__(self, server: Emulator, account: MockAccount) -> None:
        self.server = server
        self.account = account
        self.clock: MockClock = account.clock
        credentials = account.credentials
        self.client = Client(
            account.url,
            auth=UsernameToken(credentials["username"], credentials["password"]),
            transport=server.transport,
        )
        self.flow = RecordingFlow(
            self.client,
            recipe=server.settings.recipe,
            recipes=server.settings.recipes,
            waiting=ClockWaiting(account),
        )
        self._recipients = 0

    @property
    def warnings(self) -> list[str]:
        """The emulator's warnings about this test's calls, each text once."""
        return self.account.warnings

    def recipient(self, role: str) -> str:
        """Return a new address with the role."""
        check_role(role)
        self._recipients += 1
        return magic_address(role, self._recipients)

    def explain(self, sent: Sent) -> Explanation:
        """Return the explanation of a message: why it was sent or not, by which rule, and its events."""
        return self.account.explain(unique_id=sent.unique_id)[0]

    def __repr__(self) -> str:
        return f"<mock: {self.account!r}>"


class RealTarget(Target):
    """A real tenant, behind rails."""

    name = "real"

    def __init__(
        self,
        settings: RealSettings,
        transport: Transport,
        *,
        skip: Callable[[str], NoReturn],
        **flow: Any,
    ) -> None:
        # Not the settings themselves: with their credentials a test could call without the rails.
        self._mid = settings.mid
        self._path = settings.path
        self._mailboxes = settings.mailboxes
        self._skip = skip
        self.exchanges: list[Exchange] = []
        self.client = settings.client(transport, on_exchange=self._keep)
        self.flow = RecordingFlow(
            self.client,
            **{
                "recipe": settings.recipe,
                "recipes": settings.recipes,
                "attribute": settings.attribute,
                "send_log": settings.send_log,
                "waiting": settings.polling,
                **flow,
            },
        )

    def _keep(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        del self.exchanges[:-_MOST_EXCHANGES]

    @property
    def warnings(self) -> list[str]:
        """Empty: only the emulator warns."""
        return []

    def begin_test(self) -> None:
        """Discard the calls and sends of the previous test; objects that the flow has set up stay known."""
        self.exchanges.clear()
        self.flow.sends.clear()

    def recipient(self, role: str) -> str:
        """Return the configured mailbox of a role, or skip the test with a message that gives the missing line."""
        check_role(role)
        address = self._mailboxes.get(role)
        if address is None:
            self._skip(
                f'no mailbox for the role {role}: add the line   {role} = "ADDRESS"   under [mailboxes] in '
                f"{self._path}"
            )
        return address

    def __getattr__(self, name: str) -> NoReturn:
        # Called only for a missing attribute.
        is_of_mock = name in {"account", "clock", "explain", "server"}
        hint = " Mark the test with @pytest.mark.sfmc_mock_only." if is_of_mock else ""
        raise AttributeError(f"A real tenant has no {name}.{hint}", name=name, obj=self)

    def __repr__(self) -> str:
        return f"<real: account {self._mid}, {self.client.endpoint}>"


class ClockWaiting:
    """Waits by moving the clock of an emulated account to the time at which the awaited row or event is visible."""

    def __init__(self, account: MockAccount) -> None:
        self._account = account

    def until(
        self, look: Callable[[], T | None], awaited: Awaited, *, timeout: float | None = None
    ) -> T:
        """Return the result of `look` once it is not `None`.

        Raises `NotInTime` at once, with the reason, if the event will never happen.
        """
        __tracebackhide__ = True
        if (value := look()) is not None:
            return value
        clock = self._account.clock
        started = clock.now
        for moment in self._moments(awaited):
            if timeout is not None and moment > started + timedelta(seconds=timeout):
                clock.set(max(clock.now, started + timedelta(seconds=timeout)))
                raise NotInTime(
                    f"No {awaited} within {timeout:g} s: it is visible at {_shown(moment)}, {moment - started} after "
                    f"the wait began ({_shown(started)}). Give a longer timeout=."
                )
            if moment > clock.now:
                clock.set(moment)
            if (value := look()) is not None:
                return value
        raise NotInTime(f"No {awaited}, and none will come.{self._why(awaited)}")

    def _moments(self, awaited: Awaited) -> list[datetime]:
        """Return the times at which the message's events of the awaited kind become visible, in order."""
        types = _EVENT_TYPES.get(awaited.what, frozenset({awaited.what.removesuffix("Event")}))
        try:
            messages = self._account.explain(unique_id=awaited.unique_id)
        except EmulatorError:
            return []
        events = [event for message in messages for event in message.events]
        return sorted(event.visible_at for event in events if event.type in types)

    def _why(self, awaited: Awaited) -> str:
        try:
            messages = self._account.explain(unique_id=awaited.unique_id)
        except EmulatorError as error:
            return f" {error}"
        return "".join(f"\n{message}" for message in messages)


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
