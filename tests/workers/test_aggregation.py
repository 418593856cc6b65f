"""Requests about all accounts of a server, merged from the answers of its processes."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from sfmc_mock.errors import Elsewhere
from sfmc_mock.http import HANDED, HandedSocket, Handover, HTTPServer
from sfmc_mock.workers.aggregation import AggregatingApplication

Answers = dict[str, Any]
Joint = Callable[[Answers, Answers], Client]


def application(answers: Answers) -> Any:
    """Return an application with prepared answers for some paths, including the query."""

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        found = answers.get(environ["PATH_INFO"])
        body = json.dumps(found if found is not None else {"error": "not here"}).encode()
        status = "200 OK" if found is not None else "404 NOT FOUND"
        start_response(
            status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        )
        return [body]

    return answer


@pytest.fixture
def joint() -> Iterator[Joint]:
    """Make the application of a worker with one other worker, from the answers of both."""
    with ExitStack() as servers:

        def make(own: Answers, other: Answers) -> Client:
            colleague = servers.enter_context(HTTPServer(application(other)))

            def ask(worker: int, handover: Handover) -> socket.socket:
                here, there = socket.socketpair()
                handed = HandedSocket(fileno=there.detach())
                handed.handover = handover
                colleague.take(handed)
                return here

            return Client(
                AggregatingApplication(
                    application(own), others=[1], ask=ask, emptiest=lambda: 1, number=0
                )
            )

        yield make


def test_accounts_are_listed_in_the_order_of_the_command_line(joint: Joint) -> None:
    first, second, third, fourth = ({"mid": number} for number in (10, 20, 30, 40))
    client = joint(
        {"/_mock/accounts": {"accounts": [first, third, fourth]}},
        {"/_mock/accounts": {"accounts": [second]}},
    )

    assert client.get("/_mock/accounts").json == {"accounts": [first, second, third, fourth]}


def test_business_units_are_listed_behind_their_enterprise(joint: Joint) -> None:
    first, second, third = ({"mid": number} for number in (10, 20, 30))
    unit = {"mid": 11, "business_unit_of": 10}
    client = joint(
        {"/_mock/accounts": {"accounts": [first, unit, third]}},
        {"/_mock/accounts": {"accounts": [second]}},
    )

    assert client.get("/_mock/accounts").json == {"accounts": [first, unit, second, third]}


def journal(*numbers: int, matching: int) -> Answers:
    note = "older ones were dropped" if matching > len(numbers) else ""
    return {
        "/_mock/journal": {
            "exchanges": [{"number": each} for each in numbers],
            "matching": matching,
            "dropped": 1,
            "note": note,
        }
    }


def test_the_journals_become_one_in_the_order_of_the_calls(joint: Joint) -> None:
    client = joint(journal(1, 4, matching=2), journal(2, 3, 5, matching=3))

    everything = client.get("/_mock/journal").json
    last = client.get("/_mock/journal?limit=2").json

    assert everything is not None
    assert last is not None
    assert [each["number"] for each in everything["exchanges"]] == [1, 2, 3, 4, 5]
    assert (everything["matching"], everything["dropped"], everything["note"]) == (5, 2, "")
    assert [each["number"] for each in last["exchanges"]] == [4, 5]
    assert last["note"] == "3 older ones match as well and are left out."


def test_a_call_is_found_wherever_it_was_answered(joint: Joint) -> None:
    client = joint({}, {"/_mock/journal/7": {"number": 7}})

    assert client.get("/_mock/journal/7").json == {"number": 7}
    assert client.get("/_mock/journal/8").status_code == 404


def test_a_path_with_line_breaks_is_one_request_to_the_others_too(joint: Joint) -> None:
    path = "/_mock/journal/7 HTTP/1.1\r\nHost: a\r\n\r\nPOST /_mock/reset"
    client = joint({}, {path: {"number": 7}})

    assert client.get(quote(path)).json == {"number": 7}


def test_a_refused_request_is_asked_nowhere_else(joint: Joint) -> None:
    client = joint({}, {"/_mock/accounts": {"accounts": ["secret"]}})

    assert client.get("/_mock/accounts").status_code == 404


def test_a_fresh_account_goes_to_the_emptiest_worker_unless_that_was_decided(joint: Joint) -> None:
    client = joint({"/_mock/accounts": {"mid": 1}}, {})

    with pytest.raises(Elsewhere) as found:
        client.post("/_mock/accounts")
    here = client.post("/_mock/accounts", environ_base={HANDED: True})

    assert found.value.worker == 1
    assert here.json == {"mid": 1}
