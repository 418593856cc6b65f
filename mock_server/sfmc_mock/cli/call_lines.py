"""A call as one line of text: time, status, and as much of its content as the width allows."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sfmc_mock.cli.output import cut, width_of
from sfmc_mock.terminal import printable

if TYPE_CHECKING:
    from sfmc_mock.journal import Exchange

_STATUS_WIDTH = 11
_DURATION_WIDTH = 8
_TITLE_WIDTH = 22
_REMARK = " " * 10
# In less, only the beginnings of words would fit.
_NARROWEST = 30
# In narrower terminals, the duration is left out in favour of the call's content.
_WIDTH_FOR_DURATION = 70

_WORDS = {"MoreDataAvailable": "OK, more"}
_COLOURS = {"OK": "green", "OK, more": "green", "Has Errors": "yellow"}
_BRACKETS = re.compile(r"^(\S+ )?(DataExtensionObject)(?=\[)")

_HOLDS = " holds '"
_QUOTE = "'"

# More texts than an account has warnings; bounds the memory that generated warnings can take.
_MOST_TEXTS = 1_000


class CallFacts(NamedTuple):
    """The facts in the line of a call.

    `reasons` say what went wrong; `warnings` are requests that the live service would not accept.
    """

    at: datetime | None
    status: str
    milliseconds: float
    title: str
    summary: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def facts_of(exchange: Exchange) -> CallFacts:
    """Return the facts of a recorded call."""
    return CallFacts(
        None if exchange.at == datetime.min else exchange.at,
        _status(exchange.overall_status, exchange.http_status, bool(exchange.operation)),
        exchange.duration_ms,
        printable(exchange.title),
        printable(exchange.summary),
        _reasons(exchange.overall_status, exchange.error) + _chaos(exchange.chaos),
        exchange.warnings,
    )


def facts_of_json(call: Mapping[str, Any]) -> CallFacts:
    """Return the facts of a call in the JSON of the control API."""
    operation = str(call["operation"])
    title = f"{operation} {', '.join(call['object_types'])}".rstrip()
    overall = str(call["overall_status"])
    return CallFacts(
        None if call["at"] is None else datetime.fromisoformat(call["at"]),
        _status(overall, int(call["http_status"]), bool(operation)),
        float(call["duration_ms"]),
        printable(title if operation else f"{call['method']} {call['path']}"),
        printable(str(call["summary"])),
        _reasons(overall, str(call["error"])) + _chaos(call["chaos"]),
        tuple(call["warnings"]),
    )


def _status(overall: str, http_status: int, is_soap: bool) -> str:
    if http_status >= 400:
        return "Fault" if http_status == 500 and is_soap and not overall else f"HTTP {http_status}"
    word = overall.partition(":")[0] if overall else "OK"
    return _WORDS.get(word, word)


def _chaos(rules: Iterable[str]) -> tuple[str, ...]:
    return tuple([f"chaos rule {rule!r} acted" for rule in rules]) if rules else ()


def _reasons(overall: str, error: str) -> tuple[str, ...]:
    if overall == "OK" and not error:
        return ()
    reason = overall.partition(":")[2].strip()
    # The service's message and the emulator's reason are often equal.
    return tuple(dict.fromkeys(text for text in (reason, error) if text))


class CallLines:
    """Formats calls as lines. A warning is written out the first time, and only counted from then on.

    Warnings that only differ in the value of a field count as equal. `width` is that of the terminal, None without one:
    then lines are neither cut nor folded. The width may be changed at any time.
    """

    def __init__(self, *, width: int | None = None, colour: bool = False) -> None:
        self.width = width
        self.colour = colour
        self._counts: Counter[str] = Counter()
        # The full text of the first occurrence, for warnings that contain a value.
        self._first_texts: dict[str, str] = {}

    def lines(self, call: CallFacts) -> list[str]:
        """Return the line of a call, followed by lines for its reasons and its new warnings."""
        lines = [self._first(call)]
        for reason in call.reasons:
            lines += self._remark(reason, "red")
        for warning in dict.fromkeys(call.warnings) if call.warnings else ():
            if self._is_new(warning):
                lines += self._remark(warning, "yellow")
        return lines

    def counts(self) -> Iterator[str]:
        """Yield a line for each warning that occurred more than once, most frequent first."""
        for kind, count in self._counts.most_common():
            if count > 1:
                text = self._first_texts.get(kind, kind)
                yield from self._remark(f"came {count:,} times: {text}", "yellow")

    def _is_new(self, warning: str) -> bool:
        kind = _without_value(warning)
        if kind not in self._counts:
            if len(self._counts) >= _MOST_TEXTS:
                # Drop the rarest: the summary lists the most frequent.
                self._counts = Counter(dict(self._counts.most_common(_MOST_TEXTS // 2)))
                self._first_texts = {
                    each: text for each, text in self._first_texts.items() if each in self._counts
                }
            if kind != warning:
                self._first_texts[kind] = warning
        self._counts[kind] += 1
        return self._counts[kind] == 1

    def _first(self, call: CallFacts) -> str:
        moment = " " * 8 if call.at is None else call.at.isoformat()[11:19]
        status = _shown_status(call.status, bool(call.warnings), self.colour)
        duration = f"{_duration(call.milliseconds)}  "
        if self.width is None:
            title = call.title.ljust(_TITLE_WIDTH)
            return f"{moment}  {status} {duration}{title}  {call.summary}".rstrip()
        if self.width < _WIDTH_FOR_DURATION:
            duration = ""
        room = max(self.width, _NARROWEST) - 11 - _STATUS_WIDTH - len(duration)
        return f"{moment}  {status} {duration}{_about(call.title, call.summary, room)}".rstrip()

    def _remark(self, text: str, colour: str) -> list[str]:
        lines = [f"{_REMARK}! {printable(text)}"]
        if self.width is not None:
            lines = textwrap.wrap(
                lines[0],
                max(self.width, _NARROWEST),
                subsequent_indent=f"{_REMARK}  ",
                break_on_hyphens=False,
            )
        return [click.style(line, colour) if self.colour else line for line in lines]


def _without_value(warning: str) -> str:
    """Return a warning without the field's value that `wire.scalars` quotes in it; unchanged if there is none."""
    name, holds, rest = warning.partition(_HOLDS)
    return f"{name}{holds}{rest.rpartition(_QUOTE)[2]}" if holds else warning


@lru_cache(100)
def _shown_status(status: str, is_marked: bool, colour: bool) -> str:
    shown = f"{status:{_STATUS_WIDTH - 1}}{'!' if is_marked else ' '}"
    return click.style(shown, _COLOURS.get(status, "red")) if colour else shown


def _about(title: str, summary: str, room: int) -> str:
    """Return the title and summary of a call within `room` columns.

    For rows of data extensions, the name of the data extension has priority over the type.
    """
    if _TITLE_WIDTH + 2 + len(summary) <= room and len(title) <= _TITLE_WIDTH and summary.isascii():
        return f"{title:{_TITLE_WIDTH}}  {summary}"
    if width_of(title) + 2 + width_of(summary) > room:
        title = _BRACKETS.sub(r"\1", title)
    if width_of(title) + 2 + min(width_of(summary), _TITLE_WIDTH) > room:
        return cut(f"{title}  {summary}", room)
    if max(width_of(title), _TITLE_WIDTH) + 2 + min(width_of(summary), _TITLE_WIDTH + 2) <= room:
        title = title.ljust(_TITLE_WIDTH)
    return f"{title}  {cut(summary, room - width_of(title) - 2)}"


def _duration(milliseconds: float) -> str:
    return ("<1 ms" if milliseconds < 1 else f"{milliseconds:,.0f} ms").rjust(_DURATION_WIDTH)
