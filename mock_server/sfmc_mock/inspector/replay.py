"""Send the request of an exchange again.

The account's credentials replace those of the caller, which the journal hides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

from werkzeug.test import EnvironBuilder

from sfmc_mock.errors import SetupError
from sfmc_mock.journal import Exchange
from sfmc_mock.journal.exchange import MAX_BODY

_NOT_SENT = frozenset(
    {"host", "content-length", "connection", "authorization", "transfer-encoding"}
)

_PASSWORD = re.compile(r"(<(?:[\w-]+:)?Password\b[^>]*>)\*\*\*(</)")
_USERNAME = re.compile(r"(<(?:[\w-]+:)?Username\b[^>]*>)[^<]*(</)")
_TOKEN = re.compile(r"(<(?:[\w-]+:)?fueloauth\b[^>]*>)\*\*\*(</)", re.IGNORECASE)


def document_of(
    exchange: Exchange, credentials: Mapping[str, str], token: Callable[[], str]
) -> str:
    """Return the request of an exchange with the account's credentials in place of hidden ones.

    `token` makes an access token, if the request needs one. Raises `SetupError` if the journal does not have the whole
    request.
    """
    text = exchange.request
    is_cut = exchange.request_size > MAX_BODY
    if exchange.method != "POST" or not exchange.operation or is_cut:
        raise SetupError(
            "This request cannot be sent again: it is not SOAP, or was too long to be stored as a whole."
        )
    if _PASSWORD.search(text):
        text = _PASSWORD.sub(_put(credentials["password"]), text)
        text = _USERNAME.sub(_put(credentials["username"]), text)
    if _TOKEN.search(text):
        text = _TOKEN.sub(_put(token()), text)
    return text


def _put(value: str) -> Callable[[re.Match[str]], str]:
    return lambda match: f"{match[1]}{escape(value, quote=False)}{match[2]}"


def replayed(
    exchange: Exchange, credentials: Mapping[str, str], token: Callable[[], str]
) -> EnvironBuilder:
    """Return the HTTP request that repeats an exchange.

    Raises `SetupError` if the journal does not have the whole request.
    """
    document = document_of(exchange, credentials, token)
    headers = [
        (name, value)
        for name, value in exchange.headers.items()
        if name.lower() not in _NOT_SENT and name.isascii() and "\n" not in value
    ]
    path, _, query = exchange.target.partition("?")
    return EnvironBuilder(
        path=path or "/Service.asmx",
        query_string=query,
        method="POST",
        headers=headers,
        data=document.encode(),
    )
