"""A client for the Marketing Cloud SOAP API.

>>> from sfmc_client import P
>>> print(P("SendID").equals(42))
SendID equals 42
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# Named twice, a name is offered to type checkers too (PEP 484).
# ruff: isort: skip_file
if TYPE_CHECKING:
    from sfmc_client.auth import (
        Auth as Auth,
        Call as Call,
        OAuth as OAuth,
        UsernameToken as UsernameToken,
    )
    from sfmc_client.client import Client as Client
    from sfmc_client.descriptions import (
        ObjectDefinition as ObjectDefinition,
        PropertyDefinition as PropertyDefinition,
        SystemStatus as SystemStatus,
        VersionInfo as VersionInfo,
    )
    from sfmc_client.errors import (
        CertificateRejected as CertificateRejected,
        ConfigurationError as ConfigurationError,
        ConnectFailed as ConnectFailed,
        ConnectionLost as ConnectionLost,
        FlowBlocked as FlowBlocked,
        LoginFailed as LoginFailed,
        NotFound as NotFound,
        NotInTime as NotInTime,
        RetrieveFailed as RetrieveFailed,
        ServiceUnavailable as ServiceUnavailable,
        SfmcError as SfmcError,
        SoapFault as SoapFault,
        TimedOut as TimedOut,
        TokenExpired as TokenExpired,
        TokenRefused as TokenRefused,
        TooManyFound as TooManyFound,
        TransportError as TransportError,
        UnreadableAnswer as UnreadableAnswer,
    )
    from sfmc_client.events import (
        TRACKING_EVENTS as TRACKING_EVENTS,
        BounceEvent as BounceEvent,
        ClickEvent as ClickEvent,
        DeliveredEvent as DeliveredEvent,
        ForwardedEmailEvent as ForwardedEmailEvent,
        ForwardedEmailOptInEvent as ForwardedEmailOptInEvent,
        LogRow as LogRow,
        NotSentEvent as NotSentEvent,
        OpenEvent as OpenEvent,
        SentEvent as SentEvent,
        SurveyEvent as SurveyEvent,
        TrackingEvent as TrackingEvent,
        UnsubEvent as UnsubEvent,
    )
    from sfmc_client.exchanges import Exchange as Exchange, Request as Request, Response as Response
    from sfmc_client.filters import Condition as Condition, P as P
    from sfmc_client.models import (
        SERVER_TIME as SERVER_TIME,
        UNSET as UNSET,
        APIObject as APIObject,
        Unset as Unset,
        name_values as name_values,
        parse_moment as parse_moment,
        row as row,
    )
    from sfmc_client.options import (
        UPSERT as UPSERT,
        ExecuteRequest as ExecuteRequest,
        Options as Options,
        SaveOption as SaveOption,
    )
    from sfmc_client.paging import Page as Page, Retrieval as Retrieval
    from sfmc_client.results import (
        FieldError as FieldError,
        OperationFailed as OperationFailed,
        PartialFailure as PartialFailure,
        Result as Result,
        Results as Results,
        SubscriberFailure as SubscriberFailure,
    )
    from sfmc_client.retrying import Retries as Retries
    from sfmc_client.tracking import Recipe as Recipe, Sent as Sent, TrackingFlow as TrackingFlow
    from sfmc_client.transport import (
        HTTPTransport as HTTPTransport,
        Transport as Transport,
        WSGITransport as WSGITransport,
    )
    from sfmc_client.waiting import Awaited as Awaited, Polling as Polling, Waiting as Waiting

# pytest imports this package in every run of every project that has it installed, to load its plugin. So a module is
# imported only when one of its names is used.
_HOMES = {
    "auth": "Auth Call OAuth UsernameToken",
    "client": "Client",
    "descriptions": "ObjectDefinition PropertyDefinition SystemStatus VersionInfo",
    "errors": "CertificateRejected ConfigurationError ConnectFailed ConnectionLost FlowBlocked LoginFailed "
    "NotFound NotInTime RetrieveFailed ServiceUnavailable SfmcError SoapFault TimedOut TokenExpired "
    "TokenRefused TooManyFound TransportError UnreadableAnswer",
    "events": "TRACKING_EVENTS BounceEvent ClickEvent DeliveredEvent ForwardedEmailEvent "
    "ForwardedEmailOptInEvent LogRow NotSentEvent OpenEvent SentEvent SurveyEvent TrackingEvent "
    "UnsubEvent",
    "exchanges": "Exchange Request Response",
    "filters": "Condition P",
    "models": "SERVER_TIME UNSET APIObject Unset name_values parse_moment row",
    "options": "UPSERT ExecuteRequest Options SaveOption",
    "paging": "Page Retrieval",
    "results": "FieldError OperationFailed PartialFailure Result Results SubscriberFailure",
    "retrying": "Retries",
    "tracking": "Recipe Sent TrackingFlow",
    "transport": "HTTPTransport Transport WSGITransport",
    "waiting": "Awaited Polling Waiting",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
