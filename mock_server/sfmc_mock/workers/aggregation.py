"""Requests about all accounts of a server: each process answers for its accounts, and one merges the answers."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, quote

from sfmc_mock.control import PREFIX
from sfmc_mock.errors import Elsewhere
from sfmc_mock.http import HANDED, Handover

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_TIMEOUT = 60.0

About = TypeVar("About")
"""The summary of an account, as the control API returns it."""

Body = dict[str, Any]
Answer = tuple[str, list[tuple[str, str]], bytes]
"""Status, headers and body."""

Ask = Callable[[int, Handover], socket.socket]
"""Hands a request to another worker, which writes the answer to the socket."""


def in_served_order(
    dealt: Iterable[Iterable[About]], enterprise_of: Callable[[About], int]
) -> list[About]:
    """Return the accounts of all processes in the order of the command line, each before its business units.

    Accounts are assigned to processes in turn. `enterprise_of` returns the MID of a unit's enterprise, and an account's
    own MID otherwise.
    """
    turns = zip_longest(*(_families(each, enterprise_of) for each in dealt), fillvalue=[])
    return [account for turn in turns for family in turn for account in family]


def _families(
    accounts: Iterable[About], enterprise_of: Callable[[About], int]
) -> Iterable[list[About]]:
    """Return each account together with its business units."""
    families: dict[int, list[About]] = {}
    for account in accounts:
        families.setdefault(enterprise_of(account), []).append(account)
    return families.values()


def _accounts(bodies: Sequence[Body], query: dict[str, list[str]]) -> Body:
    dealt = (body["accounts"] for body in bodies)
    return {
        "accounts": in_served_order(
            dealt, lambda account: account.get("business_unit_of", account["mid"])
        )
    }


def _journal(bodies: Sequence[Body], query: dict[str, list[str]]) -> Body:
    exchanges = sorted(
        chain.from_iterable(body["exchanges"] for body in bodies),
        key=lambda exchange: exchange["number"],
    )
    limit = int(query.get("limit", ["100"])[0])
    shown = exchanges[max(0, len(exchanges) - limit) :]
    matching = sum(body["matching"] for body in bodies)
    dropped = sum(body["dropped"] for body in bodies)
    notes = dict.fromkeys(note for body in bodies if (note := body["note"]))
    left_out = matching - len(shown)
    if left_out:
        notes = {f"{left_out:,} older ones match as well and are left out.": None}
    return {"exchanges": shown, "matching": matching, "dropped": dropped, "note": " ".join(notes)}


def _journal_size(bodies: Sequence[Body], query: dict[str, list[str]]) -> Body:
    return {"exchanges": sum(body["exchanges"] for body in bodies)}


_AGGREGATED: dict[tuple[str, str], Callable[[Sequence[Body], dict[str, list[str]]], Body]] = {
    ("GET", f"{PREFIX}/accounts"): _accounts,
    ("GET", f"{PREFIX}/journal"): _journal,
    ("DELETE", f"{PREFIX}/journal"): _journal_size,
}

_EXCHANGE = f"{PREFIX}/journal/"


@dataclass(frozen=True, slots=True)
class AggregatingApplication:
    """Answers for one process of several, or for all of them if a request is about all accounts.

    `own` answers for the process's own accounts; `emptiest` returns the worker that gets the next new account.
    """

    own: WSGIApplication
    others: Sequence[int]
    ask: Ask
    emptiest: Callable[[], int]
    number: int

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ["PATH_INFO"])
        # A request that another process hands over or forwards is about this process's accounts.
        if not path.startswith(PREFIX) or HANDED in environ:
            return self.own(environ, start_response)
        path, method = path.rstrip("/").lower(), str(environ["REQUEST_METHOD"])
        if method == "POST" and path == f"{PREFIX}/accounts":
            self._make_room()
        join = _AGGREGATED.get((method, path))
        if join is not None:
            return _sent(self._aggregated(environ, join), start_response)
        if method == "GET" and path.startswith(_EXCHANGE):
            return _sent(self._exchange(environ), start_response)
        return self.own(environ, start_response)

    def _make_room(self) -> None:
        worker = self.emptiest()
        if worker != self.number:
            raise Elsewhere(worker)

    def _aggregated(
        self, environ: WSGIEnvironment, join: Callable[[Sequence[Body], dict[str, list[str]]], Body]
    ) -> Answer:
        own = self._answer(environ)
        if not own[0].startswith("200"):
            return own
        request = _as_bytes(environ)
        asked = {worker: self._asked(worker, environ, request) for worker in self.others}
        answers = [answer for _, answer in sorted({**asked, self.number: own}.items())]
        for answer in answers:
            if not answer[0].startswith("200"):
                return answer
        status, headers, _ = own
        query = parse_qs(str(environ.get("QUERY_STRING", "")))
        body = join([json.loads(answer[2]) for answer in answers], query)
        document = json.dumps(body, ensure_ascii=False).encode(errors="backslashreplace")
        return status, headers, document

    def _exchange(self, environ: WSGIEnvironment) -> Answer:
        """Return the first answer other than "not found"."""
        own = self._answer(environ)
        request = _as_bytes(environ)
        for worker in self.others if own[0].startswith("404") else ():
            answer = self._asked(worker, environ, request)
            if not answer[0].startswith("404"):
                return answer
        return own

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        status, headers = "", list[tuple[str, str]]()

        def start_response(given: str, fields: list[tuple[str, str]], info: Any = None) -> Any:
            nonlocal status, headers
            status, headers = given, fields

        body = b"".join(self.own(environ, start_response))
        return status, headers, body

    def _asked(self, worker: int, environ: WSGIEnvironment, request: bytes) -> Answer:
        client = str(environ.get("REMOTE_ADDR", "")), int(environ.get("REMOTE_PORT", 0))
        is_secure = environ["wsgi.url_scheme"] == "https"
        with self.ask(worker, Handover(client, request, is_secure)) as connection:
            connection.settimeout(_TIMEOUT)
            with http.client.HTTPResponse(connection) as response:
                response.begin()
                body = response.read()
                return f"{response.status} {response.reason}", response.getheaders(), body


def _as_bytes(environ: WSGIEnvironment) -> bytes:
    """Return the bytes of a request, with the headers that identify the caller and the content."""
    query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
    # WSGI has decoded the path: a line break in it would end the request line and start another request.
    path = quote(environ["PATH_INFO"], encoding="latin-1")
    lines = [f"{environ['REQUEST_METHOD']} {path}{query} HTTP/1.1"]
    for name in ("Host", "Authorization", "Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode"):
        value = environ.get(f"HTTP_{name.upper().replace('-', '_')}")
        if value is not None:
            lines.append(f"{name}: {value}")
    if environ.get("CONTENT_TYPE"):
        lines.append(f"Content-Type: {environ['CONTENT_TYPE']}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")


def _sent(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    status, headers, body = answer
    others = [
        field for field in headers if field[0].lower() not in ("content-length", "connection")
    ]
    start_response(status, [*others, ("Content-Length", str(len(body)))])
    return [body]
