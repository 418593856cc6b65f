"""What the report of a failing test says about Marketing Cloud: the calls, the sends, and why they went as they did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import pytest

from sfmc_client.errors import SfmcError
from sfmc_client.exchanges import Exchange
from sfmc_client.testing.mock_account import Explanation
from sfmc_client.testing.targets import MockTarget, RealTarget, Target

# What a person still reads; the exchanges before are one line each.
_BODIES = 3
_LINES = 40
_LONGEST_BODY = 4_000
_MOST_SENDS = 10

_TYPE = re.compile(r"<ObjectType>([^<]+)<|xsi:type=\"(?!\w*FilterPart)([^\"]+)\"")
# The header of an envelope says nothing about a failed test.
_BODY = re.compile(r"<(?P<name>[\w-]+:Body)\b[^>]*>(?P<inside>.*)</(?P=name)>", re.DOTALL)


def add_sections(report: pytest.TestReport, target: Target) -> None:
    """Add to a report what happened in the account. Whatever goes wrong in it must not hide the test's own failure."""
    try:
        found = list(_mock(target) if isinstance(target, MockTarget) else _real(target))
    except SfmcError as error:
        found = [("sfmc", f"The account could not be asked what happened: {error}")]
    for title, text in found:
        if text:
            report.sections.append((title, text))


def _mock(target: MockTarget) -> Iterator[tuple[str, str]]:
    account = target.account
    calls = account.calls(limit=_LINES)
    bodies = account.calls(limit=_BODIES, bodies=True)
    yield (
        f"sfmc exchanges (mock, account {account.mid})",
        "\n".join(_exchange_lines(calls, bodies)),
    )
    messages = _messages(target)
    yield f"sfmc timeline (the clock stands at {_shown(account.clock.now)})", _timeline(messages)
    yield "sfmc explain", "\n\n".join(str(each) for each in messages)


def _exchange_lines(
    calls: Iterable[Mapping[str, Any]], bodies: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    shown = {each["number"]: each for each in bodies}
    for call in calls:
        what = " ".join([call["operation"] or call["path"], *call["object_types"]])
        status = call["overall_status"] or f"HTTP {call['http_status']}"
        yield f"#{call['number']} {what} {call['summary']}: {status}".replace(" :", ":")
        yield from (f"    ! {each}" for each in (call["error"], *call["warnings"]) if each)
        if (full := shown.get(call["number"])) is not None:
            yield from _bodies(str(full["request"]), str(full["answer"]))


def _messages(target: MockTarget) -> list[Explanation]:
    found: list[Explanation] = []
    for send in target.account.sends(limit=_MOST_SENDS):
        found += target.account.explain(send_id=int(send["id"]))
    return found[::-1]


def _timeline(messages: Iterable[Explanation]) -> str:
    """Everything that happens to the messages, in the order of time."""
    lines = [
        (event.happens_at, f"{event.type} of {each.definition} to {each.email_address}", event)
        for each in messages
        for event in each.events
    ]
    return "\n".join(
        f"{_shown(moment)}  {what}"
        + ("" if event.visible else f", shown from {_shown(event.visible_at)}")
        for moment, what, event in sorted(lines, key=lambda line: line[0])
    )


def _real(target: Target) -> Iterator[tuple[str, str]]:
    if not isinstance(target, RealTarget):
        return
    lines = [
        f"{title}: {status}" + (f" (x{times})" if times > 1 else "")
        for title, status, times in _repeats(target.exchanges[-_LINES:])
    ]
    for exchange in target.exchanges[-_BODIES:]:
        lines += _bodies(_text(exchange.request), _text(exchange.response))
    yield f"sfmc exchanges ({target!r})", "\n".join(lines)
    yield "sfmc sends", "\n".join(repr(each) for each in target.flow.sends)


def _repeats(exchanges: Iterable[Exchange]) -> Iterator[tuple[str, str, int]]:
    """What was called, with its HTTP status and how often in a row: whoever polls calls the same again and again."""
    lines = [
        (_title(each), "no answer" if each.status is None else f"HTTP {each.status}")
        for each in exchanges
    ]
    for (title, status), alike in groupby(lines):
        yield title, status, len(list(alike))


def _title(exchange: Exchange) -> str:
    found = _TYPE.search(_text(exchange.request))
    return f"{exchange.operation} {found[1] or found[2]}" if found else exchange.operation


def _bodies(request: str, answer: str) -> Iterator[str]:
    for mark, envelope in ((">", request), ("<", answer)):
        found = _BODY.search(envelope)
        body = envelope if found is None else found["inside"]
        cut = f" … ({len(body):,} characters)" if len(body) > _LONGEST_BODY else ""
        yield f"    {mark} {body[:_LONGEST_BODY]}{cut}"


def _text(body: bytes) -> str:
    return body.decode(errors="replace")


def _shown(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
