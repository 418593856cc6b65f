"""Callbacks: the results of asynchronous requests are posted once, to loopback addresses only.

A callback is a form with the documented fields. It is posted when the account's lock is free, because its receiver may
call the account.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit, urlunsplit

from lxml import etree

from sfmc_mock.account import Account
from sfmc_mock.account.asynchronous import TIMEOUT
from sfmc_mock.declarations.call import Call
from sfmc_mock.diagnostics import cut
from sfmc_mock.errors import Refused, StorageFailed
from sfmc_mock.store.database import Row
from sfmc_mock.wire.catalogue import NAMESPACE, catalogue
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import write

_TIMEOUT = 5.0
_PATIENCE = 30.0
"""Seconds that a clock waits for the callbacks of its account: several may take their whole time."""

_LONGEST_ADDRESS = 200
_MOST_ADDRESSES = 10
_PLAIN_ADDRESS = re.compile(r"https?://[\w.:\[\]-]+([/?#][!-\[\]-~]*)?", re.ASCII | re.IGNORECASE)
# Text and code: documented. Loopback addresses are taken in either form: nothing leaves the machine.
_UNSECURE = (227, "An unsecure response address specified in the 'SendResponseTo' parameter.")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_COURIER = "courier of callbacks"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def detail_xml(results: Iterable[Struct]) -> str:
    """Return results as ResultDetailXML (its form is assumed, its content documented)."""
    written = "".join(write(result, "Result", "Result") for result in results)
    return f'<Results xmlns="{NAMESPACE}" xmlns:xsi="{_XSI}">{written}</Results>'


def check_addresses(call: Call, options: Struct) -> None:
    """Check the addresses of SendResponseTo. Raises `Refused`, and warns of addresses that get no callback."""
    responses = options.parts("SendResponseTo")
    if len(responses) > _MOST_ADDRESSES:
        call.warn(
            f"SendResponseTo: {len(responses):,} are given, and results go to the first {_MOST_ADDRESSES} of them"
        )
    for response in responses[:_MOST_ADDRESSES]:
        kind = response.text("ResponseType") or "None"
        address = (response.text("ResponseAddress") or "").strip()
        shown = cut(address, _LONGEST_ADDRESS)
        if kind in ("email", "FTP"):
            call.warn(
                f"SendResponseTo: the emulator sends no results by {kind} (to '{shown}'); retrieve ResultMessage, or "
                "give ResponseType HTTPPost with a loopback address"
            )
        elif kind == "HTTPPost" and is_loopback(address) and not call.account.posts_results:
            call.warn(
                f"SendResponseTo: nothing is posted to '{shown}', because other machines can call this server; start "
                "it on a loopback address, or retrieve ResultMessage"
            )
        elif kind == "HTTPPost" and not is_loopback(address):
            if not address.lower().startswith("https://"):
                raise Refused(*_UNSECURE)
            call.warn(
                f"SendResponseTo: nothing is posted to '{shown}', because it is not a loopback address; give one like "
                "http://127.0.0.1:8000/, or retrieve ResultMessage"
            )


def is_loopback(address: str) -> bool:
    """Say whether an address leads to this machine by HTTP or HTTPS.

    >>> [is_loopback(each) for each in ("http://127.0.0.1:1/", "https://[::1]/", "http://localhost.example.com/")]
    [True, True, False]
    """
    # Programs disagree on where the host ends in any other address: http://one\\@two/.
    if _PLAIN_ADDRESS.fullmatch(address) is None:
        return False
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


# Planning.


def plan_callbacks(account: Account, done: list[Row]) -> None:
    """Store the callbacks of requests that are done now, and start posting them once the lock is free."""
    if not account.posts_results:
        return
    planned = False
    for row in done:
        is_last = row is done[-1] and _is_over(account, row)
        for response in json.loads(str(row["responses"]))[:_MOST_ADDRESSES]:
            address = str(response.get("ResponseAddress") or "").strip()
            if response.get("ResponseType") != "HTTPPost" or not is_loopback(address):
                continue
            if _is_due(str(response.get("RespondWhen") or "Never"), row, is_last=is_last):
                form = json.dumps(_form(row, response))
                account.db.insert(
                    "callback", {"request_number": row["id"], "address": address, "form": form}
                )
                planned = True
    # A running thread looks for more callbacks before it ends.
    if planned and _COURIER not in account.memory:
        courier = threading.Thread(target=_carry, args=(account,), name=_COURIER, daemon=True)
        account.memory[_COURIER] = courier
        courier.start()


def _is_over(account: Account, row: Row) -> bool:
    conversation = row["conversation_id"]
    return conversation is None or not account.db.count(
        "async_request", conversation_id=conversation, status="Queued"
    )


def _is_due(when: str, row: Row, *, is_last: bool) -> bool:
    has_failed: bool = row["status"] == "Error"
    due = {
        "OnCallComplete": True,
        "Always": True,
        "OnError": has_failed,
        "OnConversationComplete": is_last,
        "OnConversationError": is_last and has_failed,
        "OnExpired": has_failed
        and row["expires_at"] is not None
        and row["error_code"] == TIMEOUT[0],
    }
    return bool(due.get(when))


def _form(row: Row, response: Mapping[str, object]) -> dict[str, str]:
    """Return the fields of the form; for a success, those about errors are empty (documented)."""
    has_failed = row["status"] == "Error"
    overall = str(row["overall_status"] or "")
    return {
        "RequestID": str(row["request_id"]),
        "ConversationID": str(row["conversation_id"] or ""),
        "OverallStatusCode": overall,
        "StatusCode": overall,
        "StatusMessage": str(row["status_message"] or "") if has_failed else "",
        "ErrorCode": str(row["error_code"] or ""),
        "RequestType": "Asynchronous",
        "ResultType": "Asynchronous",
        "ResultDetailXML": _detail(str(row["detail_xml"] or ""), response),
        "SequenceCode": str(row["sequence_code"] or ""),
    }


def _detail(xml: str, response: Mapping[str, object]) -> str:
    if not xml or not response.get("IncludeResults"):
        return ""
    root = etree.fromstring(xml)
    base = {
        f"{{{NAMESPACE}}}{field.name}"
        for field in catalogue().complex_types["APIObject"].wire_fields()
    }
    for element in list(root.iterfind(f".//{{{NAMESPACE}}}Object")):
        if not response.get("IncludeObjects"):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)
        elif response.get("OnlyIncludeBase"):
            for child in list(element):
                if child.tag not in base:
                    element.remove(child)
    return etree.tostring(root, encoding="unicode")


# Posting.


def wait_for_callbacks(account: Account) -> None:
    """Wait until all callbacks are posted, half a minute at most.

    A thread that holds the account's lock must not call it.
    """
    courier = account.memory.get(_COURIER)
    if isinstance(courier, threading.Thread) and courier is not threading.current_thread():
        courier.join(_PATIENCE)


def _carry(account: Account) -> None:
    # The file may be closed meanwhile; then its callbacks are posted with the next ones of another server.
    try:
        with suppress(StorageFailed):
            while waiting := _taken(account):
                for row in waiting:
                    failure = _post(str(row["address"]), json.loads(str(row["form"])))
                    if failure:
                        _note(account, row, failure)
    finally:
        _end(account)


def _taken(account: Account) -> list[Row]:
    """Remove and return the waiting callbacks; without any, note that this thread ends."""
    with account.db.atomic():
        waiting = account.db.find_all("callback", "id")
        account.db.delete("callback")
        if not waiting:
            _end(account)
    return waiting


def _end(account: Account) -> None:
    if account.memory.get(_COURIER) is threading.current_thread():
        del account.memory[_COURIER]


def _post(address: str, form: Mapping[str, str]) -> str:
    """Post a form, once (documented); return the error, empty for none.

    No redirect is followed, and only the status of the answer is read: its body is not needed, and may be endless.
    """
    # Loaded when the first callback is posted.
    import http.client

    parts = urlsplit(address)
    is_secure = parts.scheme.lower() == "https"
    place = (parts.hostname or "", parts.port or (443 if is_secure else 80))
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    ended = threading.Event()
    try:
        with socket.create_connection(place, _TIMEOUT) as line, _ended_in_time(line, ended):
            connection = http.client.HTTPConnection(parts.netloc)
            connection.sock = _secured(line) if is_secure else line
            with closing(connection):
                connection.request("POST", target, urlencode(form), _FORM)
                status = connection.getresponse().status
    except (OSError, ValueError, http.client.HTTPException) as problem:
        if not ended.is_set():
            return f"no receiver took them ({type(problem).__name__})"
    if ended.is_set():
        return f"the answer took longer than {_TIMEOUT:g} seconds"
    return "" if status < 400 else f"it was answered with HTTP {status}"


def _secured(line: socket.socket) -> socket.socket:
    import ssl

    # A server on this machine mostly has a self-signed certificate.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(line)


@contextmanager
def _ended_in_time(line: socket.socket, ended: threading.Event) -> Iterator[None]:
    """End a connection after the timeout, and set `ended`: an answer that comes byte by byte might never end."""
    with line.dup() as same:

        def end() -> None:
            ended.set()
            with suppress(OSError):
                same.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(_TIMEOUT, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _note(account: Account, row: Row, failure: str) -> None:
    with account.db.atomic():
        request = account.db.find("async_request", id=row["request_number"])
        if request is None:
            return
        warnings = json.loads(str(request["warnings"] or "[]"))
        shown = cut(str(row["address"]), _LONGEST_ADDRESS)
        warnings.append(f"the results were posted to {shown} once, and {failure}")
        account.db.update("async_request", {"warnings": json.dumps(warnings)}, id=request["id"])
