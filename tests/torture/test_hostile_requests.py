"""Requests designed to be expensive or to break something: large, changed, from 500 connections, from web pages."""

from __future__ import annotations

import http.client
import random
import socket
import subprocess
import sys
import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.support.hostile import FAMILIES, HostileRequest, soap
from tests.support.raw_http import RawClient
from tests.torture.conftest import Torture

from sfmc_mock import MockServer
from sfmc_mock.control import ROUTES

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "hostile.py"
KEPT_OUT = ("foreign_host", "foreign_origin", "unsupported_media_type")


def raw(request: HostileRequest, *headers: str) -> bytes:
    """Return a request in its HTTP form."""
    lines = [
        f"POST {request.path} HTTP/1.1",
        "Host: localhost",
        f"SOAPAction: {request.action}",
        f"Content-Type: {request.content_type}",
        f"Content-Length: {len(request.body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + request.body


@pytest.mark.slow
def test_a_megabyte_of_any_family_costs_half_a_second_and_forty_megabytes_at_most(
    torture: Torture,
) -> None:
    """Seconds of CPU; a slow or busy machine is granted more."""
    names = sorted(FAMILIES)
    for number in torture.rounds(1, most=len(names)):
        chosen = random.Random(number).sample(names, 5) if torture.seconds < 60 else [names[number]]
        done = subprocess.run(
            (sys.executable, "-P", str(BENCHMARK), "--paced", *chosen),
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

        assert done.returncode == 0, done.stdout + done.stderr


def changed(document: bytes, draw: random.Random) -> bytes:
    """Return a document with a few random changes."""
    made = bytearray(document)
    for _ in range(draw.randint(1, 8)):
        place = draw.randrange(len(made) + 1)
        match draw.randrange(6):
            case 0:
                del made[place : place + draw.choice((1, 5, 200))]
            case 1:
                made[place:place] = draw.randbytes(draw.choice((1, 4, 50)))
            case 2:
                made[place:place] = draw.choice(
                    (b"<", b"</a>", b"&", b"<!--", b"]]>", b"\x00", b"\xff", b'xsi:nil="1"', b"-1")
                )
            case 3:
                other = draw.randrange(len(made) + 1)
                made[place:place] = made[other : other + draw.choice((10, 300))]
            case 4:
                made[place : place + 1] = draw.randbytes(1)
            case _:
                made[place:place] = b"9" * draw.choice((1, 20, 400))
    return bytes(made)


def test_changed_requests_have_an_answer_and_break_nothing(torture: Torture) -> None:
    originals = [FAMILIES[name](2_000) for name in sorted(FAMILIES)]
    with MockServer() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.http.port, timeout=30)
        statuses: Counter[int] = Counter()
        for number in torture.rounds(300):
            draw = random.Random(number)
            original = draw.choice(originals)
            headers = {"SOAPAction": original.action, "Content-Type": original.content_type}
            connection.request("POST", original.path, changed(original.body, draw), headers)
            answer = connection.getresponse()
            text = answer.read()
            statuses[answer.status] += 1

            assert answer.status in (200, 400, 401, 500), (number, answer.status)
            assert b"Unplanned Outage" not in text, number
        connection.close()

    assert statuses.total() >= 300


def test_changed_heads_have_an_answer_or_an_end(torture: Torture) -> None:
    head = raw(soap("GetSystemStatus", ""))[:400]
    with MockServer() as server:
        for number in torture.rounds(100):
            with socket.create_connection(("127.0.0.1", server.http.port), timeout=60) as line:
                line.sendall(changed(head, random.Random(number)))
                line.shutdown(socket.SHUT_WR)
                answer = line.makefile("rb").read()
            assert not answer or answer.startswith(b"HTTP/1.1 "), number


def test_five_hundred_idle_or_slow_connections_block_no_other(torture: Torture) -> None:
    """Half of them send nothing, half start a request and never finish it."""
    with MockServer() as server, ExitStack() as lines:
        port = server.http.port
        for number in range(500):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            if number % 2:
                line.sendall(b"POST /Service.asmx HTTP/1.1\r\nHost: a\r\nX")

        for _ in torture.rounds(50):
            # It gives up before the server gives up those that are slow.
            with RawClient(port) as client:
                client.socket.settimeout(30)
                status = client.get("/_mock/health").status
            assert status in (200, 403)


def test_five_hundred_connections_at_once_are_answered(torture: Torture) -> None:
    request = raw(FAMILIES["subscriber_attributes"](1_000))
    with MockServer() as server:
        port = server.http.port
        statuses: Counter[int] = Counter()
        lock = threading.Lock()

        def work() -> None:
            with RawClient(port) as client:
                client.socket.settimeout(120)
                status = client.send(request).answer().status
            with lock:
                statuses[status] += 1

        for _ in torture.rounds(1):
            threads = [threading.Thread(target=work) for _ in range(500)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()

    assert set(statuses) == {200}
    assert statuses.total() >= 500


def test_no_page_reaches_the_control_api_by_any_route(torture: Torture) -> None:
    """Each round draws a route, and a request that a web page of another site would send."""
    with MockServer() as server:
        before = server.account.export()
        connection = http.client.HTTPConnection("127.0.0.1", server.http.port, timeout=30)
        for number in torture.rounds(200):
            draw = random.Random(number)
            route = draw.choice(ROUTES)
            path = route.address.replace("<mid>", "1234567").replace("<id>", "1")
            headers = {"Content-Type": draw.choice(("text/plain", "application/json"))}
            host = draw.choice(
                ("evil.test", "localhost.evil.test", f"127.0.0.1:{server.http.port}")
            )
            if host.endswith("test"):
                headers["Host"] = host
            else:
                headers["Origin"] = draw.choice(("null", "https://evil.test", "http://localhost:1"))
            connection.request(route.method, path.replace("<number>", "1"), "{}", headers)
            answer = connection.getresponse()
            text = answer.read().decode()

            assert answer.status in (403, 415), (number, route.method, path)
            assert any(each in text for each in KEPT_OUT)
        connection.close()

        assert server.account.export() == before
