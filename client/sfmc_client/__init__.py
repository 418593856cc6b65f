"""A client for the Marketing Cloud SOAP API.

>>> from sfmc_client import P
>>> print(P("SendID").equals(42))
SendID equals 42
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfmc_client.auth import Auth, Call, OAuth, UsernameToken
    from sfmc_client.client import Client
    from sfmc_client.descriptions import (
        ObjectDefinition,
        PropertyDefinition,
        SystemStatus,
        VersionInfo,
    )
    from sfmc_client.errors import (
        CertificateRejected,
        ConfigurationError,
        ConnectFailed,
        ConnectionLost,
        FlowBlocked,
        LoginFailed,
        NotFound,
        NotInTime,
        RetrieveFailed,
        ServiceUnavailable,
        SfmcError,
        SoapFault,
        TimedOut,
        TokenExpired,
        TokenRefused,
        TooManyFound,
        TransportError,
        UnreadableAnswer,
    )
    from sfmc_client.events import (
        TRACKING_EVENTS,
        BounceEvent,
        ClickEvent,
        DeliveredEvent,
        ForwardedEmailEvent,
        ForwardedEmailOptInEvent,
        LogRow,
        NotSentEvent,
        OpenEvent,
        SentEvent,
        SurveyEvent,
        TrackingEvent,
        UnsubEvent,
    )
    from sfmc_client.exchanges import Exchange, Request, Response
    from sfmc_client.filters import Condition, P
    from sfmc_client.models import (
        SERVER_TIME,
        UNSET,
        APIObject,
        Unset,
        name_values,
        parse_moment,
        row,
    )
    from sfmc_client.options import UPSERT, ExecuteRequest, Options, SaveOption
    from sfmc_client.paging import Page, Retrieval
    from sfmc_client.results import (
        FieldError,
        OperationFailed,
        PartialFailure,
        Result,
        Results,
        SubscriberFailure,
    )
    from sfmc_client.retrying import Retries
    from sfmc_client.tracking import Recipe, Sent, TrackingFlow
    from sfmc_client.transport import HTTPTransport, Transport, WSGITransport
    from sfmc_client.waiting import Awaited, Polling, Waiting

# Whoever only installs this package pays nothing for it: pytest reaches its plugin through here in every run, so a
# module is imported when a name of it is asked for.
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

__all__ = [
    "SERVER_TIME",
    "TRACKING_EVENTS",
    "UNSET",
    "UPSERT",
    "APIObject",
    "Auth",
    "Awaited",
    "BounceEvent",
    "Call",
    "CertificateRejected",
    "ClickEvent",
    "Client",
    "Condition",
    "ConfigurationError",
    "ConnectFailed",
    "ConnectionLost",
    "DeliveredEvent",
    "Exchange",
    "ExecuteRequest",
    "FieldError",
    "FlowBlocked",
    "ForwardedEmailEvent",
    "ForwardedEmailOptInEvent",
    "HTTPTransport",
    "LogRow",
    "LoginFailed",
    "NotFound",
    "NotInTime",
    "NotSentEvent",
    "OAuth",
    "ObjectDefinition",
    "OpenEvent",
    "OperationFailed",
    "Options",
    "P",
    "Page",
    "PartialFailure",
    "Polling",
    "PropertyDefinition",
    "Recipe",
    "Request",
    "Response",
    "Result",
    "Results",
    "Retries",
    "Retrieval",
    "RetrieveFailed",
    "SaveOption",
    "Sent",
    "SentEvent",
    "ServiceUnavailable",
    "SfmcError",
    "SoapFault",
    "SubscriberFailure",
    "SurveyEvent",
    "SystemStatus",
    "TimedOut",
    "TokenExpired",
    "TokenRefused",
    "TooManyFound",
    "TrackingEvent",
    "TrackingFlow",
    "Transport",
    "TransportError",
    "UnreadableAnswer",
    "Unset",
    "UnsubEvent",
    "UsernameToken",
    "VersionInfo",
    "WSGITransport",
    "Waiting",
    "name_values",
    "parse_moment",
    "row",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
