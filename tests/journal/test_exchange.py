"""One call as the journal stores and shows it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from sfmc_mock.journal import Exchange

NOON = datetime(2026, 1, 1, 12, 0, 1)


def sent(**fields: Any) -> Exchange:
    known: dict[str, Any] = {
        "operation": "Create",
        "object_types": ("TriggeredSend",),
        "at": NOON,
        "summary": "welcome → ada@mock.test",
        "overall_status": "OK",
        "duration_ms": 3.2,
    }
    return Exchange(**known | fields)


@pytest.mark.parametrize(
    ("fields", "title", "status"),
    [
        ({}, "Create TriggeredSend", "OK"),
        ({"object_types": ("A", "B")}, "Create A, B", "OK"),
        ({"overall_status": "Error: no"}, "Create TriggeredSend", "Error"),
        ({"overall_status": "", "http_status": 500}, "Create TriggeredSend", "HTTP 500"),
        (
            {"operation": "", "target": "/v2/token?access_token=x"},
            "POST /v2/token?access_token=***",
            "OK",
        ),
    ],
)
def test_title_and_status_of_an_exchange(fields, title, status):
    call = sent(**fields)

    assert (call.title, call.status) == (title, status)


def test_an_exchange_is_read_without_secrets():
    call = sent(
        request=b"<Password>hush</Password>",
        answer=b'{"access_token": "hush"}',
        target="/v2/token?client_secret=hush",
        headers=(("Authorization", "Bearer hush"), ("Accept", "*/*")),
    )

    assert "hush" not in json.dumps(call.as_json(bodies=True))
    assert "hush" not in repr(call)
    assert call.headers == {"Authorization": "***", "Accept": "*/*"}


def test_a_large_body_is_cut_and_says_so():
    call = sent(answer=b"x" * 70_000)

    assert call.answer == "x" * 65_536 + "\n(cut here: 4,464 of 70,000 bytes are not kept)"
    assert call.answer_size == 70_000


def test_a_body_cut_within_a_secret_does_not_show_it():
    call = sent(request=b"<a>" + b"x" * 65_510 + b"<Password>hush-hush-hush</Password></a>")

    assert "hush" not in call.request


def test_json_has_everything_and_the_bodies_if_asked():
    call = sent(account=1234567, request=b"<a/>", answer=b"<b/>", warnings=("w",), method="POST")
    shown = call.as_json()

    assert shown == {
        "number": 0,
        "at": "2026-01-01T12:00:01",
        "account": 1234567,
        "caller": "",
        "method": "POST",
        "path": "",
        "operation": "Create",
        "object_types": ["TriggeredSend"],
        "summary": "welcome → ada@mock.test",
        "overall_status": "OK",
        "http_status": 200,
        "duration_ms": 3.2,
        "request_size": 4,
        "answer_size": 4,
        "warnings": ["w"],
        "chaos": [],
        "sends": [],
        "error": "",
    }
    assert call.as_json(bodies=True) == shown | {"headers": {}, "request": "<a/>", "answer": "<b/>"}
