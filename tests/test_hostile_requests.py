"""Hostile requests cost as much as others of their size: function calls are counted, and memory is traced.

`benchmarks/hostile.py` measures the seconds and memory peaks of the same families.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from tests.support.hostile import FAMILIES, HostileRequest, soap
from werkzeug.test import Client

from sfmc_mock.app import Application
from sfmc_mock.server_setup import open_accounts
from sfmc_mock.settings import Settings

SMALL, LARGE = 10_000, 40_000

each_family = pytest.mark.parametrize("name", FAMILIES)


@pytest.fixture(scope="module")
def app() -> Iterator[Application]:
    settings = Settings()
    made = Application(open_accounts(settings), settings)
    yield made
    assert made.problems == []
    made.accounts.close()


def post(app: Application, request: HostileRequest) -> tuple[int, bytes]:
    """Send a request, and read its entry in the journal."""
    with Client(app).post(
        request.path,
        data=request.body,
        headers={"SOAPAction": request.action},
        content_type=request.content_type,
    ) as response:
        for exchange in app.journal:
            exchange.as_json(bodies=True)
        app.journal.clear()
        answer = response.get_data()
        assert response.status_code in (200, 400, 500)
        assert answer
        assert b"Unplanned Outage" not in answer
        return response.status_code, answer


def calls_of(app: Application, request: HostileRequest) -> int:
    """Return the number of function calls during the answer to a request."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        post(app, request)
    finally:
        sys.setprofile(None)
    return count


def memory_of(app: Application, request: HostileRequest) -> int:
    """Return the peak of Python's memory during the answer to a request."""
    tracemalloc.start()
    try:
        post(app, request)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@each_family
def test_the_work_grows_no_faster_than_the_request(app: Application, name: str) -> None:
    make = FAMILIES[name]
    post(app, make(1_000))

    small, large = (calls_of(app, make(size)) for size in (SMALL, LARGE))

    assert large <= 4.5 * small + 10_000


@each_family
def test_memory_grows_no_faster_than_the_request(app: Application, name: str) -> None:
    make = FAMILIES[name]
    post(app, make(1_000))

    small, large = (memory_of(app, make(size)) for size in (SMALL, LARGE))

    assert large <= 4.5 * small + 500_000


# Limits.


def limited(app: Application, request: HostileRequest, **limits: Any) -> tuple[int, str]:
    settings = Settings(**limits)
    status, answer = post(Application(app.accounts, settings), request)
    return status, answer.decode()


def test_more_api_objects_than_the_service_takes_are_a_fault_with_code_218(
    app: Application,
) -> None:
    objects = '<Objects xsi:nil="1"/>'

    within = post(app, soap("Create", objects * 32_766))
    beyond = post(app, soap("Create", objects * 32_767))

    assert within[0] == 200
    assert beyond[0] == 500
    assert b"<Code>218</Code><Message>Too many objects</Message>" in beyond[1]


def test_nested_objects_count_too(app: Application) -> None:
    send = (
        '<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition/>'
        f"{'<Subscribers/>' * 3}</Objects>"
    )

    assert limited(app, soap("Create", send), max_objects=5)[0] == 200
    assert "Too many objects" in limited(app, soap("Create", send), max_objects=4)[1]


def test_items_of_one_object_have_a_limit(app: Application) -> None:
    attributes = "<Attributes><Name>a</Name><Value>b</Value></Attributes>" * 6
    request = soap("Create", f'<Objects xsi:type="Subscriber">{attributes}</Objects>')

    assert limited(app, request, max_items=6)[0] == 200
    assert (
        "more than 5 Attributes elements in one Subscriber" in limited(app, request, max_items=5)[1]
    )


def test_levels_have_a_limit(app: Application) -> None:
    # Envelope, Body and the message are levels as well.
    request = soap("Create", "<a>" * 30 + "</a>" * 30)

    assert limited(app, request, max_depth=33)[0] == 200
    assert limited(app, request, max_depth=32) == (400, "Bad Request")


def test_comparisons_of_a_filter_have_a_limit(app: Application) -> None:
    request = FAMILIES["operands_of_a_filter"](2_000)

    assert "<OverallStatus>OK" in limited(app, request)[1]
    assert "ran out of internal resources" in limited(app, request, max_operands=2)[1]


def test_a_description_of_more_classes_than_there_are_is_refused(app: Application) -> None:
    assert "Too many objects" in post(app, FAMILIES["definitions_to_describe"](60_000))[1].decode()


def test_a_large_request_of_nothing_but_markup_is_not_read(app: Application) -> None:
    size = 300_000

    assert post(app, FAMILIES["elements_with_attributes"](size)) == (400, b"Bad Request")
    assert post(app, FAMILIES["mixed_content"](size)) == (400, b"Bad Request")


@pytest.mark.parametrize("wrap", ["<![CDATA[{}]]>", "<!--{}-->"])
def test_text_that_only_looks_like_markup_is_read(app: Application, wrap: str) -> None:
    body = wrap.format("<a/>" * 100_000)
    content = f'<Objects xsi:type="Email"><HTMLBody>{body}</HTMLBody></Objects>'

    assert post(app, soap("Create", content))[0] == 200


def test_nothing_of_a_request_waits_for_the_garbage_collector(app: Application) -> None:
    request = FAMILIES["huge_object_type"](1_000_000)
    post(app, request)

    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(5):
            post(app, request)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()

    assert held < 1_000_000


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to see memory")
def test_names_of_large_documents_are_not_kept() -> None:
    """lxml keeps the names that a thread has parsed: at least 40 bytes for each of these 600,000."""
    program = """
from pathlib import Path
from sfmc_mock.envelope import read_envelope
from sfmc_mock.errors import NotSoap
pages = []
for turn in range(20):
    names = "".join(f"<n{turn}x{number}abcdefghij/>" for number in range(50_000))
    try:
        read_envelope(f"<a>{names}</a>".encode())
    except NotSoap:
        pages.append(int(Path("/proc/self/statm").read_text().split()[1]))
print((pages[-1] - pages[5]) * 4096)
"""
    done = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, encoding="utf-8", check=True
    )

    assert int(done.stdout) < 20_000_000
