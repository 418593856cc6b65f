"""Polling: wait for rows and events that are not visible yet.

The live service shows a row of the send log and an event only some time after they happened, and has no callbacks, so a
client polls. A test that controls the clock waits in another way; both are a `Waiting`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from sfmc_client.errors import (
    CertificateRejected,
    ConfigurationError,
    NotInTime,
    ServiceUnavailable,
    TransportError,
)

T = TypeVar("T")

LOG_ROW: Final = "row of the send log"


@dataclass(frozen=True, kw_only=True, slots=True)
class Awaited:
    """The awaited thing: the name of a tracking event (`OpenEvent`) or `LOG_ROW`, of the message with a unique id."""

    what: str
    unique_id: str

    def __str__(self) -> str:
        return f"{self.what} for the message with the unique id {self.unique_id}"


class Waiting(Protocol):
    """A way to wait."""

    def until(self, look: Callable[[], T | None], awaited: Awaited, *, timeout: float | None) -> T:
        """Call `look` until it returns something else than `None`; `timeout` is in seconds of the service's time.

        Raises `NotInTime`.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Polling:
    """Calls at once, then again after `first_delay` seconds; each further delay is `growth` times as long.

    No delay is longer than `longest_delay`. `timeout` is used where the caller gives none. After a broken connection,
    or while the service is unavailable, polling goes on; at the end of the time, that error is raised. `sleep` and
    `clock` (seconds that only grow) can be replaced, for a test that does not wait.
    """

    first_delay: float = 0.5
    growth: float = 1.6
    longest_delay: float = 30.0
    timeout: float = 900.0
    sleep: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        if self.first_delay <= 0 or self.growth < 1 or self.longest_delay <= 0:
            raise ConfigurationError(
                "Polling needs delays above 0 seconds, and a growth of at least 1."
            )

    def until(
        self, look: Callable[[], T | None], awaited: Awaited, *, timeout: float | None = None
    ) -> T:
        """Call `look` until it returns something else than `None`. Raises `NotInTime` after `timeout` seconds."""
        __tracebackhide__ = True
        patience = self.timeout if timeout is None else timeout
        deadline = self.clock() + patience
        delay = self.first_delay
        while True:
            trouble: TransportError | ServiceUnavailable | None = None
            try:
                if (value := look()) is not None:
                    return value
            except CertificateRejected:
                # This error stays the same at the next attempt.
                raise
            except (TransportError, ServiceUnavailable) as error:
                trouble = error
            left = deadline - self.clock()
            if left <= 0:
                if trouble is not None:
                    raise trouble
                raise NotInTime(
                    f"No {awaited} within {patience:g} s. It may still come: wait longer with timeout=, or check "
                    "whether the message was sent at all (NotSentEvent, ErrorCode in the send log)."
                )
            self.sleep(min(delay, left))
            delay = min(delay * self.growth, self.longest_delay)
