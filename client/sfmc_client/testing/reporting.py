"""Sections about Marketing Cloud in the report of a failing test.

Calls and messages that concern the failure come first, then counts, then the name of a file with everything. The
sections always have fewer than a hundred lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pytest

from sfmc_client.errors import SfmcError
from sfmc_client.exchanges import Exchange
from sfmc_client.testing.mock_account import AccountView, EmulatorError, Explanation
from sfmc_client.testing.targets import RealTarget
from sfmc_client.tracking import ATTRIBUTE

MakeFolder = Callable[[], Path]
"""Makes a folder for a file that is too long for a report."""

# Limits for a person who reads the report.
_EXPLAINED: Final = 4
_NAMED: Final = 6
_EVENTS: Final = 12
_CALLS: Final = 12
_BODIES: Final = 2
_LONGEST_EXPLANATION: Final = 12
_LONGEST_BODY: Final = 1_000
_LONGEST_LINE: Final = 300
_LONGEST_SECTION: Final = 28
_REAL_LINES: Final = 40

# Limits of requests to the emulator: the report of a test with thousands of messages takes about a second.
_SENDS: Final = 10_000
_LOOKED_AT: Final = 12
_NAMES_LOOKED_UP: Final = 8
_IN_FILE: Final = 200
_CALLS_IN_FILE: Final = 1_000

_ADDRESS = re.compile(r"[^\s'\"<>(),;:]+@[\w.-]*\w")
_WORD = re.compile(r"[\w.+@%-]{4,}")
_UNIQUE_ID = re.compile(r"unique id '?([^\s',]+\w)")

_TYPE = re.compile(r"<ObjectType>([^<]+)<|xsi:type=\"(?!\w*FilterPart)([^\"]+)\"")
# The header of an envelope says nothing about a failed test.
_BODY = re.compile(r"<(?P<name>[\w-]+:Body)\b[^>]*>(?P<inside>.*)</(?P=name)>", re.DOTALL)


def add_real_sections(report: pytest.TestReport, target: RealTarget) -> None:
    """Add the calls to a real tenant, and the sends, to a report."""
    lines = [
        f"{title}: {status}" + (f" (x{times})" if times > 1 else "")
        for title, status, times in _repeats(target.exchanges[-_REAL_LINES:])
    ]
    for exchange in target.exchanges[-_BODIES:]:
        lines += _bodies(_text(exchange.request), _text(exchange.response))
    _add(report, f"sfmc exchanges ({target!r})", lines)
    sends = target.flow.sends
    cut = [f"… and {len(sends) - _NAMED:,} before"] if len(sends) > _NAMED else []
    _add(report, "sfmc sends", [*map(repr, sends[-_NAMED:]), *cut])


def add_mock_sections(
    report: pytest.TestReport, accounts: Sequence[AccountView], failure: str, folder: MakeFolder
) -> None:
    """Add the calls and events of accounts of an emulator to a report.

    `failure` is the message of the failure. An error of the report must not hide the test's own failure.
    """
    try:
        for account in accounts:
            _Evidence(account, failure, report.longreprtext).add_to(report, folder)
    except (SfmcError, OSError) as error:
        _add(
            report,
            "sfmc",
            [f"The account's calls and sends could not be read from the emulator: {error}"],
        )


@dataclass(slots=True)
class _Evidence:
    """The calls and events of one account."""

    account: AccountView
    failure: str
    report: str
    sends: list[dict[str, Any]] = field(init=False)
    messages: list[Explanation] = field(init=False)
    calls: list[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.sends = self.account.sends(limit=_SENDS)
        self.calls = self.account.calls(limit=_CALLS_IN_FILE)
        self.messages = self._by_relevance()

    def add_to(self, report: pytest.TestReport, folder: MakeFolder) -> None:
        """Add the sections, and write the parts that they leave out to a file."""
        account = self.account
        explained, named = self.messages[:_EXPLAINED], self.messages[_EXPLAINED:_NAMED]
        lines: list[str] = []
        for message in explained:
            lines += str(message).splitlines()[:_LONGEST_EXPLANATION]
            if account.stays:
                lines.append(f"  look      {account.page(message.raw['send_id'])}")
            lines.append("")
        lines += [str(message).partition("\n")[0] for message in named]
        _add(report, "sfmc explain", lines)
        events = _timeline([*explained, *named])
        more = len(events) - _EVENTS
        cut = [f"… and {more:,} more events of these messages"] if more > 0 else []
        title = f"sfmc timeline (the clock stands at {_shown(account.clock.now)})"
        _add(report, title, [*events[:_EVENTS], *cut])
        bodies = account.calls(limit=_BODIES, bodies=True)
        _add(
            report,
            f"sfmc exchanges (mock, account {account.mid})",
            list(_exchange_lines(self._relevant_calls(), bodies)),
        )
        _add(report, "sfmc counts", list(self._summary(events, folder)))

    def _summary(self, events: Sequence[str], folder: MakeFolder) -> Iterator[str]:
        """Return counts, and the name of the file with everything if something is left out."""
        total = _total(self.sends, "messages")
        if not total and not self.calls:
            return
        outcomes = ", ".join(
            f"{_total(self.sends, name):,} {name.replace('_', ' ')}"
            for name in ("sent", "not_sent", "refused", "queued")
            if _total(self.sends, name)
        )
        counts = (
            _count(len(self.calls), "call", at_least=len(self.calls) == _CALLS_IN_FILE),
            _count(len(self.sends), "send"),
            _count(total, "message"),
        )
        yield ", ".join(counts) + (f": {outcomes}" if outcomes else "")
        is_whole = total <= _EXPLAINED and len(events) <= _EVENTS and len(self.calls) <= _CALLS
        if not is_whole:
            yield f"Everything: {self._write(folder())}"
        if self.account.stays:
            yield f"The account stays: {self.account.page()}"

    def _write(self, folder: Path) -> Path:
        path = folder / f"account-{self.account.mid}.txt"
        with path.open("w", encoding="utf-8") as file:
            for title, entries in self._everything():
                file.write(f"## {title}\n\n")
                file.writelines(f"{entry}\n" for entry in entries)
                file.write("\n")
        return path

    def _everything(self) -> Iterator[tuple[str, Iterable[str]]]:
        yield "Sends, the newest first", (str(send) for send in self.sends)
        messages = self._explained(self.sends[:_IN_FILE])
        cut = f" of the newest {_IN_FILE} sends" if len(self.sends) > _IN_FILE else ""
        yield f"Messages{cut}", (f"{message}\n" for message in messages)
        yield f"Timeline{cut}", _timeline(messages)
        calls = self.account.calls(limit=_CALLS_IN_FILE, bodies=True)
        yield "Calls", _exchange_lines(calls, calls, longest=10**9)

    # Selection by the failure.

    def _relevant_calls(self) -> list[dict[str, Any]]:
        """Return the last calls, those after the call that sent the failure's message."""
        last = self.calls[-_CALLS:]
        if not self.messages or not last:
            return last
        about = self.account.calls(limit=_CALLS_IN_FILE, text=self.messages[0].email_address)
        return [send for send in about[:1] if send["number"] < last[0]["number"]] + last

    def _by_relevance(self) -> list[Explanation]:
        """Return messages by relevance: those that the failure names, those that failed, the newest."""
        failed = [send for send in self.sends if send["messages"] > send["sent"]]
        looked_at = [*failed[:_LOOKED_AT], *self.sends[:_LOOKED_AT]]
        explanations = [*self._named_in_failure(), *self._explained(looked_at)]
        unique = {
            (explanation.raw["send_id"], explanation.raw["ordinal"]): explanation
            for explanation in explanations
        }
        in_failure, in_report = _words(self.failure), _words(self.report)

        def relevance(message: Explanation) -> int:
            identities = _identities(message)
            if identities & in_failure:
                return 0
            if identities & in_report:
                return 1
            return 2 if _has_failed(message) else 3

        ranked = sorted(unique.values(), key=relevance)
        concerned = [explanation for explanation in ranked if relevance(explanation) < 3]
        # Among thousands, a message without a failure is not relevant.
        return concerned if concerned and len(ranked) > _NAMED else ranked

    def _named_in_failure(self) -> list[Explanation]:
        """Return the messages whose address or unique id is in the failure."""
        explanations: list[Explanation] = []
        for text in (self.failure, self.report):
            ids = [{"unique_id": unique_id} for unique_id in _UNIQUE_ID.findall(text)]
            keys = [{"subscriber": address} for address in _ADDRESS.findall(text)]
            wanted = {str(names): names for names in [*ids, *keys]}
            for names in list(wanted.values())[:_NAMES_LOOKED_UP]:
                explanations += self._explain(**names)
        return explanations

    def _explained(self, sends: Iterable[Mapping[str, Any]]) -> list[Explanation]:
        numbers = dict.fromkeys(int(send["id"]) for send in sends)
        return [message for number in numbers for message in self._explain(send_id=number)]

    def _explain(self, **wanted: Any) -> list[Explanation]:
        try:
            return self.account.explain(**wanted)
        except EmulatorError:
            # The failure names something that is not a message, or the account was reset meanwhile.
            return []


def _words(text: str) -> set[str]:
    return {word.strip(".").lower() for word in _WORD.findall(text)}


def _identities(message: Explanation) -> set[str]:
    raw = message.raw
    values = (raw["email_address"], raw["subscriber_key"], raw["attributes"].get(ATTRIBUTE))
    return {str(value).lower() for value in values if value}


def _has_failed(message: Explanation) -> bool:
    return message.outcome != "sent" or any("Bounce" in event.type for event in message.events)


def _count(number: int, what: str, *, at_least: bool = False) -> str:
    return f"{number:,}{'+' if at_least else ''} {what}" + ("" if number == 1 else "s")


def _total(sends: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(int(send[name]) for send in sends)


def _timeline(messages: Iterable[Explanation]) -> list[str]:
    """Return the events of messages in the order of time."""
    lines = [
        (
            event.happens_at,
            f"{event.type} of {message.definition} to {message.email_address}",
            event,
        )
        for message in messages
        for event in message.events
    ]
    return [
        f"{_shown(moment)}  {what}"
        + ("" if event.visible else f", shown from {_shown(event.visible_at)}")
        for moment, what, event in sorted(lines, key=lambda line: line[0])
    ]


# Calls.


def _exchange_lines(
    calls: Iterable[Mapping[str, Any]],
    bodies: Iterable[Mapping[str, Any]],
    longest: int = _LONGEST_BODY,
) -> Iterator[str]:
    shown = {body["number"]: body for body in bodies}
    for call in calls:
        what = " ".join([call["operation"] or call["path"], *call["object_types"]])
        status = call["overall_status"] or f"HTTP {call['http_status']}"
        yield f"#{call['number']} {what} {call['summary']}: {status}".replace(" :", ":")
        yield from (f"    ! {text}" for text in (call["error"], *call["warnings"]) if text)
        yield from (f"    ~ chaos rule {name!r} acted" for name in call["chaos"])
        if (full := shown.get(call["number"])) is not None:
            yield from _bodies(str(full["request"]), str(full["answer"]), longest)


def _repeats(exchanges: Iterable[Exchange]) -> Iterator[tuple[str, str, int]]:
    """Return calls with their HTTP status and repetitions in a row: a test that polls repeats its calls."""
    lines = [
        (_title(exchange), "no answer" if exchange.status is None else f"HTTP {exchange.status}")
        for exchange in exchanges
    ]
    for (title, status), alike in groupby(lines):
        yield title, status, len(list(alike))


def _title(exchange: Exchange) -> str:
    match = _TYPE.search(_text(exchange.request))
    return f"{exchange.operation} {match[1] or match[2]}" if match else exchange.operation


def _bodies(request: str, answer: str, longest: int = _LONGEST_BODY) -> Iterator[str]:
    for mark, envelope in ((">", request), ("<", answer)):
        match = _BODY.search(envelope)
        body = " ".join((envelope if match is None else match["inside"]).split())
        cut = f" … ({len(body):,} characters)" if len(body) > longest else ""
        yield f"    {mark} {body[:longest]}{cut}"


# Text.


def _add(report: pytest.TestReport, title: str, lines: Sequence[str]) -> None:
    """Add a section, cut to the greatest number of lines."""
    if not lines:
        return
    more = len(lines) - _LONGEST_SECTION
    shown = [*lines[:_LONGEST_SECTION], *([f"… and {more:,} more lines"] if more > 0 else [])]
    report.sections.append((title, "\n".join(map(_cut, shown)).rstrip()))


def _cut(line: str) -> str:
    longest = _LONGEST_BODY + 50 if line.startswith(("    >", "    <")) else _LONGEST_LINE
    return line if len(line) <= longest else f"{line[:longest]}…"


def _text(body: bytes) -> str:
    return body.decode(errors="replace")


def _shown(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
