"""Retry policy: which requests are sent again, and after how long."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from sfmc_client.envelope import read_fault
from sfmc_client.errors import ConfigurationError, ConnectFailed, ServiceUnavailable, TransportError
from sfmc_client.exchanges import Request, Response
from sfmc_client.transport import Transport

# Statuses of proxies and load balancers for a server that is busy or unavailable.
_BUSY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, kw_only=True, slots=True)
class Retries:
    """Sends a request up to `attempts` times, where that is safe.

    Every call is sent again when no connection was made. When an answer was lost, or the service is unavailable, only
    calls that read are sent again. Delays grow from `first_delay` to `longest_delay` seconds, each multiplied by a
    random factor from 0.5 to 1, so that many clients do not come back together. `Retries(attempts=1)` sends once.
    `sleep` and `jitter` (a number from 0 to 1) can be replaced, for a test that does not wait.
    """

    attempts: int = 3
    first_delay: float = 0.25
    longest_delay: float = 8.0
    sleep: Callable[[float], object] = time.sleep
    jitter: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.first_delay < 0 or self.longest_delay < 0:
            raise ConfigurationError(
                "Retries needs attempts of at least 1, and delays of at least 0 seconds."
            )

    def send(self, transport: Transport, request: Request) -> Response:
        """Return the response, the last one if no attempt succeeded.

        Raises the `TransportError` of the last attempt, which has the number of attempts.
        """
        attempt = 1
        while True:
            try:
                response = transport.send(request)
            except TransportError as error:
                if attempt == self.attempts or not _worth_repeating(error, request):
                    error.attempts = attempt
                    raise
            else:
                if attempt == self.attempts or not (request.repeatable and _busy(response)):
                    return response
            self.sleep(self.delay(attempt))
            attempt += 1

    def delay(self, attempt: int) -> float:
        """Return the number of seconds to wait after an attempt, counted from 1."""
        whole = min(self.longest_delay, self.first_delay * 2.0 ** min(attempt - 1, 30))
        return whole / 2 + whole / 2 * self.jitter()


def _worth_repeating(error: TransportError, request: Request) -> bool:
    if not error.sent:
        # A certificate is rejected again at the next attempt.
        return isinstance(error, ConnectFailed)
    return request.repeatable


def _busy(response: Response) -> bool:
    return response.status in _BUSY or isinstance(read_fault(response), ServiceUnavailable)
