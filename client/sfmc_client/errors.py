"""Errors of the client, by what a caller can do about them.

`sfmc_client.testing` has its own beside these: `RailsRefused`, a `ConfigurationError`; `EmulatorError` and
`EmulatorFailed`.

* SfmcError
  x ConfigurationError      an argument is wrong: nothing was sent; correct the program or its settings
  x TransportError          no usable answer was received
    + ConnectFailed         no connection: refused, unknown host, no route; nothing was sent
    + CertificateRejected   the server's certificate was rejected; nothing was sent
    + TimedOut              no answer in time: the call may have taken effect
    + ConnectionLost        cut off before the answer was complete: the call may have taken effect
    + UnreadableAnswer      the answer is not a SOAP answer to the call
  x SoapFault               the service refused the call as a whole
    + LoginFailed           the credentials are unknown or belong to another tenant
      - TokenRefused        the token endpoint refused the credentials
    + TokenExpired          the token had expired, and so had the new one
    + ServiceUnavailable    outage, maintenance or too many calls: wait and try again
  x OperationFailed         every object was refused: look at `results`
    + PartialFailure        some objects were refused: look at `results`
  x RetrieveFailed          the answer to a Retrieve or Query was an error text
  x NotFound                one object was requested, and there is none
    + NotInTime             a row or an event did not become visible in time
  x TooManyFound            one object was requested, and there are more
  x FlowBlocked             a step of the tracking flow is not possible in the account's state

No error holds a credential of the client, neither in its text nor in an attribute.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sfmc_client.exchanges import Exchange
from sfmc_client.text_safety import hide_secrets


class SfmcError(Exception):
    """The base of all errors that this package raises."""

    exchange: Exchange | None = None
    """The call with its answer, if there was one; credentials are replaced in it."""

    objects_received: int | None = None
    """The number of objects that a Retrieve had returned before a later page failed."""

    attempts: int = 1
    """The number of attempts."""

    def __str__(self) -> str:
        text = super().__str__()
        if self.attempts > 1:
            text += f" It was tried {self.attempts} times."
        if self.objects_received is not None:
            text += f" {self.objects_received:,} objects were received before; the rest is missing."
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        # Subclasses take keyword arguments, which pickle would not pass on.
        return _restore, (type(self), self.args, dict(self.__dict__))

    def hide(self, secrets: Iterable[str]) -> None:
        """Replace secrets in the text and in every text attribute, because an answer may echo them."""
        known = list(secrets)
        self.args = tuple(
            hide_secrets(item, known) if isinstance(item, str) else item for item in self.args
        )
        for name, value in vars(self).items():
            if isinstance(value, str):
                setattr(self, name, hide_secrets(value, known))


def _restore(
    error_class: type[SfmcError], args: tuple[Any, ...], state: dict[str, Any]
) -> SfmcError:
    error = error_class.__new__(error_class, *args)
    error.__dict__.update(state)
    return error


class ConfigurationError(SfmcError):
    """An argument or a setting is wrong; nothing was sent."""


class TransportError(SfmcError):
    """No usable answer was received; `sent` says whether the service may have received the call."""

    sent: bool = True

    def __init__(self, text: str, *, url: str = "") -> None:
        super().__init__(text)
        self.url = url


class ConnectFailed(TransportError):
    """No connection was made, so nothing was sent."""

    sent = False


class CertificateRejected(TransportError):
    """The server's certificate was rejected, so nothing was sent."""

    sent = False


class TimedOut(TransportError):
    """No answer came in time; the call may still have taken effect."""


class ConnectionLost(TransportError):
    """The connection ended before the answer was complete; the call may still have taken effect."""


class UnreadableAnswer(TransportError):
    """The answer is not a SOAP answer to the call; `status` is its HTTP status, if it had one."""

    def __init__(self, text: str, *, url: str = "", status: int | None = None) -> None:
        super().__init__(text, url=url)
        self.status = status


class SoapFault(SfmcError):
    """The service refused the call as a whole.

    `fault_code` is the local name of the fault's code (`Client`, `Server`, `Security`), `fault_string` its text,
    `detail_code` the number in its detail, which only Server faults have (recorded).
    """

    advice = "Correct the call; `error.exchange.request` shows it."

    def __init__(
        self,
        fault_string: str,
        *,
        fault_code: str = "Client",
        detail_code: int | None = None,
        operation: str = "",
    ) -> None:
        code = fault_code if detail_code is None else f"{fault_code}, code {detail_code}"
        what = operation or "the call"
        super().__init__(
            f"The service refused {what}: {_sentence(fault_string)} [{code}] {self.advice}"
        )
        self.fault_string = fault_string
        self.fault_code = fault_code
        self.detail_code = detail_code
        self.operation = operation


class LoginFailed(SoapFault):
    """The service does not know the credentials, or they belong to another tenant."""

    advice = (
        "Check user and password, or client id and secret, and that they belong to the tenant of this endpoint "
        "and may use the API."
    )


class TokenRefused(LoginFailed):
    """The token endpoint gave no token; `fault_code` is its OAuth error, such as `invalid_client`."""

    advice = (
        "Check client id, client secret and account id, and that the package they belong to is installed "
        "and of the server-to-server kind."
    )


class TokenExpired(SoapFault):
    """The token had expired, and so had the new one."""

    advice = "Check that the token endpoint and the SOAP endpoint belong to the same tenant."


class ServiceUnavailable(SoapFault):
    """The service is unavailable, in maintenance, or throttles calls (`detail_code` 17)."""

    advice = "Wait and try again, with fewer calls at a time; check first whether a call that writes took effect."


class RetrieveFailed(SfmcError):
    """The service answered a Retrieve with an error; `status` is its text, without the leading `Error:`."""

    def __init__(self, text: str, *, status: str) -> None:
        super().__init__(text)
        self.status = status


class NotFound(SfmcError):
    """Exactly one object was requested, and there is none."""


class NotInTime(NotFound):
    """A row or an event did not become visible in time."""


class TooManyFound(SfmcError):
    """Exactly one object was requested, and there are more."""


class FlowBlocked(SfmcError):
    """A step of the tracking flow is not possible in the account's state; the text says what to change there."""


def _sentence(text: str) -> str:
    """The text with a full stop at its end, unless it has one."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
