"""The errors of the emulator.

* SfmcMockError
  x SoapFault         the whole call fails: the caller gets a SOAP fault, HTTP 500
    + LoginFailed
    + SecurityMissing
    + TokenExpired
    + ActionUnknown
    + ActionMissing
    + RequestUnreadable
    + ServerTrouble
      - CallDenied
      - TooManyObjects
      - DatabaseTrouble
  x NotSoap           the request is not an envelope: HTTP 400, plain text
  x RetrieveRefused   a Retrieve fails: its OverallStatus carries the text
  x Refused           one object of a batch fails: its result carries the code
    + RowRefused      … and the object is a row of a data extension
  x StorageFailed     the account's file cannot be read or written
  x SetupError        the configuration of the emulator is invalid
    + NotThere          … or names something that does not exist

The codes and texts of refusals are in the rules that refuse: those of an object in its file in `objects/`, those of
rules that several objects share in `account/` (17003 and the others of a triggered send definition's status in
`account/triggered_send_definitions.py`). `docs/error-codes.md` lists all of them.

`Elsewhere` is not an error: it says that another process of the server must answer the request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class SfmcMockError(Exception):
    """The base of all errors that this package raises on purpose."""


class SoapFault(SfmcMockError):
    """The whole call fails.

    `code` is the local name of the fault code: `Client`, `Server` or `Security`. `bare` faults come from the layer
    below the service (ASP.NET's own): no header, no faultactor, an empty detail (documented). `detail_code` is the
    number in the detail of a Server fault. `text` is the faultstring of a fault that has always the same.
    """

    code = "Client"
    bare = False
    detail_code = 2
    text = ""

    def __init__(self, faultstring: str | None = None) -> None:
        self.faultstring = self.text if faultstring is None else faultstring
        super().__init__(self.faultstring)


class LoginFailed(SoapFault):
    """Unknown or missing credentials (text as live clients compare it: sdk; documented as `Login failed`)."""

    code = "Security"
    text = "Login Failed"


class SecurityMissing(SoapFault):
    """The header has no credentials (text: seen live; code: that of the other refusals, assumed)."""

    code = "Security"
    text = "Security requirements are not satisfied because the security header is not present in the incoming message."


class TokenExpired(SoapFault):
    """The token has expired (recorded; SDKs compare this text to renew theirs)."""

    code = "Security"
    text = "Token Expired"


class ActionUnknown(SoapFault):
    """The SOAPAction names none of the thirteen operations (documented)."""

    bare = True

    def __init__(self, action: str) -> None:
        super().__init__(f"Server did not recognize the value of HTTP Header SOAPAction: {action}.")


class ActionMissing(SoapFault):
    """Neither SOAPAction, nor the content type's action, nor wsa:Action (documented as a cause; wording assumed)."""

    text = (
        "SOAP action could not be determined. Send it as the SOAPAction header, as the action parameter of the "
        "SOAP 1.2 content type, or as wsa:Action (http://schemas.xmlsoap.org/ws/2004/08/addressing)."
    )


class RequestUnreadable(SoapFault):
    """A value or type in the body that the service's reader cannot take (form: seen live; texts inferred from .NET)."""

    bare = True

    def __init__(self, reason: str) -> None:
        super().__init__(
            "Server was unable to read request. ---> There is an error in the XML document. ---> "
            + reason
        )


class ServerTrouble(SoapFault):
    """The emulator itself failed; the service calls it an unplanned outage (documented, code 2)."""

    code = "Server"
    text = "Unplanned Outage"

    def __init__(self, faultstring: str | None = None, detail_code: int | None = None) -> None:
        super().__init__(faultstring)
        if detail_code is not None:
            self.detail_code = detail_code


class CallDenied(ServerTrouble):
    """A Client fault that tells its number: documented so, though elsewhere Server faults alone have a detail."""

    code = "Client"


class DatabaseTrouble(ServerTrouble):
    """The account's file failed (text and code 13: documented)."""

    detail_code = 13
    text = (
        "Synchronous request cannot be completed at this time due to database problems. This request was not "
        "processed."
    )


class TooManyObjects(ServerTrouble):
    """The request holds more API objects than the service takes (documented, code 218; as a fault: assumed)."""

    detail_code = 218
    text = "Too many objects"


class NotSoap(SfmcMockError):
    """The request is not well-formed XML, or no SOAP envelope: the service answers HTTP 400 `Bad Request` (sdk).

    `reason` is for the person at the emulator: journal and terminal show it, the answer does not.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


NESTED_TOO_DEEPLY = (
    "Some part of your SQL statement is nested too deeply. Rewrite the query or break it up into "
    "smaller queries."
)
"""Of a Retrieve whose filter is nested too deeply (seen live)."""


class RetrieveRefused(SfmcMockError):
    """A Retrieve fails as a whole: HTTP 200, `OverallStatus` is `Error: ` and the text (recorded)."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.overall_status = f"Error: {text}"


class Refused(SfmcMockError):
    """One object of a batch fails; its result has StatusCode Error, this text, and this ErrorCode.

    `extra` are further elements of the result, by name (`SubscriberFailures`, `KeyErrors` …).
    """

    def __init__(
        self, error_code: int, message: str, extra: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.message = message
        self.extra = dict(extra or {})


@dataclass(frozen=True, slots=True)
class CellError:
    """The error of one value of a row."""

    name: str
    code: int
    text: str


class RowRefused(Refused):
    """A row of a data extension fails: `details` says why in one text, the errors say it column by column."""

    def __init__(
        self,
        error_code: int,
        message: str,
        *,
        details: str | None = None,
        key_errors: Sequence[CellError] = (),
        value_errors: Sequence[CellError] = (),
    ) -> None:
        super().__init__(error_code, message)
        self.details = message if details is None else details
        self.key_errors = tuple(key_errors)
        self.value_errors = tuple(value_errors)


class SetupError(SfmcMockError):
    """Invalid emulator configuration; the text says what to change."""


class NotThere(SetupError):
    """The requested thing does not exist; the text says what there is, or how to find out."""


class StorageFailed(SfmcMockError):
    """The account's file cannot be read or written: full or failing disk, damage, another program's lock.

    The text is for the person who runs the emulator; a caller of SOAP gets `DatabaseTrouble`.
    """


class Elsewhere(BaseException):
    """The account of a request belongs to another worker of the server, which must answer it.

    Like the end of a generator it is not an error: handlers of errors must not catch it.
    """

    def __init__(self, worker: int) -> None:
        super().__init__(f"worker {worker} has the account")
        self.worker = worker


def with_article(name: str) -> str:
    """Return a name of the service with its article: `a List`, `an Email`, `an SMSTriggeredSend`."""
    return f"an {name}" if re.match("[AEIOaeio]|SMS|Uns", name) else f"a {name}"
