"""Measure triggered sends per second on one core, each with its log row and events.

    python benchmarks/sends.py [--seconds 2] [--file PATH] [--json]

The account is in memory unless a file is given; engagement quiet, lag instant. Calls go to new subscribers, or always
to the same ones, and are measured twice: the account's own work, and everything from the bytes of the envelope to the
bytes of the answer. Times are CPU times.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from sfmc_mock.account import Account, profile_attributes
from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extension_templates import create_from, find_template
from sfmc_mock.account.data_extensions import DataExtensionChange
from sfmc_mock.account.sends import Recipient, trigger
from sfmc_mock.account.triggered_send_definitions import (
    DefinitionChange,
    change_definition,
    create_definition,
    find_definition,
)
from sfmc_mock.accounts import Accounts, credentials
from sfmc_mock.soap import SoapCall, SoapEndpoint

KEY = "welcome"
ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Header>'
    '<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
    "<wsse:UsernameToken><wsse:Username>{username}</wsse:Username><wsse:Password>{password}</wsse:Password>"
    "</wsse:UsernameToken></wsse:Security></soap:Header>"
    '<soap:Body><CreateRequest xmlns="http://exacttarget.com/wsdl/partnerAPI">'
    '<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition><CustomerKey>{key}</CustomerKey>'
    "</TriggeredSendDefinition>{subscribers}</Objects></CreateRequest></soap:Body></soap:Envelope>"
)
SUBSCRIBER = (
    "<Subscribers><EmailAddress>{name}@mail.example</EmailAddress><SubscriberKey>{name}</SubscriberKey>"
    "<Attributes><Name>UniqueID</Name><Value>{unique}</Value></Attributes></Subscribers>"
)


class Measured(NamedTuple):
    """One line of the result."""

    what: str
    subscribers: int
    sends_per_second: float
    microseconds_per_call: float


def prepare(account: Account) -> None:
    """Give the account an attribute, a send log and an active definition, as in the documented flow."""
    if find_definition(account, key=KEY) is not None:
        return
    with account.db.atomic():
        profile_attributes.create_attribute(account, {"name": "UniqueID", "max_length": 200})
        template = find_template(account, name="SendLog")
        assert template is not None
        field = FieldChange(name="UniqueID", max_length=200)
        create_from(account, template, DataExtensionChange(name="SendLog", fields=(field,)))
        email = account.db.find("email") or {}
        classification = account.db.find("send_classification") or {}
        row = create_definition(
            account,
            {
                "customer_key": KEY,
                "name": KEY,
                "email_id": email["id"],
                "send_classification_id": classification["id"],
                "is_send_logging": 1,
            },
        )
        change_definition(account, row, DefinitionChange({}, status="Active"))


def names(subscribers: int, again: bool) -> Iterator[list[str]]:
    """Yield the subscribers of each call: new ones, or always the same."""
    for number in count():
        turn = 0 if again else number
        yield [f"reader-{subscribers}-{turn}-{each}" for each in range(subscribers)]


def account_call(account: Account) -> Callable[[list[str]], None]:
    """Return a function that calls the account itself."""

    def call(people: list[str]) -> None:
        with account.db.atomic():
            definition = find_definition(account, key=KEY)
            assert definition is not None
            recipients = [
                Recipient(name, f"{name}@mail.example", {"UniqueID": name}) for name in people
            ]
            trigger(account, definition, recipients)

    return call


def soap_call(accounts: Accounts, account: Account) -> Callable[[list[str]], None]:
    """Return a function that makes a call with an envelope."""
    endpoint = SoapEndpoint(accounts, page_size=2_500)
    own = credentials(account)

    def call(people: list[str]) -> None:
        subscribers = "".join(SUBSCRIBER.format(name=name, unique=name) for name in people)
        envelope = ENVELOPE.format(
            username=own.username, password=own.password, key=KEY, subscribers=subscribers
        )
        made = endpoint.handle(SoapCall(envelope.encode(), "Create", lambda: "http://localhost/"))
        assert made.status == 200, made.body

    return call


def measure(
    what: str, call: Callable[[list[str]], None], subscribers: int, *, again: bool, seconds: float
) -> Measured:
    """Make calls for a time and return their rate."""
    people = names(subscribers, again)
    call(next(people))
    calls, began, until = 0, time.process_time(), time.perf_counter() + seconds
    while time.perf_counter() < until:
        call(next(people))
        calls += 1
    spent = time.process_time() - began
    return Measured(what, subscribers, calls * subscribers / spent, spent / calls * 1e6)


def run(seconds: float, path: str) -> list[Measured]:
    accounts = Accounts()
    account = accounts.open(path)
    prepare(account)
    on_account, by_soap = account_call(account), soap_call(accounts, account)
    each = seconds / 8
    found = [
        measure(f"{way}, {who}", call, subscribers, again=who == "the same", seconds=each)
        for way, call in (("account", on_account), ("envelope", by_soap))
        for who in ("new", "the same")
        for subscribers in (100, 1)
    ]
    accounts.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="how long it may take")
    parser.add_argument("--file", default=":memory:", help="a new account's file")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.file != ":memory:" and Path(given.file).exists():
        parser.error(f"{given.file} exists; name a file that does not.")
    found = run(given.seconds, given.file)
    if given.json:
        print(json.dumps([each._asdict() for each in found]))
        return
    print(f"{'':24}{'subscribers':>12}{'sends/s':>10}{'µs a call':>12}")
    for each in found:
        print(
            f"{each.what:24}{each.subscribers:12}{each.sends_per_second:10,.0f}{each.microseconds_per_call:12,.0f}"
        )


if __name__ == "__main__":
    main()
